// SPDX-License-Identifier: Apache-2.0
// Random programs: grouped, built and interpreted, they give the reference's bits.
#include <gtest/gtest.h>

#include <random>

#include "against_reference.h"
#include "ir/print.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "schedule/print.h"

namespace thx::loop {
namespace {

/// Makes one function out of operators whose results are exact in both interpreters.
class RandomProgram {
 public:
  /// `indexing`: with it, no extent may be 0, because even reading nothing of it would fail.
  RandomProgram(unsigned seed, bool indexing) : random_(seed), indexing_(indexing) {}

  thx::Program make_program() {
    thx::Program program;
    program.module = "random";
    for (const char* name : {"N", "M", "K"}) program.dims.push_back({name, {}, {}, {}, false, {}});
    if (flip()) program.dims[2].source_value = program.dims[2].value = 3;
    program.functions.emplace_back();
    function_ = &program.functions.front();
    function_->name = "f";
    for (int i = 0; i < 4; ++i) add_input(i);
    for (int i = 0; i < 2; ++i) add_state(program, i);
    const int operations = 4 + below(24);
    for (int i = 0; i < operations; ++i) add_operation();
    finish();
    return program;
  }

 private:
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool flip() { return below(2) == 0; }
  Graph& graph() { return function_->graph(); }

  Extent any_extent() {
    const Extent choices[] = {
        Extent::symbol("N"), Extent::symbol("M"), Extent::symbol("K"), Extent::symbol("N"), 5, 1};
    return choices[below(6)];
  }
  Shape any_shape() {
    Shape shape;
    for (int rank = below(4); rank > 0; --rank) shape.push_back(any_extent());
    return shape;
  }
  DType any_dtype() { return below(5) == 0 ? DType::f64 : DType::f32; }

  void add_input(int i) {
    const Type type{i == 3 ? DType::i64 : any_dtype(), i == 3 ? Shape{any_extent()} : any_shape()};
    const std::string name = format("x{}", i);
    const Value value = graph().parameter(type, name);
    function_->body->parameters.push_back(value);
    function_->inputs.push_back({name, value, {}});
    if (i == 3) {
      indices_ = value;
    } else {
      values_.push_back(value);
    }
  }

  void add_state(thx::Program& program, int i) {
    const Type type{DType::f32, any_shape()};
    const std::string name = format("s{}", i);
    const Value value = graph().parameter(type, name);
    function_->body->parameters.push_back(value);
    function_->states.push_back({name, value, {}, {}});
    program.states.push_back({.name = name, .type = type, .span = {}});
    values_.push_back(value);
  }

  Value any() {
    return values_[values_.size() - 1 -
                   static_cast<size_t>(
                       below(static_cast<int>(std::min<size_t>(values_.size(), 8))))];
  }
  Value any_float() {
    for (int i = 0; i < 20; ++i)
      if (const Value value = any(); is_float(value->dtype())) return value;
    return values_.front();
  }
  /// Another value of the type, or a constant.
  Value like(const Type& type) {
    std::vector<Value> choices;
    for (Value value : values_)
      if (value->type() == type) choices.push_back(value);
    if (below(5) == 0 || choices.empty()) return constant(graph(), type, 0.5 + below(3));
    return choices[static_cast<size_t>(below(static_cast<int>(choices.size())))];
  }

  void add(Value value) {
    if (value->type().rank() <= 5) values_.push_back(value);
  }

  void add_operation() {
    const Value x = any_float();
    switch (below(13)) {
      case 0: return add(make(graph(), flip() ? Op::add : Op::sub, {x, like(x->type())}));
      case 1: return add(make(graph(), Op::mul, {x, like(x->type())}));
      case 2: return add(make(graph(), flip() ? Op::maximum : Op::div, {x, like(x->type())}));
      case 3: return add(make(graph(), Op::sqrt, {make(graph(), Op::abs, {x})}));
      case 4: {
        const Value mask = make(graph(), Op::greater, {x, like(x->type())});
        return add(make(graph(), Op::where, {mask, x, like(x->type())}));
      }
      case 5: return add_reduction(x);
      case 6: return add_reduction(x);
      case 7: return add_broadcast(x);
      case 8: return add_view(x);
      case 9: return add_dot(x);
      case 10: return add_dot(x);
      case 11: return add_gather(x);
      default: return add_scatter(x);
    }
  }

  void add_reduction(Value x) {
    AxisList axes;
    for (int axis = 0; axis < x->type().rank(); ++axis)
      if (flip()) axes.push_back(axis);
    if (axes.empty()) return;
    bool known = true;
    for (int64_t axis : axes) known = known && x->shape()[static_cast<size_t>(axis)].is_known();
    const Value reduced = reduce(graph(), known && flip() ? Op::max : Op::sum, x, axes);
    add(reduced);
    if (flip()) add(broadcast_reduced(graph(), reduced, x->shape(), axes));
  }

  void add_broadcast(Value x) {
    Shape shape = x->shape();
    const int place = below(static_cast<int>(shape.size()) + 1);
    shape.insert(shape.begin() + place, any_extent());
    AxisList axes;
    for (int axis = 0; axis < x->type().rank(); ++axis)
      axes.push_back(axis < place ? axis : axis + 1);
    add(broadcast(graph(), x, shape, axes));
  }

  void add_view(Value x) {
    if (x->type().rank() < 2) return;
    if (flip()) {
      AxisList permutation = axis_run(0, x->type().rank());
      std::shuffle(permutation.begin(), permutation.end(), random_);
      return add(transpose(graph(), x, permutation));
    }
    Shape shape = x->shape();
    const Extent joined = shape[0] * shape[1];
    shape.erase(shape.begin());
    shape[0] = joined;
    add(reshape(graph(), x, shape));
  }

  void add_dot(Value x) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      const Value y = values_[static_cast<size_t>(below(static_cast<int>(values_.size())))];
      if (y->dtype() != x->dtype() || x->type().is_scalar() || y->type().is_scalar()) continue;
      const int a = below(x->type().rank()), b = below(y->type().rank());
      if (!(x->shape()[static_cast<size_t>(a)] == y->shape()[static_cast<size_t>(b)])) continue;
      return add(dot(graph(), x, y, AxisList{a}, AxisList{b}));
    }
  }

  std::vector<Value> index_arrays(const Shape& shape, AxisList& axes) {
    if (shape.size() > 1 && shape[0] == indices_->shape()[0] && flip()) {
      axes = {0, 1};
      return {make(graph(), Op::iota, {}, {{"axis", int64_t{0}}, {"shape", indices_->shape()}}),
              indices_};
    }
    axes = {below(static_cast<int>(shape.size()))};
    return {indices_};
  }

  void add_gather(Value x) {
    if (x->type().is_scalar() || !indexing_) return;
    AxisList axes;
    std::vector<Value> operands = index_arrays(x->shape(), axes);
    operands.insert(operands.begin(), x);
    add(make(graph(), Op::gather, operands, {{"axes", axes}}));
  }

  void add_scatter(Value x) {
    if (x->type().is_scalar() || !indexing_) return;
    AxisList axes;
    std::vector<Value> operands = index_arrays(x->shape(), axes);
    operands.insert(operands.begin(), x);
    const Value read = make(graph(), Op::gather, operands, {{"axes", axes}});
    operands.insert(operands.begin() + 1, like(read->type()));
    add(make(graph(), Op::scatter_add, operands, {{"axes", axes}}));
  }

  void finish() {
    for (StateUse& use : function_->states)
      if (flip()) use.next = like(use.current->type());
    for (int i = 0; i < 3; ++i) {
      const Value value = any();
      function_->outputs.push_back({format("o{}", i), value, {}});
    }
    function_->outputs.push_back({"last", values_.back(), {}});
    function_->body->results = function_->roots();
  }

  std::mt19937 random_;
  bool indexing_;
  thx::Function* function_ = nullptr;
  std::vector<Value> values_;
  Value indices_;
};

class RandomPrograms : public testing::TestWithParam<unsigned> {};

TEST_P(RandomPrograms, AgreeWithTheReference) {
  const unsigned seed = GetParam();
  thx::Program program = RandomProgram(seed, seed % 5 != 0).make_program();
  const std::string source = print(program);
  Trial trial{.dims = {{"N", seed % 3 == 0 ? 1 : 4}, {"M", seed % 5 == 0 ? 0 : 19}, {"K", 3}},
              .index_below = 1};
  trial.vectorized = seed % 2 == 0;
  trial.vector_bytes = seed % 4 < 2 ? 32 : 64;
  try {
    const Lowered lowered = lower(std::move(program), trial);
    EXPECT_EQ(difference(lowered, trial), "")
        << source << print(lowered.grouped) << print(lowered.loops);
  } catch (const std::exception& error) {
    FAIL() << error.what() << "\n" << source;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, testing::Range(0U, 120U));

}  // namespace
}  // namespace thx::loop
