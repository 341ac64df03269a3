// SPDX-License-Identifier: Apache-2.0
// Equal expressions of a file are one value, which stands at all of their places. A function's copy
// of it keeps those places that the function reads.
#include <algorithm>

#include "frontend/given.h"
#include "frontend/lowering.h"

namespace thx {
namespace {

bool holds(Span outer, Span inner) {
  return outer.file == inner.file && outer.begin <= inner.begin && inner.end <= outer.end;
}

// The places of declarations, which lie apart from each other.
class Declarations {
 public:
  void add(Span span) { spans_.push_back(span); }
  void sort() { std::ranges::sort(spans_); }
  bool hold(Span span) const {
    const auto after = std::ranges::upper_bound(spans_, Span{span.file, span.begin, UINT32_MAX});
    return after != spans_.begin() && holds(*std::prev(after), span);
  }

 private:
  std::vector<Span> spans_;
};

}  // namespace

void keep_own_spans(const Declared& declared, size_t declaration, Graph& graph) {
  Declarations own;
  own.add(declared.spans[declaration]);
  for (const size_t i : reached_from(declared.needs, declared.needs[declaration]))
    own.add(declared.spans[i]);
  own.sort();
  for (int id = 0; id < graph.size(); ++id) {
    const SpanSet& spans = graph.spans(graph.at(id));
    if (spans.size() < 2) continue;
    SpanSet kept;
    for (const Span span : spans)
      if (own.hold(span)) kept.insert(span);
    if (!kept.empty() && kept.size() < spans.size()) graph.set_spans(graph.at(id), kept);
  }
}

void leave_spans(Graph& graph, std::span<const Value> values, Span function) {
  for (const Value value : values) {
    const SpanSet& spans = graph.spans(value);
    if (spans.size() < 2) continue;
    SpanSet kept;
    for (const Span span : spans)
      if (!holds(function, span)) kept.insert(span);
    if (kept.empty()) kept = spans.first();
    if (kept.size() < spans.size()) graph.set_spans(value, kept);
  }
}

}  // namespace thx
