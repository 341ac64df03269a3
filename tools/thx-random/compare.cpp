// SPDX-License-Identifier: Apache-2.0
// Differences of outcomes, by bits and beyond rounding.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "arguments.h"
#include "dice.h"
#include "ir/print.h"
#include "ir/structure.h"
#include "ops/op_def.h"
#include "support/text.h"

namespace thx::random {

namespace {

using reference::Array;
using reference::Outcome;
using reference::Status;

bool same(const Scalar& a, const Scalar& b) {
  if (is_float(a.dtype) && std::isnan(a.real) && std::isnan(b.real)) return true;
  return a == b;
}

std::string_view name_of(Status status) {
  return status == Status::ok ? "ok" : status == Status::dim ? "dim" : "index";
}

/// Visits each pair of results with the name it is known by.
std::string each_result(
    const Function& function, const Outcome& first, const Outcome& second,
    const std::function<std::string(size_t, const Array&, const Array&)>& visit) {
  if (first.status != Status::ok) return {};
  if (second.status != Status::ok)
    return format("fails: {}: {}", name_of(second.status), second.why);
  size_t position = 0;
  for (size_t i = 0; i < function.outputs.size(); ++i, ++position)
    if (std::string why = visit(position, first.outputs[i], second.outputs[i]); !why.empty())
      return function.outputs[i].name + why;
  for (size_t i = 0; i < function.states.size(); ++i, ++position)
    if (std::string why = visit(position, first.states[i], second.states[i]); !why.empty())
      return "%" + function.states[i].name + why;
  return {};
}

std::string mismatch(size_t element, const Scalar& first, const Scalar& second) {
  return format("[{}] was {}, is {}", element, text(first), text(second));
}

/// Whether the node rounds.
bool rounds(const Node& node) {
  if (!is_float(node.dtype())) return false;
  switch (node.family()) {
    case Family::elementwise:
      return (traits_of(node.op) & (kCostly | kProduct | kFusedMultiplyAdd)) != 0 ||
             ((traits_of(node.op) & kSum) != 0 && node.operands.size() > 1) ||
             elementwise(node.op).result == ResultDType::given;
    case Family::reduction: return reduction(node.op).ordered;
    case Family::cumulative:
    case Family::contraction:
    case Family::composite: return true;
    case Family::indexing: return is_scatter(node) && adds(node);
    default: return false;
  }
}

/// The largest magnitude among finite elements.
double largest(const Array& array) {
  double most = 0;
  for (const Scalar& element : array.elements)
    if (std::isfinite(element.as_real())) most = std::max(most, std::abs(element.as_real()));
  return most;
}

/// What the terms of a sum may be, where the node adds: their rounding does not show in the result.
/// Infinite where a partial result may leave the range, which depends on the order.
double terms_of(const Node& node, std::span<const Array* const> operands) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool wide = node.dtype() == DType::f64;
  const double most = wide ? 0x1p1020 : 0x1p124, least = wide ? 0x1p-1015 : 0x1p-120;
  double terms = 0, count = 1;
  if (node.family() == Family::reduction && (traits_of(reduction(node.op).combine) & kProduct)) {
    double high = 1, low = 1;
    for (const Scalar& element : operands[0]->elements) {
      const double size = std::abs(element.real);
      if (size > 1) high *= size;
      if (size < 1 && size > 0) low *= size;
    }
    return high < most && low > least ? 0 : kInfinity;
  }
  if (node.family() == Family::contraction) {
    terms = largest(*operands[0]) * largest(*operands[1]);
    count = static_cast<double>(operands[0]->elements.size());
  } else if (node.family() == Family::elementwise) {
    if (elementwise(node.op).error.conditioned) {
      for (const Array* operand : operands) terms = std::max(terms, largest(*operand));
      return terms;
    }
    if ((traits_of(node.op) & kFusedMultiplyAdd) == 0) return 0;
    terms = largest(*operands[0]) * largest(*operands[1]);
  } else {
    for (const Array* operand : operands) terms = std::max(terms, largest(*operand));
    count = static_cast<double>(operands[0]->elements.size());
  }
  return terms * count < most ? terms : kInfinity;
}

/// Results under random errors of up to about four units in the last place of each operation.
Outcome disturbed(const Function& function, const reference::Arguments& arguments, uint64_t seed) {
  reference::Arguments noisy = arguments;
  auto dice = std::make_shared<Dice>(seed, "noise");
  noisy.visit = [dice](const Node& node, std::span<const Array* const> operands, Array& result) {
    if (!rounds(node)) return;
    const bool wide = result.dtype == DType::f64;
    const double terms = terms_of(node, operands);
    for (Scalar& element : result.elements) {
      if (std::isinf(terms)) {  // in another order anything may come out
        static constexpr double kAny[] = {0, 1, -1, HUGE_VAL, -HUGE_VAL, NAN};
        element = Scalar::of(result.dtype, dice->one_of(kAny));
        continue;
      }
      const double shift = 2 * dice->unit() - 1, tiny = 2 * dice->unit() - 1;
      const double moved = element.real +
                           shift * (std::abs(element.real) + terms) * (wide ? 0x1p-50 : 0x1p-21) +
                           tiny * (wide ? 0x1p-1072 : 0x1p-147);
      if (!std::isfinite(element.real)) continue;
      const bool lost = terms > 0 && std::abs(element.real) <= terms * (wide ? 0x1p-50 : 0x1p-21);
      element = Scalar::of(result.dtype, lost && dice->chance(30) ? 0 : moved);
    }
  };
  return reference::evaluate(function, noisy);
}

/// What random errors make of every element of every result.
class Cloud {
 public:
  Cloud(const Function& function, const reference::Arguments& arguments, const Outcome& middle) {
    runs_.push_back(middle);
    for (uint64_t i = 0; i < 24; ++i) runs_.push_back(disturbed(function, arguments, i));
    for (const Outcome& run : runs_) failed_ |= run.status != Status::ok;
  }

  bool failed() const { return failed_; }
  /// Whether the element is a number in some run.
  bool has_number(size_t result, size_t element) const {
    return std::ranges::any_of(
        runs_, [&](const Outcome& run) { return std::isfinite(at(run, result, element)); });
  }
  /// The largest distance of two runs; infinite where one is not a finite number or they differ in
  /// what is no number.
  double spread(size_t result, size_t element) const {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Outcome& run : runs_) {
      const double value = at(run, result, element);
      if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
      low = std::min(low, value);
      high = std::max(high, value);
    }
    return high - low;
  }

 private:
  static double at(const Outcome& run, size_t result, size_t element) {
    const Array& array =
        result < run.outputs.size() ? run.outputs[result] : run.states[result - run.outputs.size()];
    return array.elements[element].as_real();
  }
  std::vector<Outcome> runs_;
  bool failed_ = false;
};

double units_apart(const Scalar& a, const Scalar& b) {
  const double unit = a.dtype == DType::f64 ? 0x1p-52 : 0x1p-23;
  const double least = a.dtype == DType::f64 ? 0x1p-1074 : 0x1p-149;
  const double size = std::max(std::abs(a.real), std::abs(b.real));
  return std::abs(a.real - b.real) / std::max(size * unit, least);
}

/// Whether something in the function is infinite or NaN, which need not show in its results.
bool leaves_range(const Function& function, const reference::Arguments& arguments) {
  bool leaves = false;
  reference::Arguments watched = arguments;
  watched.visit = [&](const Node&, std::span<const Array* const>, const Array& result) {
    for (const Scalar& element : result.elements) leaves |= !std::isfinite(element.as_real());
  };
  reference::evaluate(function, watched);
  return leaves;
}

/// Whether a finite operand of something in the function gives an infinite result: what divides by
/// it is 0 then, and a number in a better form.
bool overflows(const Function& function, const reference::Arguments& arguments) {
  bool found = false;
  reference::Arguments watched = arguments;
  watched.visit = [&](const Node& node, std::span<const Array* const> operands,
                      const Array& result) {
    if (!is_float(result.dtype)) return;
    const auto infinite = [](const Scalar& element) { return std::isinf(element.as_real()); };
    const bool pointwise = node.family() == Family::elementwise;
    for (size_t i = 0; i < result.elements.size(); ++i)
      found |=
          infinite(result.elements[i]) && std::ranges::none_of(operands, [&](const Array* operand) {
            return pointwise ? infinite(operand->elements[i])
                             : std::ranges::any_of(operand->elements, infinite);
          });
  };
  reference::evaluate(function, watched);
  return found;
}

}  // namespace

std::string exact_difference(const Function& function, const Outcome& before,
                             const Outcome& after) {
  return each_result(function, before, after,
                     [](size_t, const Array& first, const Array& second) -> std::string {
                       if (first.extents != second.extents) return " has another shape";
                       for (size_t i = 0; i < first.elements.size(); ++i)
                         if (!same(first.elements[i], second.elements[i]))
                           return mismatch(i, first.elements[i], second.elements[i]);
                       return {};
                     });
}

std::string rounded_difference(const Function& before, const Function& after,
                               const reference::Arguments& arguments, const Outcome& first,
                               const Outcome& second) {
  std::optional<Cloud> around_first, around_second;
  const auto beyond_rounding = [&](size_t result, size_t element, const Scalar& a,
                                   const Scalar& b) {
    if (is_float(a.dtype)) {
      if (a.real == b.real || units_apart(a, b) <= 8) return false;
      if (!std::isfinite(a.real)) return false;
      if (a.real == 0 && overflows(before, arguments)) return false;
    }
    if (!is_float(a.dtype) && leaves_range(before, arguments)) return false;
    if (!around_first) around_first.emplace(before, arguments, first);
    if (!around_second) around_second.emplace(after, arguments, second);
    if (around_first->failed() || around_second->failed()) return false;
    double spread = around_first->spread(result, element);
    // Beside a pole the smallest difference decides whether there is a number at all.
    if (!std::isfinite(b.as_real()))
      return !(spread > 0.25 * std::abs(a.as_real())) &&
             !around_second->has_number(result, element);
    spread = std::max(spread, around_second->spread(result, element));
    return !std::isinf(spread) && !(std::abs(a.as_real() - b.as_real()) <= 4 * spread);
  };
  return each_result(before, first, second,
                     [&](size_t result, const Array& a, const Array& b) -> std::string {
                       if (a.extents != b.extents) return " has another shape";
                       for (size_t i = 0; i < a.elements.size(); ++i)
                         if (!same(a.elements[i], b.elements[i]) &&
                             beyond_rounding(result, i, a.elements[i], b.elements[i]))
                           return mismatch(i, a.elements[i], b.elements[i]);
                       return {};
                     });
}

}  // namespace thx::random
