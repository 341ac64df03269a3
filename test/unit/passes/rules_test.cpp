// SPDX-License-Identifier: Apache-2.0
// The tables of rules: each row is true, each stability row is needed, and each has a lit test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "ops/build.h"
#include "ops/op_def.h"
#include "passes/rule.h"
#include "support/text.h"

namespace thx::testing {
namespace {

/// One number per element, or one for all of a row that a reduction went over.
struct Numbers {
  std::vector<Scalar> elements;
  bool is_reduced = false;
};

/// Evaluates a formula on short rows, every operator rounded to one dtype.
class Evaluation {
 public:
  Evaluation(DType dtype, std::vector<std::vector<double>> variables)
      : dtype_(dtype), variables_(std::move(variables)) {}

  Numbers variable(int8_t index) const {
    Numbers numbers;
    for (const double value : variables_.at(static_cast<size_t>(index)))
      numbers.elements.push_back(Scalar::of(dtype_, value));
    numbers.is_reduced = numbers.elements.size() == 1;
    return numbers;
  }
  Numbers constant(double value) const { return {{Scalar::of(dtype_, value)}, true}; }
  Numbers keep(const Numbers& reduced) const { return reduced; }
  Numbers apply(Op op, const std::vector<Numbers>& args) const {
    if (family_of(op) == Family::reduction) return reduced(op, args[0]);
    if (family_of(op) == Family::composite && args.size() > 1) return weighted(args);
    if (family_of(op) == Family::composite) return composite(name_of(op), args[0]);
    Numbers result;
    result.is_reduced = std::ranges::all_of(args, &Numbers::is_reduced);
    const size_t count = result.is_reduced ? 1 : rows(args);
    for (size_t i = 0; i < count; ++i) {
      std::vector<Scalar> operands;
      for (const Numbers& arg : args) operands.push_back(arg.elements[arg.is_reduced ? 0 : i]);
      const bool boolean =
          elementwise(op).result == ResultDType::boolean || operands.back().dtype == DType::boolean;
      result.elements.push_back(elementwise(op).eval(operands, boolean ? DType::boolean : dtype_));
    }
    return result;
  }

 private:
  static size_t rows(const std::vector<Numbers>& args) {
    size_t count = 1;
    for (const Numbers& arg : args) count = std::max(count, arg.elements.size());
    return count;
  }

  Numbers reduced(Op op, const Numbers& row) const {
    const ReductionDef& def = reduction(op);
    const bool logical = row.elements[0].dtype == DType::boolean;
    Scalar total = logical ? Scalar::of_integer(DType::boolean, def.identity != 0)
                           : Scalar::of(dtype_, def.identity);
    for (const Scalar& element : row.elements) {
      const Scalar operands[] = {total, element};
      total = elementwise(def.combine).eval(operands, total.dtype);
    }
    return {{total}, true};
  }

  // The logarithm of the sum of weighed exponentials; with other weights, their shares of it.
  Numbers weighted(const std::vector<Numbers>& args) const {
    const auto number = [&](size_t arg, size_t i) -> long double {
      return args[arg].elements[args[arg].is_reduced ? 0 : i].real;
    };
    const size_t count = args[0].elements.size();
    long double most = -HUGE_VALL, total = 0;
    for (size_t i = 0; i < count; ++i) most = std::max(most, number(0, i));
    if (std::isinf(most)) most = 0;
    for (size_t i = 0; i < count; ++i) total += number(1, i) * std::exp(number(0, i) - most);
    if (args.size() == 2)
      return {{Scalar::of(dtype_, static_cast<double>(most + std::log(total)))}, true};
    Numbers result;
    for (size_t i = 0; i < count; ++i)
      result.elements.push_back(Scalar::of(
          dtype_, static_cast<double>(number(2, i) * std::exp(number(0, i) - most) / total)));
    return result;
  }

  // The exact value of the formulas, rounded once, with their limits at infinity.
  Numbers composite(std::string_view name, const Numbers& row) const {
    long double most = -HUGE_VALL;
    for (const Scalar& element : row.elements) most = std::max<long double>(most, element.real);
    const auto shifted = [&](const Scalar& element) -> long double {
      return element.real == most ? 0 : element.real - most;
    };
    long double total = 0;
    for (const Scalar& element : row.elements) total += std::exp(shifted(element));
    if (name == "logsumexp")
      return {{Scalar::of(dtype_, static_cast<double>(most + std::log(total)))}, true};
    Numbers result;
    for (const Scalar& element : row.elements) {
      const long double value = name == "softmax" ? std::exp(shifted(element)) / total
                                                  : shifted(element) - std::log(total);
      result.elements.push_back(Scalar::of(dtype_, static_cast<double>(value)));
    }
    return result;
  }

  DType dtype_;
  std::vector<std::vector<double>> variables_;
};

bool has_reduction(const Formula& formula) {
  for (int i = 0; i < formula.count; ++i) {
    const Formula::Step& step = formula.steps[static_cast<size_t>(i)];
    if (step.kind == Formula::Kind::apply && family_of(step.op) != Family::elementwise) return true;
  }
  return false;
}

/// x, y and w of a rule at a point: rows where it reduces, numbers elsewhere.
std::vector<std::vector<double>> variables(const Rule& rule, double point) {
  if (rule.guard == Guard::y_is_even) return {{point}, {4}};
  // Its logarithm is short, so that the difference from x does not round at `breaks_at`.
  if (rule.guard == Guard::y_is_no_small_constant) return {{point}, {std::exp(0.5)}};
  if (rule.guard == Guard::y_is_odd) return {{point}, {3}};
  if (rule.guard == Guard::x_is_nonnegative) return {{std::fabs(point)}};
  if (rule.name == "log1p-of-neg-softmax") return {{point, 0.5, 0}};
  if (rule.name == "exp-over-norm") return {{point, point - 1, point - 2}};
  if (rule.name == "softmax-beside-number") return {{point, point - 1, 0}, {3}};
  if (rule.name == "product-of-exps") return {{point}, {-0.75 * point}};
  if (rule.name == "mean-by-two-exps") return {{point}, {2}, {3}, {0.5 * point}};
  if (!has_reduction(rule.from)) return {{point}, {0.75 * point}, {1}};
  const double second = std::isfinite(point) ? point - 1 : 1;
  const std::vector<double> row = {point, second, 0};
  // Not the product, whose parts would meet 0.
  if (rule.name.starts_with("log-of-prod") || rule.name == "log-of-square-of-prod")
    return {{point, second, 0.5}};
  if (rule.name == "log-of-weighed-softmax") return {row, {0, 0, 1}};
  if (rule.name.starts_with("log-of-weighted-softmax")) return {row, {0.5, 2, 1}, {3, 1, 2}};
  if (rule.name == "log-of-share") return {{0.5 * point}, {1}, row};  // x has the sum's shape
  return {row, {0.5}, row};
}

std::vector<double> evaluate(const Formula& formula, DType dtype, const Rule& rule, double point) {
  std::vector<double> numbers;
  for (const Scalar& element :
       fold<Numbers>(formula, Evaluation(dtype, variables(rule, point))).elements)
    numbers.push_back(element.as_real());
  return numbers;
}

bool close(const std::vector<double>& got, const std::vector<double>& exact, double tolerance) {
  for (size_t i = 0; i < got.size(); ++i) {
    const double wanted = exact[exact.size() == 1 ? 0 : i];
    if (got[i] == wanted) continue;
    if (!(std::fabs(got[i] - wanted) <= tolerance * std::fabs(wanted))) return false;
  }
  return true;
}

std::vector<Rule> all_rules() {
  std::vector<Rule> rules;
  for (const auto table :
       {canonical_rules(), stability_rules(), inverse_rules(), value_rules(), simplify_rules()})
    rules.insert(rules.end(), table.begin(), table.end());
  return rules;
}

TEST(Rules, AreTrue) {
  for (const Rule& rule : all_rules()) {
    for (const double point : {-2.5, -1.0, -0.3, 0.2, 0.9, 1.7, 3.0}) {
      const std::vector<double> left = evaluate(rule.from, DType::f64, rule, point);
      const std::vector<double> right = evaluate(rule.to, DType::f64, rule, point);
      if (std::isnan(left[0])) continue;
      EXPECT_TRUE(close(left, right, 1e-9)) << rule.name << " at " << point;
    }
  }
}

// At -infinity, where the mathematics gives a limit, no rule may make a NaN that was not there.
TEST(Rules, KeepLimits) {
  for (const Rule& rule : all_rules()) {
    for (const double point : {-HUGE_VAL, -0.0, 0.0}) {
      const std::vector<double> left = evaluate(rule.from, DType::f64, rule, point);
      const std::vector<double> right = evaluate(rule.to, DType::f64, rule, point);
      if (std::isnan(left[0])) continue;
      EXPECT_TRUE(close(left, right, 1e-12))
          << rule.name << " at " << point << ": " << left[0] << " became " << right[0];
    }
  }
}

TEST(Rules, PropagateNan) {
  for (const Rule& rule : all_rules()) {
    if (has_reduction(rule.from)) continue;
    EXPECT_TRUE(std::isnan(evaluate(rule.from, DType::f64, rule, NAN)[0])) << rule.name;
    EXPECT_TRUE(std::isnan(evaluate(rule.to, DType::f64, rule, NAN)[0])) << rule.name;
  }
}

TEST(Rules, ThatAreExactAgreeInEveryBit) {
  for (const Rule& rule : all_rules()) {
    if (rule.cls != RuleClass::exact || has_reduction(rule.from)) continue;
    for (const double point : {-2.5, -0.1, -0.0, 0.0, 0.3, 7.7, HUGE_VAL}) {
      const Scalar left = Scalar::of(DType::f32, evaluate(rule.from, DType::f32, rule, point)[0]);
      const Scalar right = Scalar::of(DType::f32, evaluate(rule.to, DType::f32, rule, point)[0]);
      EXPECT_TRUE(left == right || std::isnan(left.real)) << rule.name << " at " << point;
    }
  }
}

TEST(StabilityRules, AreNeeded) {
  constexpr double kTolerance = 1e-6;
  std::vector<Rule> rules;
  for (const auto table : {stability_rules(), inverse_rules(), value_rules()})
    rules.insert(rules.end(), table.begin(), table.end());
  for (const Rule& rule : rules) {
    // The exact value: the right side in f64, at the point as f32 has it.
    const double point = static_cast<float>(rule.breaks_at);
    const std::vector<double> exact = evaluate(rule.to, DType::f64, rule, point);
    EXPECT_FALSE(close(evaluate(rule.from, DType::f32, rule, point), exact, kTolerance))
        << rule.name << ": not needed here";
    EXPECT_TRUE(close(evaluate(rule.to, DType::f32, rule, point), exact, kTolerance))
        << rule.name << ": no better";
    EXPECT_EQ(rule.cls, RuleClass::more_accurate) << rule.name;
  }
}

TEST(Rules, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Rule& rule : all_rules()) EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
}

TEST(Rules, ThatDropANanAreInNoOtherTable) {
  for (const Rule& rule : all_rules()) EXPECT_NE(rule.cls, RuleClass::special_values) << rule.name;
  for (const Rule& rule : special_value_rules()) {
    EXPECT_EQ(rule.cls, RuleClass::special_values) << rule.name;
    EXPECT_FALSE(admits(rule.cls, FpMode::standard));
  }
}

bool differs(const Rule& rule, double point) {
  const std::vector<double> left = evaluate(rule.from, DType::f32, rule, point);
  const std::vector<double> right = evaluate(rule.to, DType::f32, rule, point);
  for (size_t i = 0; i < left.size(); ++i) {
    const double wanted = right[right.size() == 1 ? 0 : i];
    if (std::isnan(left[i]) != std::isnan(wanted)) return true;
    if (left[i] != wanted || std::signbit(left[i]) != std::signbit(wanted)) return true;
  }
  return false;
}

TEST(WrongRules, AreWrongSomewhere) {
  EXPECT_TRUE(wrong_rules_in_force().empty());
  for (const Rule& rule : wrong_rules()) {
    EXPECT_EQ(rule.name.substr(0, 6), "wrong-");
    constexpr double kPoints[] = {-2.5, -1e-3, -0.0, 1e-6, 0.9, 3.0, 200, HUGE_VAL, NAN};
    EXPECT_TRUE(std::ranges::any_of(kPoints, [&](double point) { return differs(rule, point); }))
        << rule.name;
  }
}

// A lit test of a rule is a function that has the rule's name.
TEST(Rules, HaveLitTests) {
  std::string tests;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(THX_SOURCE_DIR "/test/passes")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path());
    tests.append(std::istreambuf_iterator<char>(stream), {});
  }
  std::vector<Rule> rules = all_rules();
  for (const Rule& rule : special_value_rules()) rules.push_back(rule);
  for (const Rule& rule : rules) {
    std::string name(rule.name);
    std::ranges::replace(name, '-', '_');
    EXPECT_TRUE(tests.find("func @" + name + "(") != std::string::npos) << "no func @" << name;
  }
}

}  // namespace
}  // namespace thx::testing
