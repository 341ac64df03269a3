// SPDX-License-Identifier: Apache-2.0
// Dims, states and functions around bodies.
#include "generate.h"

#include <algorithm>

#include "body_generator.h"
#include "ops/build.h"

namespace thx::random {

namespace {

constexpr uint64_t kBundle = 64;  // seeds that share their dims

class ProgramGenerator {
 public:
  ProgramGenerator(uint64_t seed, const GenerateOptions& options)
      : dice_(seed), options_(options), tag_(static_cast<int>(seed % kBundle)) {
    made_.seed = seed;
    made_.program.module = "random";
    choose_dims(seed / kBundle);
  }

  Case run() {
    choose_states();
    for (int count = dice_.from(1, options_.functions); count > 0; --count) add_function();
    drop_unused_states();
    return std::move(made_);
  }

 private:
  void choose_dims(uint64_t bundle) {
    Dice dice(bundle, "dims");
    static constexpr int64_t kSmall[] = {1, 2, 3, 4, 5, 7, 8, 9};
    static constexpr int64_t kOdd[] = {0, 1, 1, 2, 17};
    for (const char* name : {"N", "M", "K"}) {
      Dim dim{name, {}, {}, {}, false, {}};
      made_.dims[name] = dice.chance(6) ? 0 : dice.one_of(kSmall);
      made_.odd_dims[name] = dice.one_of(kOdd);
      if (dice.chance(20)) {
        dim.value = made_.dims[name];
        made_.odd_dims[name] = made_.dims[name];
        if (dice.flip()) dim.source_value = dim.value;
        bound_.emplace(name, Extent(*dim.value));
      }
      made_.program.dims.push_back(dim);
    }
  }

  void choose_states() {
    std::vector<Requirement> requirements;
    Setting setting{dice_, options_, made_.dims, made_.odd_dims, requirements, bound_};
    Body scratch;
    BodyGenerator types(setting, scratch, 0);
    for (int i = dice_.below(3); i > 0; --i) {
      const Type type = types.any_type();
      made_.program.states.push_back({.name = format("s{}_{}", tag_, i), .type = type, .span = {}});
    }
  }

  void add_function() {
    Function function;
    function.name = format("f{}_{}", tag_, made_.program.functions.size());
    Setting setting{dice_, options_, made_.dims, made_.odd_dims, function.requirements, bound_};
    BodyGenerator body(setting, *function.body, 0);
    for (int i = 0, count = dice_.from(1, 3); i < count; ++i) {
      const std::string name = format("x{}", i);
      function.inputs.push_back({name, body.add_parameter(body.any_type(), name), {}});
    }
    for (const State& state : made_.program.states)
      if (dice_.chance(70))
        function.states.push_back({state.name, body.add_parameter(state.type, state.name), {}, {}});
    body.grow(dice_.from(std::min(3, options_.operations), options_.operations));
    for (StateUse& use : function.states)
      if (dice_.chance(60)) use.next = body.like(use.current->type());
    for (const Value value : body.unread()) {
      if (function.outputs.size() == 3) break;
      function.outputs.push_back({format("y{}", function.outputs.size()), value, {}});
    }
    if (function.outputs.empty()) function.outputs.push_back({"y0", body.pool().back(), {}});
    function.body->results = function.roots();
    made_.program.functions.push_back(std::move(function));
  }

  // A state stands in a program because a function uses it.
  void drop_unused_states() {
    Program& program = made_.program;
    std::erase_if(program.states, [&](const State& state) {
      return std::ranges::none_of(program.functions, [&](const Function& function) {
        return std::ranges::find(function.states, state.name, &StateUse::name) !=
               function.states.end();
      });
    });
    for (Dim& dim : program.dims)
      dim.of_state = std::ranges::any_of(program.states, [&](const State& state) {
        return std::ranges::any_of(state.type.shape,
                                   [&](const Extent& extent) { return extent.mentions(dim.name); });
      });
  }

  Dice dice_;
  const GenerateOptions& options_;
  int tag_;
  Extent::Bindings bound_;
  Case made_;
};

}  // namespace

Case generate(uint64_t seed, const GenerateOptions& options) {
  return ProgramGenerator(seed, options).run();
}

}  // namespace thx::random
