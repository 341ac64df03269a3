// SPDX-License-Identifier: Apache-2.0
// Inputs that a function needs and does not name: which, and why each of the first ones is needed.
#include <algorithm>
#include <deque>
#include <unordered_map>

#include "frontend/declarations.h"
#include "frontend/lowering.h"
#include "support/text.h"

namespace thx {
namespace {

constexpr size_t kMostMissing = 8;  // that have a message of their own

struct Chain {
  std::string words;  // "y -> x"
  Span use;           // of the input
};

// The chain of names from the function to an input, found breadth-first.
Chain chain_to(const Symbol& input, const Declared& declared, size_t function) {
  std::unordered_map<size_t, std::pair<size_t, Dependency>> reached;  // from whom, and where
  std::deque<size_t> queue = {function};
  while (!queue.empty() && !reached.contains(input.declaration)) {
    const size_t from = queue.front();
    queue.pop_front();
    for (const Dependency& need : declared.needs[from]) {
      if (!reached.try_emplace(need.declaration, from, need).second) continue;
      queue.push_back(need.declaration);
    }
  }
  Chain chain{std::string(input.name), {}};
  for (auto step = reached.find(input.declaration); step != reached.end();
       step = reached.find(step->second.first)) {
    if (chain.use.empty()) chain.use = step->second.second.use;
    if (step->second.first == function) break;
    const auto above = reached.find(step->second.first);
    if (above == reached.end()) break;
    chain.words = format("{} -> {}", above->second.second.name, chain.words);
  }
  return chain;
}

}  // namespace

void report_missing_inputs(Lowering& l, const Declared& declared, const ast::Function& function,
                           size_t declaration, std::span<const Symbol* const> inputs) {
  const std::string_view name = function.name.text;
  for (const Symbol* input : inputs.first(std::min(inputs.size(), kMostMissing))) {
    const Chain chain = chain_to(*input, declared, declaration);
    std::vector<std::string> names;
    for (const ast::Name& each : function.inputs) names.emplace_back(each.text);
    names.emplace_back(input->name);
    l.report(Err::missing_input, function.name.span,
             format("`{}` needs the input `{}`, but does not name it", name, input->name))
        .label(chain.use, format("`{}` is used here", input->name))
        .note(format("it is needed through {} -> {}", name, chain.words))
        .help(format("write `function {}({})`", name, join(names, ", ")));
  }
  if (inputs.size() <= kMostMissing) return;
  const auto more = inputs.subspan(kMostMissing);
  l.report(Err::missing_input, function.name.span,
           format("`{}` needs {} more inputs, but does not name them", name, more.size()))
      .note(join(more, ", ", [](const Symbol* each) { return format("`{}`", each->name); }));
}

}  // namespace thx
