// SPDX-License-Identifier: Apache-2.0
// The statements of a test: data by `let`, and expectations.
#include "frontend/test_lowering.h"

#include <algorithm>
#include <utility>

#include "ops/build.h"
#include "support/text.h"

namespace thx {

using ast::NodeId;
using ast::NodeKind;

std::vector<NodeId> expressions_of(const ast::Module& module, const ast::Block& block) {
  std::vector<NodeId> roots;
  for (const ast::Statement& statement : block) {
    if (const auto* let = std::get_if<ast::Let>(&statement)) roots.push_back(let->value);
    const auto* expect = std::get_if<ast::Expect>(&statement);
    if (!expect) continue;
    if (expect->value != ast::kNoNode) roots.push_back(expect->value);
    roots.insert(roots.end(), expect->arguments.begin(), expect->arguments.end());
    if (expect->kind != ast::Expect::Kind::error) continue;
    const std::vector<NodeId> inner = expressions_of(module, module.blocks[expect->block]);
    roots.insert(roots.end(), inner.begin(), inner.end());
  }
  return roots;
}

std::set<std::string_view> expected_gradient_targets(const ast::Module& module,
                                                     const ast::Block& block) {
  std::set<std::string_view> names;
  for (const ast::Statement& statement : block) {
    const auto* expect = std::get_if<ast::Expect>(&statement);
    if (!expect || expect->arguments.size() < 2) continue;
    const NodeId targets = expect->arguments[1];
    if (module[targets].kind == NodeKind::name) names.insert(module[targets].text);
    if (module[targets].kind != NodeKind::list && module[targets].kind != NodeKind::tuple) continue;
    for (const NodeId each : module.children(targets)) {
      if (module[each].kind == NodeKind::name) names.insert(module[each].text);
    }
  }
  return names;
}

TestLowering::TestLowering(Lowering& l, const Declared& declared, const ast::Test& test)
    : l_(l),
      declared_(declared),
      source_(test),
      given_(l, declared, "in this test"),
      targets_(find_gradient_targets(l, expressions_of(l.module(), test.body))) {
  targets_.merge(expected_gradient_targets(l.module(), test.body));
  for (const ast::Statement& statement : test.body) {
    const auto* let = std::get_if<ast::Let>(&statement);
    if (!let) continue;
    for (const ast::Name& name : let->names) {
      const Symbol* symbol = l.symbols().find(name.text);
      if (symbol) continue;
      local_.insert(name.text);
      frame_.later.emplace(name.text, name.span);
    }
  }
}

Diagnostic& TestLowering::fail(Err id, Span at, std::string message) {
  good_ = false;
  return l_.report(id, at, std::move(message));
}

std::optional<TestCase> TestLowering::run(const std::vector<Dim>& dims) {
  broken_ = std::ranges::any_of(source_.body, [](const ast::Statement& statement) {
    return std::holds_alternative<ast::Broken>(statement);
  });
  Frame* outer = std::exchange(l_.frame, &frame_);
  for (const ast::Statement& statement : source_.body) lower_statement(statement);
  l_.frame = outer;
  TestCase made;
  made.title = source_.title.text.substr(1, source_.title.text.size() - 2);  // without its quotes
  made.span = source_.title.span;
  made.program.module = "test";
  made.program.dims = dims;
  if (good_) build_functions(made);
  if (!good_ || !check_dims(made)) return std::nullopt;
  made.expectations = std::move(expectations_);
  made.draws = std::move(draws_);
  return made;
}

void TestLowering::lower_statement(const ast::Statement& statement) {
  if (const auto* let = std::get_if<ast::Let>(&statement)) return lower_let(*let);
  if (const auto* expect = std::get_if<ast::Expect>(&statement)) return lower_expect(*expect);
  good_ = false;
  if (std::holds_alternative<ast::Broken>(statement)) return;
  const Span span = std::visit([](const auto& each) { return each.span; }, statement);
  fail(Err::bad_test, span, "the block of a test holds `let` and expectations only");
}

Operand TestLowering::evaluate(NodeId id) {
  std::vector<Dependency> needs;
  l_.symbols().collect(id, needs, local_);
  if (!check_bound(needs)) return {};
  if (!given_.refresh(needs)) {
    good_ = false;
    return {};
  }
  InitialContext context{"expect", nullptr};
  context.test = true;
  InitialContext* outer = l_.initial;
  if (!outer) l_.initial = &context;
  Operand operand = lower(l_, id);
  l_.initial = outer;
  if (operand.poisoned()) good_ = false;
  return operand;
}

void TestLowering::lower_let(const ast::Let& let) {
  // Draws are called by the name that they are bound to.
  InitialContext context{let.names.front().text, nullptr};
  context.test = true;
  l_.initial = &context;
  const Span names = let.names.front().span.to(let.names.back().span);
  std::vector<Operand> parts = unpack(l_, evaluate(let.value), let.names.size(), names);
  l_.initial = nullptr;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (let.names[i].text == "_" && parts.size() > 1) continue;
    if (parts[i].poisoned()) good_ = false;
    bind(let.names[i], std::move(parts[i]));
  }
}

void TestLowering::bind(const ast::Name& name, Operand value) {
  const auto [at, fresh] = bound_.emplace(name.text, name.span);
  if (!fresh) {
    fail(Err::duplicate_name, name.span, format("`{}` is already bound in this test", name.text))
        .label(at->second, "bound here");
    return;
  }
  Symbol* symbol = l_.symbols().find(name.text);
  if (!symbol) {
    if (targets_.contains(name.text)) value = marked(l_, value, name.text, name.span);
    l_.frame->bind(name.text, std::move(value));
    return;
  }
  switch (symbol->kind) {
    case SymbolKind::input:
    case SymbolKind::state:
    case SymbolKind::dim:
      missing_.insert(std::string(symbol->name));  // what is wrong about it is reported here
      return replace(*symbol, name, std::move(value));
    case SymbolKind::broken: good_ = false; return;
    default:
      fail(Err::bad_test, name.span,
           format("`{}` is {} of the file; a test binds inputs, state, dims and names of its own",
                  name.text, describe(symbol->kind)))
          .label(symbol->span, "declared here")
          .help("choose another name");
  }
}

void TestLowering::replace(Symbol& symbol, const ast::Name& name, Operand value) {
  if (value.poisoned()) return;
  if (symbol.kind == SymbolKind::dim) {
    const std::optional<Extent> extent = to_extent(l_, value);
    if (!extent) {
      good_ = false;
    } else if (given_.is_replaced(symbol) && !(symbol.operand.extent == *extent)) {
      fail(Err::shape_mismatch, name.span,
           format("`{}` is {} already in this test", name.text, symbol.operand.extent.text()));
    } else {
      given_.replace_dim(symbol, *extent, name.span);
    }
    return;
  }
  const Operand& declared = given_.original(symbol);
  if (declared.poisoned()) {
    good_ = false;
    return;
  }
  // Data takes the declared dtype, as it does on its way to an application.
  const DType dtype = declared.value->dtype();
  if (value.is_number() && (is_float(dtype) || !is_float(default_dtype(l_, value)))) {
    Value made = to_value(l_, value);
    if (!made) {
      good_ = false;
      return;
    }
    made = cast(l_.graph(), made, dtype, value.span);
    const Value parameter = l_.graph().parameter(made->type(), name.text, name.span);
    declared_.values.parameters.push_back(parameter);
    data_.push_back({parameter, made});
    value = Operand::of(parameter, value.span);
  }
  if (!given_.replace(symbol, value, name.span)) good_ = false;
}

void TestLowering::lower_expect(const ast::Expect& expect) {
  using Kind = ast::Expect::Kind;
  if (expect.kind == Kind::gradient) return expect_gradient(expect);
  if (expect.kind == Kind::error) return expect_error(expect);
  const ast::Node& node = l_.module()[expect.value];
  if (node.kind == NodeKind::call) {
    const ast::Node& callee = l_.module()[l_.module().child(expect.value, 0)];
    const bool named = callee.kind == NodeKind::name && callee.text == "close";
    if (named && !find_local(l_, "close") && !l_.symbols().find("close")) {
      return expect_close(expect, expect.value);
    }
  }
  if (node.kind == NodeKind::binary && ast::is_comparison(node.op)) {
    return expect_comparison(expect, node);
  }
  expect_true(expect);
}

std::optional<std::pair<Value, Value>> TestLowering::meet_sides(const Operand& left,
                                                                const Operand& right,
                                                                const Place& place) {
  const Operand sides[] = {left, right};
  if (!all_numbers(l_, sides, place)) {
    good_ = false;
    return std::nullopt;
  }
  std::vector<Requirement> checks;
  const std::optional<Shape> shape = common_shape(l_, sides, place, checks);
  const DType dtype = meet(l_, sides);
  Value a = shape ? to_value(l_, left, dtype) : Value();
  Value b = shape ? to_value(l_, right, dtype) : Value();
  if (!a || !b) {
    good_ = false;
    return std::nullopt;
  }
  a = stretch(l_, a, *shape, left.span);
  b = stretch(l_, b, *shape, right.span);
  require(l_, a, checks);
  return std::pair(a, b);
}

bool TestLowering::read_tolerance(Expectation& expectation, const Keyword& keyword) {
  const Operand& value = keyword.value;
  const bool number =
      value.weak && (value.is(Operand::Kind::real) || value.is(Operand::Kind::integer));
  const double real =
      value.is(Operand::Kind::real) ? value.real : static_cast<double>(value.integer);
  if (keyword.name == "equal_nan" && value.is(Operand::Kind::boolean)) {
    expectation.equal_nan = value.truth;
  } else if (keyword.name == "ulp" && value.weak && value.is(Operand::Kind::integer)) {
    expectation.ulp = value.integer;
  } else if ((keyword.name == "rtol" || keyword.name == "atol") && number) {
    (keyword.name == "rtol" ? expectation.rtol : expectation.atol) = real;
  } else if (!value.poisoned()) {
    fail(Err::bad_argument, keyword.span,
         format("{} takes `rtol`, `atol`, `ulp` and `equal_nan`, which are literals", "`close`"));
    return false;
  }
  return !value.poisoned();
}

void TestLowering::expect_close(const ast::Expect& expect, NodeId id) {
  Expectation made = about(expect, Expectation::Kind::close, l_.module()[id].span);
  const ast::Node& node = l_.module()[id];
  std::vector<Operand> sides;
  bool relative = false, absolute = false;
  for (size_t i = 1; i < node.child_count; ++i) {
    const NodeId child = l_.module().child(id, i);
    const ast::Node& argument = l_.module()[child];
    if (argument.kind != NodeKind::keyword) {
      sides.push_back(evaluate(child));
      continue;
    }
    const Keyword keyword{argument.text, evaluate(l_.module().child(child, 0)), argument.mark};
    if (!read_tolerance(made, keyword)) return;
    relative |= keyword.name == "rtol";
    absolute |= keyword.name == "atol";
  }
  if (sides.size() != 2) {
    fail(Err::missing_argument, node.mark, "`close` compares two values, as in `close(a, b)`");
    return;
  }
  if (made.ulp && (relative || absolute)) {
    fail(Err::bad_argument, node.mark, "`close` takes either `ulp`, or `rtol` and `atol`");
    return;
  }
  const auto pair = meet_sides(sides[0], sides[1], {node.mark, node.span, "`close`"});
  if (!pair) return;
  made.left = sides[0].span;
  made.right = sides[1].span;
  outputs_.insert(outputs_.end(), {pair->first, pair->second});
  expectations_.push_back(std::move(made));
}

std::optional<bool> same_type_part(const Operand& left, const Operand& right) {
  if (left.is(Operand::Kind::dtype) && right.is(Operand::Kind::dtype)) {
    return left.dtype == right.dtype;
  }
  if (!left.is(Operand::Kind::sequence) || !right.is(Operand::Kind::sequence)) return std::nullopt;
  if (left.listed && right.listed) return std::nullopt;  // array literals, compared by elements
  const auto is_extent = [](const Operand& each) { return each.is(Operand::Kind::integer); };
  if (!std::ranges::all_of(left.parts, is_extent) || !std::ranges::all_of(right.parts, is_extent)) {
    return std::nullopt;
  }
  return std::ranges::equal(left.parts, right.parts, {}, &Operand::extent, &Operand::extent);
}

void TestLowering::expect_comparison(const ast::Expect& expect, const ast::Node& node) {
  const Operand left = evaluate(l_.module().child(expect.value, 0));
  const Operand right = evaluate(l_.module().child(expect.value, 1));
  if (left.poisoned() || right.poisoned()) return;
  if (const std::optional<bool> same = same_type_part(left, right)) {
    const bool wanted = node.op == ast::Operator::equal;
    if (wanted || node.op == ast::Operator::not_equal) {
      const Span whole = l_.module()[expect.value].span;
      const double holds = *same == wanted ? 1 : 0;
      return expect_holds(expect, whole, constant(l_.graph(), {DType::boolean, {}}, holds, whole));
    }
  }
  const Place place = place_of(l_, expect.value);
  const Operand compared = lower_operator(l_, node.op, left, right, place);
  const Value holds = compared.is_number() ? to_value(l_, compared) : Value();
  const Value a = holds ? to_value(l_, left) : Value();
  const Value b = a ? to_value(l_, right) : Value();
  if (!b) {
    good_ = false;
    return;
  }
  Expectation made = about(expect, Expectation::Kind::comparison, node.span);
  made.left = left.span;
  made.right = right.span;
  outputs_.insert(outputs_.end(),
                  {broadcast_trailing(l_.graph(), a, holds->shape(), left.span),
                   broadcast_trailing(l_.graph(), b, holds->shape(), right.span), holds});
  expectations_.push_back(std::move(made));
}

Expectation TestLowering::about(const ast::Expect& expect, Expectation::Kind kind,
                                Span whole) const {
  Expectation made;
  made.kind = kind;
  made.at = expect.word.span;
  made.whole = whole;
  made.left = whole;
  made.first = outputs_.size();
  return made;
}

void TestLowering::expect_holds(const ast::Expect& expect, Span whole, Value holds) {
  if (!holds) {
    good_ = false;
    return;
  }
  expectations_.push_back(about(expect, Expectation::Kind::holds, whole));
  outputs_.push_back(holds);
}

void TestLowering::expect_true(const ast::Expect& expect) {
  const Operand operand = evaluate(expect.value);
  if (operand.poisoned()) return;
  if (!operand.is_number() || !is_bool(default_dtype(l_, operand))) {
    fail(Err::bad_test, operand.span, format("`expect` needs bool, not {}", spell(operand)))
        .help("compare, as in `expect a == b`, or write `expect close(a, b)`");
    return;
  }
  expect_holds(expect, operand.span, to_value(l_, operand));
}

}  // namespace thx
