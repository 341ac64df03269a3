// SPDX-License-Identifier: Apache-2.0
// The grammar of tensor IR's text form: programs, functions, operations, regions.
#include "ir/parse.h"

#include <unordered_map>

#include "ir/cursor.h"
#include "ir/declare.h"
#include "support/text.h"

namespace thx {
namespace {

// The values of one body by their names in the text.
struct Scope {
  Graph& graph;
  std::unordered_map<std::string, Value> values;
};

// The name of a value that the text calls `name`: numbers stand for values without one.
std::string_view hint_of(std::string_view name) {
  return name[0] >= '0' && name[0] <= '9' ? std::string_view() : name;
}

class Parser {
 public:
  Parser(std::string_view text, uint32_t file) : in_(text, file) {}

  Result<Program> run() {
    if (in_.take_word("program")) {
      program_.module = in_.word("the program's name");
      in_.expect("{");
      while (!in_.failed() && !in_.take("}")) declaration();
    } else {
      program_.module = "main";
      bare_ = true;
      do {
        declaration();
      } while (!in_.failed() && !in_.at_end());
      if (!in_.failed()) declare_mentioned(program_);
    }
    if (!in_.failed() && !in_.at_end()) in_.fail("expected nothing more");
    if (in_.failed()) return in_.error();
    return std::move(program_);
  }

 private:
  static constexpr int kMaxNesting = 256;

  void declaration() {
    if (in_.take_word("func")) {
      function(false);
    } else if (!bare_ && in_.take_word("dim")) {
      dim();
    } else if (!bare_ && in_.take_word("state")) {
      state();
    } else if (!bare_ && !program_.init && in_.take_word("init")) {
      function(true);
    } else {
      in_.fail(bare_ ? "expected `program` or `func`"
                     : "expected `dim`, `state`, `func` or `init`");
    }
  }

  void dim() {
    Dim dim;
    const size_t begin = in_.at();
    dim.name = in_.word("the dim's name");
    if (in_.take("=")) dim.value = dim.source_value = in_.integer();
    if (in_.take_word("value")) dim.value = in_.integer();
    if (in_.take("<=")) dim.bound = in_.extent();
    dim.span = in_.span_from(begin);
    const size_t next = in_.at();
    dim.of_state = in_.take_word("state");
    if (dim.of_state && in_.sees("%")) {  // the declaration of a state follows
      dim.of_state = false;
      in_.move_to(next);
    }
    program_.dims.push_back(std::move(dim));
  }

  void state() {
    State state;
    const size_t begin = in_.at();
    state.name = in_.name('%', "the state's name");
    in_.expect(":");
    state.type = in_.type();
    state.param = in_.take_word("param");
    state.saved = !in_.take_word("transient");
    state.span = in_.span_from(begin);
    program_.states.push_back(std::move(state));
  }

  Value parameter(Scope& scope, std::string& name) {
    const size_t begin = in_.at();
    name = in_.name('%', "a parameter");
    in_.expect(":");
    const Type type = in_.type();
    if (in_.failed()) return {};
    const Value value = scope.graph.parameter(type, hint_of(name), in_.span_from(begin));
    if (!scope.values.emplace(name, value).second)
      in_.fail_at(begin, format("`%{}` is already there", name));
    return value;
  }

  void function(bool init) {
    Function function;
    Scope scope{function.graph(), {}};
    const size_t begin = in_.at();
    function.name = init ? "init" : in_.name('@', "the function's name");
    if (!init) function_inputs(function, scope);
    if (in_.take_word("state")) function_states(function, scope);
    function.span = in_.span_from(begin);
    in_.expect("{");
    while (!in_.failed() && !in_.sees("}")) {
      if (in_.take_word("return")) {
        returns(function, scope);
        break;
      }
      if (in_.take_word("require")) {
        requirement(function);
      } else if (in_.take_word("update")) {
        update(function, scope);
      } else {
        operation(scope);
      }
    }
    in_.expect("}");
    if (in_.failed()) return;
    for (const Input& input : function.inputs) function.body->parameters.push_back(input.value);
    for (const StateUse& use : function.states) function.body->parameters.push_back(use.current);
    function.body->results = function.roots();
    if (init) {
      program_.init = std::move(function);
    } else {
      program_.functions.push_back(std::move(function));
    }
  }

  void function_inputs(Function& function, Scope& scope) {
    in_.expect("(");
    while (!in_.failed() && !in_.sees(")")) {
      Input input;
      const size_t begin = in_.at();
      input.value = parameter(scope, input.name);
      input.span = in_.span_from(begin);
      function.inputs.push_back(std::move(input));
      if (!in_.take(",")) break;
    }
    in_.expect(")");
  }

  void function_states(Function& function, Scope& scope) {
    in_.expect("(");
    while (!in_.failed() && !in_.sees(")")) {
      StateUse use;
      use.current = parameter(scope, use.name);
      function.states.push_back(std::move(use));
      if (!in_.take(",")) break;
    }
    in_.expect(")");
  }

  void requirement(Function& function) {
    const size_t begin = in_.at();
    const Extent left = in_.extent();
    Requirement::Kind kind = Requirement::Kind::equal;
    if (in_.take(">=")) {
      kind = Requirement::Kind::at_least;
    } else {
      in_.expect("==");
    }
    const Extent right = in_.extent();
    function.requirements.push_back({kind, left, right, in_.span_from(begin)});
  }

  void update(Function& function, Scope& scope) {
    const size_t begin = in_.at();
    const std::string name = in_.name('%', "a state");
    in_.expect("=");
    const Value next = operand(scope);
    if (in_.failed()) return;
    for (StateUse& use : function.states) {
      if (use.name != name) continue;
      if (use.next) in_.fail_at(begin, format("`%{}` is updated twice", name));
      use.next = next;
      use.span = in_.span_from(begin);
      return;
    }
    for (const State& state : program_.states) {  // a state that is only written need not be listed
      if (state.name != name) continue;
      const Value current = scope.graph.parameter(state.type, name, state.span);
      function.states.push_back({name, current, next, in_.span_from(begin)});
      return;
    }
    in_.fail_at(begin, format("there is no state `%{}`", name));
  }

  void returns(Function& function, Scope& scope) {
    while (!in_.failed() && !in_.sees("}")) {
      Output output;
      const size_t begin = in_.at();
      output.name = in_.word("an output's name");
      in_.expect("=");
      output.value = operand(scope);
      output.span = in_.span_from(begin);
      function.outputs.push_back(std::move(output));
      if (!in_.take(",")) break;
    }
  }

  Value operand(Scope& scope) {
    const size_t begin = in_.at();
    const std::string name = in_.name('%', "a value");
    const auto found = scope.values.find(name);
    if (found != scope.values.end()) return found->second;
    in_.fail_at(begin, format("there is no value `%{}` here", name));
    return {};
  }

  // %a, _, %b = op …
  void operation(Scope& scope) {
    const size_t begin = in_.at();
    std::vector<std::string> names;
    do {
      names.push_back(in_.take_word("_") ? "_" : in_.name('%', "an operation, or the end"));
    } while (in_.take(","));
    in_.expect("=");
    const size_t at = in_.at();
    const std::string spelled = in_.word("an operator");
    if (in_.failed()) return;
    const std::optional<Op> op = op_named(spelled);
    if (!op || *op == Op::parameter || *op == Op::result) {
      in_.fail_at(at, format("`{}` is no operator", spelled));
      return;
    }
    NodeSpec spec{*op, {}};
    size_t constant = 0;
    if (*op == Op::constant) {
      constant = in_.at();
      in_.attr(AttrKind::word);
    } else if (in_.sees("%")) {
      do {
        spec.operands.push_back(operand(scope));
      } while (in_.take(","));
    }
    braces(spec);
    in_.expect(":");
    std::vector<Type> types;
    do {
      types.push_back(in_.type());
    } while (in_.take(","));
    spec.types = std::move(types);
    if (*op == Op::constant) read_constant(constant, spec);
    if (*op == Op::cast && !spec.attrs.has("dtype")) spec.attrs.set("dtype", spec.types[0].dtype);
    if (!in_.failed()) define(scope, std::move(spec), names, begin);
  }

  // The digits before the type, whose dtype says how they are read.
  void read_constant(size_t begin, NodeSpec& spec) {
    if (in_.failed()) return;
    const size_t end = in_.move_to(begin);
    spec.attrs.set("value", in_.scalar(spec.types[0].dtype));
    in_.move_to(end);
  }

  // Attributes in one pair of braces, then regions in another; either may be missing.
  void braces(NodeSpec& spec) {
    bool has_attrs = false, has_regions = false;
    while (!in_.failed() && in_.take("{")) {
      const size_t begin = in_.at();
      in_.word("an attribute or a region");
      const bool is_region = in_.sees("(");
      bool& met = is_region ? has_regions : has_attrs;
      if (met) in_.fail_at(begin, "there is a second pair of braces");
      met = true;
      in_.move_to(begin);
      if (is_region) {
        while (!in_.failed() && !in_.sees("}")) region(spec);
      } else {
        do {
          attribute(spec);
        } while (in_.take(","));
      }
      in_.expect("}");
    }
  }

  void attribute(NodeSpec& spec) {
    const size_t begin = in_.at();
    const std::string key = in_.word("an attribute");
    const AttrKey* row = attr_key(key);
    if (row == nullptr) {
      in_.fail_at(begin, format("there is no attribute `{}`", key));
      return;
    }
    if (spec.attrs.has(key)) in_.fail_at(begin, format("`{}` is given twice", key));
    in_.expect("=");
    spec.attrs.set(key, in_.attr(row->kind));
  }

  void region(NodeSpec& spec) {
    const size_t begin = in_.at();
    const std::string label = in_.word("a region");
    const std::string_view expected = region_name(spec.op, spec.regions.size());
    if (label != expected) in_.fail_at(begin, format("expected the region `{}`", expected));
    if (++nesting_ > kMaxNesting) in_.fail_at(begin, "regions are nested too deeply");
    auto body = std::make_shared<Body>();
    Scope scope{body->graph, {}};
    in_.expect("(");
    while (!in_.failed() && !in_.sees(")")) {
      std::string name;
      body->parameters.push_back(parameter(scope, name));
      if (!in_.take(",")) break;
    }
    in_.expect(")");
    in_.expect("{");
    while (!in_.failed() && !in_.take_word("yield")) operation(scope);
    if (in_.sees("%")) {
      do {
        body->results.push_back(operand(scope));
      } while (in_.take(","));
    }
    in_.expect("}");
    --nesting_;
    spec.regions.push_back(std::move(body));
  }

  void define(Scope& scope, NodeSpec spec, const std::vector<std::string>& names, size_t begin) {
    const bool list = has_result_list(spec.op);
    const TypeList types = spec.types;
    if (names.size() != types.size() || (!list && (types.size() != 1 || names[0] == "_"))) {
      in_.fail_at(begin, format("{} names and {} types", names.size(), types.size()));
      return;
    }
    const Span span = in_.span_from(begin);
    const Value node = scope.graph.intern(std::move(spec), span, list ? "" : hint_of(names[0]));
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "_") continue;
      Value value = node;
      if (list) {
        value = scope.graph.intern(
            {Op::result, {types[i]}, {node}, {{"index", static_cast<int64_t>(i)}}}, span,
            hint_of(names[i]));
      }
      if (!scope.values.emplace(names[i], value).second)
        in_.fail_at(begin, format("`%{}` is already there", names[i]));
    }
  }

  Cursor in_;
  Program program_;
  bool bare_ = false;
  int nesting_ = 0;
};

}  // namespace

Result<Program> parse_program(std::string_view text, uint32_t file) {
  return Parser(text, file).run();
}

}  // namespace thx
