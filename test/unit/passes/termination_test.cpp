// SPDX-License-Identifier: Apache-2.0
// On random programs of all elementwise operators and of rows, every pass that rewrites comes to an
// end before its budget does, and a second run of it changes nothing.
#include <gtest/gtest.h>

#include <random>

#include "expression.h"
#include "passes/canonicalize.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"

namespace thx::testing {
namespace {

constexpr int kPrograms = 400;
constexpr int kNodes = 40;

/// Adds nodes on values that are already there, so that many are shared.
class Grower {
 public:
  Grower(TestProgram& test, unsigned seed) : test_(test), random_(seed) {
    for (const char* name : {"a", "b"}) matrices_.push_back(test.input(name, real({3, 4})));
    rows_.push_back(test.input("r", real({3})));
    for (const ElementwiseDef& row : elementwise_rows())
      if (row.result == ResultDType::same && accepts(row.types, DType::f32)) ops_.push_back(row.op);
  }

  void grow() {
    for (int i = 0; i < kNodes; ++i) {
      const bool of_rows = draw(4) == 0;
      std::vector<Expression>& values = of_rows ? rows_ : matrices_;
      switch (draw(8)) {
        case 0: rows_.push_back(reduced()); break;
        case 1: matrices_.push_back(pick(rows_).kept(matrices_[0], 1)); break;
        case 2: values.push_back(arithmetic(values)); break;
        case 3: values.push_back(exp(pick(values))); break;
        case 4: values.push_back(log(pick(values))); break;
        default: values.push_back(applied(values)); break;
      }
    }
    test_.output("m", matrices_.back());
    test_.output("r", rows_.back());
    test_.output("s", pick(matrices_));
  }

 private:
  int draw(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  Expression pick(const std::vector<Expression>& values) {
    return values[values.size() - 1 -
                  static_cast<size_t>(draw(std::min<int>(6, static_cast<int>(values.size()))))];
  }
  Expression number(const std::vector<Expression>& values) {
    constexpr double kNumbers[] = {1, -1, 0.5, 2, 0, -0.0, 3};
    return values[0].number(kNumbers[draw(7)]);
  }
  Expression operand(const std::vector<Expression>& values) {
    return draw(4) == 0 ? number(values) : pick(values);
  }
  Expression reduced() {
    constexpr Op kReductions[] = {node::sum.op, node::sum.op, node::max.op, node::prod.op};
    return pick(matrices_).reduced(kReductions[draw(4)], 1);
  }
  Expression arithmetic(const std::vector<Expression>& values) {
    const Expression a = operand(values), b = pick(values);
    switch (draw(4)) {
      case 0: return a + b;
      case 1: return a - b;
      case 2: return a * b;
      default: return a / b;
    }
  }
  Expression applied(const std::vector<Expression>& values) {
    const Op op = ops_[static_cast<size_t>(draw(static_cast<int>(ops_.size())))];
    std::vector<Value> operands = {pick(values).value};
    while (static_cast<int>(operands.size()) < info(op).operands)
      operands.push_back(operand(values).value);
    return {values[0].graph, make(*values[0].graph, op, operands)};
  }

  TestProgram& test_;
  std::mt19937 random_;
  std::vector<Expression> matrices_, rows_;
  std::vector<Op> ops_;
};

struct Named {
  std::string_view name;
  void (*run)(Program& program, FpMode mode, RewriteLog* log);
};
constexpr Named kPasses[] = {
    {"canonicalize", [](Program& program, FpMode, RewriteLog* log) { canonicalize(program, log); }},
    {"stabilize", stabilize},
    {"simplify", simplify},
    {"stabilize", stabilize},
    {"stabilize-values", stabilize_values},
};

TEST(Passes, ComeToAnEnd) {
  for (int i = 0; i < kPrograms; ++i) {
    const FpMode mode = i % 3 == 0 ? FpMode::strict : i % 3 == 1 ? FpMode::standard : FpMode::fast;
    TestProgram test;
    Grower(test, static_cast<unsigned>(i)).grow();
    for (const Named& pass : kPasses) {
      const std::string before = test.text();
      pass.run(test.program(), mode, nullptr);
      const std::string once = test.text();
      RewriteLog log;
      pass.run(test.program(), mode, &log);
      ASSERT_TRUE(log.firings.empty())
          << pass.name << " still applies " << log.firings[0].rule << " to\n"
          << once << "made of\n"
          << before;
      ASSERT_EQ(test.text(), once) << pass.name;
    }
  }
}

}  // namespace
}  // namespace thx::testing
