// SPDX-License-Identifier: Apache-2.0
// The functions of a test's program: values copied out of the file's, with draws as inputs.
#include <algorithm>

#include "frontend/test_lowering.h"
#include "ir/extent_symbols.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<TestDraw::Kind> draw_kind(Value value) {
  switch (value->op) {
    case Op::random_normal: return TestDraw::Kind::normal;
    case Op::random_uniform: return TestDraw::Kind::uniform;
    case Op::random_integers: return TestDraw::Kind::integers;
    default: return std::nullopt;
  }
}

TestDraw describe_draw(Value value, TestDraw::Kind kind) {
  TestDraw draw;
  draw.kind = kind;
  draw.name = value->attrs.word("name");
  draw.type = value->type();
  if (value->attrs.has("seed")) draw.seed = static_cast<uint64_t>(value->attrs.integer("seed"));
  if (kind == TestDraw::Kind::integers) {
    draw.low = value->attrs.get<Extent>("low");
    draw.high = value->attrs.get<Extent>("high");
  }
  return draw;
}

}  // namespace

bool TestLowering::check_bound(const std::vector<Dependency>& needs) {
  std::vector<const Symbol*> missing;
  bool good = true;
  for (const size_t i : reached_from(declared_.needs, needs)) {
    if (i >= l_.module().declarations.size()) continue;
    const ast::Declaration& declaration = l_.module().declarations[i];
    const auto* input = std::get_if<ast::Input>(&declaration);
    const auto* state = std::get_if<ast::State>(&declaration);
    if (!input && !state) continue;
    const Symbol* symbol = l_.symbols().find_own((input ? input->name : state->name).text);
    if (!symbol || given_.is_replaced(*symbol)) continue;
    good = false;
    if (missing_.insert(std::string(symbol->name)).second) missing.push_back(symbol);
  }
  if (!good) good_ = false;
  if (missing.empty() || broken_) return good;
  std::ranges::sort(missing, {}, [](const Symbol* symbol) { return symbol->span; });
  const auto quoted = [](const Symbol* symbol) { return format("`{}`", symbol->name); };
  const auto let = [](const Symbol* symbol) { return format("`let {} = ...`", symbol->name); };
  Diagnostic& error =
      fail(Err::missing_input, source_.title.span,
           format("this test needs {}, but binds {} to nothing", join(missing, ", ", quoted),
                  missing.size() == 1 ? "it" : "them"));
  error.label(needs.front().use, "needed here");
  for (const Symbol* symbol : missing) error.label(symbol->span, "declared here");
  error.help(format("write {} before", join(missing, " and ", let)));
  return false;
}

// What results need becomes the body of a function; `arguments` stand for the file's parameters.
void TestLowering::fill(Function& function, const std::vector<Value>& results,
                        std::vector<Value>& arguments) {
  declared_.values.results = results;
  for (const Value made : instantiate(function.graph(), declared_.values, arguments)) {
    const std::string name = format("r{}", function.outputs.size());
    function.outputs.push_back({name, made, source_.span});
  }
  std::set<const Node*> reached;
  for (const Value value : needed(l_.graph(), results)) reached.insert(value.node);
  for (const auto& [value, requirement] : l_.requirements) {
    if (reached.contains(value.node)) function.requirements.push_back(requirement);
  }
}

Function TestLowering::build(const std::string& name, const std::vector<Value>& results,
                             Value free) {
  Function function;
  function.name = name;
  function.span = source_.span;
  std::vector<Value>& parameters = declared_.values.parameters;
  std::vector<Value> arguments(parameters.size());
  const auto enter = [&](const std::string& input, Value of) {
    const Value parameter = function.graph().parameter(of->type(), input, source_.span);
    function.body->parameters.push_back(parameter);
    function.inputs.push_back({input, parameter, source_.span});
    return parameter;
  };
  const std::vector<Value> wanted = needed(l_.graph(), results);
  for (size_t i = 0; i < data_.size(); ++i) {
    if (std::ranges::find(wanted, data_[i].parameter) == wanted.end()) continue;
    const auto at = std::ranges::find(parameters, data_[i].parameter);
    arguments[static_cast<size_t>(at - parameters.begin())] = enter(format("i{}", i), *at);
  }
  if (free) {
    parameters.push_back(free);
    arguments.push_back(enter("at", free));
  }
  fill(function, results, arguments);
  if (free) parameters.pop_back();
  return function;
}

// The values that stand for inputs and state, each made of draws and of those before it.
Function TestLowering::build_data() {
  Function function;
  function.name = "data";
  function.span = source_.span;
  const std::vector<Value>& parameters = declared_.values.parameters;
  std::vector<Value> arguments(parameters.size());
  for (const Data& data : data_) {
    fill(function, {data.value}, arguments);
    const auto at = std::ranges::find(parameters, data.parameter);
    arguments[static_cast<size_t>(at - parameters.begin())] = function.outputs.back().value;
  }
  return function;
}

// Draws become inputs, called by their place among those of the test.
void TestLowering::enter_draws(Function& function, std::vector<std::string>& known) {
  std::vector<Input> inputs;
  rebuild(function, [&](Graph& graph, Value old, std::span<const Value>) -> Value {
    const std::optional<TestDraw::Kind> kind = draw_kind(old);
    if (!kind) return {};
    TestDraw draw = describe_draw(old, *kind);
    std::string key = format("{} {} {} {} {} {}", static_cast<int>(*kind), draw.name, draw.seed,
                             text(draw.type), draw.low.text(), draw.high.text());
    const auto at = std::ranges::find(known, key);
    const std::string name = format("d{}", at - known.begin());
    if (at == known.end()) {
      known.push_back(std::move(key));
      draws_.push_back(std::move(draw));
    }
    const Value parameter = graph.parameter(old->type(), name, old->graph->spans(old));
    inputs.push_back({name, parameter, source_.span});
    return parameter;
  });
  for (Input& input : inputs) {
    function.body->parameters.push_back(input.value);
    function.inputs.push_back(std::move(input));
  }
  function.body->results = function.roots();
}

void TestLowering::build_functions(TestCase& made) {
  std::vector<Function> functions;
  functions.push_back(build("test", outputs_, {}));
  for (size_t i = 0; i < slopes_.size(); ++i) {
    functions.push_back(build(format("slope{}", i), {slopes_[i].cost}, slopes_[i].target));
  }
  functions.push_back(build_data());
  std::vector<std::string> known;
  for (Function& function : functions) enter_draws(function, known);
  made.program.functions = std::move(functions);
}

bool TestLowering::check_dims(const TestCase& made) {
  std::set<std::string> symbols;
  for (const Function& function : made.program.functions) {
    collect_symbols(*function.body, function.body->results, symbols);
    for (const Requirement& requirement : function.requirements) {
      requirement.left.collect_symbols(symbols);
      requirement.right.collect_symbols(symbols);
    }
  }
  for (const std::string& symbol : symbols) {
    const Dim* dim = made.program.dim(symbol);
    if (dim && dim->value) continue;
    fail(Err::bad_test, source_.title.span, format("`{}` has no value in this test", symbol))
        .help(format("bind an input that has it, write `let {} = ...`, or give `-D {}=...`", symbol,
                     symbol));
    return false;
  }
  return true;
}

}  // namespace thx
