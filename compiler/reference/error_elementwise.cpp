// SPDX-License-Identifier: Apache-2.0
// Bounds of elementwise operators: corners of the operands' intervals, poles and partial
// derivatives between them, and the budget of the operator itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "ops/build.h"
#include "reference/error_rules.h"

namespace thx::reference {
namespace {

bool rounds(Instruction instruction) {
  switch (instruction) {
    case Instruction::add:
    case Instruction::sub:
    case Instruction::mul:
    case Instruction::div:
    case Instruction::fma:
    case Instruction::sqrt: return true;
    default: return false;
  }
}

struct BudgetOfFormula {
  double variable(int) { return 0; }
  double constant(double) { return 0; }
  double keep(double) { return 0; }
  double apply(Op op, const std::vector<double>& args) {
    double sum = error_budget(op);
    for (const double arg : args) sum += arg;
    return sum;
  }
};

double computed_budget(const ElementwiseDef& row) {
  constexpr double kFunction = 4;
  if (row.result == ResultDType::boolean || row.result == ResultDType::chosen) return 0;
  switch (row.emit.kind) {
    case Emit::Kind::instruction: return rounds(row.emit.instruction) ? 0.5 : 0;
    case Emit::Kind::expand: return fold<double>(row.emit.formula, BudgetOfFormula{});
    case Emit::Kind::lanes: break;
  }
  if (row.result == ResultDType::given) return 0.5;
  return (row.traits & kCostly) != 0 ? kFunction : 0;
}

// One element: the operands there, widened to f64, and their bounds.
class Element {
 public:
  Element(const ElementwiseDef& row, double budget, const BoundedSite& site, size_t i)
      : row_(row), budget_(budget), dtype_(site.value.dtype), value_(site.value.elements[i]) {
    for (size_t k = 0; k < site.errors.size(); ++k) {
      Scalar operand = site.site.operands[k]->elements[i];
      if (is_float(operand.dtype)) operand.dtype = DType::f64;
      at_.push_back(operand);
      errors_.push_back((*site.errors[k])[i]);
      exact_ = exact_ && errors_.back() == 0;
    }
  }

  double error(const BoundOptions& options) const {
    if ((row_.traits & kSelects) != 0 && errors_[0] == 0)
      return errors_[at_[0].integer != 0 ? 1 : 2];
    if (!is_float(dtype_)) return exact_ ? 0 : discrete();
    if (unknown()) return kUnknown;
    if (std::isnan(value_.real)) return of_nan(options);
    const double wide = computed(at_);
    if (std::isinf(value_.real)) return of_infinity(wide);
    double error = exact_ ? 0 : std::max(moved(wide), by_partials());
    const bool same = exact_ && wide == value_.real &&
                      (row_.result == ResultDType::given || is_small_arithmetic());
    if (!same) error += rounding_of(budget_, rounded(), dtype_);
    return within_range(value_.real, error, dtype_);
  }

 private:
  // Arithmetic of small integers that gives one: it does not round. Exponents are made so.
  bool is_small_arithmetic() const {
    constexpr double kLargest = 4096;
    const auto is_small = [](double x) {
      return x == std::nearbyint(x) && std::fabs(x) <= kLargest;
    };
    return row_.emit.kind == Emit::Kind::instruction && is_small(value_.real) &&
           std::all_of(at_.begin(), at_.end(), [&](const Scalar& operand) {
             return is_float(operand.dtype) && is_small(operand.real);
           });
  }

  double computed(const std::vector<Scalar>& at) const {
    const Scalar result = row_.eval(at, is_float(dtype_) ? DType::f64 : dtype_);
    return is_float(result.dtype) ? result.real : static_cast<double>(result.integer);
  }

  // A bool that may be either is no unknown: both are looked at.
  bool unknown() const {
    for (size_t k = 0; k < at_.size(); ++k)
      if (!is_bool(at_[k].dtype) && errors_[k] == kUnknown) return true;
    return false;
  }

  // A bound that f64 sees: one below the distance of its numbers would move nothing.
  static double seen(double error, double at) { return std::max(error, ulp_of(at, DType::f64)); }

  // Where each operand is as small and as large as its bound allows.
  template <class Visit>
  void for_each_corner(Visit&& visit) const {
    std::vector<std::vector<Scalar>> ends;
    for (size_t k = 0; k < at_.size(); ++k) ends.push_back(ends_of(k));
    for_each_of(ends, visit);
  }

  // And at zeros and integers between, where poles are.
  template <class Visit>
  void for_each_corner_and_pole(Visit&& visit) const {
    std::vector<std::vector<Scalar>> points;
    for (size_t k = 0; k < at_.size(); ++k) {
      points.push_back(ends_of(k));
      if (errors_[k] == 0 || !is_float(at_[k].dtype)) continue;
      const double whole = std::nearbyint(at_[k].real);
      for (const double pole : {0.0, whole})
        if (std::fabs(pole - at_[k].real) < errors_[k] && (pole == 0.0 || at_.size() == 1))
          points.back().push_back(Scalar::of(DType::f64, pole));
    }
    for_each_of(points, visit);
  }

  template <class Visit>
  void for_each_of(const std::vector<std::vector<Scalar>>& points, Visit&& visit) const {
    std::vector<size_t> chosen(points.size());
    std::vector<Scalar> point = at_;
    while (true) {
      for (size_t k = 0; k < points.size(); ++k) point[k] = points[k][chosen[k]];
      visit(computed(point));
      size_t k = 0;
      while (k < points.size() && ++chosen[k] == points[k].size()) chosen[k++] = 0;
      if (k == points.size()) return;
    }
  }

  std::vector<Scalar> ends_of(size_t k) const {
    const double error = errors_[k];
    if (error == 0) return {at_[k]};
    std::vector<Scalar> ends = {at_[k], at_[k]};
    for (const bool up : {false, true}) {
      Scalar& end = ends[up ? 1 : 0];
      if (is_bool(end.dtype))
        end.integer = up ? 1 : 0;
      else if (is_float(end.dtype))
        end.real += (up ? 1 : -1) * seen(error, end.real);
      else
        end.integer += static_cast<int64_t>(up ? error : -error);
    }
    return ends;
  }

  // Of a bool or an integer.
  double discrete() const {
    if (unknown()) return is_bool(dtype_) ? 1 : kUnknown;
    const auto own = static_cast<double>(value_.integer);
    double error = 0;
    for_each_corner([&](double result) { error = std::max(error, std::fabs(result - own)); });
    return error < 1e15 ? error : kUnknown;
  }

  double of_nan(const BoundOptions& options) const {
    const auto any = [this](auto&& holds) {
      return std::any_of(at_.begin(), at_.end(), [&](const Scalar& operand) {
        return is_float(operand.dtype) && holds(operand.real);
      });
    };
    if (any([](double x) { return std::isnan(x); })) return 0;
    if (!exact_) return kUnknown;
    return options.limits && any([](double x) { return std::isinf(x); }) ? kUnknown : 0;
  }

  double of_infinity(double wide) const {
    const bool given = std::any_of(at_.begin(), at_.end(), [](const Scalar& operand) {
      return is_float(operand.dtype) && std::isinf(operand.real);
    });
    if (exact_) return given || !has_overflowed(wide) ? 0 : kUnknown;
    bool same = given;
    for_each_corner([&](double result) { same = same && result == value_.real; });
    return same ? 0 : kUnknown;
  }

  // Whether the infinity is no pole: beside a pole the function is finite.
  bool has_overflowed(double wide) const {
    if (std::isfinite(wide)) return true;
    for (const double sign : {-1.0, 1.0}) {
      std::vector<Scalar> beside = at_;
      for (Scalar& operand : beside) {
        if (!is_float(operand.dtype)) continue;
        operand.real = operand.real == 0 ? sign * 1e-100 : operand.real * (1 + sign * 0x1p-20);
      }
      if (std::isfinite(computed(beside))) return false;
    }
    return true;
  }

  double moved(double wide) const {
    double error = 0;
    for_each_corner_and_pole([&](double result) {
      const double distance = result == wide ? 0 : std::fabs(result - wide);
      error = std::isnan(distance) ? kUnknown : std::max(error, distance);
    });
    return error + ulp_of(wide, DType::f64);  // the corners are rounded themselves
  }

  // By operand `k` at `point`; 0 where there is none that is a number.
  double slope(size_t k, const std::vector<Scalar>& point) const {
    const bool known = static_cast<int>(k) < row_.grad.count && is_float(point[k].dtype);
    if (row_.grad.kind != Gradient::Kind::partials || !known) return 0;
    std::array<Scalar, 4> variables = {point[0], {}, {}, Scalar::of(DType::f64, computed(point))};
    for (size_t i = 1; i < point.size() && i < 3; ++i) variables[i] = point[i];
    const double slope = evaluate(row_.grad.partial[k], variables, DType::f64).real;
    return std::isfinite(slope) ? slope : 0;
  }

  // Ends say nothing about what lies between them where the function turns, or has a pole: there
  // the largest slope counts, not the one at the value.
  double by_partials() const {
    if (at_.size() != 1 || (row_.traits & kIncreasing) != 0 || !is_float(at_[0].dtype)) return 0;
    const double error = errors_[0];
    double least = 0, most = 0;
    for (const double part : {-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0}) {
      const double by = slope(0, {Scalar::of(DType::f64, at_[0].real + part * error)});
      least = std::min(least, by);
      most = std::max(most, by);
    }
    if (least < 0 && most > 0) return std::max(-least, most) * error;
    const double rise = computed({Scalar::of(DType::f64, at_[0].real + error)}) -
                        computed({Scalar::of(DType::f64, at_[0].real - error)});
    if ((least < 0 && rise > 0) || (most > 0 && rise < 0)) return kUnknown;
    return std::fabs(slope(0, at_)) * error;
  }

  // What the operator's own units are units of: near zeros of the function, of its operands.
  double rounded() const {
    double sum = 0;
    for (size_t k = 0; row_.error.conditioned && k < at_.size(); ++k)
      sum += std::fabs(slope(k, at_) * at_[k].real);
    return std::isfinite(sum) ? std::max(std::fabs(value_.real), sum) : value_.real;
  }

  const ElementwiseDef& row_;
  double budget_;
  DType dtype_;
  const Scalar& value_;
  std::vector<Scalar> at_;
  std::vector<double> errors_;
  bool exact_ = true;
};

}  // namespace

double error_budget(Op op) {
  return family_of(op) == Family::elementwise ? computed_budget(elementwise(op)) : 0;
}

std::vector<double> elementwise_errors(const BoundedSite& site) {
  const ElementwiseDef& row = elementwise(site.site.node.op);
  const double budget = error_budget(row.op);
  std::vector<double> errors;
  errors.reserve(site.value.elements.size());
  for (size_t i = 0; i < site.value.elements.size(); ++i)
    errors.push_back(Element(row, budget, site, i).error(site.options));
  return errors;
}

}  // namespace thx::reference
