// SPDX-License-Identifier: Apache-2.0
// Formulas as IR and as numbers.
#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"

namespace thx {
namespace {

using Steps = std::vector<Value>;

/// Builds the steps of one formula. A constant stays open until an operator gives it the dtype and
/// shape of its other operands.
class FormulaBuilder {
 public:
  FormulaBuilder(Graph& graph, const Formula& formula, std::span<const Value> variables,
                 std::span<const int64_t> axes, const SpanSet& spans)
      : graph_(graph), formula_(formula), variables_(variables), axes_(axes), spans_(spans) {
    for (Value variable : variables)
      if (variable && (!like_ || better(variable->type(), like_->type()))) like_ = variable;
    THX_CHECK(like_, "a formula without variables has no shape");
  }

  Value root() { return closed(formula_.root(), like_->type()); }

  /// cotangent * formula, written as a reader would write it: see build.h.
  Value scale(Value cotangent, int step) {
    const Formula::Step& root = formula_.steps[static_cast<size_t>(step)];
    if (root.kind == Formula::Kind::constant) return scale_by_constant(cotangent, root.value);
    if (root.kind == Formula::Kind::apply) {
      if (root.op == Op::neg)
        return make(graph_, Op::neg, {scale(cotangent, root.args[0])}, {}, spans_);
      if (root.op == Op::div && is_constant(root.args[0], 1))
        return make(graph_, Op::div, {cotangent, closed(root.args[1], cotangent->type())}, {},
                    spans_);
      if (root.op == Op::reciprocal)
        return make(graph_, Op::div, {cotangent, closed(root.args[0], cotangent->type())}, {},
                    spans_);
      if (root.op == Op::where)
        return make(
            graph_, Op::where,
            {open(root.args[0]), scale(cotangent, root.args[1]), scale(cotangent, root.args[2])},
            {}, spans_);
    }
    return make(graph_, Op::mul, {cotangent, closed(step, cotangent->type())}, {}, spans_);
  }

 private:
  /// Constants take the dtype of numbers before that of conditions, and the fullest shape.
  static bool better(const Type& a, const Type& b) {
    if (a.rank() != b.rank()) return a.rank() > b.rank();
    return is_bool(b.dtype) && !is_bool(a.dtype);
  }

  bool is_constant(int step, double value) const {
    const Formula::Step& at = formula_.steps[static_cast<size_t>(step)];
    return at.kind == Formula::Kind::constant && at.value == value;
  }

  Value scale_by_constant(Value cotangent, double value) {
    if (value == 1) return cotangent;
    if (value == -1) return make(graph_, Op::neg, {cotangent}, {}, spans_);
    const Value constant = thx::constant(graph_, cotangent->type(), value, spans_);
    return value == 0 ? constant : make(graph_, Op::mul, {cotangent, constant}, {}, spans_);
  }

  /// The value of `step`; null for a constant, whose type depends on where it stands.
  Value open(int step) {
    build_up_to(step);
    return values_[static_cast<size_t>(step)];
  }

  Value closed(int step, const Type& type) {
    const Value value = open(step);
    if (value) return value;
    const Formula::Step& at = formula_.steps[static_cast<size_t>(step)];
    THX_CHECK(at.kind == Formula::Kind::constant, "a formula reads a variable that is not given");
    return thx::constant(graph_, type, at.value, spans_);
  }

  void build_up_to(int last) {
    while (static_cast<int>(values_.size()) <= last)
      values_.push_back(build_step(formula_.steps[values_.size()]));
  }

  Value build_step(const Formula::Step& step) {
    switch (step.kind) {
      case Formula::Kind::constant: return {};
      case Formula::Kind::variable: {
        const auto index = static_cast<size_t>(step.index);
        // A formula that is built in part may leave variables of its other parts out.
        return index < variables_.size() ? variables_[index] : Value{};
      }
      case Formula::Kind::keep:
        return broadcast_reduced(graph_, open(step.args[0]), like_->shape(), axes_, spans_);
      case Formula::Kind::apply: return build_apply(step);
    }
    return {};
  }

  Value build_apply(const Formula::Step& step) {
    std::vector<int> args;
    for (int8_t arg : step.args)
      if (arg >= 0) args.push_back(arg);
    switch (family_of(step.op)) {
      case Family::reduction:
        return reduce(graph_, step.op, closed(args[0], like_->type()), axes_, spans_);
      case Family::composite: {
        THX_CHECK(axes_.size() == 1, "{} is over one axis", name_of(step.op));
        std::vector<Value> operands;
        for (const int arg : args) operands.push_back(closed(arg, like_->type()));
        return make(graph_, step.op, operands, {{"axis", axes_[0]}}, spans_);
      }
      default: return build_elementwise(step.op, args);
    }
  }

  Value build_elementwise(Op op, const std::vector<int>& args) {
    // The first operand of a choice is its condition: it lends its shape, but not its dtype.
    const size_t first = elementwise(op).result == ResultDType::chosen ? 1 : 0;
    Value sibling, any_operand;
    for (size_t i = 0; i < args.size(); ++i) {
      const Value value = open(args[i]);
      if (value && i >= first && !sibling) sibling = value;
      if (value && !any_operand) any_operand = value;
    }
    const Shape& shape = any_operand ? any_operand->shape() : like_->shape();
    const Type type{sibling ? sibling->dtype() : like_->dtype(), shape};
    std::vector<Value> operands;
    for (size_t i = 0; i < args.size(); ++i)
      operands.push_back(closed(args[i], i < first ? type.with(DType::boolean) : type));
    return make(graph_, op, operands, {}, spans_);
  }

  Graph& graph_;
  const Formula& formula_;
  std::span<const Value> variables_;
  std::span<const int64_t> axes_;
  const SpanSet& spans_;
  Value like_;
  Steps values_;
};

/// Elementwise formulas on numbers, by the rows' eval.
struct Evaluation {
  std::span<const Scalar> variables;
  DType dtype;  // of constants

  Scalar variable(int index) const { return variables[static_cast<size_t>(index)]; }
  Scalar constant(double value) const { return Scalar::of(dtype, value); }
  Scalar apply(Op op, const std::vector<Scalar>& args) const {
    const ElementwiseDef& row = elementwise(op);
    const DType of_operands = args.back().dtype;
    return row.eval(args, row.result == ResultDType::boolean ? DType::boolean : of_operands);
  }
  Scalar keep(const Scalar& reduced) const { return reduced; }
};

}  // namespace

Value build(Graph& graph, const Formula& formula, std::span<const Value> variables,
            std::span<const int64_t> axes, const SpanSet& spans) {
  return FormulaBuilder(graph, formula, variables, axes, spans).root();
}

Value scale(Graph& graph, Value cotangent, const Formula& partial,
            std::span<const Value> variables) {
  const SpanSet none;
  return FormulaBuilder(graph, partial, variables, {}, none).scale(cotangent, partial.root());
}

Scalar evaluate(const Formula& formula, std::span<const Scalar> variables, DType dtype) {
  return fold<Scalar>(formula, Evaluation{variables, dtype});
}

}  // namespace thx
