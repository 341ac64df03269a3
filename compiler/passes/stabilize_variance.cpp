// SPDX-License-Identifier: Apache-2.0
// The mean of squares less the square of the mean, in two passes: the squares are of what is left
// after the mean is taken off, so that nothing cancels. T. F. Chan, G. H. Golub, R. J. LeVeque,
// "Algorithms for computing the sample variance" (The American Statistician 37, 1983).
#include <algorithm>
#include <cmath>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "passes/squares.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

bool is_sum_of_two(Value value) {
  return value->operands.size() == 2 && part_of(*value, ViewKind::sum).inner;
}

/// A product of numbers: number * the extents above the line / those below it.
struct Number {
  double number = 1;
  Extent above = 1, below = 1;

  /// Whether a / b times `count` is 1.
  static bool are_apart_by(const Number& a, const Number& b, const Extent& count) {
    const Extent left = a.above * b.below * count, right = a.below * b.above;
    const double numbers = a.number / b.number;
    if (left == right) return numbers == 1;
    if (!left.is_known() || !right.is_known() || right.is(0)) return false;
    const double ratio =
        numbers * static_cast<double>(left.known()) / static_cast<double>(right.known());
    return std::fabs(ratio - 1) < 1e-7;  // 0.1 for 1/10 counts
  }
};

/// Multiplies `number` by `value` to the power `exponent`; false where it is no number.
bool take_number(Value value, int exponent, Number& number) {
  while (value->family() == Family::view) value = value->operands[0];
  if (const Scalar* constant = constant_of(value)) {
    number.number *= std::pow(constant->as_real(), exponent);
    return true;
  }
  const bool is_cast = value->family() == Family::elementwise && value->operands.size() == 1 &&
                       elementwise(value->op).result == ResultDType::given;
  const Value source = is_cast ? value->operands[0] : value;
  if (!is_extent(*source)) return false;
  for (int i = 0; i < std::abs(exponent); ++i)
    (exponent > 0 ? number.above : number.below) *= source->attrs.get<Extent>("extent");
  return true;
}

/// A product of numbers and one sum, to a power.
struct ScaledSum {
  Number number;
  Value sum;
  int item = -1;  // of the view
};

/// Takes the views off a value, the outer one first.
std::vector<Value> take_views(Value& value) {
  std::vector<Value> views;
  for (; value->family() == Family::view; value = value->operands[0]) views.push_back(value);
  return views;
}
bool are_alike(std::span<const Value> views, std::span<const Value> others) {
  return std::ranges::equal(views, others, [](Value a, Value b) {
    return a->op == b->op && a->attrs == b->attrs && a->type() == b->type();
  });
}

bool read_factors(const TermView& view, int power, ScaledSum& result) {
  result.number.number *= std::pow(view.constant(), power);
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    if (take_number(item.value, power * item.sign, result.number)) continue;
    if (result.sum || item.sign < 0) return false;
    result.sum = item.value;
    result.item = index;
  }
  return static_cast<bool>(result.sum);
}

/// Reads n * sum(x)**2 in its spellings: the sum is left in `result`.
bool read_square(Value value, ScaledSum& result) {
  if (!read_factors(TermView(ViewKind::product, value), 1, result)) return false;
  if (result.sum->op != node::square.op) return false;
  const Value base = result.sum->operands[0];
  result.sum = {};
  return read_factors(TermView(ViewKind::product, base), 2, result);
}

}  // namespace

Value two_pass_variance(Graph& graph, Value node, const Uses&) {
  if (node->types.size() != 1 || !is_float(node->dtype())) return {};
  if (!is_sum_of_two(node)) return {};
  // A longer sum is told apart without reading it, so that long chains stay cheap.
  if (std::ranges::any_of(node->operands, is_sum_of_two)) return {};
  const TermView view(ViewKind::sum, node);
  if (view.leaves().size() != 2 || view.constant() != 0) return {};
  const TermView::Item& first = view.item(view.leaves()[0]);
  const TermView::Item& second = view.item(view.leaves()[1]);
  if (first.sign == second.sign) return {};
  for (const bool swapped : {false, true}) {
    const TermView::Item& squares_item = swapped ? second : first;
    const TermView::Item& mean_item = swapped ? first : second;
    ScaledSum squares, mean;
    const TermView product(ViewKind::product, squares_item.value);
    if (!read_factors(product, 1, squares) || !read_square(mean_item.value, mean)) continue;
    // Both with the axes kept, for example.
    const std::vector<Value> views = take_views(squares.sum);
    if (!are_alike(views, take_views(mean.sum))) continue;
    if (!is_sum(*squares.sum) || !is_sum(*mean.sum)) continue;
    if (mean.sum->attrs != squares.sum->attrs) continue;
    const Value square = squares.sum->operands[0];
    const Value x = mean.sum->operands[0];
    if (square->op != node::square.op || square->operands[0] != x) continue;
    const AxisList& axes = mean.sum->attrs.ints("axes");
    const Extent count = element_count(select(x->shape(), axes));
    if (!Number::are_apart_by(mean.number, squares.number, count)) continue;
    const Value extent = cast(graph, extent_value(graph, count), node->dtype());
    const Value average =
        node::div(graph, mean.sum, broadcast(graph, extent, mean.sum->shape(), {}));
    const Value rest = node::sub(graph, x, broadcast_reduced(graph, average, x->shape(), axes));
    Value total = graph.intern(
        {squares.sum->op, squares.sum->types, {node::square(graph, rest)}, squares.sum->attrs, {}});
    for (size_t i = views.size(); i-- > 0;)
      total = graph.intern({views[i]->op, views[i]->types, {total}, views[i]->attrs, {}});
    std::vector<LeafEdit> edits(product.items().size());
    edits[static_cast<size_t>(squares.item)] = {LeafEdit::Kind::replace, total, 1};
    const Value result = write_back(graph, product, edits);
    return squares_item.sign > 0 ? result : negated(graph, result);
  }
  return {};
}

}  // namespace thx
