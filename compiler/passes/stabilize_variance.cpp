// SPDX-License-Identifier: Apache-2.0
// The mean of products less the product of the means, in two passes: the products are of what is
// left after the means are taken off, so that nothing cancels. T. F. Chan, G. H. Golub,
// R. J. LeVeque, "Algorithms for computing the sample variance" (The American Statistician 37,
// 1983).
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

bool is_sum_of_two(Value value) {
  return value->operands.size() == 2 && part_of(*value, ViewKind::sum).inner;
}

bool is_sum(const Node& node) {
  return node.family() == Family::reduction && (traits_of(reduction(node.op).combine) & kSum) != 0;
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

/// A product of numbers and of one or two sums.
struct ScaledSums {
  Number number;
  std::array<Value, 2> sums = {};
  size_t count = 0;
  int item = -1;  // the last one's, of the view
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

/// Reads numbers and at most `most` sums, all of them to the power `power`.
bool read_factors(const TermView& view, int power, size_t most, ScaledSums& result) {
  result.number.number *= std::pow(view.constant(), power);
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    if (take_number(item.value, power * item.sign, result.number)) continue;
    if (result.count == most || item.sign < 0) return false;
    result.sums.at(result.count++) = item.value;
    result.item = index;
  }
  return result.count > 0;
}

/// Reads n * sum(x) * sum(y) and n * sum(x)**2 in their spellings.
bool read_product_of_sums(Value value, ScaledSums& result) {
  if (!read_factors(TermView(ViewKind::product, value), 1, 2, result)) return false;
  if (result.count == 2) return true;
  if (result.sums[0]->op != node::square.op) return false;
  const Value base = result.sums[0]->operands[0];
  result.count = 0;
  if (!read_factors(TermView(ViewKind::product, base), 2, 1, result)) return false;
  result.sums[1] = result.sums[0];
  return true;
}

/// sum(x * y) over axes that x and y both have.
struct SumOfProducts {
  Value sum, x, y;
  AxisList axes;

  static std::optional<SumOfProducts> read(Value sum) {
    if (sum->family() == Family::contraction) {
      const Value x = sum->operands[0], y = sum->operands[1];
      if (!sum->shape().empty() || x->shape().size() != 1 || x->shape() != y->shape()) return {};
      return SumOfProducts{sum, x, y, {0}};
    }
    if (!is_sum(*sum)) return {};
    const Value product = sum->operands[0];
    const AxisList& axes = sum->attrs.ints("axes");
    if (product->op == node::square.op)
      return SumOfProducts{sum, product->operands[0], product->operands[0], axes};
    const Part part = part_of(*product, ViewKind::product);
    if (!part.inner || part.inverts || product->operands.size() != 2) return {};
    return SumOfProducts{sum, product->operands[0], product->operands[1], axes};
  }

  /// Whether `one` is the sum of x over the same axes and `other` that of y.
  bool is_of(Value one, Value other) const {
    const auto is_sum_of = [&](Value total, Value of) {
      return is_sum(*total) && total->operands[0] == of && total->attrs.ints("axes") == axes &&
             (sum->family() == Family::contraction || total->attrs == sum->attrs);
    };
    return is_sum_of(one, x) && is_sum_of(other, y);
  }

  /// The same over other factors.
  Value over(Graph& graph, Value one, Value other) const {
    const NodeSpec spec{sum->op, sum->types, {one, other}, sum->attrs, {}};
    if (sum->family() == Family::contraction) return graph.intern(spec);
    const Value product = one == other ? node::square(graph, one) : node::mul(graph, one, other);
    return graph.intern({spec.op, spec.types, {product}, spec.attrs, {}});
  }
};

/// `x` less its mean; `sum` is its sum over `axes`.
Value less_mean(Graph& graph, Value x, Value sum, const AxisList& axes, const Extent& count) {
  const Value extent = cast(graph, extent_value(graph, count), sum->dtype());
  const Value mean = node::div(graph, sum, broadcast(graph, extent, sum->shape(), {}));
  return node::sub(graph, x, broadcast_reduced(graph, mean, x->shape(), axes));
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
    const TermView::Item& products_item = swapped ? second : first;
    const TermView::Item& means_item = swapped ? first : second;
    ScaledSums products, means;
    const TermView product(ViewKind::product, products_item.value);
    if (!read_factors(product, 1, 1, products)) continue;
    if (!read_product_of_sums(means_item.value, means)) continue;
    // All with the axes kept, for example.
    const std::vector<Value> views = take_views(products.sums[0]);
    if (!std::ranges::all_of(means.sums,
                             [&](Value& sum) { return are_alike(views, take_views(sum)); }))
      continue;
    const auto found = SumOfProducts::read(products.sums[0]);
    if (!found) continue;
    auto [one, other] = means.sums;
    if (!found->is_of(one, other)) std::swap(one, other);
    if (!found->is_of(one, other)) continue;
    const Extent count = element_count(select(found->x->shape(), found->axes));
    if (!Number::are_apart_by(means.number, products.number, count)) continue;
    Value total = found->over(graph, less_mean(graph, found->x, one, found->axes, count),
                              less_mean(graph, found->y, other, found->axes, count));
    for (size_t i = views.size(); i-- > 0;)
      total = graph.intern({views[i]->op, views[i]->types, {total}, views[i]->attrs, {}});
    std::vector<LeafEdit> edits(product.items().size());
    edits[static_cast<size_t>(products.item)] = {LeafEdit::Kind::replace, total, 1};
    const Value result = write_back(graph, product, edits);
    return products_item.sign > 0 ? result : negated(graph, result);
  }
  return {};
}

}  // namespace thx
