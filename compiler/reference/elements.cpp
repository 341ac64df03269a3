// SPDX-License-Identifier: Apache-2.0
// Elementwise operators and reductions, from their rows alone.
#include "reference/elements.h"

#include <array>

#include "ops/op_def.h"
#include "reference/moves.h"
#include "reference/sums.h"

namespace thx::reference {
namespace {

Array evaluate_elementwise(const Site& site) {
  const ElementwiseDef& row = elementwise(site.node.op);
  Array result{site.node.dtype(), site.extents, {}};
  std::vector<Scalar> at(site.operands.size());
  for (size_t i = 0; i < static_cast<size_t>(count(site.extents)); ++i) {
    for (size_t k = 0; k < site.operands.size(); ++k) at[k] = site.operands[k]->elements[i];
    result.elements.push_back(row.eval(at, site.node.dtype()));
  }
  return result;
}

Scalar reduced_element(const Node& node, const std::vector<Scalar>& terms) {
  const ReductionDef& row = reduction(node.op);
  const ElementwiseDef& combine = elementwise(row.combine);
  const DType dtype = node.dtype();
  if (terms.empty()) return Scalar::of(dtype, row.empty);
  const std::string order = node.attrs.has("order") ? node.attrs.word("order") : "any";
  // Where the order does not show in the bits, f64 is no different; where it does, it is exacter.
  const bool any = order == "any" || !row.ordered || !is_float(dtype);
  const DType wide = any && is_float(dtype) ? DType::f64 : dtype;
  const auto merge = [&](const Scalar& a, const Scalar& b) {
    const std::array<Scalar, 2> operands = {a, b};
    return combine.eval(operands, wide);
  };
  const auto step = [&](const Scalar& acc, int64_t i) {
    Scalar term = terms[static_cast<size_t>(i)];
    term.dtype = wide;
    return merge(acc, term);
  };
  const Fold fold{static_cast<int64_t>(terms.size()), Scalar::of(wide, row.identity), step, merge,
                  node.shape().empty()};
  const Scalar result = any ? fold_upward(fold) : fold_in_order(fold, order);
  return is_float(dtype) ? Scalar::of(dtype, result.real) : result;
}

Array evaluate_reduction(const Site& site) {
  Array result{site.node.dtype(), site.extents, {}};
  for_each_reduced(site, [&](const std::vector<size_t>& places) {
    std::vector<Scalar> terms;
    terms.reserve(places.size());
    for (const size_t place : places) terms.push_back(site.operands[0]->elements[place]);
    result.elements.push_back(reduced_element(site.node, terms));
  });
  return result;
}

}  // namespace

Array evaluate_node(const Site& site) {
  switch (site.node.family()) {
    case Family::elementwise: return evaluate_elementwise(site);
    case Family::reduction: return evaluate_reduction(site);
    case Family::view: return evaluate_view(site);
    case Family::placement: return evaluate_placement(site);
    case Family::cumulative: return evaluate_cumulative(site);
    default: return evaluate_array(site);
  }
}

}  // namespace thx::reference
