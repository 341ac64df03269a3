// SPDX-License-Identifier: Apache-2.0
// How the oracle computes the operators that are no elementwise operator, reduction, view or
// control.
#pragma once

#include "reference/evaluate.h"

namespace thx::reference {

/// Whether the time of `arguments` is over; tells it to status and why.
bool is_late(const Arguments& arguments, Status& status, std::string& why);

/// One node with the values of its operands.
struct Site {
  const Node& node;
  std::vector<const Array*> operands;
  Index extents;  // of the result
  const Arguments& arguments;
  Status& status;
  std::string& why;
  /// The first operand, where nobody reads it after this node.
  Array* spare = nullptr;

  /// Whether the evaluation has taken too long: then its status says so.
  bool is_late() const { return reference::is_late(arguments, status, why); }
  /// The first operand to make the result of: itself where it is spare, else a copy.
  Array taken() const {
    if (spare == nullptr) return *operands[0];
    return std::move(*spare);
  }
};

/// The rule of one operator.
struct ArrayRule {
  Op op;
  Array (*evaluate)(const Site& site);
};
std::span<const ArrayRule> composite_rules();

/// The value of `site`; an InternalError for operators that have no rule.
Array evaluate_array(const Site& site);

/// The numbers of `shape`; an InternalError where a dim is missing.
Index numbers(const Shape& shape, const Extent::Values& dims);

}  // namespace thx::reference
