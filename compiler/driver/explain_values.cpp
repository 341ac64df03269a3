// SPDX-License-Identifier: Apache-2.0
// Reads names, places and types off grouped tensor IR.
#include "driver/explain_values.h"

#include <algorithm>

#include "ir/structure.h"
#include "ops/expression_text.h"
#include "support/text.h"
#include "support/unicode.h"

namespace thx {

namespace {

constexpr size_t kMostCodePoints = 40;  // of an excerpt: it stands in the middle of a line

}  // namespace

std::string excerpt(const SpanSet& spans, const Sources& sources) {
  Span shortest;
  for (const Span span : spans)
    if (shortest.empty() || span.end - span.begin < shortest.end - shortest.begin) shortest = span;
  if (shortest.empty()) return {};
  const std::string_view text = sources.text(shortest);
  std::string out;
  size_t count = 0;
  bool blank = false;
  for (size_t i = 0; i < text.size() && count < kMostCodePoints;) {
    const size_t bytes = decode_utf8(text, i).bytes;
    const std::string_view point = text.substr(i, bytes);
    i += bytes;
    if (point == " " || point == "\n" || point == "\r" || point == "\t") {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += point;
    if (++count == kMostCodePoints && i < text.size()) out += "…";
  }
  return out;
}

std::string signature_of(const Function& function, const std::string& name) {
  const auto spell = [](const auto& each) {
    return format("{}: {}", each.name, text(each.value->type()));
  };
  const std::string results = join(function.outputs, ", ", spell);
  std::string out = format("{}({})", name, join(function.inputs, ", ", spell));
  if (function.outputs.size() == 1) return out + " -> " + results;
  return function.outputs.empty() ? out : out + " -> (" + results + ")";
}

std::map<std::string, Value> kernels_of(const Body& body) {
  std::map<std::string, Value> result;
  std::vector<const Body*> left{&body};
  while (!left.empty()) {
    const Body& next = *left.back();
    left.pop_back();
    for (const Value value : needed(next.graph, next.results)) {
      if (is_kernel(*value))
        result[std::string(value->attrs.word("name"))] = value;
      else
        for (const Region& region : value->regions) left.push_back(region.get());
    }
  }
  return result;
}

// A value that a rewrite made without a place has that of what it is computed from.
std::vector<ExplainedValue> values_of(Value kernel) {
  const Body& region = *kernel->regions[0];
  std::vector<ExplainedValue> values;
  std::vector<SpanSet> spans(static_cast<size_t>(region.graph.size()));
  for (const Value value : needed(region.graph, region.results)) {
    SpanSet& own = spans[static_cast<size_t>(value->id)];
    own = region.graph.spans(value);
    for (const Value operand : value->operands)
      if (own.empty()) own = spans[static_cast<size_t>(operand->id)];
    const bool computes =
        value->family() == Family::source ? is_draw(*value) : value->family() != Family::view;
    const bool stored = std::ranges::find(region.results, value) != region.results.end();
    if (is_parameter(*value) || (!computes && !stored)) continue;
    values.push_back({region.graph.name(value), std::string(name_of(value->op)),
                      text(value->type()), own, stored,
                      stored ? expression_text(value) : std::string()});
  }
  return values;
}

}  // namespace thx
