// SPDX-License-Identifier: Apache-2.0
// A program: dims, states and functions. Functions are pure; state changes are results.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace thx {

/// A symbolic dim, in order of declaration.
struct Dim {
  std::string name;
  std::optional<int64_t>
      source_value;              // `dim F = 784`: what the source fixes; decides orders of sums
  std::optional<int64_t> value;  // the source's value or -D's; substituted by bind-dims
  std::optional<Extent> bound;   // `dim N <= 4096`
  bool of_state = false;         // occurs in a state's shape: bound once per model
  Span span;
};

/// A shared value. Its initial value is an update of the program's `init` function; a state that
/// has none starts as zeros.
struct State {
  std::string name;
  Type type;
  bool saved = true;   // false: transient
  bool param = false;  // trained: packed with the others of its dtype
  Span span;
};

struct Input {
  std::string name;
  Value value;  // a parameter of the body
  Span span;
};

struct Output {
  std::string name;
  Value value;
  Span span;
};

/// One state as a function sees it.
struct StateUse {
  std::string name;
  Value current;  // a parameter of the body
  Value next;     // null where the function does not update it
  Span span;      // of the update
};

/// An equality of extents that typing could not decide; checked where the function is entered.
struct Requirement {
  enum class Kind { equal, at_least } kind;
  Extent left, right;  // equal: left == right; at_least: left >= right
  Span span;
};

/// A function of the program. Parameters of the body: inputs in order of the C call, then states.
struct Function {
  std::string name;
  std::unique_ptr<Body> body = std::make_unique<Body>();
  std::vector<Input> inputs;
  std::vector<StateUse> states;
  std::vector<Output> outputs;
  std::vector<Requirement> requirements;
  Span span;

  Graph& graph() const { return body->graph; }
  /// Every value that must be computed: outputs, then next values of states.
  std::vector<Value> roots() const;
  bool updates_state() const;
};

/// What one .thx file compiles to.
struct Program {
  std::string module;
  std::vector<Dim> dims;
  std::vector<State> states;
  std::vector<Function> functions;  // entry points, in order of the source
  std::optional<Function> init;     // updates every state that has an initial value; no inputs

  const State& state(std::string_view name) const;
  const Dim* dim(std::string_view name) const;
};

}  // namespace thx
