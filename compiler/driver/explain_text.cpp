// SPDX-License-Identifier: Apache-2.0
// The report for a terminal: the source line, and what happened to it below.
#include <algorithm>
#include <utility>

#include "driver/explain.h"
#include "driver/explain_formula.h"
#include "driver/explain_lines.h"
#include "support/text.h"
#include "support/unicode.h"

namespace thx {

namespace {

constexpr size_t kColumns = 100;
constexpr size_t kLabel = 11;  // the widest label and two blanks

size_t width_of(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    width += display_width(point.value);
    i += point.bytes;
  }
  return width;
}

// The words of `text` from column `indent` on, in lines of at most kColumns; what has no blank
// stays whole.
std::string wrapped(std::string_view text, size_t indent, std::string_view margin) {
  std::string out;
  size_t column = indent;
  bool first = true;
  for (const std::string_view word : split(text, ' ')) {
    const size_t width = width_of(word);
    if (!first && column + 1 + width > kColumns) {
      out += "\n" + std::string(margin) + std::string(indent - width_of(margin), ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
    first = false;
  }
  return out;
}

class TextReport {
 public:
  TextReport(const Explanation& explanation, const ExplainRequest& request, const Sources& sources)
      : e_(explanation), request_(request), sources_(sources) {}

  std::string run() {
    title();
    for (const ExplainedFunction& function : e_.functions) add(function);
    return std::move(out_);
  }

 private:
  // `label      words`, with nothing to the left but blanks.
  void item(std::string_view name, std::string_view text, size_t indent = 2) {
    out_ += std::string(indent, ' ') + std::string(name);
    out_.append(std::max<size_t>(kLabel, name.size() + 1) - name.size(), ' ');
    out_ += wrapped(text, indent + kLabel, "") + "\n";
  }
  std::string number(const Extent& extent) const { return text_with_number(extent, e_.values); }

  void title() {
    append(out_, "{}: program {}\n", sources_.name(e_.file), e_.module);
    item("compiled",
         format("--fp={}, {}{}", e_.fp, e_.cpu, e_.fused ? ", with fused multiply-adds" : ""));
    if (!e_.dims.empty())
      item("dims", join(e_.dims, ", ", [&](const auto& dim) {
             const auto known = e_.values.find(dim.first);
             return known == e_.values.end() ? dim.first
                                             : format("{} = {}", dim.first, known->second);
           }));
    if (e_.states.empty()) return;
    item("model", number(e_.state) + " bytes");
    for (const ExplainedBuffer& state : e_.states)
      item("", format("{}: {}, {} bytes", state.name, state.type, number(state.bytes)));
  }

  void add(const ExplainedFunction& function) {
    append(out_, "\n{}\n", wrapped(function.signature, 2, ""));
    if (!request_.line) summary(function);
    const auto lines = happenings(function, e_, sources_);
    for (const auto& [line, list] : lines)
      if (!request_.line || *request_.line == line) add_line(line, list);
    for (const ExplainedKernel& kernel : function.kernels)
      if (is_shown(kernel, request_, e_, sources_)) add(kernel);
    bool any = false;
    for (const ExplainedBuffer& buffer : function.buffers) {
      if (request_.line && line_of(buffer.spans, e_, sources_) != *request_.line) continue;
      if (!any) out_ += "\n  buffers\n";
      any = true;
      add(buffer);
    }
  }

  void summary(const ExplainedFunction& function) {
    Extent read = 0, written = 0;
    for (const loop::Traffic& traffic : function.total.buffers) {
      read += traffic.read;
      written += traffic.written;
    }
    item("flops", number(function.total.flops) +
                      (function.total.exact ? "" : " (an upper bound: conditions decide)"));
    item("calls", calls_text(function.total, e_.values));
    if (!function.total.calls.empty())
      item("", format("{} flops inside of them", number(function.total.function_flops)));
    item("reads", number(read) + " bytes");
    item("writes", number(written) + " bytes");
    item("workspace", number(function.workspace) + " bytes");
    if (function.fallible) item("fallible", "its updates are committed at the end, or not at all");
  }

  void add_line(uint32_t line, const std::vector<Happening>& list) {
    if (line == 0) {
      out_ += "\n  elsewhere\n";
    } else {
      const std::string_view text = sources_.line(e_.file, line);
      append(out_, "\n{:>5} | {}\n", line, text);
    }
    for (const Happening& each : list) {
      append(out_, "      | {:<{}}", label(each.kind), kLabel);
      if (!each.rewrite) {
        out_ += wrapped(each.text, 8 + kLabel, "      |") + "\n";
        continue;
      }
      expressions(*each.rewrite);
      append(out_, "      | {:<{}}", "", kLabel + 2);
      out_ += wrapped(rule_text(each), 8 + kLabel + 2, "      |") + "\n";
    }
  }

  // The expression before and after: on one line where both fit, or one below the other.
  void expressions(const ExplainedRewrite& rewrite) {
    const std::string after = rewrite.after.empty() ? "" : "-> " + rewrite.after;
    const size_t indent = 8 + kLabel;
    const bool fits = indent + width_of(rewrite.before) + 1 + width_of(after) <= kColumns;
    out_ += wrapped(rewrite.before, indent, "      |");
    if (after.empty()) {
      out_ += "\n";
    } else if (fits) {
      append(out_, " {}\n", after);
    } else {
      append(out_, "\n      | {:<{}}", "", kLabel);
      out_ += wrapped(after, indent, "      |") + "\n";
    }
  }

  void add(const ExplainedKernel& kernel) {
    append(out_, "\n  kernel {}: {}", kernel.name, kernel.kind);
    if (const std::string lines = lines_text(kernel, e_, sources_); !lines.empty())
      append(out_, ", {}", lines);
    if (!kernel.runs.is(1)) append(out_, ", runs {} times", number(kernel.runs));
    out_ += "\n";
    const std::string values = join(computed_parts(kernel), ", ", [](const ComputedPart& part) {
      return part.text + (part.stored ? "*" : "");
    });
    if (!values.empty()) item("computes", values, 4);
    std::string_view label = "stores";
    for (const ExplainedValue& value : kernel.values) {
      if (!value.stored) continue;
      const std::string& name = value.name;
      item(std::exchange(label, ""),
           name.empty() ? value.expression : format("{} = {}", name, value.expression), 4);
    }
    item("flops", number(kernel.counts.flops) + (kernel.counts.exact ? "" : " (upper bound)"), 4);
    if (!kernel.counts.calls.empty()) item("calls", calls_text(kernel.counts, e_.values), 4);
    item("reads", moves_text(kernel, false, e_.values), 4);
    item("writes", moves_text(kernel, true, e_.values), 4);
  }

  void add(const ExplainedBuffer& buffer) {
    std::string text = format("{}, {} bytes", buffer.type, number(buffer.bytes));
    if (buffer.kind == "workspace")
      append(text, ", workspace at {}", number(buffer.offset));
    else
      append(text, ", {}", buffer.kind);
    if (!buffer.writers.empty()) append(text, ", written by {}", join(buffer.writers, ", "));
    if (!buffer.readers.empty()) append(text, ", read by {}", join(buffer.readers, ", "));
    item(buffer.name, text, 4);
  }

  const Explanation& e_;
  const ExplainRequest& request_;
  const Sources& sources_;
  std::string out_;
};

}  // namespace

std::string explain_text(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources) {
  return TextReport(explanation, request, sources).run();
}

}  // namespace thx
