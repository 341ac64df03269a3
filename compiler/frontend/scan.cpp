// SPDX-License-Identifier: Apache-2.0
// `scan`: a region that runs once per element of its sequences, with carried values.
#include <memory>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// A scan before its body is known: what goes in.
struct Inputs {
  std::vector<Operand> carries;
  std::vector<Value> sequences;
  Extent length;
  bool reverse = false;
};

// A body, built with some types of its carries.
struct Draft {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  std::vector<Type> carries;
  std::vector<Operand> nexts;
  std::vector<Operand> yields;
  std::vector<Value> captures;
  bool good = true;
};

bool lower_options(Lowering& l, const ast::Scan& scan, Inputs& inputs) {
  bool good = true;
  for (const ast::NodeId id : scan.arguments) {
    const ast::Node& node = l.module()[id];
    if (node.kind == ast::NodeKind::keyword && node.text == "reverse") {
      const std::optional<bool> reverse = flag(l, lower(l, l.module().child(id, 0)));
      good &= reverse.has_value();
      inputs.reverse = reverse.value_or(false);
    } else if (node.kind == ast::NodeKind::keyword && node.text == "checkpoint") {
      l.unsupported(node.mark, "`checkpoint=` is part", "leave it out: all carries are kept");
      good = false;
    } else {
      l.report(Err::bad_argument, node.mark,
               "`scan` takes no other arguments than `reverse` and `checkpoint`")
          .help("several sequences stand in parentheses: `for (u, v) in (us, vs)`");
      good = false;
    }
  }
  if (scan.until != ast::kNoNode) {
    l.unsupported(l.module()[scan.until].span, "`until` is part",
                  "run a fixed number of steps and keep the carry with `if`");
    good = false;
  }
  return good;
}

std::vector<Operand> sequence_operands(Lowering& l, const ast::Scan& scan) {
  const Operand operand = lower(l, scan.sequence);
  if (!scan.element_tuple) return {operand};
  return unpack(l, operand, scan.elements.size(), l.module()[scan.sequence].span);
}

bool lower_sequences(Lowering& l, const ast::Scan& scan, Inputs& inputs,
                     std::vector<Requirement>& checks) {
  for (const Operand& operand : sequence_operands(l, scan)) {
    const Place place = {operand.span, operand.span, "`scan`"};
    if (!all_numbers(l, {&operand, 1}, place)) return false;
    if (is_scalar(operand)) {
      l.report(Err::bad_scan, operand.span,
               format("`scan` runs over the leading axis, and {} has none", spell(operand)))
          .help("a number of steps is written `arange(n)`");
      return false;
    }
    Value value = to_value(l, operand);
    if (!value) return false;
    const Extent& length = value->shape()[0];
    if (inputs.sequences.empty()) inputs.length = length;
    const Agreement agreement = compare_extents(inputs.length, length);
    if (agreement == Agreement::different) {
      l.report(Err::shape_mismatch, operand.span,
               format("sequences of {} and {} elements", inputs.length.text(), length.text()));
      return false;
    }
    if (agreement == Agreement::undecided) {
      checks.push_back({Requirement::Kind::equal, inputs.length, length, operand.span});
      Shape renamed = value->shape();
      renamed[0] = inputs.length;
      value = reshape(l.graph(), value, renamed, operand.span);
    }
    inputs.sequences.push_back(value);
  }
  return true;
}

bool lower_inputs(Lowering& l, const ast::Scan& scan, Inputs& inputs,
                  std::vector<Requirement>& checks) {
  bool good = lower_options(l, scan, inputs);
  for (const ast::Carry& carry : scan.carries) {
    inputs.carries.push_back(lower(l, carry.initial));
    const Place place = {carry.name.span, carry.name.span, format("`{}`", carry.name.text)};
    good &= all_numbers(l, {&inputs.carries.back(), 1}, place);
  }
  if (scan.carries.empty()) {
    l.report(Err::bad_scan, scan.header, "a `scan` carries at least one value")
        .help(
            "write `scan(h = h0 for x in xs) { next h = ... }`; without a carry the expression "
            "itself works on whole arrays");
    return false;
  }
  return lower_sequences(l, scan, inputs, checks) && good;
}

// Lowers the statements of a body in their order.
class BodyLowering {
 public:
  BodyLowering(Lowering& l, const ast::Scan& scan, Draft& draft)
      : l_(l), scan_(scan), draft_(draft), next_at_(scan.carries.size()) {
    draft.nexts.resize(scan.carries.size());
    std::vector<ast::NodeId> roots;
    for (const ast::Statement& statement : scan.body) {
      if (const auto* let = std::get_if<ast::Let>(&statement)) roots.push_back(let->value);
      if (const auto* next = std::get_if<ast::Next>(&statement)) roots.push_back(next->value);
      if (const auto* yield = std::get_if<ast::Yield>(&statement)) roots.push_back(yield->value);
    }
    targets_ = find_gradient_targets(l, roots);
  }

  void run() {
    for (const ast::Statement& statement : scan_.body) {
      if (const auto* let = std::get_if<ast::Let>(&statement)) {
        bind(*let);
      } else if (const auto* next = std::get_if<ast::Next>(&statement)) {
        set_next(*next);
      } else if (const auto* yield = std::get_if<ast::Yield>(&statement)) {
        draft_.yields.push_back(checked(lower(l_, yield->value), "`yield`"));
      } else {
        refuse(statement);
      }
    }
    for (size_t i = 0; i < scan_.carries.size(); ++i) {
      if (!next_at_[i].empty()) continue;
      const ast::Name& name = scan_.carries[i].name;
      fail(Err::bad_scan, name.span, format("the carry `{}` has no `next`", name.text))
          .help(format("write `next {} = ...` in the block", name.text));
    }
  }

 private:
  Diagnostic& fail(Err id, Span at, std::string message) {
    draft_.good = false;
    return l_.report(id, at, std::move(message));
  }

  Operand checked(Operand operand, std::string_view spelled) {
    if (!all_numbers(l_, {&operand, 1}, {operand.span, operand.span, std::string(spelled)})) {
      draft_.good = false;
    }
    return operand;
  }

  void bind(const ast::Let& let) {
    const Span names = let.names.front().span.to(let.names.back().span);
    std::vector<Operand> parts = unpack(l_, lower(l_, let.value), let.names.size(), names);
    for (size_t i = 0; i < let.names.size(); ++i) {
      const ast::Name& name = let.names[i];
      if (targets_.contains(name.text)) parts[i] = marked(l_, parts[i], name.text, name.span);
      if (parts[i].poisoned()) draft_.good = false;
      if (name.text == "_") continue;
      if (l_.frame->names.contains(name.text)) {
        fail(Err::duplicate_name, name.span,
             format("`{}` is already bound in this `scan`", name.text));
      } else {
        l_.frame->bind(name.text, parts[i]);
      }
    }
  }

  void set_next(const ast::Next& next) {
    const Operand value = checked(lower(l_, next.value), "`next`");
    for (size_t i = 0; i < scan_.carries.size(); ++i) {
      if (scan_.carries[i].name.text != next.carry.text) continue;
      if (!next_at_[i].empty()) {
        fail(Err::bad_scan, next.carry.span, format("`{}` has two `next`", next.carry.text))
            .label(next_at_[i], "the first one");
      }
      next_at_[i] = next.carry.span;
      draft_.nexts[i] = value;
      return;
    }
    fail(Err::bad_scan, next.carry.span,
         format("`{}` is no carry of this `scan`", next.carry.text));
  }

  void refuse(const ast::Statement& statement) {
    if (std::holds_alternative<ast::Broken>(statement)) {
      draft_.good = false;
      return;
    }
    const Span span = std::visit([](const auto& each) { return each.span; }, statement);
    fail(Err::bad_scan, span, "the block of a `scan` holds `let`, `next` and `yield` only");
  }

  Lowering& l_;
  const ast::Scan& scan_;
  Draft& draft_;
  std::vector<Span> next_at_;
  std::set<std::string_view> targets_;  // names that derivatives in the block name
};

void enter_parameters(Scope& scope, Frame& frame, const ast::Scan& scan, const Inputs& inputs,
                      Draft& draft) {
  const auto enter = [&](const ast::Name& name, const Type& type) {
    const Value parameter = scope.graph().parameter(type, name.text, name.span);
    draft.body->parameters.push_back(parameter);
    if (name.text != "_") frame.bind(name.text, Operand::of(parameter, name.span));
  };
  for (const ast::Statement& statement : scan.body) {
    const auto* let = std::get_if<ast::Let>(&statement);
    if (!let) continue;
    for (const ast::Name& name : let->names) frame.later.emplace(name.text, name.span);
  }
  for (size_t i = 0; i < scan.carries.size(); ++i) enter(scan.carries[i].name, draft.carries[i]);
  for (size_t i = 0; i < scan.elements.size(); ++i) {
    const Type& type = inputs.sequences[i]->type();
    enter(scan.elements[i], type.with(Shape(type.shape.begin() + 1, type.shape.end())));
  }
}

// The results of the body in the types of the carries; reports a `next` of another type.
bool finish(Lowering& l, const ast::Scan& scan, Draft& draft) {
  bool good = true;
  for (size_t i = 0; i < draft.nexts.size(); ++i) {
    const Operand& next = draft.nexts[i];
    const Type& type = draft.carries[i];
    const DType dtype = next.weak ? type.dtype : default_dtype(l, next);
    if (dtype != type.dtype || shape_of(next) != type.shape) {
      Diagnostic& error = l.report(Err::bad_scan, next.span,
                                   format("the carry `{}` is {}, but its `next` is {}",
                                          scan.carries[i].name.text, text(type), spell(next)));
      error.label(scan.carries[i].name.span, text(type));
      if (dtype != type.dtype) error.help(format("convert it: `{}(...)`", spelling(type.dtype)));
      good = false;
      continue;
    }
    const Value value = to_value(l, next, type.dtype);
    if (value) draft.body->results.push_back(value);
    good &= static_cast<bool>(value);
  }
  for (const Operand& yield : draft.yields) {
    const Value value = to_value(l, yield);
    if (value) draft.body->results.push_back(value);
    good &= static_cast<bool>(value);
  }
  return good;
}

Draft draft_body(Lowering& l, const ast::Scan& scan, const Inputs& inputs,
                 std::vector<Type> carries) {
  Draft draft;
  draft.carries = std::move(carries);
  Scope scope{*draft.body, l.scope};
  Frame frame{l.frame};
  enter_parameters(scope, frame, scan, inputs, draft);
  l.scope = &scope;
  Frame* outer = std::exchange(l.frame, &frame);
  BodyLowering(l, scan, draft).run();
  l.frame = outer;
  if (draft.good) draft.good = finish(l, scan, draft);
  l.scope = scope.parent;
  draft.captures = read_captures(scope);
  for (const Value value : draft.captures) draft.body->parameters.push_back(scope.bring(value));
  return draft;
}

std::vector<Type> initial_types(const Lowering& l, const Inputs& inputs) {
  std::vector<Type> types;
  for (const Operand& carry : inputs.carries) {
    types.push_back({default_dtype(l, carry), shape_of(carry)});
  }
  return types;
}

// A literal as first carry takes the dtype of its `next`, which a first draft finds.
std::vector<Type> carry_types(const Lowering& l, const Inputs& inputs, const Draft& draft) {
  std::vector<Type> types = draft.carries;
  for (size_t i = 0; i < types.size(); ++i) {
    const Operand& next = draft.nexts[i];
    if (!inputs.carries[i].weak || !next.is_number()) continue;
    const Operand both[] = {inputs.carries[i], next};
    types[i].dtype = next.weak ? meet(l, both) : default_dtype(l, next);
  }
  return types;
}

// The body in its final types. What a draft reports counts only where its types turn out final;
// otherwise the body is lowered once more, which the limit keeps from doubling at every level.
Draft lower_body(Lowering& l, const ast::Scan& scan, const Inputs& inputs) {
  constexpr int kMostRetries = 8;
  Diagnostics draft_diagnostics;
  Diagnostics* outer = std::exchange(l.diagnostics, &draft_diagnostics);
  const size_t outside = l.requirements.size();
  Draft draft = draft_body(l, scan, inputs, initial_types(l, inputs));
  l.diagnostics = outer;
  std::vector<Type> types = carry_types(l, inputs, draft);
  if (types == draft.carries) {
    for (const Diagnostic& each : draft_diagnostics.all()) l.diagnostics->report(each);
    return draft;
  }
  if (l.scan_retries == kMostRetries) {
    l.report(Err::deep_nesting, scan.header,
             format("literals are the first carries of more than {} nested scans", kMostRetries))
        .help("give the first carry its dtype, as in `f32(0)`");
    draft.good = false;
    return draft;
  }
  l.requirements.resize(outside);
  ++l.scan_retries;
  draft = draft_body(l, scan, inputs, std::move(types));
  --l.scan_retries;
  return draft;
}

Operand make_scan(Lowering& l, const ast::Node& node, const Inputs& inputs, const Draft& draft) {
  std::vector<Type> types = draft.carries;
  NodeSpec spec{.op = Op::scan, .types = {}};
  for (size_t i = 0; i < inputs.carries.size(); ++i) {
    const Value value = to_value(l, inputs.carries[i], draft.carries[i].dtype);
    if (!value) return {};
    spec.operands.push_back(value);
  }
  spec.operands.insert(spec.operands.end(), inputs.sequences.begin(), inputs.sequences.end());
  spec.operands.insert(spec.operands.end(), draft.captures.begin(), draft.captures.end());
  for (size_t i = draft.carries.size(); i < draft.body->results.size(); ++i) {
    Type type = draft.body->results[i]->type();
    type.shape.insert(type.shape.begin(), inputs.length);
    types.push_back(std::move(type));
  }
  spec.types = std::move(types);
  spec.attrs = {{"carries", static_cast<int64_t>(inputs.carries.size())},
                {"sequences", static_cast<int64_t>(inputs.sequences.size())},
                {"captures", static_cast<int64_t>(draft.captures.size())},
                {"length", inputs.length}};
  if (inputs.reverse) spec.attrs.set("reverse", true);
  spec.regions = {draft.body};
  const size_t count = spec.types.size();
  const Value scan = l.graph().intern(std::move(spec), node.span);
  std::vector<Operand> results;
  for (size_t i = 0; i < count; ++i) {
    const Value value = result(l.graph(), scan, static_cast<int64_t>(i), node.span);
    results.push_back(Operand::of(value, node.span));
  }
  if (count == 1) return results[0];
  Operand sequence = Operand::of_sequence(std::move(results), node.span);
  sequence.computed = true;
  return sequence;
}

}  // namespace

Operand lower_scan(Lowering& l, ast::NodeId id) {
  const ast::Node& node = l.module()[id];
  const ast::Scan& scan = l.module().scans[node.payload];
  Inputs inputs;
  std::vector<Requirement> checks;
  if (!lower_inputs(l, scan, inputs, checks)) return {};
  const size_t outside = l.requirements.size();
  const Draft draft = lower_body(l, scan, inputs);
  const Operand made = draft.good ? make_scan(l, node, inputs, draft) : Operand();
  const Operand& first = made.is(Operand::Kind::sequence) ? made.parts[0] : made;
  if (!first.is(Operand::Kind::value)) {
    l.requirements.resize(outside);  // they belong to the body, which comes to nothing
    return {};
  }
  for (size_t i = outside; i < l.requirements.size(); ++i) l.requirements[i].first = first.value;
  require(l, first.value, checks);
  return made;
}

}  // namespace thx
