// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the running combinations along an axis.
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

/// An element counts in every later sum, so its cotangent is the sum of all later ones.
Value cumsum_adjoint(const Adjoint& a) {
  Attrs attrs = a.node->attrs;
  if (attrs.flag("reverse")) {
    attrs.erase("reverse");
  } else {
    attrs.set("reverse", true);
  }
  return make(a.graph, Op::cumsum, {a.cotangent}, std::move(attrs));
}

Value cumulative_batch(const Batch& b) {
  Attrs attrs = b.node->attrs;
  attrs.set("axis", attrs.integer("axis") + 1);
  return make(b.graph, b.node->op, {batched_operand(b, 0)}, std::move(attrs));
}

// clang-format off
constexpr CumulativeDef kCumulative[] = {
    {.op = Op::cumsum, .doc = "the sums of the elements along `axis` up to each one; with `reverse`, from each one on",
     .types = DTypes::numbers, .combine = Op::add,
     .adjoint = cumsum_adjoint, .tangent = linear_tangent, .batch = cumulative_batch},
};
// clang-format on
static_assert(covers(kCumulative, Family::cumulative),
              "one row for each cumulative line of ops.def, in the same order");

}  // namespace

std::span<const CumulativeDef> cumulative_rows() { return kCumulative; }

}  // namespace thx
