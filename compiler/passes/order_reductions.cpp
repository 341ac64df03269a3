// SPDX-License-Identifier: Apache-2.0
// Chooses the order of every sum from types alone, so that it is the same on every target.
#include "passes/order_reductions.h"

#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"
#include "passes/require_elements.h"

namespace thx {
namespace {

using Word = std::string;

/// A kept extent up to which a matrix product counts as that many matrix-vector products.
constexpr int64_t kFewColumns = 16;

bool is_any(const Attrs& attrs) { return !attrs.has("order") || attrs.word("order") == "any"; }

/// Whether `axes` are the last ones of a value of `rank` axes, in order.
bool is_trailing_run(std::span<const int64_t> axes, int rank) {
  const auto count = static_cast<int64_t>(axes.size());
  for (int64_t i = 0; i < count; ++i)
    if (axes[static_cast<size_t>(i)] != rank - count + i) return false;
  return count > 0;
}

bool is_run(std::span<const int64_t> axes) {
  for (size_t i = 1; i < axes.size(); ++i)
    if (axes[i] != axes[i - 1] + 1) return false;
  return !axes.empty();
}

class Orders {
 public:
  explicit Orders(const Program& program) {
    for (const Dim& dim : program.dims)
      if (dim.source_value) fixed_.emplace(dim.name, Extent(*dim.source_value));
  }

  void run(Function& function) {
    require_elements(function);
    rebuild(function, [this](Graph& graph, Value old, std::span<const Value> operands) {
      return map(graph, old, operands);
    });
  }

 private:
  Value map(Graph& graph, Value old, std::span<const Value> operands) {
    if (old->family() == Family::reduction) return reduction_in_runs(graph, old, operands[0]);
    if (old->family() == Family::contraction && is_any(old->attrs))
      return with_order(graph, old, operands, order_of_dot(*old));
    if (!old->regions.empty()) return with_ordered_regions(graph, old, operands);
    return {};
  }

  Value with_ordered_regions(Graph& graph, Value old, std::span<const Value> operands) {
    NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
    for (const Region& region : old->regions)
      spec.regions.push_back(
          rebuild(region, [this](Graph& inner, Value node, std::span<const Value> values) {
            return map(inner, node, values);
          }));
    return graph.intern(std::move(spec));
  }

  static Value with_order(Graph& graph, Value old, std::span<const Value> operands, Word order) {
    Attrs attrs = old->attrs;
    attrs.set("order", std::move(order));
    return graph.intern({old->op, old->types, {operands.begin(), operands.end()}, attrs, {}});
  }

  Value reduction_in_runs(Graph& graph, Value old, Value operand) {
    AxisList axes = old->attrs.ints("axes");
    if (axes.empty()) return operand;
    const bool ordered = reduction(old->op).ordered;
    if (ordered && !is_any(old->attrs)) return {};
    if (!ordered && is_run(axes)) return {};
    Value value = operand;
    while (!axes.empty()) {  // the innermost run first: the axes before it keep their places
      size_t first = axes.size() - 1;
      while (first > 0 && axes[first - 1] == axes[first] - 1) --first;
      const AxisList run(axes.begin() + static_cast<int64_t>(first), axes.end());
      axes.resize(first);
      Attrs attrs = old->attrs;  // of a largest element: that of nothing is there
      attrs.set("axes", run);
      if (ordered)
        attrs.set("order", Word(is_trailing_run(run, value->type().rank()) ? "lanes" : "blocks"));
      const Type type =
          value->type().with(select(value->shape(), kept_axes(value->type().rank(), run)));
      value = graph.intern({old->op, {type}, {value}, attrs, {}});
    }
    return value;
  }

  /// One operand of a dot, and the other's kept axes.
  struct Side {
    const Type& type;
    std::span<const int64_t> contracted;
    std::span<const int64_t> batch;

    AxisList kept() const {
      AxisList gone(contracted.begin(), contracted.end());
      gone.insert(gone.end(), batch.begin(), batch.end());
      std::ranges::sort(gone);
      return kept_axes(type.rank(), gone);
    }
  };

  Word order_of_dot(const Node& dot) const {
    const Side lhs{dot.operands[0]->type(), axes_of(dot.attrs, "lhs_contract"),
                   axes_of(dot.attrs, "lhs_batch")};
    const Side rhs{dot.operands[1]->type(), axes_of(dot.attrs, "rhs_contract"),
                   axes_of(dot.attrs, "rhs_batch")};
    if (rhs.kept().empty()) return order_by(lhs);
    if (lhs.kept().empty()) return order_by(rhs);
    if (few(rhs)) return order_by(lhs);
    if (few(lhs)) return order_by(rhs);
    return "upward";
  }

  /// The order of the sums of a matrix times vectors, by where its contracted axes stand.
  static Word order_by(const Side& matrix) {
    if (is_trailing_run(matrix.contracted, matrix.type.rank())) return "lanes";
    return is_run(matrix.contracted) ? "blocks" : "upward";
  }

  bool few(const Side& side) const {
    Extent count = 1;
    for (int64_t axis : side.kept())
      count *= side.type.shape[static_cast<size_t>(axis)].substitute(fixed_);
    return count.is_known() && count.known() <= kFewColumns;
  }

  Extent::Bindings fixed_;
};

}  // namespace

void order_reductions(Program& program) {
  Orders orders(program);
  for (Function& function : program.functions) orders.run(function);
  if (program.init) orders.run(*program.init);
}

}  // namespace thx
