// SPDX-License-Identifier: Apache-2.0
// `expect_grad` and `expect_error`.
#include <utility>

#include "frontend/test_lowering.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx {

using ast::NodeId;
using ast::NodeKind;

Value TestLowering::cost_of(NodeId id) {
  const Operand cost = evaluate(id);
  if (cost.poisoned()) return {};
  const bool scalar = cost.is(Operand::Kind::value) && cost.value->type().is_scalar() &&
                      is_float(cost.value->dtype());
  if (scalar) return cost.value;
  fail(Err::grad_not_scalar, cost.span,
       format("the cost of a gradient is a float scalar, not {}", spell(cost)));
  return {};
}

void TestLowering::expect_gradient(const ast::Expect& expect) {
  Expectation made;
  made.kind = Expectation::Kind::gradient;
  made.at = expect.word.span;
  made.rtol = 1e-5;
  made.atol = 1e-7;
  std::vector<NodeId> positional;
  for (const NodeId id : expect.arguments) {
    const ast::Node& node = l_.module()[id];
    if (node.kind != NodeKind::keyword) {
      positional.push_back(id);
    } else if (!read_tolerance(made, {node.text, evaluate(l_.module().child(id, 0)), node.mark})) {
      return;
    }
  }
  if (positional.size() != 2) {
    fail(Err::missing_argument, expect.word.span,
         "`expect_grad` needs a cost and what to differentiate by")
        .help("write `expect_grad(J, w)` or `expect_grad(J, [w, b])`");
    return;
  }
  const Value cost = cost_of(positional[0]);
  std::vector<NodeId> nodes = {positional[1]};
  const NodeKind kind = l_.module()[positional[1]].kind;
  if (kind == NodeKind::list || kind == NodeKind::tuple) {
    const auto children = l_.module().children(positional[1]);
    nodes.assign(children.begin(), children.end());
  }
  if (!cost) return;
  std::set<const Node*> reached;
  for (const Value value : needed(l_.graph(), {&cost, 1})) reached.insert(value.node);
  made.first = outputs_.size();
  for (const NodeId id : nodes) {
    const ast::Node& node = l_.module()[id];
    const Operand target = node.kind == NodeKind::name ? evaluate(id) : Operand();
    const bool good = target.is(Operand::Kind::value) && is_float(target.value->dtype());
    if (!good) {
      if (node.kind == NodeKind::name && target.poisoned()) return;
      fail(Err::bad_argument, node.span, "`expect_grad` differentiates by names of float values");
      return;
    }
    if (!reached.contains(target.value.node)) {
      fail(Err::grad_disconnected, node.span, format("the cost does not depend on `{}`", node.text))
          .label(l_.module()[positional[0]].span, "the cost");
      return;
    }
    const Value gradient = make_grad(l_.graph(), cost, {&target.value, 1}, expect.span);
    outputs_.push_back(result(l_.graph(), gradient, 0, expect.span));
    outputs_.push_back(target.value);
    made.slopes.push_back(slopes_.size() + 1);  // the function's place in the program
    made.targets.emplace_back(node.text);
    slopes_.push_back({cost, target.value});
  }
  expectations_.push_back(std::move(made));
}

void TestLowering::expect_error(const ast::Expect& expect) {
  const std::optional<Err> wanted = find_error(expect.error.text);
  if (!wanted) {
    std::vector<std::string> names;
    for (const Err each : all_errors()) names.emplace_back(to_string(each));
    Diagnostic& error =
        fail(Err::bad_test, expect.error.span, format("there is no error `{}`", expect.error.text));
    const auto near = nearest(expect.error.text, names);
    error.help(near ? format("did you mean `{}`?", *near) : "`thxc help error` lists all");
    return;
  }
  Diagnostics inner;
  Diagnostics* outside = std::exchange(l_.diagnostics, &inner);
  SymbolTable::Sink names{&inner};
  l_.symbols().redirect(names);
  const bool good = std::exchange(good_, true);
  Frame frame{&frame_};
  Frame* outer = std::exchange(l_.frame, &frame);
  SymbolTable::Hidden local = local_;
  std::unordered_map<std::string_view, Span> bound;
  std::swap(bound, bound_);
  for (const ast::Statement& statement : l_.module().blocks[expect.block]) {
    const auto* let = std::get_if<ast::Let>(&statement);
    if (let) {
      for (const ast::Name& name : let->names) local_.insert(name.text);
    }
    lower_statement(statement);
  }
  std::swap(bound, bound_);
  std::swap(local, local_);
  l_.frame = outer;
  good_ = good;
  l_.symbols().redirect(names);
  l_.diagnostics = outside;
  Expectation made;
  made.kind = Expectation::Kind::error;
  made.at = expect.word.span.to(expect.error.span);
  for (const Diagnostic& each : inner.all()) {
    if (each.severity() != Severity::error) continue;
    made.found |= each.id() == *wanted;
    if (made.instead.empty()) made.instead = format("error[{}]: {}", each.id(), each.message());
  }
  expectations_.push_back(std::move(made));
}

}  // namespace thx
