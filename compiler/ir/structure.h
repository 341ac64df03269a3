// SPDX-License-Identifier: Apache-2.0
// What a node is to the structure of its body: questions that passes ask instead of naming the
// operators of sources and control.
#pragma once

#include "ir/graph.h"

namespace thx {

inline bool is_parameter(const Node& node) { return node.op == Op::parameter; }
inline bool is_constant(const Node& node) { return node.op == Op::constant; }
inline bool is_iota(const Node& node) { return node.op == Op::iota; }
inline bool is_extent(const Node& node) { return node.op == Op::extent; }
/// A source whose elements a runtime function draws.
inline bool is_draw(const Node& node) {
  return node.op == Op::random_normal || node.op == Op::random_uniform ||
         node.op == Op::random_integers;
}
/// The reader of one result of a node with a list of them.
inline bool is_result(const Node& node) { return node.op == Op::result; }
inline bool is_cond(const Node& node) { return node.op == Op::cond; }
inline bool is_scan(const Node& node) { return node.op == Op::scan; }
inline bool is_vmap(const Node& node) { return node.op == Op::vmap; }
inline constexpr Op kKernelOp = Op::kernel;
inline bool is_kernel(const Node& node) { return node.op == Op::kernel; }
/// A view that keeps the row-major order of the elements.
inline bool is_reshape(const Node& node) { return node.op == Op::reshape; }
/// Indexing that reads at index arrays, that reads a run from run-time starts, and that writes to
/// places.
inline bool is_gather(const Node& node) { return node.op == Op::gather; }
inline bool is_dynamic_slice(const Node& node) { return node.op == Op::dynamic_slice; }
inline bool is_scatter(const Node& node) {
  return node.op == Op::scatter_add || node.op == Op::scatter_set;
}
/// Of a scatter: whether updates are added to what is there; otherwise they replace it.
inline bool adds(const Node& node) { return node.op == Op::scatter_add; }

}  // namespace thx
