// SPDX-License-Identifier: Apache-2.0
// Programs in this process: dims, models, calls, statuses, and that their bits are the object's.
#include "driver/loaded.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>

#include "driver/runtime_symbols.h"
#include "support/text.h"
#include "unit/driver/own_folder.h"

namespace thx {
namespace {

std::string messages(const Diagnostics& diagnostics) {
  return join(diagnostics.all(), "\n", [](const Diagnostic& d) { return d.message(); });
}

/// A program from its text, written to a file of its own.
struct Loaded {
  explicit Loaded(const std::string& text, CompileOptions options = {}) {
    path = own_folder() /
           format("loaded_{}.thx", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::ofstream(path) << text;
    options.file = path;
    program = LoadedProgram::compile(options, sources, diagnostics);
  }
  LoadedProgram& operator*() { return *program; }
  LoadedProgram* operator->() { return program.get(); }

  std::string path;
  Sources sources;
  Diagnostics diagnostics;
  std::unique_ptr<LoadedProgram> program;
};

constexpr const char* kScale = R"(
dim N
input a : f32[N]
input k : f32
function scale(a, k) -> (b = a * k, total = (a * k).sum())
)";

constexpr const char* kCounter = R"(
dim N
dim F
input x : f32[N, F]
shared w : f32[F] = random.normal()
shared n : i64 = 0
function step(x) -> y = x @ w { update n = n + 1; update w = w * 0.5 }
function count() -> n
)";

HostArray floats(std::vector<int64_t> extents, const std::vector<float>& values) {
  return HostArray::of(DType::f32, std::move(extents), values);
}

TEST(Loaded, CallsByName) {
  Loaded loaded(kScale);
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  auto result = loaded->call("scale", {{"a", floats({3}, {1, 2, 3})}, {"k", floats({}, {2})}});
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_TRUE(result->ok()) << result->message;
  EXPECT_EQ(*result->output("b"), floats({3}, {2, 4, 6}));
  EXPECT_EQ(*result->output("total"), floats({}, {12}));
  EXPECT_EQ(result->output("c"), nullptr);
}

TEST(Loaded, EmptyArrays) {
  Loaded loaded(kScale);
  auto result = loaded->call("scale", {{"a", floats({0}, {})}, {"k", floats({}, {2})}});
  ASSERT_TRUE(result && result->ok());
  EXPECT_EQ(result->output("b")->extents, std::vector<int64_t>{0});
  EXPECT_EQ(*result->output("total"), floats({}, {0}));
}

// Every dtype by value: narrow integers are extended as the C ABI says.
TEST(Loaded, ScalarsOfEveryDType) {
  std::string text;
  std::string inputs;
  std::string outputs;
  for (const DTypeInfo& dtype : kDTypes) {
    append(text, "input v_{0} : {0}\n", dtype.spelling);
    inputs += format("{}v_{}", inputs.empty() ? "" : ", ", dtype.spelling);
    outputs += format("{}o_{} = where(true, v_{}, v_{})", outputs.empty() ? "" : ", ",
                      dtype.spelling, dtype.spelling, dtype.spelling);
  }
  Loaded loaded(text + format("function every({}) -> ({})\n", inputs, outputs));
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  Arguments arguments;
  for (const DTypeInfo& dtype : kDTypes) {
    HostArray value = HostArray::zeros(dtype.dtype, {});
    value.bytes.back() = std::byte{is_bool(dtype.dtype) ? uint8_t{1} : uint8_t{0xc1}};
    arguments["v_" + std::string(dtype.spelling)] = value;
  }
  auto result = loaded->call("every", arguments);
  ASSERT_TRUE(result && result->ok());
  for (const DTypeInfo& dtype : kDTypes)
    EXPECT_EQ(*result->output("o_" + std::string(dtype.spelling)),
              arguments["v_" + std::string(dtype.spelling)])
        << dtype.spelling;
}

TEST(Loaded, ArgumentsThatDoNotFit) {
  Loaded loaded(R"(
dim N
input a : f32[N]
input b : f32[N, 3]
input c : f32[N + 1]
function f(a, b, c) -> r = a.sum() + b.sum() + c.sum()
)");
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  const auto error = [&](Arguments arguments) {
    auto result = loaded->call("f", std::move(arguments));
    return result ? "called" : format("{}: {}", result.error().id(), result.error().message());
  };
  const HostArray a = HostArray::zeros(DType::f32, {2});
  const HostArray b = HostArray::zeros(DType::f32, {2, 3});
  const HostArray c = HostArray::zeros(DType::f32, {3});
  EXPECT_EQ(error({{"a", a}, {"b", b}, {"c", c}}), "called");
  EXPECT_EQ(error({{"a", a}, {"b", b}}), "missing_argument: `f` needs `c`: f32[N+1]");
  EXPECT_EQ(error({{"a", a}, {"b", b}, {"c", c}, {"d", c}}), "bad_argument: `f` has no input `d`");
  EXPECT_EQ(error({{"a", a}, {"b", a}, {"c", c}}),
            "shape_mismatch: input `b` is f32[2], but `f` takes f32[N, 3]: 1 axis "
            "instead of 2");
  EXPECT_EQ(error({{"a", c}, {"b", b}, {"c", c}}),
            "shape_mismatch: input `b` is f32[2, 3], but `f` takes f32[N, 3]: axis 0 "
            "is 2, and N is 3 in `a`");
  EXPECT_EQ(error({{"a", a}, {"b", HostArray::zeros(DType::f32, {2, 4})}, {"c", c}}),
            "shape_mismatch: input `b` is f32[2, 4], but `f` takes f32[N, 3]: axis 1 "
            "is 4 instead of 3");
  EXPECT_EQ(error({{"a", a}, {"b", b}, {"c", a}}),
            "shape_mismatch: input `c` is f32[2], but `f` takes f32[N+1]: axis 0 is 2, "
            "and N+1 is 3 where N is 2 in `a`");
  EXPECT_EQ(error({{"a", HostArray::zeros(DType::f64, {2})}, {"b", b}, {"c", c}}),
            "dtype_mismatch: input `a` is f64[2], but `f` takes f32[N]");
  auto unknown = loaded->call("g", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message(), "there is no function `g`");
  EXPECT_EQ(unknown.error().helps().front(), "the functions are `f`");
}

TEST(Loaded, DimsThatNoArrayBinds) {
  Loaded loaded(R"(
dim K
dim N
input a : f32[2*N]
function f(a) -> (r = zeros(K), s = a.sum())
)");
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  const Arguments arguments{{"a", HostArray::zeros(DType::f32, {4})}};
  auto missing = loaded->call("f", arguments, {{"N", 2}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "dim `K` stands bare in no input's shape: its value is needed");
  auto result = loaded->call("f", arguments, {{"N", 2}, {"K", 5}});
  ASSERT_TRUE(result && result->ok());
  EXPECT_EQ(result->output("r")->extents, std::vector<int64_t>{5});
  auto negative = loaded->call("f", arguments, {{"N", 2}, {"K", -1}});
  ASSERT_TRUE(negative);
  EXPECT_EQ(negative->status, THX_E_DIM);
  EXPECT_EQ(negative->where.index, -1);
  EXPECT_EQ(negative->message, "`f` failed at line 5: dim `K`: -1 is negative (THX_E_DIM)");
  auto huge = loaded->call("f", arguments, {{"N", 2}, {"K", int64_t{1} << 60}});
  EXPECT_FALSE(huge && huge->ok());
  auto overflow = loaded->call("f", arguments, {{"N", 2}, {"K", INT64_MAX}});
  ASSERT_TRUE(overflow);
  EXPECT_EQ(overflow->status, THX_E_DIM);
}

TEST(Loaded, ModelsKeepState) {
  Loaded loaded(kCounter);
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  auto model = loaded->make_model({{"F", 2}, {"N", 9}}, 7);
  auto same = loaded->make_model({{"F", 2}}, 7);
  auto other = loaded->make_model({{"F", 2}}, 8);
  ASSERT_TRUE(model && same && other);
  EXPECT_EQ(*model->get("w"), *same->get("w"));
  EXPECT_NE(*model->get("w"), *other->get("w"));
  ASSERT_FALSE(model->set("w", floats({2}, {1, 10})));
  auto call = loaded->bind("step", {{"x", floats({1, 2}, {3, 4})}}, {}, &*model);
  ASSERT_TRUE(call) << call.error().message();
  EXPECT_EQ(*call->run().output("y"), floats({1}, {43}));
  EXPECT_EQ(*call->run().output("y"), floats({1}, {21.5f}));
  call->argument("x") = floats({1, 2}, {4, 0});
  EXPECT_EQ(*call->run().output("y"), floats({1}, {1}));
  EXPECT_EQ(model->get("n")->at<int64_t>(0), 3);
  EXPECT_EQ(loaded->call("count", {}, {}, &*model)->output("n")->at<int64_t>(0), 3);
  EXPECT_FALSE(loaded->make_model({}));
  EXPECT_EQ(loaded->make_model({{"F", -1}}).error().message(),
            "the model cannot be made with F = -1: a dim is negative, does not fit another, or a "
            "size overflows (THX_E_DIM)");
  EXPECT_FALSE(model->get("v"));
  EXPECT_TRUE(model->set("w", floats({3}, {1, 2, 3})));
  EXPECT_TRUE(model->set("n", floats({}, {1})));
  auto wide = loaded->call("step", {{"x", floats({1, 3}, {1, 2, 3})}}, {}, &*model);
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().message(),
            "input `x` is f32[1, 3], but `step` takes f32[N, F]: axis 1 is 3, and F is 2");
}

TEST(Loaded, Checkpoints) {
  Loaded loaded(kCounter);
  auto model = loaded->make_model({{"F", 2}}, 1);
  auto other = loaded->make_model({{"F", 2}}, 2);
  auto wide = loaded->make_model({{"F", 3}}, 2);
  ASSERT_TRUE(model && other && wide);
  const std::string path = own_folder() / "model.safetensors";
  ASSERT_FALSE(model->save(path));
  ASSERT_FALSE(other->load(path));
  EXPECT_TRUE(std::ranges::equal(model->bytes(), other->bytes()));
  EXPECT_EQ(wide->load(path)->message(),
            format("`{}` is a checkpoint of other states: names, dtypes or shapes differ", path));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(other->load(path)->message(),
            format("`{}` is no checkpoint, or it is truncated or altered", path));
  EXPECT_TRUE(std::ranges::equal(model->bytes(), other->bytes()));
  std::filesystem::remove(path);
  EXPECT_EQ(other->load(path)->message(),
            format("cannot read `{}`: No such file or directory", path));
  EXPECT_EQ(model->save("/no/such/folder/x")->message(),
            "cannot write `/no/such/folder/x`: No such file or directory");
}

TEST(Loaded, RunTimeStatuses) {
  Loaded loaded(R"(
dim N
dim M
input a : f32[N]
input b : f32[2*N]
input m : f32[M]
input i : i64
function pick(a, i) -> r = a[i]
function same(a, b, m) -> r = a.sum() + (b + m).sum()
)");
  ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
  auto result = loaded->call(
      "pick", {{"a", floats({2}, {5, 6})}, {"i", HostArray::scalar<int64_t>(DType::i64, 7)}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, THX_E_INDEX);
  EXPECT_EQ(result->message,
            "`pick` failed at line 8: input `i`: index 7 is outside its extent (THX_E_INDEX)");
  result = loaded->call(
      "same", {{"a", floats({1}, {0})}, {"b", floats({2}, {1, 2})}, {"m", floats({3}, {1, 2, 3})}});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->status, THX_E_DIM);
  EXPECT_EQ(result->message,
            "`same` failed at line 9: 2*N == M is needed, but 2*N is 2 and M is 3 (THX_E_DIM)");
}

TEST(Loaded, LevelsOfProcessors) {
  for (const std::string& cpu : codegen::cpu_names()) {
    CompileOptions options;
    options.cpu = cpu;
    Loaded loaded(kScale, options);
    if (!codegen::host_runs(*codegen::find_target(cpu))) {
      EXPECT_FALSE(loaded.program);
      continue;
    }
    ASSERT_TRUE(loaded.program) << messages(loaded.diagnostics);
    auto result = loaded->call("scale", {{"a", floats({3}, {1, 2, 3})}, {"k", floats({}, {2})}});
    EXPECT_EQ(*result->output("b"), floats({3}, {2, 4, 6}));
  }
}

// The object is the file that a build writes.
TEST(Loaded, TheObjectIsTheBuilds) {
  Loaded loaded(kCounter);
  CompileOptions options;
  options.file = loaded.path;
  options.emit = {Artifact::object};
  const Compiled built = compile(options, loaded.sources, loaded.diagnostics);
  ASSERT_EQ(built.files.size(), 1u);
  EXPECT_EQ(built.files.begin()->second, loaded->object());
}

TEST(Loaded, EveryFunctionOfTheRuntimeIsThere) {
  std::set<std::string> known;
  for (const auto& [name, place] : runtime_symbols()) known.emplace(name);
  for (const std::string header : {"object.h", "thx.h"}) {
    std::ifstream file(std::string(THX_SOURCE_DIR) + "/runtime/include/thx/" + header);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::regex declaration(R"(THX_API [\w ]+[ *](thx_\w+)\()");
    for (std::sregex_iterator at(text.begin(), text.end(), declaration), end; at != end; ++at)
      EXPECT_TRUE(known.contains((*at)[1])) << (*at)[1];
  }
}

}  // namespace
}  // namespace thx
