// SPDX-License-Identifier: Apache-2.0
// Expressions over one function's graph, for tests that write formulas as users do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/print.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "reference/evaluate.h"

namespace thx::testing {

/// A value that numbers and operators may be applied to.
struct Expression {
  Graph* graph;
  Value value;

  Expression number(double n) const { return {graph, constant_like(*graph, value, n)}; }
  Expression apply(Op op) const { return {graph, make(*graph, op, {value})}; }
  Expression apply(Op op, Expression b) const {
    return {graph, make(*graph, op, {value, b.value})};
  }
  Expression reduced(Op op, int64_t axis) const {
    return {graph, reduce(*graph, op, value, std::span(&axis, 1))};
  }
  /// A reduction of `like` over `axis`, repeated along it.
  Expression kept(Expression like, int64_t axis) const {
    return {graph, broadcast_reduced(*graph, value, like.value->shape(), std::span(&axis, 1))};
  }
};

inline Expression operator+(Expression a, Expression b) { return a.apply(node::add.op, b); }
inline Expression operator-(Expression a, Expression b) { return a.apply(node::sub.op, b); }
inline Expression operator*(Expression a, Expression b) { return a.apply(node::mul.op, b); }
inline Expression operator/(Expression a, Expression b) { return a.apply(node::div.op, b); }
inline Expression operator+(Expression a, double b) { return a + a.number(b); }
inline Expression operator-(Expression a, double b) { return a - a.number(b); }
inline Expression operator*(Expression a, double b) { return a * a.number(b); }
inline Expression operator/(Expression a, double b) { return a / a.number(b); }
inline Expression operator+(double a, Expression b) { return b.number(a) + b; }
inline Expression operator-(double a, Expression b) { return b.number(a) - b; }
inline Expression operator*(double a, Expression b) { return b.number(a) * b; }
inline Expression operator/(double a, Expression b) { return b.number(a) / b; }
inline Expression operator-(Expression a) { return a.apply(node::neg.op); }
inline Expression exp(Expression a) { return a.apply(node::exp.op); }
inline Expression log(Expression a) { return a.apply(node::log.op); }
inline Expression log1p(Expression a) { return a.apply(node::log1p.op); }
inline Expression sum(Expression a, int64_t axis) { return a.reduced(node::sum.op, axis); }
inline Expression max(Expression a, int64_t axis) { return a.reduced(node::max.op, axis); }

/// A program of one function `f`.
class TestProgram {
 public:
  TestProgram() {
    program_.module = "test";
    program_.functions.emplace_back();
    function().name = "f";
  }

  Expression input(std::string_view name, Type type) {
    const Value value = function().graph().parameter(std::move(type), name);
    function().body->parameters.push_back(value);
    function().inputs.push_back({std::string(name), value, {}});
    return {&function().graph(), value};
  }
  void output(std::string_view name, Expression expression) {
    function().outputs.push_back({std::string(name), expression.value, {}});
    function().body->results = function().roots();
  }

  Program& program() { return program_; }
  Function& function() { return program_.functions[0]; }
  std::string text() { return print(program_); }

  /// The outputs for inputs of vectors or scalars.
  std::vector<reference::Array> run(const std::vector<reference::Array>& inputs,
                                    const Extent::Values& dims = {}) {
    reference::Arguments arguments{.inputs = inputs, .states = {}, .dims = dims};
    reference::Outcome outcome = reference::evaluate(function(), arguments);
    THX_CHECK(outcome.status == reference::Status::ok, "{}", outcome.why);
    return std::move(outcome.outputs);
  }
  /// How often each operator stands in the program.
  int count(Op op) {
    int count = 0;
    for (const Value value : needed(function().graph(), function().roots()))
      count += value->op == op;
    return count;
  }

 private:
  Program program_;
};

inline Type real(Shape shape = {}, DType dtype = DType::f32) { return {dtype, std::move(shape)}; }

}  // namespace thx::testing
