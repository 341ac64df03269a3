// SPDX-License-Identifier: Apache-2.0
// `a if c else b`: two regions of which one is computed.
#include <unordered_set>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// One branch while it is built.
struct Branch : RegionDraft {
  Operand result;

  Branch(Lowering& l, ast::NodeId id) : RegionDraft(l) {
    l.scope = &scope;
    result = lower(l, id);
    l.scope = scope.parent;
  }
};

bool check_condition(Lowering& l, const Operand& condition) {
  if (condition.poisoned()) return false;
  const bool boolean = condition.is_number() && is_bool(default_dtype(l, condition));
  if (boolean && is_scalar(condition)) return true;
  Diagnostic& error =
      l.report(Err::dtype_mismatch, condition.span,
               format("the condition of `if` is a bool scalar, not {}", spell(condition)));
  error.help(boolean ? "`where(c, a, b)` chooses elementwise" : "compare, as in `x > 0`");
  return false;
}

bool finish(Lowering& l, Branch& branch, const Type& type) {
  l.scope = &branch.scope;
  Value value = to_value(l, branch.result, type.dtype);
  if (value) {
    value = stretch(l, value, type.shape, branch.result.span);
    branch.body->results = {value};
  }
  l.scope = branch.scope.parent;
  return static_cast<bool>(value);
}

}  // namespace

std::vector<Value> read_captures(const Scope& scope) {
  const Body& body = scope.body;
  std::vector<bool> read(static_cast<size_t>(body.graph.size()));
  for (const Value value : needed(body.graph, body.results)) {
    read[static_cast<size_t>(value->id)] = true;
  }
  std::vector<Value> captures;
  for (size_t i = 0; i < scope.captures.size(); ++i) {
    if (read[static_cast<size_t>(scope.captured[i]->id)]) captures.push_back(scope.captures[i]);
  }
  return captures;
}

std::vector<Value> share_captures(std::span<RegionDraft* const> regions) {
  std::vector<Value> all;
  std::unordered_set<const Node*> known;
  for (const RegionDraft* region : regions) {
    for (const Value value : read_captures(region->scope)) {
      if (known.insert(value.node).second) all.push_back(value);
    }
  }
  for (RegionDraft* region : regions) {
    for (const Value value : all) region->body->parameters.push_back(region->scope.bring(value));
  }
  return all;
}

Operand lower_choose(Lowering& l, ast::NodeId id) {
  const ast::Node& node = l.module()[id];
  const Place place = {node.mark, node.span, "`if`"};
  const Operand condition = lower(l, l.module().child(id, 0));
  const size_t outside = l.requirements.size();
  Branch yes(l, l.module().child(id, 1));
  Branch no(l, l.module().child(id, 2));
  const Operand results[] = {yes.result, no.result};
  if (!check_condition(l, condition) || !all_numbers(l, results, place)) return {};
  if (condition.weak && yes.result.weak && no.result.weak) {
    const Operand& chosen = condition.truth ? yes.result : no.result;
    const Operand& other = condition.truth ? no.result : yes.result;
    // What -D decides changes no type: of an integer and a float either is a float.
    const bool real = chosen.is(Operand::Kind::integer) && other.is(Operand::Kind::real);
    return real ? Operand::of_real(static_cast<double>(chosen.integer), node.span) : chosen;
  }
  std::vector<Requirement> checks;
  const std::optional<Shape> shape = common_shape(l, results, place, checks);
  if (!shape) return {};
  const std::optional<DType> dtype = meet(l, results, place);
  if (!dtype) return {};
  const Type type{*dtype, *shape};
  const Value flag = to_value(l, condition, DType::boolean);
  if (!flag || !finish(l, yes, type) || !finish(l, no, type)) return {};
  NodeSpec spec{.op = Op::cond, .types = {type}, .operands = {flag}};
  RegionDraft* const branches[] = {&yes, &no};
  for (const Value value : share_captures(branches)) spec.operands.push_back(value);
  spec.regions = {yes.body, no.body};
  const Value chosen =
      result(l.graph(), l.graph().intern(std::move(spec), node.span), 0, node.span);
  for (size_t i = outside; i < l.requirements.size(); ++i) l.requirements[i].first = chosen;
  require(l, chosen, checks);
  return Operand::of(chosen, node.span);
}

std::vector<Operand> unpack(Lowering& l, Operand operand, size_t count, Span names) {
  if (operand.poisoned()) return std::vector<Operand>(count);
  const bool whole = !operand.is(Operand::Kind::sequence) || (operand.listed && !operand.computed);
  if (count == 1 && whole) return {std::move(operand)};
  const size_t parts = operand.is(Operand::Kind::sequence) ? operand.parts.size() : 1;
  if (parts == count && operand.is(Operand::Kind::sequence)) return std::move(operand.parts);
  if (count == 1) return {std::move(operand)};
  l.report(Err::wrong_count, names,
           format("{} names for {} value{}", count, parts, parts == 1 ? "" : "s"))
      .label(operand.span, spell(operand));
  return std::vector<Operand>(count);
}

}  // namespace thx
