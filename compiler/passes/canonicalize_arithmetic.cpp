// SPDX-License-Identifier: Apache-2.0
// Exact steps on elementwise operators.
#include "ops/build.h"
#include "passes/canonicalize.h"

namespace thx {
namespace {

/// The number n for which op(x, n) is x, bit for bit; nothing where there is none.
std::optional<Scalar> neutral_operand(Op op, DType dtype) {
  const Traits traits = traits_of(op);
  for (const ReductionDef& row : reduction_rows()) {
    if (!accepts(row.types, dtype)) continue;
    if (row.combine == op) return Scalar::of(dtype, row.identity);
    // The inverse operator: x - 0.0 and x / 1.
    const Traits shared = traits & traits_of(row.combine) & (kSum | kProduct);
    if (shared == 0 || (traits & kNegated) == 0) continue;
    return Scalar::of(dtype, (shared & kSum) != 0 ? -row.identity : 1 / row.identity);
  }
  return std::nullopt;
}

/// Whether every value of `narrow` is one of `wide`.
bool holds(DType wide, DType narrow) {
  if (wide == narrow || is_bool(narrow)) return true;
  if (is_bool(wide)) return false;
  const int wide_bits = 8 * bytes_of(wide);
  const int narrow_bits = 8 * bytes_of(narrow);
  if (is_float(narrow)) return is_float(wide) && wide_bits >= narrow_bits;
  if (is_float(wide)) {
    const int digits = wide == DType::f64 ? 53 : 24;
    return narrow_bits - is_signed(narrow) <= digits;
  }
  if (is_signed(wide) == is_signed(narrow)) return wide_bits >= narrow_bits;
  return is_signed(wide) && wide_bits > narrow_bits;
}

bool is_cast(const Node& node) {
  return node.family() == Family::elementwise && elementwise(node.op).result == ResultDType::given;
}

}  // namespace

Value drop_neutral(Graph&, Value node, const Uses&) {
  if (node->family() != Family::elementwise || node->operands.size() != 2) return {};
  const Traits traits = traits_of(node->op);
  const bool commutes = (traits & kCommutative) != 0;
  for (size_t i = commutes ? 0 : 1; i < 2; ++i) {
    const Scalar* constant = constant_of(node->operands[i]);
    if (constant == nullptr || node->operands[1 - i]->type() != node->type()) continue;
    const std::optional<Scalar> neutral = neutral_operand(node->op, constant->dtype);
    if (neutral && *neutral == *constant) return node->operands[1 - i];
  }
  return {};
}

Value merge_casts(Graph& graph, Value node, const Uses&) {
  if (!is_cast(*node)) return {};
  const Value inner = node->operands[0];
  if (inner->dtype() == node->dtype()) return inner;
  if (!is_cast(*inner)) return {};
  const Value source = inner->operands[0];
  const DType middle = inner->dtype();
  if (!holds(middle, source->dtype())) return {};
  // Integers wrap and floats saturate where they do not fit, so the detour shows.
  const bool saturates =
      is_float(middle) && is_integer(node->dtype()) && is_integer(source->dtype());
  if (saturates && !holds(node->dtype(), source->dtype())) return {};
  return cast(graph, source, node->dtype());
}

}  // namespace thx
