// SPDX-License-Identifier: Apache-2.0
// The rewriter itself: views of sums and products, budgets, spans, regions, and linear time.
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "expression.h"
#include "passes/canonicalize.h"
#include "passes/fold_constants.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"

namespace thx::testing {
namespace {

struct Inputs {
  TestProgram test;
  Expression a = test.input("a", real({4}));
  Expression b = test.input("b", real({4}));
  Expression c = test.input("c", real({4}));
  Graph& graph() { return test.function().graph(); }
};

TEST(TermView, ReadsSignsAndNumbers) {
  Inputs in;
  const Expression sum = 2.0 - (in.a - (in.b + 0.5)) - (-in.c);
  const TermView view(ViewKind::sum, sum.value);
  EXPECT_EQ(view.constant(), 2.5);
  ASSERT_EQ(view.leaves().size(), 3u);
  EXPECT_EQ(view.item(view.leaves()[0]).value, in.a.value);
  EXPECT_EQ(view.item(view.leaves()[0]).sign, -1);
  EXPECT_EQ(view.item(view.leaves()[1]).sign, 1);
  EXPECT_EQ(view.item(view.leaves()[2]).sign, 1);
}

TEST(TermView, ReadsExponentsAndTheSignOfAProduct) {
  Inputs in;
  const Expression product = -(2.0 * in.a) / (-in.b * 4.0) / (1.0 / in.c);
  const TermView view(ViewKind::product, product.value);
  EXPECT_EQ(view.constant(), 0.5);
  ASSERT_EQ(view.leaves().size(), 3u);
  EXPECT_EQ(view.item(view.leaves()[0]).sign, 1);
  EXPECT_EQ(view.item(view.leaves()[1]).sign, -1);
  EXPECT_EQ(view.item(view.leaves()[2]).sign, 1);
}

TEST(TermView, KeepsUntouchedPartsOnTheWayBack) {
  Inputs in;
  const Expression kept = in.b + in.c;
  const Expression sum = in.a + kept;
  const TermView view(ViewKind::sum, sum.value);
  EXPECT_EQ(write_back(in.graph(), view, {}), sum.value);
  std::vector<LeafEdit> edits(view.items().size());
  edits[static_cast<size_t>(view.leaves()[0])].kind = LeafEdit::Kind::remove;
  EXPECT_EQ(write_back(in.graph(), view, edits), kept.value);
}

TEST(TermView, TurnsSignsWithoutANegation) {
  Inputs in;
  EXPECT_EQ(negated(in.graph(), (in.a - in.b).value), (in.b - in.a).value);
  EXPECT_EQ(negated(in.graph(), (-in.a - in.b).value), (in.a + in.b).value);
  EXPECT_EQ(negated(in.graph(), (-in.a).value), in.a.value);
  EXPECT_EQ(negated(in.graph(), (in.a + in.b).value), (-(in.a + in.b)).value);
}

TEST(TermView, ComparesUpToOrderAndSign) {
  Inputs in;
  EXPECT_TRUE(same_value((in.a + in.b).value, (in.b + in.a).value));
  EXPECT_TRUE(same_value((in.a - in.b).value, (in.b - in.a).value, -1));
  EXPECT_TRUE(same_value((-1.0 * in.a).value, in.a.value, -1));
  EXPECT_FALSE(same_value((in.a - in.b).value, (in.b - in.a).value));
  EXPECT_FALSE(same_value((0.0 * in.a).value, (-0.0 * in.a).value));
  EXPECT_FALSE(same_value((in.a + 0.0).value, (in.a + -0.0).value));
  EXPECT_TRUE(same_value((0.0 * in.a + in.b).value, (in.b + 0.0 * in.a).value));
  EXPECT_FALSE(same_value(in.a.value, in.b.value));
}

TEST(TermView, StopsAtItsLimit) {
  Inputs in;
  Expression sum = in.a;
  for (int i = 0; i < 1000; ++i) sum = sum + (i % 2 == 0 ? in.b : in.c);
  EXPECT_EQ(TermView(ViewKind::sum, sum.value).leaves().size(),
            static_cast<size_t>(TermView::kMaxLeaves));
  for (int i = 0; i < TermView::kLargeGraph; ++i) sum = sum + (i % 2 == 0 ? in.b : in.c);
  EXPECT_EQ(TermView(ViewKind::sum, sum.value).leaves().size(),
            static_cast<size_t>(TermView::kMaxLeavesOfLarge));
}

// Each round moves every logarithm one power down and leaves a product behind: what a tower of
// powers grows by is bounded by what the rounds may go through.
TEST(Rewriter, BoundsTheGrowthOfTowers) {
  Inputs in;
  constexpr int kPowers = 3000;
  Expression tower = exp(in.a), logs = in.b;
  for (int i = 0; i < kPowers; ++i) {
    tower = tower.apply(node::pow.op, in.b);
    logs = logs + log(tower);
  }
  in.test.output("r", logs);
  stabilize(in.test.program(), FpMode::standard);
  EXPECT_GT(in.graph().size(), 50'000);
  EXPECT_LT(in.graph().size(), 150'000);
}

// What a rule takes from a sum stands where its first term stood; the rest keeps its order.
TEST(Rewriter, KeepsTheOrderOfTheRest) {
  Inputs in;
  in.test.output("r", in.b + exp(in.a) + in.c - 1.0);
  stabilize(in.test.program(), FpMode::strict);
  EXPECT_NE(in.test.text().find("%0 = expm1 %a : f32[4]\n"
                                "    %1 = add %b, %0 : f32[4]\n"
                                "    %2 = add %1, %c : f32[4]\n"),
            std::string::npos)
      << in.test.text();
}

TEST(Rewriter, UnitesSpans) {
  Inputs in;
  const Expression inner = exp(in.a);
  const Expression outer = log(1.0 + inner);
  in.graph().add_spans(inner.value, Span{1, 10, 13});
  in.graph().add_spans(outer.value, Span{1, 2, 20});
  in.test.output("r", outer);
  RewriteLog log;
  stabilize(in.test.program(), FpMode::strict, &log);
  ASSERT_FALSE(log.firings.empty());
  const SpanSet expected{Span{1, 10, 13}, Span{1, 2, 20}};
  EXPECT_EQ(log.firings.back().rule, "softplus");
  EXPECT_EQ(log.firings.back().spans, expected);
  const Function& function = in.test.function();
  EXPECT_EQ(function.graph().spans(function.outputs[0].value), expected);
}

TEST(Rewriter, DoesNotLookThroughMarks) {
  Inputs in;
  const Value mark =
      make(in.graph(), node::mark.op, {exp(in.a).value}, {{"name", std::string("e")}});
  in.test.output("r", log(Expression{&in.graph(), mark}));
  stabilize(in.test.program(), FpMode::strict);
  EXPECT_EQ(in.test.count(node::exp.op), 1);
  EXPECT_EQ(in.test.count(node::log.op), 1);
}

TEST(Rewriter, LeavesSpecialValuesAlone) {
  Inputs in;
  in.test.output("p", 0.0 * in.a);
  in.test.output("q", in.a - in.a);
  in.test.output("r", in.a / in.a);
  in.test.output("s",
                 Expression{&in.graph(), node::pow(in.graph(), in.a.value, in.a.number(0).value)});
  in.test.output(
      "t", Expression{&in.graph(), node::pow(in.graph(), in.a.value, in.a.number(0.5).value)});
  const std::string before = in.test.text();
  canonicalize(in.test.program());
  stabilize(in.test.program(), FpMode::standard);
  simplify(in.test.program(), FpMode::standard);
  EXPECT_EQ(in.test.text(), before);
}

/// Milliseconds for all passes of this folder.
/// In milliseconds of the processor, whatever runs beside.
double time_of_passes(Program& program) {
  const std::clock_t start = std::clock();
  canonicalize(program);
  stabilize(program, FpMode::standard);
  simplify(program, FpMode::standard);
  fold_constants(program);
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

constexpr int kMany = 100000;

struct Long {
  std::string_view name;
  Expression (*build)(Inputs&);
};

const Long kLong[] = {
    {"sum of terms",
     [](Inputs& in) {
       Expression sum = in.a;
       for (int i = 0; i < kMany; ++i) sum = sum + in.b * static_cast<double>(i + 2);
       return sum;
     }},
    {"sum to the right",
     [](Inputs& in) {
       Expression sum = in.a;
       for (int i = 0; i < kMany; ++i) sum = in.b - sum;
       return sum;
     }},
    {"sum of exponentials and ones",
     [](Inputs& in) {
       Expression sum = in.a;
       for (int i = 0; i < kMany / 10; ++i)
         sum = sum + exp(in.b * static_cast<double>(i + 2)) - 1.0;
       return sum;
     }},
    {"product",
     [](Inputs& in) {
       Expression product = in.a;
       for (int i = 0; i < kMany / 2; ++i) product = i % 3 == 0 ? product / in.c : -product * in.b;
       return product;
     }},
    {"product of numbers",
     [](Inputs& in) {
       Expression product = in.a;
       for (int i = 0; i < kMany / 10; ++i) product = product * (i % 2 == 0 ? 1.5 : 0.75);
       return product;
     }},
    {"negations",
     [](Inputs& in) {
       Expression value = in.a;
       for (int i = 0; i < kMany; ++i) value = -value;
       return value;
     }},
    {"softplus of softplus",
     [](Inputs& in) {
       Expression value = in.a;
       for (int i = 0; i < kMany / 10; ++i) value = log(1.0 + exp(value));
       return value;
     }},
    {"repeated scalars",
     [](Inputs& in) {
       Expression value{&in.graph(), broadcast(in.graph(), in.a.value, {3, 4}, AxisList{1})};
       for (int i = 0; i < kMany / 10; ++i) value = exp(value) * 0.5;
       return value;
     }},
};

TEST(Rewriter, IsLinear) {
  for (const Long& example : kLong) {
    Inputs in;
    in.test.output("r", example.build(in));
    const double milliseconds = time_of_passes(in.test.program());
    RecordProperty(std::string(example.name), static_cast<int>(milliseconds));
    // Quadratic time would be minutes; sanitizers cost a factor of ten.
    EXPECT_LT(milliseconds, 30000) << example.name;
  }
}

}  // namespace
}  // namespace thx::testing
