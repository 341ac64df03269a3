// SPDX-License-Identifier: Apache-2.0
// How the oracle computes a node that has no regions: elementwise operators and reductions from
// their rows, the other families by moves.h and array_rules.h; and which terms a reduction has.
#pragma once

#include "reference/array_rules.h"

namespace thx::reference {

/// The value of a node without regions, of any family.
Array evaluate_node(const Site& site);

/// Of a reduction: for each element of the result, in row-major order, where its terms lie in the
/// operand, in the order in which they are combined.
template <class Visit>
void for_each_reduced(const Site& site, Visit&& visit) {
  const std::vector<int64_t>& axes = site.node.attrs.ints("axes");
  const Array& x = *site.operands[0];
  Index inner;
  inner.reserve(axes.size());
  for (const int64_t axis : axes) inner.push_back(x.extents[static_cast<size_t>(axis)]);
  for_each_place(site.extents, [&](const Index& place) {
    std::vector<size_t> terms;
    for_each_place(inner, [&](const Index& k) {
      Index at = place;
      for (size_t i = 0; i < axes.size(); ++i) at.insert(at.begin() + axes[i], k[i]);
      terms.push_back(x.offset(at));
    });
    visit(static_cast<const std::vector<size_t>&>(terms));
  });
}

}  // namespace thx::reference
