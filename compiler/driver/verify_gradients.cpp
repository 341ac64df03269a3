// SPDX-License-Identifier: Apache-2.0
// Gradients against forward mode and central differences in f64, with what the differences
// themselves may be wrong by: their step twice as large, and the error bounds of the cost.
#include <algorithm>
#include <cmath>
#include <map>

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
      : programs_(programs), entry_(entry), tally_(entry.checks[std::string(kDifferenceCheck)]) {
    arguments_.dims = data.trial.dims;
    for (const Input& input : source.inputs)
      arguments_.inputs.push_back(to_reference(data.trial.inputs.find(input.name)->second, true));
    for (const StateUse& use : source.states)
      arguments_.states.push_back(to_reference(data.states.find(use.name)->second, true));
  }

  /// The first difference.
  std::optional<Difference> run() {
    const BoundedOutcome point = evaluate_bounded(programs_.gradient.functions[0], arguments_);
    if (point.status != reference::Status::ok) return std::nullopt;
    for (size_t i = 0; i < programs_.moved; ++i)
      arguments_.inputs.push_back(point.outputs[i].value);
    size_t next_value = programs_.cost.functions[0].inputs.size() - programs_.moved;
    for (size_t i = 0; i < programs_.names.size(); ++i) {
      const int parameter = programs_.parameters[i];
      Array& at = parameter < 0 ? arguments_.inputs[next_value++] : own(parameter);
      compare(i, at, point.outputs[programs_.moved + i]);
    }
    arguments_.inputs.resize(arguments_.inputs.size() - programs_.moved);
    if (!difference_ && programs_.forward) compare_forward(point);
    return difference_;
  }

  /// Whether the difference is one to forward mode.
  bool by_forward() const { return by_forward_; }

 private:
  // The gradient times a direction, and the tangent along it.
  void compare_forward(const BoundedOutcome& point) {
    reference::Arguments arguments = arguments_;
    double product = 0, error = 0, magnitude = 0;
    for (size_t i = 0; i < programs_.names.size(); ++i) {
      const reference::Bounded& gradient = point.outputs[programs_.moved + i];
      Array direction = gradient.value;
      for (size_t k = 0; k < direction.elements.size(); ++k) {
        const double v = std::cos(static_cast<double>(3 * k + i + 1));
        const double term = gradient.value.elements[k].real * v;
        direction.elements[k].real = v;
        product += term;
        magnitude += std::fabs(term);
        error += std::fabs(v) * gradient.error[k];
      }
      error += static_cast<double>(direction.elements.size()) * 0x1p-52 * magnitude;
      arguments.inputs.push_back(std::move(direction));
    }
    const BoundedOutcome tangent = evaluate_bounded(programs_.forward->functions[0], arguments);
    if (tangent.status != reference::Status::ok) return;
    const double value = tangent.outputs[0].value.elements[0].real;
    const double bound = error + tangent.outputs[0].error[0];
    const double distance = std::fabs(value - product);
    VerifyTally& tally = entry_.checks[std::string(kForwardCheck)];
    ++tally.compared;
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

  Array& own(int parameter) {
    const size_t inputs = programs_.cost.functions[0].inputs.size() - programs_.moved;
    const auto index = static_cast<size_t>(parameter);
    return index < inputs ? arguments_.inputs[index] : arguments_.states[index - inputs];
  }

  struct Cost {
    double value, error;
  };
  Cost cost() const {
    const BoundedOutcome outcome = evaluate_bounded(programs_.cost.functions[0], arguments_);
    if (outcome.status != reference::Status::ok) return {NAN, 0};
    return {outcome.outputs[0].value.elements[0].real, outcome.outputs[0].error[0]};
  }

  Slope slope(double& x) const {
    const double start = x;
    const double h = 0x1p-13 * std::max(1.0, std::fabs(start));
    const auto at = [&](double steps) {
      x = start + steps * h;
      const Cost made = cost();
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
    slope.bound = std::fabs(near - far) + noise + 1e-9 * std::fabs(near);
    const double size = std::max(std::fabs(near), std::fabs(far));
    slope.is_kink = (turn > 0.7 * far_turn && turn > 1e-6 * size + 4 * noise) ||
                    !(slope.bound <= 0.01 * size + 4 * noise + 1e-12);
    return slope;
  }

  void compare(size_t target, Array& at, const reference::Bounded& gradient) {
    const size_t count = at.elements.size();
    const size_t stride = std::max<size_t>(1, count / kElements);
    for (size_t i = 0; i < count; i += stride) {
      const double value = gradient.value.elements[i].real;
      const Slope expected = slope(at.elements[i].real);
      ++tally_.compared;
      const double bound = expected.bound + gradient.error[i];
      const double distance = std::fabs(value - expected.value);
      if (!std::isfinite(bound) || expected.is_kink || !std::isfinite(expected.value)) {
        tally_.undecided += value == expected.value ? 0 : 1;
        continue;
      }
      if (distance <= bound) {
        const double share = bound > 0 ? distance / bound : 0;
        if (share <= tally_.largest) continue;
        tally_.largest = share;
        tally_.largest_at = programs_.names[target];
        continue;
      }
      if (!difference_)
        difference_ = Difference{programs_.names[target],
                                 format("[element {}]", i),
                                 format_double(expected.value),
                                 format_double(value),
                                 bound,
                                 1,
                                 count};
    }
  }

  const GradientPrograms& programs_;
  VerifyEntry& entry_;
  VerifyTally& tally_;
  bool by_forward_ = false;
  reference::Arguments arguments_;
  std::optional<Difference> difference_;
};

void add_note(VerifyEntry& entry, std::string note) {
  if (std::ranges::find(entry.notes, note) == entry.notes.end())
    entry.notes.push_back(std::move(note));
}

void report(Verification& v, const Function& function, const GradientPrograms& programs,
            const Difference& difference, bool by_forward, const CallData& data) {
  v.diagnostics
      .report(Diagnostic(Err::verification_failed,
                         programs.span.empty() ? function.span : programs.span,
                         format("`{}`: the gradient by `{}` is not the slope of its cost",
                                function.name, difference.value)))
      .note(format("{}: the gradient is {}, {} {}; they may differ by {:.3g}", difference.place,
                   difference.right, by_forward ? "forward mode gives" : "differences give",
                   difference.left, difference.bound))
      .note(format("called with {} (seed {}), in f64", data.trial.words, v.request.seed));
}

}  // namespace

const std::vector<std::optional<GradientPrograms>>& Verification::gradients(size_t function) {
  const auto known = gradients_.find(function);
  if (known != gradients_.end()) return *known->second;
  auto made = std::make_shared<std::vector<std::optional<GradientPrograms>>>();
  const Program& start = wide().front().program;
  const GradientCount count = count_gradients(function_at(start, function));
  for (size_t i = 0; i < count.outside; ++i)
    made->push_back(gradient_programs(start, {function, i}));
  return *(gradients_[function] = std::move(made));
}

bool verify_gradients(Verification& v, size_t index, const CallData& data, VerifyEntry& entry) {
  if (!data.trial.moderate) return true;
  const Function& function = function_at(v.lowered(), index);
  const GradientCount count = count_gradients(function);
  if (count.inside > 0)
    add_note(entry, format("gradients in loops and branches are not compared: {}", count.inside));
  if (count.outside == 0) return true;
  for (const std::optional<GradientPrograms>& programs : v.gradients(index)) {
    if (!programs) {
      add_note(entry, "a gradient through a part that brings its own gradient is not compared");
      continue;
    }
    GradientCheck check(*programs, function, data, entry);
    const std::optional<Difference> found = check.run();
    if (!found) continue;
    report(v, function, *programs, *found, check.by_forward(), data);
    return false;
  }
  return true;
}

}  // namespace thx
