// SPDX-License-Identifier: Apache-2.0
// The oracle's table of array operators and sources, a function each.
#include "reference/array_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op_def.h"
#include "reference/indexing_rules.h"
#include "reference/sums.h"
#include "support/check.h"

namespace thx::reference {
namespace {

using Axes = std::vector<int64_t>;

Axes axes_under(const Node& node, std::string_view key) {
  return node.attrs.has(key) ? node.attrs.ints(key) : Axes();
}

// The axes of [0, rank) that are in neither list, upwards.
Axes others(int rank, const Axes& a, const Axes& b) {
  Axes result;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (std::ranges::count(a, axis) + std::ranges::count(b, axis) == 0) result.push_back(axis);
  return result;
}

Scalar apply(Op op, DType dtype, std::initializer_list<Scalar> operands) {
  return elementwise(op).eval(std::span(operands.begin(), operands.size()), dtype);
}

// dot

// The axes of one operand, and how a place of the result and one of the contracted axes lie in it.
struct Side {
  const Array& array;
  Axes batch, contract, kept;

  Side(const Array& operand, Axes batch_axes, Axes contract_axes)
      : array(operand),
        batch(std::move(batch_axes)),
        contract(std::move(contract_axes)),
        kept(others(operand.rank(), batch, contract)) {}

  const Scalar& at(const Index& place, size_t first_kept, const Index& k) const {
    Index index(array.extents.size());
    for (size_t i = 0; i < batch.size(); ++i) index[static_cast<size_t>(batch[i])] = place[i];
    for (size_t i = 0; i < kept.size(); ++i)
      index[static_cast<size_t>(kept[i])] = place[first_kept + i];
    for (size_t i = 0; i < contract.size(); ++i) index[static_cast<size_t>(contract[i])] = k[i];
    return array.at(index);
  }
};

// The sum of the products of `a` and `b`; `order` and `fused` as the node says.
Scalar sum_of_products(const Node& node, const std::vector<Scalar>& a,
                       const std::vector<Scalar>& b) {
  const DType dtype = node.dtype();
  const std::string order = node.attrs.has("order") ? node.attrs.word("order") : "any";
  const bool any = order == "any" || !is_float(dtype);
  const DType wide = any && is_float(dtype) ? DType::f64 : dtype;
  const bool fused = node.attrs.flag("fused") && !any;
  if (a.empty()) return Scalar::of(dtype, reduction(Op::sum).empty);
  const auto widened = [&](const Scalar& x) {
    return is_float(wide) ? Scalar{wide, x.real, 0} : x;
  };
  Fold fold{static_cast<int64_t>(a.size()),
            Scalar::of(wide, reduction(Op::sum).identity),
            {},
            {},
            node.shape().empty()};
  fold.step = [&](const Scalar& acc, int64_t i) {
    const Scalar x = widened(a[static_cast<size_t>(i)]);
    const Scalar y = widened(b[static_cast<size_t>(i)]);
    if (fused) return apply(Op::fma, wide, {x, y, acc});
    return apply(Op::add, wide, {acc, apply(Op::mul, wide, {x, y})});
  };
  fold.merge = [&](const Scalar& x, const Scalar& y) { return apply(Op::add, wide, {x, y}); };
  const Scalar sum = any ? fold_upward(fold) : fold_in_order(fold, order);
  return is_float(dtype) ? Scalar::of(dtype, sum.real) : sum;
}

Array evaluate_dot(const Site& site) {
  const Node& node = site.node;
  const Side lhs(*site.operands[0], axes_under(node, "lhs_batch"),
                 axes_under(node, "lhs_contract"));
  const Side rhs(*site.operands[1], axes_under(node, "rhs_batch"),
                 axes_under(node, "rhs_contract"));
  Index contracted;
  for (const int64_t axis : lhs.contract)
    contracted.push_back(lhs.array.extents[static_cast<size_t>(axis)]);
  Array result{node.dtype(), site.extents, {}};
  for_each_place(site.extents, [&](const Index& place) {
    if (site.is_late()) return;
    std::vector<Scalar> a, b;
    for_each_place(contracted, [&](const Index& k) {
      a.push_back(lhs.at(place, lhs.batch.size(), k));
      b.push_back(rhs.at(place, lhs.batch.size() + lhs.kept.size(), k));
    });
    result.elements.push_back(sum_of_products(node, a, b));
  });
  return result;
}

// Sources

Array evaluate_constant(const Site& site) {
  return Array::scalar(site.node.attrs.get<Scalar>("value"));
}

Array evaluate_iota(const Site& site) {
  const auto axis = static_cast<size_t>(site.node.attrs.integer("axis"));
  Array result{site.node.dtype(), site.extents, {}};
  for_each_place(site.extents, [&](const Index& place) {
    result.elements.push_back(Scalar::of_integer(result.dtype, place[axis]));
  });
  return result;
}

Array evaluate_extent(const Site& site) {
  const Extent& extent = site.node.attrs.get<Extent>("extent");
  return Array::scalar(
      Scalar::of_integer(site.node.dtype(), numbers({extent}, site.arguments.dims)[0]));
}

Array evaluate_draw(const Site& site) {
  const Node& node = site.node;
  THX_CHECK(site.arguments.draw != nullptr, "no generator is given for {}",
            node.attrs.word("name"));
  DrawRequest request{node, site.arguments.seed, count(site.extents)};
  if (node.attrs.has("seed")) request.seed = static_cast<uint64_t>(node.attrs.integer("seed"));
  const auto bound = [&](std::string_view key) {
    return numbers({node.attrs.get<Extent>(key)}, site.arguments.dims)[0];
  };
  if (node.attrs.has("low")) request.low = bound("low");
  if (node.attrs.has("high")) request.high = bound("high");
  Array result{node.dtype(), site.extents, site.arguments.draw(request)};
  THX_CHECK(static_cast<int64_t>(result.elements.size()) == request.count, "{} draws, not {}",
            result.elements.size(), request.count);
  return result;
}

Array evaluate_mark(const Site& site) { return site.taken(); }

constexpr ArrayRule kRules[] = {
    {Op::dot, evaluate_dot},
    {Op::gather, evaluate_read},
    {Op::scatter_add, evaluate_scatter_add},
    {Op::scatter_set, evaluate_scatter_set},
    {Op::dynamic_slice, evaluate_read},
    {Op::constant, evaluate_constant},
    {Op::iota, evaluate_iota},
    {Op::extent, evaluate_extent},
    {Op::random_normal, evaluate_draw},
    {Op::random_uniform, evaluate_draw},
    {Op::random_integers, evaluate_draw},
    {Op::mark, evaluate_mark},
};

}  // namespace

Array evaluate_array(const Site& site) {
  for (const std::span<const ArrayRule> rules :
       {std::span<const ArrayRule>(kRules), composite_rules()})
    for (const ArrayRule& rule : rules)
      if (rule.op == site.node.op) return rule.evaluate(site);
  THX_UNREACHABLE("the oracle does not evaluate {}", name_of(site.node.op));
}

Index numbers(const Shape& shape, const Extent::Values& dims) {
  Index result;
  for (const Extent& extent : shape) {
    const std::optional<int64_t> value = extent.evaluate(dims);
    THX_CHECK(value.has_value(), "the extent {} has no value", extent.text());
    result.push_back(*value);
  }
  return result;
}

}  // namespace thx::reference
