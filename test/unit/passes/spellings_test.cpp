// SPDX-License-Identifier: Apache-2.0
// Every spelling of one function reaches the same stable form, and is right by value.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "expression.h"
#include "passes/canonicalize.h"
#include "passes/expand.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"

namespace thx::testing {
namespace {

using reference::Array;

/// Writes sums, products and quotients in a way drawn at random.
class Speller {
 public:
  explicit Speller(unsigned seed) : random_(seed) {}

  Expression plus(Expression a, Expression b) {
    switch (draw(7)) {
      case 0: return a + b;
      case 1: return b + a;
      case 2: return a - (-b);
      case 3: return -(-a - b);
      case 4: return b - (-a);
      case 5: return -((-b) + (-a));
      default: return -(-b - a);
    }
  }
  Expression minus(Expression a, Expression b) { return plus(a, draw(2) == 0 ? -b : -1.0 * b); }
  Expression times(Expression a, Expression b) {
    switch (draw(5)) {
      case 0: return a * b;
      case 1: return b * a;
      case 2: return -(a * -b);
      case 3: return (-b) * (-a);
      default: return -(-a * b);
    }
  }
  Expression over(Expression a, Expression b) {
    switch (draw(5)) {
      case 0: return a / b;
      case 1: return times(a, b.apply(node::reciprocal.op));
      case 2: return times(a, 1.0 / b);
      case 3: return (-a) / (-b);
      default: return -(a / -b);
    }
  }
  Expression negative(Expression a) {
    switch (draw(4)) {
      case 0: return -a;
      case 1: return 0.0 - a;
      case 2: return a * -1.0;
      default: return -1.0 * a;
    }
  }
  Expression one(Expression like) {
    switch (draw(3)) {
      case 0: return like.number(1);
      case 1: return like.number(0.5) + 0.5;
      default: return like.number(2) - 1.0;
    }
  }
  int draw(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

 private:
  std::mt19937 random_;
};

// Spellings, by function. `z` is of f32[N], or f32[N, K] where there are rows.
Expression sigmoid(Speller& s, Expression z) {
  const Expression e = exp(z), inverse = exp(s.negative(z));
  switch (s.draw(4)) {
    case 0: return s.over(s.one(z), s.plus(s.one(z), inverse));
    case 1: return s.over(e, s.plus(s.one(z), e));
    case 2: return s.minus(s.one(z), s.over(s.one(z), s.plus(e, s.one(z))));
    default: return s.over(z.number(2), s.plus(z.number(2), s.times(inverse, z.number(2))));
  }
}
Expression softplus(Speller& s, Expression z) {
  switch (s.draw(4)) {
    case 0: return log(s.plus(s.one(z), exp(z)));
    case 1: return log1p(exp(z));
    case 2: return s.negative(log(s.minus(s.one(z), sigmoid(s, z))));
    default: return s.negative(log(sigmoid(s, s.negative(z))));
  }
}
Expression log_sigmoid(Speller& s, Expression z) {
  switch (s.draw(4)) {
    case 0: return log(sigmoid(s, z));
    case 1: return s.negative(softplus(s, s.negative(z)));
    case 2: return log1p(s.negative(sigmoid(s, s.negative(z))));
    default: return log(s.minus(s.one(z), sigmoid(s, s.negative(z))));
  }
}
Expression logsumexp(Speller& s, Expression z) {
  const Expression most = max(z, 1);
  const Expression shifted = exp(s.minus(z, most.kept(z, 1)));
  return s.draw(2) == 0 ? log(sum(exp(z), 1)) : s.plus(most, log(sum(shifted, 1)));
}
Expression softmax(Speller& s, Expression z) {
  const Expression shifted = s.minus(z, max(z, 1).kept(z, 1));
  const Expression e = exp(s.draw(2) == 0 ? z : shifted);
  return s.over(e, sum(e, 1).kept(z, 1));
}
Expression log_softmax(Speller& s, Expression z) {
  switch (s.draw(3)) {
    case 0: return log(softmax(s, z));
    case 1: return s.minus(z, log(sum(exp(z), 1)).kept(z, 1));
    default: return s.minus(z, logsumexp(s, z).kept(z, 1));
  }
}

struct Function1 {
  std::string_view name;
  bool has_rows;
  Expression (*spell)(Speller&, Expression);
  Op composite;
  /// The exact values for one row.
  std::vector<long double> (*exact)(const std::vector<double>&);
};

std::vector<long double> each(const std::vector<double>& row, long double (*f)(long double)) {
  std::vector<long double> result;
  for (const double z : row) result.push_back(f(z));
  return result;
}
long double exact_softplus(long double z) {
  return std::max(z, 0.0L) + std::log1p(std::exp(-std::fabs(z)));
}
/// log(sum(exp(z - most))), with the digits that are left of 1.
long double beyond_largest(const std::vector<double>& row, long double most) {
  long double others = -1;
  for (const double z : row) others += z == most ? 1 : 0;
  for (const double z : row) others += z == most ? 0 : std::exp(z - most);
  return std::log1p(others);
}
long double exact_logsumexp(const std::vector<double>& row) {
  const long double most = *std::ranges::max_element(row);
  return most + beyond_largest(row, most);
}
std::vector<long double> exact_log_softmax(const std::vector<double>& row) {
  const long double most = *std::ranges::max_element(row);
  std::vector<long double> result;
  for (const double z : row) result.push_back(z - most - beyond_largest(row, most));
  return result;
}

const Function1 kFunctions[] = {
    {"sigmoid", false, sigmoid, node::sigmoid.op,
     [](const std::vector<double>& row) {
       return each(row, [](long double z) { return 1 / (1 + std::exp(-z)); });
     }},
    {"softplus", false, softplus, node::softplus.op,
     [](const std::vector<double>& row) { return each(row, exact_softplus); }},
    {"log-sigmoid", false, log_sigmoid, node::softplus.op,
     [](const std::vector<double>& row) {
       return each(row, [](long double z) { return -exact_softplus(-z); });
     }},
    {"logsumexp", true, logsumexp, node::logsumexp.op,
     [](const std::vector<double>& row) { return std::vector<long double>{exact_logsumexp(row)}; }},
    {"softmax", true, softmax, node::softmax.op,
     [](const std::vector<double>& row) {
       std::vector<long double> result = exact_log_softmax(row);
       for (long double& value : result) value = std::exp(value);
       return result;
     }},
    {"log-softmax", true, log_softmax, node::log_softmax.op, exact_log_softmax},
};

constexpr int kSpellings = 60;
constexpr double kSweep[] = {0,  1e-3, -1e-3, 0.5, -0.5, 3,   -3,  15,   -15,  20,   -20,
                             40, -40,  88.5,  -80, 100,  -70, 500, -500, 1000, -1000};

/// What may stay beside the composite: signs and numbers.
bool is_harmless(Value value) {
  return value->family() == Family::source || value->family() == Family::view ||
         without_factor(value).base != value || part_of(*value, ViewKind::sum).inner;
}

void stabilized(Program& program) {
  canonicalize(program);
  stabilize(program, FpMode::strict);
}

TEST(Spellings, ReachTheComposite) {
  for (const Function1& function : kFunctions) {
    for (int seed = 0; seed < kSpellings; ++seed) {
      TestProgram test;
      Speller speller(static_cast<unsigned>(seed));
      const Expression z = test.input("z", real(function.has_rows ? Shape{1, 3} : Shape{21}));
      test.output("r", function.spell(speller, z));
      const std::string before = test.text();
      stabilized(test.program());
      EXPECT_EQ(test.count(function.composite), 1) << function.name << before << test.text();
      for (const Value value : needed(test.function().graph(), test.function().roots()))
        EXPECT_TRUE(value->op == function.composite || is_harmless(value))
            << function.name << " keeps " << name_of(value->op) << before << test.text();
      // A second run changes nothing.
      const std::string once = test.text();
      RewriteLog log;
      stabilize(test.program(), FpMode::strict, &log);
      EXPECT_TRUE(log.firings.empty()) << log.firings[0].rule;
      EXPECT_EQ(test.text(), once);
    }
  }
}

void expect_close(const Array& got, const std::vector<long double>& exact, std::string_view what,
                  const std::string& text) {
  ASSERT_EQ(got.elements.size(), exact.size());
  for (size_t i = 0; i < exact.size(); ++i) {
    const double wanted = static_cast<double>(exact[i]);
    // Below the normal numbers of f32 the spacing is what it is.
    const double allowed = std::max(3e-6 * std::fabs(wanted), 2e-45);
    EXPECT_NEAR(got.elements[i].real, wanted, allowed) << what << " at element " << i << text;
  }
}

TEST(Spellings, AreRightByValue) {
  for (const Function1& function : kFunctions) {
    for (int seed = 0; seed < kSpellings / 4; ++seed) {
      TestProgram test;
      Speller speller(static_cast<unsigned>(seed));
      const Expression z = test.input("z", real(function.has_rows ? Shape{1, 3} : Shape{21}));
      test.output("r", function.spell(speller, z));
      stabilized(test.program());
      const std::string text = test.text();
      expand(test.program());
      std::vector<std::vector<double>> rows = {{std::begin(kSweep), std::end(kSweep)}};
      if (function.has_rows)
        rows = {
            {1000, 999, -1000}, {-1000, -1000, -999.5}, {3, 1000, 2}, {0, 0, 0.5}, {80, -7, 12}};
      for (std::vector<double>& row : rows) {
        for (double& value : row) value = static_cast<float>(value);
        const auto extent = static_cast<int64_t>(row.size());
        const reference::Index extents =
            function.has_rows ? reference::Index{1, extent} : reference::Index{extent};
        const std::vector<Array> outputs = test.run({Array::of(DType::f32, extents, row)});
        expect_close(outputs[0], function.exact(row), function.name, text);
      }
    }
  }
}

}  // namespace
}  // namespace thx::testing
