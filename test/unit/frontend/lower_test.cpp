// SPDX-License-Identifier: Apache-2.0
// Lowering: what types expressions have, and the IR that a few programs become.
#include "frontend/lower.h"

#include <gtest/gtest.h>

#include "frontend/parse.h"
#include "ir/print.h"
#include "ops/verify.h"
#include "support/text.h"

namespace thx {
namespace {

struct Lowered {
  Sources sources;
  Diagnostics diagnostics;
  Program program;
  std::string errors() const {
    std::string out;
    for (const Diagnostic& each : diagnostics.all()) {
      out += format("{}: {}\n", each.id(), each.message());
    }
    return out;
  }
};

std::unique_ptr<Lowered> lower_text(const std::string& text, const LowerOptions& options = {}) {
  auto lowered = std::make_unique<Lowered>();
  const uint32_t file = lowered->sources.add("t.thx", text);
  const ast::Module module = parse(lowered->sources, file, lowered->diagnostics);
  lowered->program = lower(module, lowered->sources, file, options, true, lowered->diagnostics);
  if (!lowered->diagnostics.has_errors()) {
    EXPECT_EQ(join(verify_program(lowered->program), "\n"), "") << text;
  }
  return lowered;
}

constexpr std::string_view kInputs = R"(
dim N
dim M
dim F = 784
dim L = N
const K = 3
const EPS = 1e-6
const FLAG = true
shared x : f32[N, F]
shared y : f64[N]
shared l : f32[L]
shared v : f32[N]
shared col : f32[N, 1]
shared i : i64[N]
shared p : bool[N]
shared s : f32
shared d : f64
shared n : i64
shared m : f32[M, 3]
shared twice : f32[2*N]
shared odd : f32[N*F + 1]
let weak = 0.5
let two = 2
let rows = x.shape[0]
)";

// The type of an expression over the names above, or its errors.
std::string type_of(const std::string& expression) {
  const auto lowered = lower_text(std::string(kInputs) + "function f() -> r = " + expression);
  if (lowered->diagnostics.has_errors()) return lowered->errors();
  return text(lowered->program.functions.at(0).outputs.at(0).value->type());
}

// The value of an expression of literals.
std::string value_of(const std::string& expression) {
  const auto lowered = lower_text(std::string(kInputs) + "function f() -> r = " + expression);
  if (lowered->diagnostics.has_errors()) return lowered->errors();
  const Node& node = *lowered->program.functions.at(0).outputs.at(0).value;
  if (node.op != Op::constant) return "no constant";
  const Scalar& scalar = node.attrs.get<Scalar>("value");
  if (is_bool(scalar.dtype)) return scalar.integer ? "true" : "false";
  return is_float(scalar.dtype) ? format_double(scalar.real) : std::to_string(scalar.integer);
}

using Cases = std::vector<std::pair<std::string, std::string>>;

TEST(Lower, PromotesAsTheLanguageSays) {
  for (const auto& [expression, type] : Cases{
           {"v * 0.1", "f32[N]"},
           {"y * 0.1", "f64[N]"},
           {"v + y", "f64[N]"},
           {"v + i", "f32[N]"},
           {"y + i", "f64[N]"},
           {"v + s", "f32[N]"},
           {"v + d", "f64[N]"},
           {"i + 1", "i64[N]"},
           {"i + 1.0", "f32[N]"},
           {"i / 2", "f32[N]"},
           {"i / i", "f32[N]"},
           {"p * 2", "i64[N]"},
           {"p * 2.0", "f32[N]"},
           {"p + i", "i64[N]"},
           {"p * v", "f32[N]"},
           {"exp(i)", "f32[N]"},
           {"exp(p)", "f32[N]"},
           {"i.mean()", "f32"},
           {"y.mean()", "f64"},
           {"sum(p)", "i64"},
           {"sum(i)", "i64"},
           {"i < v", "bool[N]"},
           {"p == p", "bool[N]"},
           {"i ** 2", "i64[N]"},
           {"i ** 0.5", "f32[N]"},
           {"v ** 2", "f32[N]"},
           {"f64(v)", "f64[N]"},
           {"cast(v, i64)", "i64[N]"},
           {"v.f64()", "f64[N]"},
           {"bool(i)", "bool[N]"},
           {"p and not p", "bool[N]"},
           {"p & ~p | p ^ p", "bool[N]"},
           {"i & 3", "i64[N]"},
           {"where(p, v, 1)", "f32[N]"},
           {"where(p, 1, 2)", "i64[N]"},
           {"where(p, i, 2.5)", "f32[N]"},
           {"maximum(v, 0)", "f32[N]"},
           {"weak * y", "f64[N]"},
           {"weak", "f32"},
           {"two", "i64"},
           {"two * v", "f32[N]"},
           {"FLAG", "bool"},
           {"EPS * y", "f64[N]"},
           {"N * v", "f32[N]"},
           {"N / 2", "f32"},
           {"rows + 1", "i64"},
           {"-p.i64()", "i64[N]"},
           {"v if d > 0 else 1", "f32[N]"},
           {"s if true else d", "f64"},
           {"1 if s > 0 else 2.0", "f32"},
           {"pi * d", "f64"},
       }) {
    EXPECT_EQ(type_of(expression), type) << expression;
  }
}

TEST(Lower, BroadcastsAndShapes) {
  for (const auto& [expression, type] : Cases{
           {"x + col", "f32[N, F]"},
           {"col + v", "f32[N, N]"},
           {"x.T", "f32[F, N]"},
           {"v.T", "f32[N]"},
           {"x.T @ v", "f32[F]"},
           {"x @ x.T", "f32[N, N]"},
           {"v @ v", "f32"},
           {"m @ ones(3)", "f32[M]"},
           {"x.sum(axis=0)", "f32[F]"},
           {"x.sum(axis=-1, keepdims=true)", "f32[N, 1]"},
           {"x.max(axis=(0, 1))", "f32"},
           {"x.sum(keepdims=true)", "f32[1, 1]"},
           {"s.sum()", "f32"},
           {"x[arange(N), i]", "f32[N]"},
           {"x[i]", "f32[N, F]"},
           {"x[0]", "f32[F]"},
           {"x[-1, n]", "f32"},
           {"zeros((2*N, K))", "f32[2*N, K]"},
           {"zeros(x.shape, dtype=f64)", "f64[N, F]"},
           {"zeros_like(y)", "f64[N]"},
           {"full((N,), y.sum())", "f64[N]"},
           {"ones(N // 2 + 1)", "f32[N//2+1]"},
           {"arange(N)", "i64[N]"},
           {"arange(1, N)", "i64[N-1]"},
           {"arange(K, dtype=f32)", "f32[K]"},
           {"softmax(x)", "f32[N, F]"},
           {"logsumexp(v)", "f32"},
           {"x.logsumexp(axis=0, keepdims=true)", "f32[1, F]"},
           {"x.ndim + x.shape[0]", "i64"},
           {"x.size", "i64"},
           {"v + l", "f32[N]"},
           {"log_softmax(i)", "f32[N]"},
           {"cast(v, y.dtype)", "f64[N]"},
           {"matmul(x.T, x)", "f32[F, F]"},
       }) {
    EXPECT_EQ(type_of(expression), type) << expression;
  }
}

TEST(Lower, FoldsLiterals) {
  for (const auto& [expression, value] : Cases{
           {"2**-1", "0.5"},
           {"2**10", "1024"},
           {"-7 // 2", "-4"},
           {"-7 % 3", "2"},
           {"7 // 0", "0"},
           {"7 % 0", "0"},
           {"1 / 2", "0.5"},
           {"-2**2", "-4"},
           {"1 < 2", "true"},
           {"not true", "false"},
           {"true + 1", "2"},
           {"2 - true", "1"},
           {"1 if 2 < 1 else 3", "3"},
           {"where(true, 1, 2)", "1"},
           {"abs(-3)", "3"},
           {"sqrt(4)", "2.0"},
           {"log(1)", "0.0"},
           {"K * 2", "6"},
           {"weak + weak", "1.0"},
           {"maximum(1, 2.5)", "2.5"},
           {"0xff + 1_000", "1255"},
           {"x.shape[1] - F + 4", "4"},
           {"x.ndim", "2"},
           {"1e-3 * 1000", "1.0"},
       }) {
    EXPECT_EQ(value_of(expression), value) << expression;
  }
}

TEST(Lower, ChecksUndecidedExtentsWhereAFunctionIsEntered) {
  const auto lowered = lower_text(R"(
dim N
dim K
dim M
input a : f32[N*K]
input b : f32[M + 1]
function adds(a, b) -> c = a + b
function multiplies(a, b) -> d = a @ b
function neither(a) -> e = a + 1
)");
  EXPECT_EQ(lowered->errors(), "");
  const Function& adds = lowered->program.functions.at(0);
  ASSERT_EQ(adds.requirements.size(), 1u);
  EXPECT_EQ(adds.requirements[0].left.text(), "K*N");
  EXPECT_EQ(adds.requirements[0].right.text(), "M+1");
  EXPECT_EQ(lowered->program.functions.at(1).requirements.size(), 1u);
  EXPECT_EQ(lowered->program.functions.at(2).requirements.size(), 0u);
}

TEST(Lower, DefinesChangeNoTypes) {
  const std::string source =
      "dim N\ndim F = 784\nconst K = 3\ninput x : f32[N, F]\n"
      "function f(x) -> y = zeros((F, K)).sum() + x.sum() * K\n";
  const auto lowered =
      lower_text(source, {.float_x = DType::f32, .defines = {{"F", "1"}, {"K", "5"}, {"N", "60"}}});
  EXPECT_EQ(lowered->errors(), "");
  ASSERT_EQ(lowered->program.dims.size(), 3u);
  EXPECT_FALSE(lowered->program.dims[0].source_value);
  EXPECT_EQ(lowered->program.dims[0].value, 60);
  EXPECT_EQ(lowered->program.dims[1].source_value, 784);
  EXPECT_EQ(lowered->program.dims[1].value, 1);
  EXPECT_EQ(lowered->program.dims[2].name, "K");
  EXPECT_EQ(lowered->program.dims[2].value, 5);
  EXPECT_EQ(text(lowered->program.functions[0].inputs[0].value->type()), "f32[N, F]");
}

TEST(Lower, TakesFloatXFromTheCommandLine) {
  const auto lowered = lower_text("input x : floatX\nfunction f(x) -> y = x * 0.1\n",
                                  {.float_x = DType::f64, .defines = {}});
  EXPECT_EQ(text(lowered->program.functions[0].outputs[0].value->type()), "f64");
}

TEST(Lower, MarksWhatGradientsName) {
  const auto lowered = lower_text(R"(
input x : f32
let a = x * 2
let b = x * 2
cost J = a * b
let ga = grad(J, a)
let gg, gx = grad(ga * ga, [b, x])
function f(x) -> (ga, gg, gx)
)");
  EXPECT_EQ(lowered->errors(), "");
  EXPECT_EQ(print(lowered->program.functions[0]), R"(func @f(%x: f32) {
  %0 = constant 2.0 : f32
  %1 = mul %x, %0 : f32
  %a = mark %1 {name = a} : f32
  %b = mark %1 {name = b} : f32
  %J = mul %a, %b : f32
  %ga = grad %J, %a : f32
  %2 = mul %ga, %ga : f32
  %gg, %gx = grad %2, %b, %x : f32, f32
  return ga = %ga, gg = %gg, gx = %gx
}
)");
}

TEST(Lower, MakesRegions) {
  const auto lowered = lower_text(R"(
dim N
input xs : f32[N]
input w : f32
let h, hs = scan(h = 0 for x in xs) {
  let t = tanh(h * w + x) if x > 0 else h
  next h = t
  yield t * 2
}
function f(xs, w) -> (h, hs)
)");
  EXPECT_EQ(lowered->errors(), "");
  EXPECT_EQ(print(lowered->program.functions[0]), R"(func @f(%xs: f32[N], %w: f32) {
  %0 = constant 0.0 : f32
  %h, %hs = scan %0, %xs, %w {captures = 1, carries = 1, length = N, sequences = 1} {
    body(%h: f32, %x: f32, %w: f32) {
      %0 = constant 0.0 : f32
      %1 = greater %x, %0 : bool
      %2 = cond %1, %h, %w, %x {
        then(%h: f32, %w: f32, %x: f32) {
          %0 = mul %h, %w : f32
          %1 = add %0, %x : f32
          %2 = tanh %1 : f32
          yield %2
        }
        else(%h: f32, %w: f32, %x: f32) {
          yield %h
        }
      } : f32
      %3 = constant 2.0 : f32
      %4 = mul %2, %3 : f32
      yield %2, %4
    }
  } : f32, f32[N]
  return h = %h, hs = %hs
}
)");
}

TEST(Lower, PutsInitialValuesIntoInit) {
  const auto lowered = lower_text(R"(
dim F
shared w : f32[F] = 0.1 * random.normal(seed=1) + random.normal()
shared b : f64 = 1
shared c = zeros_like(w)
shared d : f32[F]
function f() -> () { update d = w + c }
)");
  EXPECT_EQ(lowered->errors(), "");
  ASSERT_TRUE(lowered->program.init);
  EXPECT_EQ(lowered->program.init->states.size(), 3u);
  EXPECT_EQ(lowered->program.states.size(), 4u);
  EXPECT_TRUE(lowered->program.dims[0].of_state);
  const std::string text = print(lowered->program);
  EXPECT_NE(text.find("random_normal {dtype = f32, name = w, seed = 1, shape = [F]}"),
            std::string::npos);
  EXPECT_NE(text.find("random_normal {dtype = f32, name = \"w/1\", shape = [F]}"),
            std::string::npos);
}

TEST(Lower, ComputesOneValueOnceForAllItsUsers) {
  const auto lowered = lower_text(R"(
input x : f32
let a = exp(x)
let b = exp(x)
function f(x) -> (a, b, c = exp(x))
)");
  const Function& function = lowered->program.functions.at(0);
  EXPECT_EQ(function.outputs[0].value, function.outputs[1].value);
  EXPECT_EQ(function.outputs[0].value, function.outputs[2].value);
}

std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Lower, IsLinearInLongPrograms) {
  std::string chain = "input x : f32\nlet a0 = x\n";
  std::string backwards = "input x : f32\n";
  for (int i = 1; i <= 100000; ++i) chain += format("let a{} = a{} + x\n", i, i - 1);
  for (int i = 20000; i >= 1; --i) backwards += format("let a{} = a{} * x\n", i, i - 1);
  EXPECT_EQ(lower_text(chain + "function f(x) -> a100000\n")->errors(), "");
  EXPECT_EQ(lower_text(backwards + "let a0 = x\nfunction f(x) -> a20000\n")->errors(), "");
  const std::string sum = "input x : f32\nfunction f(x) -> y = x" + repeat(" + x", 100000) + "\n";
  EXPECT_EQ(lower_text(sum)->errors(), "");
}

}  // namespace
}  // namespace thx
