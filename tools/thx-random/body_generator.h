// SPDX-License-Identifier: Apache-2.0
// Grows one body: a function's, or a region's.
#pragma once

#include <functional>
#include <vector>

#include "dice.h"
#include "generate.h"
#include "ops/op_def.h"

namespace thx::random {

/// What all bodies of a function share.
struct Setting {
  Dice& dice;
  const GenerateOptions& options;
  const Extent::Values& dims;
  const Extent::Values& odd_dims;
  std::vector<Requirement>& requirements;
  const Extent::Bindings& bound;
  int marks = 0;    // so far: each has a name
  int regions = 0;  // so far, which bounds how much one function may hold
};

/// A pool of values that grows by operators on what is in it.
class BodyGenerator {
 public:
  /// `around`: the extents that the body's values gain when the maps around it are resolved.
  BodyGenerator(Setting& setting, Body& body, int depth, Shape around = {})
      : setting_(setting),
        dice_(setting.dice),
        body_(body),
        depth_(depth),
        around_(std::move(around)) {}

  Value add_parameter(const Type& type, std::string_view name);
  void grow(int operations);
  /// A value of the type: of the pool, made from it, or a constant.
  Value like(const Type& type);
  /// The values that nothing has read yet, the latest first.
  std::vector<Value> unread() const;
  const std::vector<Value>& pool() const { return pool_; }
  Type any_type();
  DType any_dtype();

 private:
  using Accepts = std::function<bool(Value)>;
  Graph& graph() { return body_.graph; }

  // body_values.cpp
  Value pick(const Accepts& accepts);
  Value pick() {
    return pick([](Value) { return true; });
  }
  Value pick_of(DTypes types);
  Value pick_ranked(int rank);  // of at least that rank
  Value broadcast_like(const Type& type);
  Extent any_extent();
  bool fits(const Shape& shape) const;
  bool add(Value value);
  bool add(Op op, std::vector<Value> operands, Attrs attrs);
  /// False where bound dims say that it cannot be: the language refuses such a program.
  bool require_at_least(const Extent& left, const Extent& right);
  Value number(DType dtype);

  // body_elementwise.cpp
  bool step();
  bool add_elementwise(Op op);
  Value guarded(Samples samples, Value x);
  bool add_general(Op op);
  bool propose(std::string_view key, Op op, std::span<const Value> operands, Attrs& attrs);

  // body_moves.cpp
  bool add_broadcast();
  bool add_reshape();
  bool add_slice();
  bool add_concat();
  bool add_place();
  struct Run {
    Extent start, count;
    int64_t step;
  };
  Run any_run(const Extent& extent, bool backwards);

  // body_indexing.cpp
  bool add_dot();
  bool add_gather();
  bool add_scatter(Op op);
  bool add_dynamic_slice();
  Value indices(const Extent& extent, const Shape& shape);
  bool choose_indices(Value x, Attrs& attrs, std::vector<Value>& indices);

  // body_control.cpp
  struct Choice {
    bool (BodyGenerator::*add)();
    int weight;  // in percent
    bool has_regions, derives;
  };
  static const Choice kChoices[];
  bool add_control();
  bool add_cond();
  bool add_scan();
  bool add_vmap();
  bool add_call();
  bool add_results(Value node);
  std::vector<Value> any_operands(int most);
  void end_with_unread(Body& body, int count);

  // body_derivatives.cpp
  bool add_mark();
  bool add_grad();
  bool add_jvp();
  bool add_jacobian();
  std::vector<Value> any_targets();
  Value scalar_of(Value value);

  Setting& setting_;
  Dice& dice_;
  Body& body_;
  int depth_;
  Shape around_;
  std::vector<Value> pool_;
  std::vector<Value> marks_;
};

}  // namespace thx::random
