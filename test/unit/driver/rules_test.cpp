// SPDX-License-Identifier: Apache-2.0
// Update rules written in the language, step by step against NumPy in f64. The references follow
// the usual formulas: p -= 0.1 g; v = 0.9 v - 0.05 g; rmsprop with decay 0.9, rate 0.01 and 1e-6
// below the root; adam with 0.9, 0.999, rate 0.02 and 1e-8 behind the root.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "driver/loaded.h"
#include "support/text.h"
#include "unit/driver/own_folder.h"

namespace thx {
namespace {

constexpr const char* kProgram = R"(
module rules
dim N
input x : f64[N, 3]
input y : f64[N]
param w : f64[3] = [0.1, -0.2, 0.3]
param b : f64 = 0.5
cost J = ((x @ w + b - y)**2).mean()

rule sgd(J, p, lr = 0.1) { update p = p - lr * grad(J, p) }
rule momentum(J, p, lr, mu = 0.9) {
  shared v = zeros_like(p)
  let next_v = mu * v - lr * grad(J, p)
  update v = next_v
  update p = p + next_v
}
rule rmsprop(J, p, lr = 0.01, decay = 0.9, eps = 1e-6) {
  shared a = zeros_like(p)
  let g = grad(J, p)
  let next_a = decay * a + (1 - decay) * g * g
  update a = next_a
  update p = p - lr * g / sqrt(next_a + eps)
}
rule adam(J, p, lr = 0.001, b1 = 0.9, b2 = 0.999, eps = 1e-8) {
  shared t : f64 = 0
  shared m = zeros_like(p)
  shared v = zeros_like(p)
  let g = grad(J, p)
  let step = t + 1
  let next_m = b1 * m + (1 - b1) * g
  let next_v = b2 * v + (1 - b2) * g * g
  update t = step
  update m = next_m
  update v = next_v
  update p = p - lr * (next_m / (1 - b1**step)) / (sqrt(next_v / (1 - b2**step)) + eps)
}

function sgd_step(x, y) -> J { update [w, b] with sgd(J) }
function momentum_step(x, y) -> J { update [w, b] with momentum(J, 0.05) }
function rmsprop_step(x, y) -> J { update w with rmsprop(J); update b with rmsprop(J) }
function adam_step(x, y) -> J { update [w, b] with adam(J, lr=0.02) }
)";

constexpr int kSteps = 4;
struct Reference {
  const char* rule;
  std::array<std::array<double, 4>, kSteps> steps;  // w, then b
};

const Reference kReferences[] = {
    {"sgd_step",
     {{{0.19874999999999998, 0.09312500000000001, 0.10999999999999999, 0.53},
       {0.242390625, 0.236076171875, 0.02803906249999999, 0.5397578125},
       {0.261913671875, 0.3084903137207031, -0.0035157470703125124, 0.5398458740234375},
       {0.27067102111816405, 0.34771493253707886, -0.011784985885620115, 0.5350840561676026}}}},
    {"momentum_step",
     {{{0.149375, -0.0534375, 0.205, 0.515},
       {0.22941015625, 0.18748779296875, 0.05150976562499998, 0.538439453125},
       {0.314736474609375, 0.4519616310119629, -0.11050724182128907, 0.5611809295654296},
       {0.38110684604644773, 0.6710707894694805, -0.23247050052165985, 0.5742425169992447}}}},
    {"rmsprop_step",
     {{{0.13162261446083, -0.16837724180026872, 0.26837726719708477, 0.5316210199271496},
       {0.15145440302407243, -0.14626201702521113, 0.2460003018139997, 0.5503428265172242},
       {0.1664005445484677, -0.12816334852858569, 0.22760011811220093, 0.5636537579433181},
       {0.17847033961704145, -0.11238164737372539, 0.21152022947208127, 0.5736946790125979}}}},
    {"adam_step",
     {{{0.11999999979746838, -0.18000000006823028, 0.28000000010526316, 0.5199999993333334},
       {0.13985128531462576, -0.16002961668354368, 0.26001929807610663, 0.5397786852002648},
       {0.15941053879696715, -0.14011059174485743, 0.24007181279600331, 0.5590971004651512},
       {0.17849144081981583, -0.1202661402565191, 0.22017250427761825, 0.577618748527779}}}},
};

HostArray doubles(std::vector<int64_t> extents, const std::vector<double>& values) {
  return HostArray::of(DType::f64, std::move(extents), values);
}

class Rules : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const std::string path = own_folder() / format("rules_{}.thx", test->name());
    std::ofstream(path) << kProgram;
    options_.file = path;
    program_ = LoadedProgram::compile(options_, sources_, diagnostics_);
    ASSERT_TRUE(program_) << join(diagnostics_.all(), "\n",
                                  [](const Diagnostic& d) { return d.message(); });
  }

  CompileOptions options_;
  Sources sources_;
  Diagnostics diagnostics_;
  std::unique_ptr<LoadedProgram> program_;
  HostArray x_ = doubles({4, 3}, {1, 2, -1, 0.5, -1.5, 2, 3, 0.25, 1, -2, 1, 0.5});
  HostArray y_ = doubles({4}, {1, -0.5, 2, 0.75});
};

TEST_F(Rules, FollowNumPyStepByStep) {
  for (const Reference& reference : kReferences) {
    Result<LoadedModel> model = program_->make_model({});
    ASSERT_TRUE(model) << model.error().message();
    for (int step = 0; step < kSteps; ++step) {
      const auto result =
          program_->call(reference.rule, {{"x", x_}, {"y", y_}}, {}, &model.value());
      ASSERT_TRUE(result && result->ok()) << reference.rule;
      const HostArray w = model->get("w").value();
      const HostArray b = model->get("b").value();
      for (int64_t i = 0; i < 4; ++i) {
        const double expected = reference.steps[static_cast<size_t>(step)][static_cast<size_t>(i)];
        const double found = i < 3 ? w.at<double>(i) : b.at<double>(0);
        EXPECT_NEAR(found, expected, 1e-12 * std::max(1.0, std::fabs(expected)))
            << reference.rule << ", step " << step << ", element " << i;
      }
    }
  }
}

// The state of a rule has its own name where two rules keep one of the same name.
TEST_F(Rules, NameTheirState) {
  const std::vector<std::string> wanted = {"w",        "b",   "w.momentum.v", "b.momentum.v",
                                           "w.a",      "b.a", "w.t",          "w.m",
                                           "w.adam.v", "b.t", "b.m",          "b.adam.v"};
  Result<LoadedModel> model = program_->make_model({});
  ASSERT_TRUE(model);
  EXPECT_EQ(model->states(), wanted);
}

TEST_F(Rules, KeepTheirStateBetweenCalls) {
  Result<LoadedModel> model = program_->make_model({});
  ASSERT_TRUE(model);
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(program_->call("adam_step", {{"x", x_}, {"y", y_}}, {}, &model.value()));
  }
  EXPECT_EQ(model->get("w.t").value().at<double>(0), 3.0);
  EXPECT_EQ(model->get("b.t").value().at<double>(0), 3.0);
  EXPECT_EQ(model->get("w.momentum.v").value(), doubles({3}, {0, 0, 0}));
}

}  // namespace
}  // namespace thx
