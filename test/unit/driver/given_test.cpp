// SPDX-License-Identifier: Apache-2.0
// A function that puts slices of its state in place of inputs does what the application would do
// by passing them: the same bits, and a status where the slice does not lie inside.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "driver/loaded.h"
#include "support/text.h"
#include "unit/driver/own_folder.h"

namespace thx {
namespace {

constexpr const char* kProgram = R"(
module given
dim N
dim F
dim M
const B = 2
input x : f64[N, F]
input y : f64[N]
input i : i64
shared data : f64[M, F]
shared labels : f64[M]
shared w : f64[F] = random.normal(seed=1)
let p = x @ w
cost J = ((p - y)**2).mean() + zeros(N).sum()
let gw = grad(J, w)
function train(x, y) -> J { update w = w - 0.1 * gw }
function step(i) given x = data[i*B : (i+1)*B], y = labels[i*B : (i+1)*B] -> J {
  update w = w - 0.1 * gw
}
function scaled(x, y) given x = 2 * x -> (p, J)
)";

HostArray doubles(std::vector<int64_t> extents, const std::vector<double>& values) {
  return HostArray::of(DType::f64, std::move(extents), values);
}

struct Given : testing::Test {
  Given() {
    const std::string path = own_folder() / "given.thx";
    std::ofstream(path) << kProgram;
    options.file = path;
    program = LoadedProgram::compile(options, sources, diagnostics);
  }
  LoadedModel model() {
    LoadedModel made = program->make_model({{"F", 3}, {"M", 6}}).value();
    EXPECT_FALSE(made.set("data", doubles({6, 3}, data)));
    EXPECT_FALSE(made.set("labels", doubles({6}, labels)));
    return made;
  }
  CallResult call(const char* name, Arguments arguments, LoadedModel& model) {
    return program->call(name, std::move(arguments), {}, &model).value();
  }

  const std::vector<double> data = {1,  2, -1,  0.5, -1.5, 2, 3,   0.25, 1,
                                    -2, 1, 0.5, 4,   5,    6, 0.1, 0.2,  0.3};
  const std::vector<double> labels = {1, -0.5, 2, 0.75, 3, -1};
  CompileOptions options;
  Sources sources;
  Diagnostics diagnostics;
  std::unique_ptr<LoadedProgram> program;
};

TEST_F(Given, SlicesOfStateStandForInputs) {
  ASSERT_TRUE(program);
  LoadedModel by_index = model(), by_value = model();
  for (int64_t i = 0; i < 3; ++i) {
    const auto at = static_cast<size_t>(i);
    const HostArray x = doubles({2, 3}, {data.begin() + 6 * i, data.begin() + 6 * (i + 1)});
    const HostArray y = doubles({2}, {labels[2 * at], labels[2 * at + 1]});
    const CallResult left =
        call("step", {{"i", HostArray::scalar<int64_t>(DType::i64, i)}}, by_index);
    const CallResult right = call("train", {{"x", x}, {"y", y}}, by_value);
    ASSERT_TRUE(left.ok() && right.ok()) << left.message << right.message;
    EXPECT_DOUBLE_EQ(left.output("J")->at<double>(0), right.output("J")->at<double>(0));
    for (int64_t k = 0; k < 3; ++k) {
      EXPECT_DOUBLE_EQ(by_index.get("w").value().at<double>(k),
                       by_value.get("w").value().at<double>(k));
    }
  }
}

TEST_F(Given, RefusesSlicesOutside) {
  ASSERT_TRUE(program);
  LoadedModel made = model();
  for (const int64_t i : {-1, 3}) {
    const CallResult result =
        call("step", {{"i", HostArray::scalar<int64_t>(DType::i64, i)}}, made);
    EXPECT_EQ(result.status, THX_E_INDEX) << i;
  }
}

TEST_F(Given, AnExpressionSeesTheInputThatIsPassed) {
  ASSERT_TRUE(program);
  LoadedModel made = model();
  ASSERT_FALSE(made.set("w", doubles({3}, {1, 10, 100})));
  const CallResult result =
      call("scaled", {{"x", doubles({1, 3}, {1, 2, 3})}, {"y", doubles({1}, {0})}}, made);
  ASSERT_TRUE(result.ok()) << result.message;
  EXPECT_EQ(result.output("p")->at<double>(0), 642);
}

}  // namespace
}  // namespace thx
