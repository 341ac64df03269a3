// SPDX-License-Identifier: Apache-2.0
// The functions of a test's program: values copied out of the file's, with draws as inputs.
#include <algorithm>
#include <unordered_set>

#include "frontend/test_lowering.h"
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

void collect_symbols(const Body& body, std::set<std::string>& symbols) {
  std::unordered_set<const Body*> met = {&body};
  std::vector<const Body*> open = {&body};
  while (!open.empty()) {
    const Body& next = *open.back();
    open.pop_back();
    for (const Value value : needed(next.graph, next.results)) {
      for (const Type& type : value->types) {
        for (const Extent& extent : type.shape) extent.collect_symbols(symbols);
      }
      for (const auto& [key, attr] : value->attrs.entries()) {
        if (const auto* extent = std::get_if<Extent>(&attr)) extent->collect_symbols(symbols);
        if (const auto* shape = std::get_if<Shape>(&attr)) {
          for (const Extent& extent : *shape) extent.collect_symbols(symbols);
        }
      }
      for (const Region& region : value->regions) {
        if (met.insert(region.get()).second) open.push_back(region.get());
      }
    }
  }
}

}  // namespace

// Inputs and state of the file that nothing is bound to.
bool TestLowering::check_bound(const std::vector<Value>& roots) {
  std::set<std::string> missing;
  for (const Value value : needed(l_.graph(), roots)) {
    if (value->op == Op::parameter) missing.insert(l_.graph().name(value));
  }
  if (missing.empty()) return true;
  std::vector<std::string> names, lets;
  for (const std::string& each : missing) {
    names.push_back(format("`{}`", each));
    lets.push_back(format("`let {} = ...`", each));
  }
  Diagnostic& error =
      fail(Err::missing_input, source_.title.span,
           format("this test needs {}, but does not bind {}", join(names, ", "),
                  names.size() == 1 ? "it" : "them"));
  for (const std::string& each : missing) {
    if (const Symbol* symbol = l_.symbols().find(each)) error.label(symbol->span, "declared here");
  }
  error.help(format("write {} in the test, before it is used", join(lets, ", ")));
  return false;
}

Function TestLowering::build(const std::string& name, const std::vector<Value>& results,
                             Value free) {
  Function function;
  function.name = name;
  function.span = source_.span;
  Body& values = declared_.values;
  std::vector<Value> arguments(values.parameters.size());
  Value inner;
  if (free) {
    inner = function.graph().parameter(free->type(), "at", source_.span);
    values.parameters.push_back(free);
    arguments.push_back(inner);
  }
  values.results = results;
  const std::vector<Value> made = instantiate(function.graph(), values, arguments);
  if (free) {
    values.parameters.pop_back();
    function.body->parameters.push_back(inner);
    function.inputs.push_back({"at", inner, source_.span});
  }
  for (size_t i = 0; i < made.size(); ++i) {
    function.outputs.push_back({format("r{}", i), made[i], source_.span});
  }
  std::set<const Node*> reached;
  for (const Value value : needed(l_.graph(), results)) reached.insert(value.node);
  for (const auto& [value, requirement] : l_.requirements) {
    if (reached.contains(value.node)) function.requirements.push_back(requirement);
  }
  return function;
}

void TestLowering::build_functions(TestCase& made) {
  if (!check_bound(outputs_)) return;
  std::vector<Function> functions;
  functions.push_back(build("test", outputs_, {}));
  for (size_t i = 0; i < slopes_.size(); ++i) {
    functions.push_back(build(format("slope{}", i), {slopes_[i].cost}, slopes_[i].target));
  }
  // Draws become inputs, the same ones in all functions: those of the first, in its order.
  std::vector<std::pair<std::string, TestDraw>> known;
  for (Function& function : functions) {
    std::vector<std::pair<std::string, Value>> inputs;
    rebuild(function, [&](Graph& graph, Value old, std::span<const Value>) -> Value {
      const std::optional<TestDraw::Kind> kind = draw_kind(old);
      if (!kind) return {};
      const TestDraw draw = describe_draw(old, *kind);
      const std::string key =
          format("{} {} {} {} {} {}", static_cast<int>(*kind), draw.name, draw.seed,
                 text(draw.type), draw.low.text(), draw.high.text());
      const auto same = [&](const auto& each) { return each.first == key; };
      auto at = std::find_if(known.begin(), known.end(), same);
      if (at == known.end()) at = known.insert(known.end(), {key, draw});
      const Value parameter =
          graph.parameter(old->type(), format("d{}", at - known.begin()), old->graph->spans(old));
      inputs.emplace_back(key, parameter);
      return parameter;
    });
    std::vector<Input> free = std::move(function.inputs);
    std::vector<Value> parameters = std::move(function.body->parameters);
    function.inputs.clear();
    function.body->parameters.clear();
    for (size_t i = 0; i < known.size(); ++i) {
      const auto& [key, draw] = known[i];
      const auto used = std::find_if(inputs.begin(), inputs.end(),
                                     [&](const auto& each) { return each.first == key; });
      const std::string name = format("d{}", i);
      const Value value = used != inputs.end()
                              ? used->second
                              : function.graph().parameter(draw.type, name, source_.span);
      function.inputs.push_back({name, value, source_.span});
      function.body->parameters.push_back(value);
    }
    function.inputs.insert(function.inputs.end(), free.begin(), free.end());
    function.body->parameters.insert(function.body->parameters.end(), parameters.begin(),
                                     parameters.end());
  }
  for (auto& [key, draw] : known) draws_.push_back(std::move(draw));
  made.program.functions = std::move(functions);
}

bool TestLowering::check_dims(const TestCase& made) {
  std::set<std::string> symbols;
  for (const Function& function : made.program.functions) {
    collect_symbols(*function.body, symbols);
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
