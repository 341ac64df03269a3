// SPDX-License-Identifier: Apache-2.0
// The cost of a logistic and of a softmax regression as one writes it first, and its gradient, are
// right and finite for scores up to 1000, in f32, against references in long double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expression.h"
#include "passes/canonicalize.h"
#include "passes/differentiate.h"
#include "passes/expand.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"

namespace thx::testing {
namespace {

using reference::Array;

void compile(Program& program, FpMode mode) {
  canonicalize(program);
  stabilize(program, mode);
  Diagnostics diagnostics;
  differentiate(program, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors());
  simplify(program, mode);
  stabilize(program, mode);
  expand(program);
}

Expression gradient(Expression cost, Expression target) {
  Graph& graph = *cost.graph;
  const Value grad = graph.intern({.op = node::grad.op,
                                   .types = {target.value->type()},
                                   .operands = {cost.value, target.value}});
  return {&graph, result(graph, grad, 0)};
}

void expect_close(const Array& got, const std::vector<long double>& exact, std::string_view what) {
  ASSERT_EQ(got.elements.size(), exact.size());
  for (size_t i = 0; i < exact.size(); ++i) {
    const auto wanted = static_cast<double>(exact[i]);
    const double allowed = std::max(3e-6 * std::fabs(wanted), 3e-45);
    EXPECT_NEAR(got.elements[i].real, wanted, allowed) << what << " at element " << i;
  }
}

const std::vector<double> kScores = {0,  1e-4, -1e-4, 0.7, -0.7, 5,    -5,   17,   -17,
                                     40, -40,  80,    -80, 100,  -100, 1000, -1000};

long double softplus(long double z) {
  return std::max(z, 0.0L) + std::log1p(std::exp(-std::fabs(z)));
}
long double logistic(long double z) { return 1 / (1 + std::exp(-z)); }

using Probability = Expression (*)(Expression);
const Probability kProbabilities[] = {
    [](Expression z) { return 1.0 / (1.0 + exp(-z)); },
    [](Expression z) { return exp(z) / (1.0 + exp(z)); },
    [](Expression z) { return exp(z) / (exp(z) + 1.0); },
    [](Expression z) { return 1.0 - 1.0 / (1.0 + exp(z)); },
    [](Expression z) { return 1.0 / (exp(-1.0 * z) + 1.0); },
    [](Expression z) { return -1.0 / (-1.0 - exp(-z)); },
};

TEST(Stability, OfLogisticRegression) {
  for (const FpMode mode : {FpMode::standard, FpMode::strict, FpMode::fast}) {
    for (const Probability probability : kProbabilities) {
      TestProgram test;
      const auto extent = static_cast<int64_t>(kScores.size());
      const Expression z = test.input("z", real({extent}));
      const Expression y = test.input("y", real({extent}));
      const Expression p = probability(z);
      const Expression xent = -y * log(p) - (1.0 - y) * log(1.0 - p);
      test.output("xent", xent);
      test.output("gz", gradient(sum(xent, 0), z));
      compile(test.program(), mode);
      for (const double target : {0.0, 1.0, 0.25}) {
        std::vector<long double> cost, slope;
        for (const double value : kScores) {
          const long double score = static_cast<float>(value);
          cost.push_back(target * softplus(-score) + (1 - target) * softplus(score));
          slope.push_back((1 - target) * logistic(score) - target * logistic(-score));
        }
        const std::vector<double> targets(kScores.size(), target);
        const std::vector<Array> outputs = test.run(
            {Array::of(DType::f32, {extent}, kScores), Array::of(DType::f32, {extent}, targets)});
        expect_close(outputs[0], cost, "cost");
        // Between the targets the two halves of the gradient cancel by its own formula.
        if (target != 0.25) expect_close(outputs[1], slope, "gradient");
        for (const Scalar& element : outputs[1].elements) EXPECT_TRUE(std::isfinite(element.real));
      }
    }
  }
}

using Shares = Expression (*)(Expression);
const Shares kShares[] = {
    [](Expression z) { return exp(z) / sum(exp(z), 1).kept(z, 1); },
    [](Expression z) {
      const Expression e = exp(z - max(z, 1).kept(z, 1));
      return e / sum(e, 1).kept(z, 1);
    },
    [](Expression z) { return exp(z) * (1.0 / sum(exp(z), 1).kept(z, 1)); },
};

TEST(Stability, OfSoftmaxRegression) {
  const std::vector<double> scores = {1000, -1000, 0, 3, 2.5, -4, -900, -901, -899, 0, 0, 0};
  const std::vector<double> labels = {1, 0, 2, 1};
  for (const Shares shares : kShares) {
    TestProgram test;
    const Expression z = test.input("z", real({4, 3}));
    const Expression y = test.input("y", {DType::i64, {4}});
    Graph& graph = *z.graph;
    const Value rows = make(graph, node::iota.op, {}, {{"axis", int64_t{0}}, {"shape", Shape{4}}});
    const Value chosen =
        make(graph, node::gather.op, {shares(z).value, rows, y.value}, {{"axes", AxisList{0, 1}}});
    const Expression xent = -log(Expression{&graph, chosen});
    test.output("xent", xent);
    test.output("gz", gradient(sum(xent, 0), z));
    compile(test.program(), FpMode::standard);
    std::vector<long double> cost, slope;
    for (size_t row = 0; row < 4; ++row) {
      const double* at = &scores[3 * row];
      const auto label = static_cast<size_t>(labels[row]);
      const long double most = std::max({at[0], at[1], at[2]});
      long double total = 0;
      for (size_t i = 0; i < 3; ++i) total += std::exp(at[i] - most);
      cost.push_back(most + std::log(total) - at[label]);
      for (size_t i = 0; i < 3; ++i)
        slope.push_back(std::exp(at[i] - most) / total - (i == label ? 1 : 0));
    }
    const std::vector<Array> outputs =
        test.run({Array::of(DType::f32, {4, 3}, scores), Array::of(DType::i64, {4}, labels)});
    expect_close(outputs[0], cost, "cost");
    expect_close(outputs[1], slope, "gradient");
  }
}

}  // namespace
}  // namespace thx::testing
