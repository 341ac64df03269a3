// SPDX-License-Identifier: Apache-2.0
// What the tables of rows share with the registry: their order is that of ops.def.
#pragma once

#include <cstddef>
#include <span>

#include "ir/op.h"
#include "ops/op_def.h"

namespace thx {

/// Whether `rows` are the operators of `family`, each once, in the order of ops.def.
template <class Row, size_t count>
constexpr bool covers(const Row (&rows)[count], Family family) {
  size_t next = 0;
  for (const OpInfo& entry : kOps) {
    if (entry.family != family) continue;
    if (next == count || rows[next].op != entry.op) return false;
    ++next;
  }
  return next == count;
}

// array_rows() is these three, in this order.
std::span<const ArrayDef> contraction_rows();
std::span<const ArrayDef> indexing_rows();
std::span<const ArrayDef> composite_rows();

}  // namespace thx
