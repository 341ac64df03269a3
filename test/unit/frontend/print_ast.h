// SPDX-License-Identifier: Apache-2.0
// Spells an expression's tree with all of its structure, for tests of the parser.
#pragma once

#include <string>
#include <vector>

#include "frontend/ast.h"
#include "support/text.h"

namespace thx {

// One loop over the nodes: an operand stands before its user.
inline std::string print_ast(const ast::Module& module, ast::NodeId root) {
  if (root == ast::kNoNode) return "-";
  std::vector<std::string> texts(root + 1);
  for (ast::NodeId id = module[root].first; id <= root; ++id) {
    const ast::Node& node = module[id];
    std::vector<std::string> parts;
    for (const ast::NodeId child : module.children(id)) parts.push_back(texts[child]);
    const std::string inner = join(parts, " ");
    switch (node.kind) {
      case ast::NodeKind::text: texts[id] = format("\"{}\"", node.text); break;
      case ast::NodeKind::tuple: texts[id] = format("(tuple {})", inner); break;
      case ast::NodeKind::list: texts[id] = format("(list {})", inner); break;
      case ast::NodeKind::call: texts[id] = format("(call {})", inner); break;
      case ast::NodeKind::keyword: texts[id] = format("{}={}", node.text, inner); break;
      case ast::NodeKind::index: texts[id] = format("(index {})", inner); break;
      case ast::NodeKind::slice: texts[id] = format("(slice {})", inner); break;
      case ast::NodeKind::ellipsis: texts[id] = "..."; break;
      case ast::NodeKind::absent: texts[id] = "_"; break;
      case ast::NodeKind::field: texts[id] = format("(. {} {})", inner, node.text); break;
      case ast::NodeKind::unary:
      case ast::NodeKind::binary: texts[id] = format("({} {})", spelling(node.op), inner); break;
      case ast::NodeKind::choose: texts[id] = format("(if {})", inner); break;
      case ast::NodeKind::scan: texts[id] = format("(scan {})", inner); break;
      default: texts[id] = node.text;
    }
  }
  return texts[root];
}

}  // namespace thx
