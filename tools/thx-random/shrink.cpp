// SPDX-License-Identifier: Apache-2.0
// Edits of programs, and the search among them.
#include "shrink.h"

#include <algorithm>

#include "ir/structure.h"
#include "ops/build.h"
#include "ops/copy.h"
#include "ops/verify.h"
#include "shrink_control.h"

namespace thx::random {

namespace {

Case copy_of(const Case& source) {
  return {source.seed, clone(source.program), source.dims, source.odd_dims};
}

/// Replaces one value of a program, found by counting, by something that is there already.
class Replacement {
 public:
  Replacement(int at, int choice) : at_(at), choice_(choice) {}

  /// False where there is no such value or choice.
  bool apply(Program& program) {
    for (Function& function : program.functions)
      if (!done_) rebuild(function, map());
    return done_;
  }
  bool passed_end() const { return seen_ <= at_; }

 private:
  NodeMap map() {
    return [this](Graph& graph, Value old, std::span<const Value> operands) {
      return replace(graph, old, operands);
    };
  }

  Value replace(Graph& graph, Value old, std::span<const Value> operands) {
    if (!old->regions.empty()) {
      NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
      for (const Region& region : old->regions) spec.regions.push_back(rebuild(region, map()));
      return graph.intern(std::move(spec));
    }
    if (is_parameter(*old) || old->types.size() != 1 || seen_++ != at_) return {};
    const Value other = choice(graph, old, operands);
    done_ = static_cast<bool>(other);
    return other;
  }

  Value choice(Graph& graph, Value old, std::span<const Value> operands) const {
    int left = choice_;
    std::vector<Value> candidates;
    for (const Value operand : operands) {
      candidates.push_back(operand);
      candidates.insert(candidates.end(), operand->operands.begin(), operand->operands.end());
    }
    for (const Value candidate : candidates)
      if (candidate->types.size() == 1 && candidate->types == old->types && left-- == 0)
        return candidate;
    const bool constant_already =
        is_constant(*old) || (old->operands.size() == 1 && is_constant(*old->operands[0]));
    if (left == 0 && !constant_already) return constant(graph, old->type(), 1);
    return {};
  }

  int at_, choice_;
  int seen_ = 0;
  bool done_ = false;
};

class Shrinker {
 public:
  Shrinker(const Case& source, const std::function<bool(const Case&)>& fails, int trials)
      : best_(copy_of(source)), fails_(fails), left_(trials) {}

  Case run() {
    bool smaller = true;
    while (smaller && left_ > 0) {
      smaller = drop_functions();
      smaller |= drop_results();
      smaller |= simplify_control();
      smaller |= replace_values();
      smaller |= drop_parameters();
      smaller |= lower_dims();
    }
    return std::move(best_);
  }

 private:
  /// Takes the edit of a copy where it still fails.
  template <class Edit>
  bool attempt(Edit&& edit) {
    if (left_ <= 0) return false;
    Case next = copy_of(best_);
    if (!edit(next)) return false;
    for (Function& function : next.program.functions) function.body->results = function.roots();
    --left_;
    try {
      if (!verify_program(next.program).empty() || !fails_(next)) return false;
    } catch (const std::exception&) {
      return false;
    }
    best_ = std::move(next);
    return true;
  }

  template <class List>
  static bool erase(List& list, size_t at) {
    if (at >= list.size()) return false;
    list.erase(list.begin() + static_cast<ptrdiff_t>(at));
    return true;
  }

  bool drop_functions() {
    bool any = false;
    for (size_t i = best_.program.functions.size(); i-- > 0;)
      any |= best_.program.functions.size() > 1 &&
             attempt([i](Case& c) { return erase(c.program.functions, i); });
    return any;
  }

  bool drop_results() {
    bool any = false;
    for (size_t f = 0; f < best_.program.functions.size(); ++f) {
      for (size_t i = best_.program.functions[f].outputs.size(); i-- > 0;)
        any |= attempt([=](Case& c) { return erase(c.program.functions[f].outputs, i); });
      for (size_t i = best_.program.functions[f].states.size(); i-- > 0;)
        any |= attempt([=](Case& c) {
          Value& next = c.program.functions[f].states[i].next;
          const bool updated = static_cast<bool>(next);
          next = {};
          return updated;
        });
      for (size_t i = best_.program.functions[f].requirements.size(); i-- > 0;)
        any |= attempt([=](Case& c) { return erase(c.program.functions[f].requirements, i); });
    }
    return any;
  }

  bool replace_values() {
    bool any = false;
    int count = 0;
    for (Replacement probe(0, -1); left_ > 0; probe = Replacement(++count, -1)) {
      Case copy = copy_of(best_);
      probe.apply(copy.program);
      if (probe.passed_end()) break;
    }
    for (int at = count; at-- > 0 && left_ > 0;)
      for (int choice = 0; choice < 4; ++choice)
        if (attempt([=](Case& c) { return Replacement(at, choice).apply(c.program); })) {
          any = true;
          break;
        }
    return any;
  }

  bool simplify_control() {
    bool any = false;
    for (int at = control_nodes(best_.program); at-- > 0 && left_ > 0;)
      for (int choice = 0; choice < kControlChoices; ++choice)
        any |= attempt([=](Case& c) { return simplify_control_node(c.program, at, choice); });
    return any;
  }

  static bool reads(const Function& function, Value parameter) {
    const std::vector<Value> live = needed(function.graph(), function.roots());
    return std::ranges::find(live, parameter) != live.end();
  }

  template <class Uses>
  static bool drop_parameter(Function& function, Uses& uses, size_t i, Value parameter) {
    if (reads(function, parameter)) return false;
    std::erase(function.body->parameters, parameter);
    return erase(uses, i);
  }

  bool drop_parameters() {
    bool any = false;
    for (size_t f = 0; f < best_.program.functions.size(); ++f) {
      for (size_t i = best_.program.functions[f].inputs.size(); i-- > 0;)
        any |= attempt([=](Case& c) {
          Function& function = c.program.functions[f];
          return drop_parameter(function, function.inputs, i, function.inputs[i].value);
        });
      for (size_t i = best_.program.functions[f].states.size(); i-- > 0;)
        any |= attempt([=](Case& c) {
          Function& function = c.program.functions[f];
          return !function.states[i].next &&
                 drop_parameter(function, function.states, i, function.states[i].current);
        });
    }
    for (size_t i = best_.program.states.size(); i-- > 0;)
      any |= attempt([=](Case& c) { return erase(c.program.states, i); });
    return any;
  }

  bool lower_dims() {
    bool any = false;
    for (Extent::Values Case::* dims : {&Case::dims, &Case::odd_dims})
      for (const auto& [name, value] : Extent::Values(best_.*dims))
        for (const int64_t lower : {int64_t{0}, int64_t{1}, value / 2, value - 1})
          if (lower >= 0 && lower < (best_.*dims)[name] && best_.program.dim(name) != nullptr &&
              !best_.program.dim(name)->value)
            any |= attempt([=, name = name](Case& c) {
              (c.*dims)[name] = lower;
              return true;
            });
    return any;
  }

  Case best_;
  const std::function<bool(const Case&)>& fails_;
  int left_;
};

}  // namespace

Case shrunk(const Case& source, const std::function<bool(const Case&)>& fails, int trials) {
  return Shrinker(source, fails, trials).run();
}

}  // namespace thx::random
