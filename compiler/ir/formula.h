// SPDX-License-Identifier: Apache-2.0
// A small expression as data: rewrite rules, partial derivatives and expansions are Formulas, which
// are matched, built into IR, evaluated on numbers and printed by the same fold.
//
//   using namespace thx::formula;
//   constexpr Formula f = log(1 + exp(x));      // a table entry: constexpr, no allocation
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ir/op.h"

namespace thx {

/// Straight-line expression of at most kMaxSteps steps; the last step is its root. Equal steps are
/// one step. A longer one does not compile (in a constant expression).
struct Formula {
  static constexpr int kMaxSteps = 32;
  enum class Kind : uint8_t {
    variable,  // index: 0 x, 1 y, 2 w (operands of a row; pattern variables of a rule); 3 z (the
               // row's result)
    constant,  // value, weak: takes the dtype and shape of its context
    apply,     // op on args; elementwise, or a reduction or composite over the axes bound to k
    keep,      // args[0], reduced over k, broadcast back to the shape it was reduced from
  };
  struct Step {
    Kind kind = Kind::constant;
    Op op = Op::constant;
    int8_t index = 0;
    std::array<int8_t, 3> args = {-1, -1, -1};
    double value = 0;
    constexpr bool operator==(const Step& other) const {
      return kind == other.kind && op == other.op && index == other.index && args == other.args &&
             value == other.value;
    }
  };

  std::array<Step, kMaxSteps> steps{};
  int count = 0;

  constexpr Formula() = default;
  constexpr Formula(double value) {
    add({.kind = Kind::constant, .value = value});
  }  // NOLINT: 1 + x
  static constexpr Formula variable(int8_t index) {
    Formula f;
    f.add({.kind = Kind::variable, .index = index});
    return f;
  }
  /// `op` on whole formulas, whose steps are merged.
  static constexpr Formula apply(Op op, std::initializer_list<const Formula*> args,
                                 Kind kind = Kind::apply) {
    Formula f;
    Step step{.kind = kind, .op = op};
    size_t position = 0;
    for (const Formula* arg : args) step.args[position++] = f.append(*arg);
    f.add(step);
    return f;
  }
  constexpr int root() const { return count - 1; }
  constexpr int arity(int step) const {
    int n = 0;
    for (int8_t arg : steps[static_cast<size_t>(step)].args) n += arg >= 0;
    return n;
  }

 private:
  constexpr int8_t add(const Step& step) {
    for (int i = 0; i < count; ++i)
      if (steps[static_cast<size_t>(i)] == step) return static_cast<int8_t>(i);
    steps.at(static_cast<size_t>(count)) = step;  // throws, so does not compile, beyond kMaxSteps
    return static_cast<int8_t>(count++);
  }
  constexpr int8_t append(const Formula& other) {
    std::array<int8_t, kMaxSteps> moved{};
    for (int i = 0; i < other.count; ++i) {
      Step step = other.steps[static_cast<size_t>(i)];
      for (int8_t& arg : step.args)
        if (arg >= 0) arg = moved[static_cast<size_t>(arg)];
      moved[static_cast<size_t>(i)] = add(step);
    }
    return moved[static_cast<size_t>(other.root())];
  }
};

/// Folds `formula` from its leaves: `algebra.variable(index)`, `algebra.constant(value)`,
/// `algebra.apply(op, args...)` and `algebra.keep(arg)` give a T each; the root's is returned.
template <class T, class Algebra>
T fold(const Formula& formula, Algebra&& algebra) {
  std::vector<T> values;
  for (int i = 0; i < formula.count; ++i) {
    const Formula::Step& step = formula.steps[static_cast<size_t>(i)];
    std::vector<T> args;
    for (int8_t arg : step.args)
      if (arg >= 0) args.push_back(values[static_cast<size_t>(arg)]);
    switch (step.kind) {
      case Formula::Kind::variable: values.push_back(algebra.variable(step.index)); break;
      case Formula::Kind::constant: values.push_back(algebra.constant(step.value)); break;
      case Formula::Kind::apply: values.push_back(algebra.apply(step.op, args)); break;
      case Formula::Kind::keep: values.push_back(algebra.keep(args[0])); break;
    }
  }
  return values.back();
}

/// As one reads it: `log(1 + exp(x))`.
std::string text(const Formula& formula);

namespace formula {

inline constexpr Formula x = Formula::variable(0);
inline constexpr Formula y = Formula::variable(1);
inline constexpr Formula w = Formula::variable(2);
inline constexpr Formula z = Formula::variable(3);
/// Stands for the axes of a reduction or composite in a pattern: `log(sum(exp(x), k))`.
struct Axes {};
inline constexpr Axes k{};

namespace detail {
template <Family family, int operands>
struct Make {  // views, sources and control are not part of formulas
  Op op;
};
template <>
struct Make<Family::elementwise, 1> {
  Op op;
  constexpr Formula operator()(const Formula& a) const { return Formula::apply(op, {&a}); }
};
template <>
struct Make<Family::elementwise, 2> {
  Op op;
  constexpr Formula operator()(const Formula& a, const Formula& b) const {
    return Formula::apply(op, {&a, &b});
  }
};
template <>
struct Make<Family::elementwise, 3> {
  Op op;
  constexpr Formula operator()(const Formula& a, const Formula& b, const Formula& c) const {
    return Formula::apply(op, {&a, &b, &c});
  }
};
template <>
struct Make<Family::reduction, 1> {
  Op op;
  constexpr Formula operator()(const Formula& a, Axes) const { return Formula::apply(op, {&a}); }
};
template <>
struct Make<Family::composite, 1> {
  Op op;
  constexpr Formula operator()(const Formula& a, Axes) const { return Formula::apply(op, {&a}); }
};
template <>
struct Make<Family::composite, 2> {
  Op op;
  constexpr Formula operator()(const Formula& a, const Formula& b, Axes) const {
    return Formula::apply(op, {&a, &b});
  }
};
template <>
struct Make<Family::composite, 3> {
  Op op;
  constexpr Formula operator()(const Formula& a, const Formula& b, const Formula& c, Axes) const {
    return Formula::apply(op, {&a, &b, &c});
  }
};
}  // namespace detail

// One constructor per operator, named as the operator: formula::tanh(x), formula::sum(x, k).
#define THX_OP(op, family, operands) \
  inline constexpr detail::Make<Family::family, operands> op{Op::op};
#include "ir/ops.def"

constexpr Formula keep(const Formula& a, Axes) {
  return Formula::apply(Op::broadcast, {&a}, Formula::Kind::keep);
}

constexpr Formula operator+(const Formula& a, const Formula& b) { return add(a, b); }
constexpr Formula operator-(const Formula& a, const Formula& b) { return sub(a, b); }
constexpr Formula operator*(const Formula& a, const Formula& b) { return mul(a, b); }
constexpr Formula operator/(const Formula& a, const Formula& b) { return div(a, b); }
constexpr Formula operator-(const Formula& a) { return neg(a); }

}  // namespace formula
}  // namespace thx
