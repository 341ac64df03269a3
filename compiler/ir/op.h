// SPDX-License-Identifier: Apache-2.0
// Operators and their families. What an operator means stands in its row (ops/).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace thx {

enum class Op : uint8_t {
#define THX_OP(op, family, operands) op,
#include "ir/ops.def"
};

enum class Family : uint8_t {
  elementwise,
  reduction,
  view,
  placement,
  cumulative,
  contraction,
  indexing,
  composite,
  source,
  control,
};

struct OpInfo {
  Op op;
  std::string_view name;
  Family family;
  int operands;  // -1: varies
};

inline constexpr OpInfo kOps[] = {
#define THX_OP(op, family, operands) {Op::op, #op, Family::family, operands},
#include "ir/ops.def"
};

inline constexpr int kOpCount = static_cast<int>(sizeof(kOps) / sizeof(kOps[0]));

constexpr const OpInfo& info(Op op) { return kOps[static_cast<size_t>(op)]; }
constexpr std::string_view name_of(Op op) { return info(op).name; }
constexpr Family family_of(Op op) { return info(op).family; }
constexpr std::optional<Op> op_named(std::string_view name) {
  for (const OpInfo& entry : kOps)
    if (entry.name == name) return entry.op;
  return std::nullopt;
}

/// Whether the operator's nodes have a list of results, also where it has one entry, each of which
/// is read through a `result` node.
constexpr bool has_result_list(Op op) {
  return op == Op::cond || op == Op::scan || op == Op::kernel || op == Op::grad || op == Op::jvp ||
         op == Op::jacobian || op == Op::vmap || op == Op::call;
}

/// How many regions the operator's nodes have, and what the text form calls each.
constexpr int region_count(Op op) {
  if (op == Op::cond || op == Op::call) return 2;
  return op == Op::scan || op == Op::kernel || op == Op::vmap ? 1 : 0;
}
constexpr std::string_view region_name(Op op, size_t index) {
  if (op == Op::cond) return index == 0 ? "then" : "else";
  return index == 0 ? "body" : "gradient";
}

}  // namespace thx
