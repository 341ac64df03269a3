// SPDX-License-Identifier: Apache-2.0
// Expressions: from ANTLR's contexts to nodes that stand after their operands.
#include <algorithm>
#include <utility>

#include "ThxLexer.h"
#include "frontend/parse_tree.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::Node;
using ast::NodeId;
using ast::NodeKind;
using ast::Operator;
using grammar::ThxLexer;

Operator binary_operator(size_t type) {
  switch (type) {
    case ThxLexer::POWER: return Operator::power;
    case ThxLexer::TIMES: return Operator::multiply;
    case ThxLexer::DIVIDE: return Operator::divide;
    case ThxLexer::FLOOR_DIVIDE: return Operator::floor_divide;
    case ThxLexer::REMAINDER: return Operator::remainder;
    case ThxLexer::PRODUCT: return Operator::product;
    case ThxLexer::PLUS: return Operator::add;
    case ThxLexer::MINUS: return Operator::subtract;
    case ThxLexer::AMPERSAND: return Operator::bit_and;
    case ThxLexer::CARET: return Operator::bit_xor;
    case ThxLexer::BAR: return Operator::bit_or;
    case ThxLexer::EQUAL: return Operator::equal;
    case ThxLexer::NOT_EQUAL: return Operator::not_equal;
    case ThxLexer::LESS: return Operator::less;
    case ThxLexer::LESS_EQUAL: return Operator::less_equal;
    case ThxLexer::GREATER: return Operator::greater;
    case ThxLexer::GREATER_EQUAL: return Operator::greater_equal;
    case ThxLexer::AND: return Operator::logical_and;
    default: return Operator::logical_or;
  }
}

Operator prefix_operator(size_t type) {
  switch (type) {
    case ThxLexer::PLUS: return Operator::positive;
    case ThxLexer::MINUS: return Operator::negative;
    case ThxLexer::TILDE: return Operator::complement;
    default: return Operator::logical_not;
  }
}

}  // namespace

NodeId ExpressionBuilder::add(Node node, const std::vector<NodeId>& children) {
  const auto id = static_cast<NodeId>(module_.nodes.size());
  node.first = id;
  for (const NodeId child : children) node.first = std::min(node.first, module_[child].first);
  node.first_child = static_cast<uint32_t>(module_.child_ids.size());
  node.child_count = static_cast<uint32_t>(children.size());
  module_.child_ids.insert(module_.child_ids.end(), children.begin(), children.end());
  if (node.mark.empty()) node.mark = node.span;
  module_.nodes.push_back(node);
  return id;
}

NodeId ExpressionBuilder::add_leaf(NodeKind kind, Span span, std::string_view text) {
  Node node;
  node.kind = kind;
  node.span = span;
  node.text = text;
  return add(node, {});
}

NodeId ExpressionBuilder::build(Rules::ExpressionContext& rule) {
  std::vector<Rules::ExpressionContext*> spine;  // outermost first
  Rules::ExpressionContext* leaf = &rule;
  while (leaf->base || (leaf->left && !leaf->condition)) {
    spine.push_back(leaf);
    leaf = leaf->base ? leaf->base : leaf->left;
  }
  NodeId id = tightest(*leaf);
  for (auto outer = spine.rbegin(); outer != spine.rend(); ++outer) id = extend(**outer, id);
  return id;
}

NodeId ExpressionBuilder::tightest(Rules::ExpressionContext& rule) {
  if (rule.atom()) return atom(*rule.atom());
  if (rule.condition) return choose(rule);
  Node node;
  node.kind = NodeKind::unary;
  node.op = prefix_operator(rule.prefix->getType());
  node.span = source_.span(rule);
  node.mark = source_.span(*rule.prefix);
  return add(node, {build(*rule.operand)});
}

// The condition comes first, so that it precedes the branches also in the vector of nodes.
NodeId ExpressionBuilder::choose(Rules::ExpressionContext& rule) {
  Node node;
  node.kind = NodeKind::choose;
  node.span = source_.span(rule);
  node.mark = source_.span(*rule.op);
  const NodeId condition = build(*rule.condition);
  const NodeId left = build(*rule.left);
  return add(node, {condition, left, build(*rule.right)});
}

NodeId ExpressionBuilder::extend(Rules::ExpressionContext& rule, NodeId base) {
  Node node;
  node.span = source_.span(rule);
  std::vector<NodeId> children = {base};
  if (rule.op) {
    node.kind = NodeKind::binary;
    node.op = binary_operator(rule.op->getType());
    node.mark = source_.span(*rule.op);
    children.push_back(build(*rule.right));
    if (!check_operands(node, children[0], children[1])) node.kind = NodeKind::broken;
  } else if (rule.call) {
    node.kind = NodeKind::call;
    node.mark = module_[base].kind == NodeKind::field ? module_[base].mark : module_[base].span;
    if (rule.arguments()) {
      for (auto* each : rule.arguments()->argument()) children.push_back(argument(*each));
    }
  } else if (rule.index) {
    node.kind = NodeKind::index;
    node.mark = source_.span(*rule.index).to(source_.span(*rule.getStop()));
    for (auto* each : rule.subscript()) children.push_back(subscript(*each));
  } else {
    const ast::Name field = source_.name(*rule.name());
    node.kind = NodeKind::field;
    node.text = field.text;
    node.mark = field.span;
  }
  return add(node, children);
}

bool ExpressionBuilder::check_operands(const Node& node, NodeId left, NodeId right) {
  const auto loose = [&](NodeId id) { return !module_[id].parenthesised; };
  if (is_comparison(node.op)) {
    for (const NodeId id : {left, right}) {
      const Node& side = module_[id];
      if (side.kind != NodeKind::binary || !is_comparison(side.op) || !loose(id)) continue;
      const NodeId middle = module_.child(id, id == left ? 1 : 0);
      const std::string_view words = source_.sources.text(module_[middle].span);
      Diagnostic& error = diagnostics_.report(
          {Err::chained_comparison, node.mark, "comparisons cannot be chained"});
      error.label(side.mark, "the first comparison");
      const Node& between = module_[middle];
      const bool is_bitwise = between.kind == NodeKind::binary && between.op >= Operator::bit_and &&
                              between.op <= Operator::bit_or && loose(middle);
      if (is_bitwise) {
        error.help(format("`{0}` binds tighter than a comparison: write `(...) {0} (...)`",
                          spelling(between.op)));
      } else {
        error.help(format("compare twice: `... {} {} and {} {} ...`", spelling(side.op), words,
                          words, spelling(node.op)));
      }
      return false;
    }
  }
  const Node& operand = module_[right];
  const bool is_not = operand.kind == NodeKind::unary && operand.op == Operator::logical_not;
  if (!is_not || !loose(right) || node.op > Operator::logical_not) return true;
  diagnostics_
      .report(
          {Err::syntax, operand.mark, format("`not` binds looser than `{}`", spelling(node.op))})
      .help("put `not ...` in parentheses");
  return false;
}

NodeId ExpressionBuilder::atom(Rules::AtomContext& rule) {
  if (rule.value) return value(*rule.value);
  if (rule.name()) {
    const ast::Name name = source_.name(*rule.name());
    return add_leaf(NodeKind::name, name.span, name.text);
  }
  if (rule.scan()) return scan(*rule.scan());
  const bool round = rule.open->getType() == ThxLexer::LEFT_PAREN;
  std::vector<NodeId> children;
  for (auto* each : rule.expression()) children.push_back(build(*each));
  if (round && children.size() == 1 && !rule.comma) {
    module_.nodes[children[0]].parenthesised = true;
    return children[0];
  }
  Node node;
  node.kind = round ? NodeKind::tuple : NodeKind::list;
  node.span = source_.span(rule);
  return add(node, children);
}

NodeId ExpressionBuilder::value(const antlr4::Token& token) {
  const Span span = source_.span(token);
  std::string_view text = source_.sources.text(span);
  switch (token.getType()) {
    case ThxLexer::INTEGER: return add_leaf(NodeKind::integer, span, text);
    case ThxLexer::FLOAT: return add_leaf(NodeKind::floating, span, text);
    case ThxLexer::STRING: return add_leaf(NodeKind::text, span, text.substr(1, text.size() - 2));
    default: return add_leaf(NodeKind::boolean, span, text);
  }
}

NodeId ExpressionBuilder::argument(Rules::ArgumentContext& rule) {
  const NodeId id = build(*rule.expression());
  if (!rule.name()) return id;
  const ast::Name name = source_.name(*rule.name());
  Node node;
  node.kind = NodeKind::keyword;
  node.text = name.text;
  node.mark = name.span;
  node.span = source_.span(rule);
  return add(node, {id});
}

NodeId ExpressionBuilder::subscript(Rules::SubscriptContext& rule) {
  const Span span = source_.span(rule);
  auto* slice = rule.slice();
  if (!slice) {
    return rule.expression() ? build(*rule.expression()) : add_leaf(NodeKind::ellipsis, span);
  }
  const auto part = [&](Rules::ExpressionContext* expression) {
    return expression ? build(*expression) : add_leaf(NodeKind::absent, span);
  };
  Node node;
  node.kind = NodeKind::slice;
  node.span = span;
  node.mark = source_.span(*slice->first);
  const NodeId start = part(rule.expression());
  const NodeId stop = part(slice->stop);
  return add(node, {start, stop, part(slice->step)});
}

NodeId ExpressionBuilder::scan(Rules::ScanContext& rule) {
  ast::Scan scan;
  scan.header = {source_.text.file, source_.span(*rule.getStart()).begin,
                 source_.span(*rule.block()->getStart()).begin};
  std::vector<NodeId> children;
  for (auto* carry : rule.carry()) {
    const NodeId initial = build(*carry->expression());
    scan.carries.push_back({source_.name(*carry->name()), initial});
    children.push_back(initial);
  }
  Rules::PatternContext& pattern = *rule.pattern();
  scan.element_tuple = pattern.names() != nullptr;
  scan.elements = scan.element_tuple ? source_.names(pattern.names())
                                     : std::vector{source_.name(*pattern.name())};
  scan.sequence = build(*rule.expression(0));
  children.push_back(scan.sequence);
  for (auto* each : rule.argument()) scan.arguments.push_back(argument(*each));
  children.insert(children.end(), scan.arguments.begin(), scan.arguments.end());
  scan.body_first = static_cast<NodeId>(module_.nodes.size());
  scan.body = statements_.block(rule.block());
  scan.until = build_optional(rule.until);
  Node node;
  node.kind = NodeKind::scan;
  node.span = source_.span(rule);
  node.mark = source_.span(*rule.getStart());
  node.payload = static_cast<uint32_t>(module_.scans.size());
  module_.scans.push_back(std::move(scan));
  const NodeId id = add(node, children);
  module_.scans[node.payload].id = id;
  return id;
}

}  // namespace thx
