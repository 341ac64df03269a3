// SPDX-License-Identifier: Apache-2.0
// Gradients against forward mode and central differences in f64, with what the differences
// themselves may be wrong by: their step twice as large, and the error bounds of the cost.
#include <algorithm>
#include <cmath>

#include "driver/element_place.h"
#include "driver/test_programs.h"
#include "driver/verify_function.h"
#include "driver/verify_slopes.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;
using reference::BoundedOutcome;

constexpr size_t kElements = 12;  // of each target that are looked at in a round

struct Slope {
  double value = 0;
  double bound = 0;
  bool is_kink = false;
};

class GradientCheck {
 public:
  GradientCheck(const GradientPrograms& programs, const Function& source, const CallData& data,
                VerifyEntry& entry)
      : programs_(programs), entry_(entry) {
    arguments_.dims = data.trial.dims;
    arguments_.until = data.until;
    for (const Input& input : source.inputs)
      arguments_.inputs.push_back(to_reference(data.trial.inputs.find(input.name)->second, true));
    for (const StateUse& use : source.states)
      arguments_.inputs.push_back(to_reference(data.states.find(use.name)->second, true));
  }

  /// The first difference. `reached`: whether the gradient has a value.
  std::optional<Difference> run(bool& reached) {
    if (programs_.cut) {
      point_ = evaluate_bounded(programs_.cut->program.functions[0], arguments_);
      if (point_.status != reference::Status::ok) return std::nullopt;
      for (const reference::Bounded& output : point_.outputs) base_.push_back(output.value);
      for (size_t i = 0; i < programs_.names.size() && !difference_; ++i) compare(i);
    }
    if (!difference_ && programs_.forward) compare_forward(reached);
    reached = reached || programs_.cut.has_value();
    return difference_;
  }

  /// Whether the difference is one to forward mode.
  bool by_forward() const { return by_forward_; }

 private:
  // The gradient times a direction, and the tangent along it.
  void compare_forward(bool& reached) {
    const Function& function = programs_.forward->functions[0];
    reference::Arguments arguments = arguments_;
    const size_t first = arguments.inputs.size();
    for (size_t i = 0; i < programs_.names.size(); ++i)
      arguments.inputs.push_back(direction(function.inputs[first + i].value->type(), i));
    const BoundedOutcome tangent = evaluate_bounded(function, arguments);
    if (tangent.status != reference::Status::ok) return;
    reached = true;
    VerifyTally& tally = entry_.checks[std::string(kForwardCheck)];
    ++tally.compared;
    if (programs_.is_small && !is_linear(tangent)) {
      ++tally.undecided;
      return;
    }
    double product = 0, error = 0, magnitude = 0, count = 0;
    for (size_t i = 0; i < programs_.names.size(); ++i) {
      const reference::Bounded& gradient =
          programs_.is_small ? tangent.outputs[1 + i] : point_.outputs[i];
      const double scale = programs_.is_small ? 1 / kSmall : 1;
      const std::vector<Scalar>& along = arguments.inputs[first + i].elements;
      for (size_t k = 0; k < along.size(); ++k) {
        const double v = scale * along[k].real, term = gradient.value.elements[k].real * v;
        product += term;
        magnitude += std::fabs(term);
        error += std::fabs(v) * gradient.error[k];
      }
      count += static_cast<double>(along.size());
    }
    error += count * 0x1p-52 * magnitude;
    const double value = tangent.outputs[0].value.elements[0].real;
    const double bound = error + tangent.outputs[0].error[0];
    const double distance = std::fabs(value - product);
    if (value == product || (std::isnan(value) && std::isnan(product))) return;
    // Where one of them is no number, each has its own conventions.
    if (!std::isfinite(bound) || !std::isfinite(distance)) {
      ++tally.undecided;
    } else if (distance <= bound) {
      tally.largest = std::max(tally.largest, distance / bound);
    } else {
      difference_ = Difference{join(programs_.names, "`, `"), "along a direction",
                               format_double(value), format_double(product), bound};
      by_forward_ = true;
    }
  }

  // Whether gradients of small multiples of the cost are as small. Where a definition's gradient
  // jumps or turns at 0 they are not, and forward mode has nothing to say.
  bool is_linear(const BoundedOutcome& tangent) const {
    const size_t count = programs_.names.size();
    for (size_t i = 0; i < count; ++i) {
      const reference::Bounded &small = tangent.outputs[1 + i],
                               &other = tangent.outputs[1 + count + i];
      for (size_t k = 0; k < small.error.size(); ++k) {
        const double a = small.value.elements[k].real / kSmall,
                     b = other.value.elements[k].real / kOtherSmall;
        const double bound =
            small.error[k] / kSmall - other.error[k] / kOtherSmall + 0x1p-50 * std::fabs(a);
        if (std::fabs(a - b) > bound) return false;
      }
    }
    return true;
  }

  Array direction(const Type& type, size_t i) const {
    Array made{type.dtype, {}, {}};
    for (const Extent& extent : type.shape)
      made.extents.push_back(std::max<int64_t>(0, extent.evaluate(arguments_.dims).value_or(0)));
    for (int64_t k = 0; k < reference::count(made.extents); ++k) {
      const double v = std::cos(static_cast<double>(3 * k + static_cast<int64_t>(i) + 1));
      made.elements.push_back(Scalar::of(type.dtype, v));
    }
    return made;
  }

  struct Cost {
    double value, error;
    std::vector<Array> operands = {};  // that flows flow to
  };
  // With what flows to the operands of definitions that bring their gradient.
  Cost cost(size_t target, const reference::Arguments& arguments) const {
    const DerivativeCut& cut = *programs_.cut;
    const BoundedOutcome outcome = evaluate_bounded(cut.program.functions[1 + target], arguments);
    if (outcome.status != reference::Status::ok) return {NAN, 0};
    Cost made{outcome.outputs[0].value.elements[0].real, outcome.outputs[0].error[0]};
    for (size_t k = 0; k < cut.flows; ++k) {
      const std::vector<Scalar>& flow = base_[cut.first_flow() + k].elements;
      const reference::Bounded& operand = outcome.outputs[1 + k];
      made.operands.push_back(operand.value);
      for (size_t e = 0; e < flow.size(); ++e) {
        const double term = flow[e].real * operand.value.elements[e].real;
        made.value += term;
        made.error += std::fabs(flow[e].real) * operand.error[e] +
                      0x1p-52 * (std::fabs(term) + std::fabs(made.value));
      }
    }
    return made;
  }

  // How far the errors of flows take what the operands differ by.
  double error_of_flows(const Cost& up, const Cost& down) const {
    double sum = 0;
    for (size_t k = 0; k < up.operands.size() && k < down.operands.size(); ++k) {
      const std::vector<double>& errors = point_.outputs[programs_.cut->first_flow() + k].error;
      for (size_t e = 0; e < errors.size(); ++e) {
        const double apart =
            std::fabs(up.operands[k].elements[e].real - down.operands[k].elements[e].real);
        if (apart > 0) sum += errors[e] * apart;
      }
    }
    return sum;
  }

  // `x`: one of the arguments' elements.
  Slope slope(size_t target, const reference::Arguments& arguments, double& x) const {
    const double start = x;
    const double h = 0x1p-13 * std::max(1.0, std::fabs(start));
    const auto at = [&](double steps) {
      x = start + steps * h;
      const Cost made = cost(target, arguments);
      x = start;
      return made;
    };
    const Cost here = at(0), up = at(1), down = at(-1), far_up = at(2), far_down = at(-2);
    const double near = (up.value - down.value) / (2 * h);
    const double far = (far_up.value - far_down.value) / (4 * h);
    const double noise = (up.error + down.error + far_up.error + far_down.error) / h;
    // At a kink the two sides differ by the same slope at every step.
    const double turn = std::fabs(up.value - 2 * here.value + down.value) / h;
    const double far_turn = std::fabs(far_up.value - 2 * here.value + far_down.value) / (2 * h);
    Slope slope;
    slope.value = (4 * near - far) / 3;
    const double flows = error_of_flows(up, down) / (2 * h);
    slope.bound = std::fabs(near - far) + noise + flows + 1e-9 * std::fabs(near);
    const double size = std::max(std::fabs(near), std::fabs(far));
    slope.is_kink = (turn > 0.7 * far_turn && turn > 1e-6 * size + 4 * noise) ||
                    !(slope.bound <= 0.01 * size + flows + 4 * noise + 1e-12);
    return slope;
  }

  void compare(size_t target) {
    PointOfTarget point = point_of_target(*programs_.cut, target, arguments_, base_);
    const reference::Bounded& gradient = point_.outputs[target];
    const size_t count = gradient.value.elements.size();
    const size_t stride = std::max<size_t>(1, count / kElements);
    for (size_t i = 0; i < count && !difference_; i += stride) {
      double& moved = point.arguments.inputs[point.place].elements[i].real;
      const Slope expected = slope(target, point.arguments, moved);
      compare(target, i, count, gradient.value.elements[i].real, gradient.error[i], expected);
    }
  }

  void compare(size_t target, size_t i, size_t count, double value, double error,
               const Slope& expected) {
    VerifyTally& tally = entry_.checks[std::string(kDifferenceCheck)];
    ++tally.compared;
    const double bound = expected.bound + error;
    const double distance = std::fabs(value - expected.value);
    if (!std::isfinite(bound) || expected.is_kink || !std::isfinite(expected.value)) {
      tally.undecided += value == expected.value ? 0 : 1;
    } else if (distance > bound) {
      difference_ =
          Difference{programs_.names[target],
                     "at " + programs_.names[target] + element_place(base_[target].extents, i),
                     format_double(expected.value),
                     format_double(value),
                     bound,
                     1,
                     count};
    } else if (bound > 0 && distance / bound > tally.largest) {
      tally.largest = distance / bound;
      tally.largest_at = programs_.names[target];
    }
  }

  const GradientPrograms& programs_;
  VerifyEntry& entry_;
  bool by_forward_ = false;
  reference::Arguments arguments_;  // of all programs: inputs, then states
  BoundedOutcome point_;
  std::vector<Array> base_;  // its values
  std::optional<Difference> difference_;
};

void report(Verification& v, const Function& function, const GradientPrograms& programs,
            const Difference& difference, bool by_forward, const CallData& data) {
  Diagnostic& error = v.diagnostics.report(
      Diagnostic(Err::verification_failed, programs.span.empty() ? function.span : programs.span,
                 format("`{}`: the gradient by `{}` is not the slope of its cost", function.name,
                        difference.value)));
  error.note(format("{} the gradient is {}, {} {}; they may differ by {:.3g}", difference.place,
                    difference.right, by_forward ? "forward mode gives" : "differences give",
                    difference.left, difference.bound));
  if (!programs.step.empty()) error.note(format("{} of what stands around it", programs.step));
  error.note(format("called with {} (seed {}), in f64", data.trial.words, v.request.seed));
}

}  // namespace

std::vector<GradientPrograms>& Verification::gradients(size_t function) {
  const auto known = gradients_.find(function);
  if (known != gradients_.end()) return known->second;
  const Program& start = wide().front().program;
  return gradients_[function] = gradient_programs(start, function_at(start, function));
}

bool verify_gradients(Verification& v, size_t index, const CallData& data, VerifyEntry& entry) {
  if (!data.trial.moderate) return true;
  const Function& function = function_at(v.lowered(), index);
  for (GradientPrograms& programs : v.gradients(index)) {
    if (std::chrono::steady_clock::now() >= data.until) break;
    GradientCheck check(programs, function, data, entry);
    const std::optional<Difference> found = check.run(programs.reached);
    if (!found) continue;
    report(v, function, programs, *found, check.by_forward(), data);
    return false;
  }
  return true;
}

void note_gradients(Verification& v, size_t index, VerifyEntry& entry) {
  size_t given = 0, hidden = 0, apart = 0, unreached = 0;
  for (const GradientPrograms& programs : v.gradients(index)) {
    if (programs.step == kLastStep) continue;  // counted at its first step
    given += programs.is_small && programs.cut ? 1 : 0;
    hidden += !programs.cut && programs.forward ? 1 : 0;
    apart += !programs.cut && !programs.forward ? 1 : 0;
    unreached += programs.reached || (!programs.cut && !programs.forward) ? 0 : 1;
  }
  const auto note = [&](size_t count, std::string_view words) {
    if (count > 0)
      entry.notes.push_back(format("{} gradient{} {}", count, count == 1 ? "" : "s", words));
  };
  note(given, "through definitions with gradients of their own: these count as they are written");
  note(hidden,
       "through definitions with gradients of their own in loops or branches: compared with "
       "forward mode alone, for small cotangents");
  note(apart,
       "through definitions with gradients of their own in loops or branches, with constants or "
       "choices by cotangents: not compared");
  note(unreached, "that no call with moderate numbers reached: not compared");
}

}  // namespace thx
