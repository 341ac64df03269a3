// SPDX-License-Identifier: Apache-2.0
// The rules of structure for one node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace thx {

/// The keys of an operator's attributes, with blanks between.
struct AttrNames {
  std::string_view required, optional;
};
AttrNames attribute_names(Op op);

/// Reports to `problems` what is wrong with the node's operands, attributes, types and regions.
void verify_node(const Node& node, std::vector<std::string>& problems);
/// The part of it for cond, scan, kernel, result, mark, derivatives, vmap and call.
void verify_control(const Node& node, std::vector<std::string>& problems);

}  // namespace thx
