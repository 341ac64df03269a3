// SPDX-License-Identifier: Apache-2.0
// Compares upper bounds of workspaces, from the bounds of dims, with the budget.
#include "driver/budget.h"

#include <algorithm>
#include <set>

#include "driver/extent_bounds.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr size_t kShownBuffers = 3;

class Budget {
 public:
  Budget(const Program& program, int64_t limit, Diagnostics& diagnostics)
      : limit_(limit), bounds_(bounds_of_dims(program)), diagnostics_(diagnostics) {}

  void check(const std::string& what, const loop::Function& loops, const Extent& bytes, Span span) {
    const ExtentBounds bounds = bounds_of(bytes, bounds_);
    if (bounds.high && *bounds.high <= limit_) return;
    Diagnostic error(Err::over_budget, span,
                     bounds.high ? format("{} needs up to {} bytes of workspace, {} are allowed",
                                          what, *bounds.high, limit_)
                                 : format("nobody knows how much workspace {} needs, {} bytes are "
                                          "allowed",
                                          what, limit_));
    error.note(format("its workspace: {} bytes", bytes.text()));
    for (const std::string& buffer : largest_buffers(loops)) error.note(buffer);
    if (!bounds.high) error.help(missing_bounds(bytes));
    diagnostics_.report(std::move(error));
  }

 private:
  std::vector<std::string> largest_buffers(const loop::Function& loops) const {
    struct Entry {
      int64_t bytes;
      std::string text;
    };
    std::vector<Entry> entries;
    for (const loop::FunctionBuffer& buffer : loops.buffers) {
      if (buffer.storage.kind != loop::Storage::Kind::workspace) continue;
      const Type type{buffer.buffer.dtype, buffer.buffer.extents};
      const Extent bytes = element_count(type.shape) * Extent(bytes_of(type.dtype));
      const ExtentBounds bounds = bounds_of(bytes, bounds_);
      entries.push_back({bounds.high.value_or(INT64_MAX),
                         format("`{}`, {}: {} bytes", buffer.buffer.name, thx::text(type),
                                bounds.high ? std::to_string(*bounds.high) : bytes.text())});
    }
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
      return a.bytes != b.bytes ? a.bytes > b.bytes : a.text < b.text;
    });
    if (entries.size() > kShownBuffers) entries.resize(kShownBuffers);
    std::vector<std::string> texts;
    for (const Entry& entry : entries) texts.push_back(entry.text);
    return texts;
  }

  std::string missing_bounds(const Extent& bytes) const {
    std::set<std::string> symbols;
    bytes.collect_symbols(symbols);
    std::erase_if(symbols, [&](const std::string& name) {
      const auto found = bounds_.find(name);
      return found != bounds_.end() && found->second.high.has_value();
    });
    if (symbols.empty()) return "bound its dims more closely";
    const std::string& first = *symbols.begin();
    return format("give {} a bound, as `dim {} <= 4096`, or a value with -D",
                  join(symbols, ", ", [](const std::string& name) { return "`" + name + "`"; }),
                  first);
  }

  int64_t limit_;
  BoundsOfSymbols bounds_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_budget(const codegen::Interface& interface, const Program& program,
                  const loop::Program& loops, int64_t limit, Diagnostics& diagnostics) {
  Budget budget(program, limit, diagnostics);
  for (const codegen::EntryPoint& entry : interface.entries) {
    const auto place = static_cast<size_t>(entry.function);
    budget.check(format("function `{}`", entry.name), loops.functions[place], entry.workspace_bytes,
                 program.functions[place].span);
  }
  if (program.init)
    budget.check("`init`", loops.functions.back(), interface.init_workspace_bytes, {});
}

}  // namespace thx
