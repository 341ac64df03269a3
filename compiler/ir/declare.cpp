// SPDX-License-Identifier: Apache-2.0
// Collects the dims and states that functions mention.
#include "ir/declare.h"

#include <algorithm>
#include <set>

namespace thx {
namespace {

class Declarer {
 public:
  explicit Declarer(Program& program) : program_(program) {
    for (const Dim& dim : program.dims) known_.insert(dim.name);
  }

  void function(const Function& function) {
    for (const Input& input : function.inputs) shape(input.value->shape());
    for (const StateUse& use : function.states) state(use);
    for (const Requirement& requirement : function.requirements) {
      extent(requirement.left);
      extent(requirement.right);
    }
    for (const Value value : needed(function.graph(), function.roots())) {
      for (const Type& type : value->types) shape(type.shape);
      for (const auto& [key, attr] : value->attrs.entries()) {
        if (const Extent* e = std::get_if<Extent>(&attr)) extent(*e);
        if (const Shape* s = std::get_if<Shape>(&attr)) shape(*s);
      }
    }
  }

 private:
  void state(const StateUse& use) {
    const Type& type = use.current->type();
    shape(type.shape);
    for (Dim& dim : program_.dims)
      for (const Extent& e : type.shape) dim.of_state = dim.of_state || e.mentions(dim.name);
    const auto same = [&](const State& state) { return state.name == use.name; };
    if (std::ranges::none_of(program_.states, same))
      program_.states.push_back({.name = use.name, .type = type, .span = {}});
  }

  void shape(const Shape& shape) {
    for (const Extent& e : shape) extent(e);
  }

  void extent(const Extent& extent) {
    if (extent.is_known()) return;
    std::set<std::string> symbols;
    extent.collect_symbols(symbols);
    for (const std::string& symbol : symbols) {
      if (!known_.insert(symbol).second) continue;
      Dim dim;
      dim.name = symbol;
      program_.dims.push_back(std::move(dim));
    }
  }

  Program& program_;
  std::set<std::string> known_;
};

}  // namespace

void declare_mentioned(Program& program) {
  Declarer declarer(program);
  for (const Function& function : program.functions) declarer.function(function);
}

}  // namespace thx
