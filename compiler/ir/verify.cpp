// SPDX-License-Identifier: Apache-2.0
// The structure of bodies, functions and programs.
#include "ir/verify.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "ir/structure.h"
#include "ir/verify_node.h"
#include "support/text.h"

namespace thx {
namespace {

class Verifier {
 public:
  explicit Verifier(const Program& program) : program_(program) {}

  std::vector<std::string> run() {
    declarations();
    std::set<std::string> names;
    for (const Function& f : program_.functions) {
      if (!names.insert(f.name).second) report(format("two functions are called @{}", f.name));
      where_ = "@" + f.name;
      function(f);
    }
    if (program_.init) {
      where_ = "init";
      in_init_ = true;
      if (!program_.init->inputs.empty() || !program_.init->outputs.empty())
        report("init has neither inputs nor outputs");
      function(*program_.init);
    }
    return std::move(problems_);
  }

 private:
  void report(const std::string& problem) {
    problems_.push_back(where_.empty() ? problem : where_ + ": " + problem);
  }

  void declarations() {
    for (const Dim& dim : program_.dims) {
      if (!symbols_.insert(dim.name).second) report(format("two dims are called {}", dim.name));
      if (dim.source_value && !dim.value) report(format("the dim {} has lost its value", dim.name));
    }
    for (const Dim& dim : program_.dims)
      if (dim.bound) extent(*dim.bound);
    std::set<std::string> names;
    for (const State& state : program_.states) {
      if (!names.insert(state.name).second) report(format("two states are called %{}", state.name));
      type(state.type);
    }
  }

  void extent(const Extent& extent) {
    if (extent.is_known() || good_extents_.contains(extent)) return;
    std::set<std::string> symbols;
    extent.collect_symbols(symbols);
    bool good = true;
    for (const std::string& symbol : symbols) {
      if (symbols_.contains(symbol)) continue;
      report(format("there is no dim {}", symbol));
      good = false;
    }
    if (good) good_extents_.insert(extent);
  }

  void type(const Type& type) {
    for (const Extent& e : type.shape) {
      extent(e);
      if (e.is_known() && e.known() < 0) report(format("the extent {} is negative", e.text()));
    }
  }

  void function(const Function& f) {
    const size_t before = problems_.size();
    std::vector<Value> parameters;
    std::set<std::string> names;
    const auto parameter = [&](const std::string& name, Value value) {
      if (!names.insert(name).second) report(format("two parameters are called %{}", name));
      if (!value || value->graph != &f.graph() || value->op != Op::parameter)
        report(format("%{} is no parameter of the body", name));
      parameters.push_back(value);
    };
    for (const Input& input : f.inputs) parameter(input.name, input.value);
    for (const StateUse& use : f.states) parameter(use.name, use.current);
    if (parameters != f.body->parameters)
      report("the body's parameters are not inputs, then states");
    if (f.roots() != f.body->results) report("the body's results are not outputs, then updates");
    for (const Requirement& requirement : f.requirements) {
      extent(requirement.left);
      extent(requirement.right);
    }
    results(f);
    if (problems_.size() == before) bodies(*f.body);
  }

  void results(const Function& f) {
    std::set<std::string> names;
    for (const Output& output : f.outputs) {
      if (!names.insert(output.name).second)
        report(format("two outputs are called {}", output.name));
      if (!output.value) report(format("the output {} has no value", output.name));
    }
    for (const StateUse& use : f.states) {
      const auto found = std::ranges::find(program_.states, use.name, &State::name);
      if (found == program_.states.end()) {
        report(format("there is no state %{}", use.name));
      } else if (use.current && use.current->type() != found->type) {
        report(format("the state %{} is {}, not {}", use.name, text(found->type),
                      text(use.current->type())));
      } else if (use.next && (use.next->types.size() != 1 || use.next->type() != found->type)) {
        report(format("the update of %{} is not {}", use.name, text(found->type)));
      }
    }
  }

  // The function's body, then the regions within it, outermost first.
  void bodies(const Body& outermost) {
    std::set<const Body*> met = {&outermost};
    std::vector<const Body*> open = {&outermost};
    while (!open.empty()) {
      const Body& next = *open.back();
      open.pop_back();
      body(next);
      for (const Value value : needed(next.graph, next.results))
        for (const Region& region : value->regions)
          if (met.insert(region.get()).second) open.push_back(region.get());
    }
  }

  void body(const Body& body) {
    for (const Value root : body.results) {
      if (!root || root->graph != &body.graph) {
        report("a result belongs to another graph");
        return;
      }
      if (has_result_list(root->op)) report("a list of results is used as a value");
    }
    std::set<const Node*> parameters;
    for (const Value value : body.parameters) {
      if (value->op != Op::parameter || !parameters.insert(value.node).second)
        report("what stands among the parameters is none, or twice");
      type(value->type());
    }
    for (const Value value : needed(body.graph, body.results)) {
      if (value->op == Op::parameter) {
        if (!parameters.contains(value.node)) report("a parameter is not among the body's");
        continue;
      }
      node(body, value);
    }
  }

  void node(const Body& body, Value value) {
    std::vector<std::string> problems;
    verify_node(*value, problems);
    const std::string& name = body.graph.name(value);
    for (const std::string& problem : problems)
      report(name.empty() ? problem : format("%{}: {}", name, problem));
    for (const Type& t : value->types) type(t);
    for (const auto& [key, attr] : value->attrs.entries()) {
      if (const Extent* e = std::get_if<Extent>(&attr)) extent(*e);
      const Shape* shape = std::get_if<Shape>(&attr);
      if (shape && key == "starts") {
        for (const Extent& start : *shape) extent(start);  // -1 where a reversed slice is empty
      } else if (shape) {
        type({DType::boolean, *shape});
      }
    }
    if (is_draw(*value) && !in_init_) report(format("{} stands outside init", name_of(value->op)));
  }

  const Program& program_;
  std::set<std::string> symbols_;
  std::unordered_set<Extent> good_extents_;  // whose symbols are dims
  std::vector<std::string> problems_;
  std::string where_;
  bool in_init_ = false;
};

}  // namespace

std::vector<std::string> verify_structure(const Program& program) {
  return Verifier(program).run();
}

}  // namespace thx
