// SPDX-License-Identifier: Apache-2.0
// What the grouping knows of each node of one body before it forms kernels.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace thx {

/// What a node is to the grouping.
enum class Role : uint8_t {
  dead,     // nothing needs it
  memory,   // a value that lies in memory already: parameters, results of control
  free,     // constants, positions, and a few operations on scalars: repeated where they are read
  view,     // read through
  compute,  // belongs to one kernel
  control,  // cond, scan
};

struct Fact {
  Role role = Role::dead;
  bool stored = false;  // a root, or an operand of control: must lie in memory
  bool widens =
      false;  // read, along values of its own shape, by a view that repeats it along new last axes
  bool costly = false;    // of a compute node: kCostly
  uint16_t attached = 0;  // free nodes and views that are repeated with it
};

/// By id.
std::vector<Fact> facts_of(const Body& body, const std::vector<Value>& nodes,
                           std::span<const Value> roots);

/// What `value` reads in memory or from a kernel: itself, or what its views see.
Value seen(Value value);

}  // namespace thx
