// SPDX-License-Identifier: Apache-2.0
// The text form reads back to the same text; what cannot be read is refused with its line.
#include "ir/print.h"

#include <gtest/gtest.h>

#include "ir/parse.h"
#include "ir/verify.h"
#include "support/text.h"

namespace thx {
namespace {

constexpr const char* kProgram = R"(program sample {
  dim N
  dim F = 784 value 100 <= 4096 state
  dim H <= 2*F state
  state %w: f32[F] param
  state %b: f32 transient
  func @train(%x: f32[N, F], %y: f32[N], %flag: bool) state(%w: f32[F], %b: f32) {
    require N == 2*H+1
    require N >= 1
    %z = dot %x, %w {lhs_contract = [1], order = any, rhs_contract = [0]} : f32[N]
    %0 = constant -0.1 : f32
    %rate = broadcast %0 {axes = [], shape = [N]} : f32[N]
    %z.1 = mul %z, %rate : f32[N]
    %1 = constant inf : f64
    %2 = cast %1 : f32
    %3 = mark %w {name = w} : f32[F]
    %q, _ = cond %flag, %b, %w {
      then(%0: f32, %1: f32[F]) {
        %2 = exp %0 : f32
        yield %2, %1
      }
      else(%a: f32, %c: f32[F]) {
        yield %a, %c
      }
    } : f32, f32[F]
    %h, %ys = scan %q, %z.1 {captures = 0, carries = 1, length = N, sequences = 1} {
      body(%h: f32, %z_t: f32) {
        %next = add %h, %z_t : f32
        yield %next, %next
      }
    } : f32, f32[N]
    %gw = grad %h, %3 : f32[F]
    update %w = %gw
    return h = %h, ys = %ys, big = %2
  }
  func @nothing() {
    return
  }
  init state(%w: f32[F]) {
    %draw = random_normal {name = "a \"draw\"", seed = 1, shape = [F]} : f32[F]
    update %w = %draw
  }
}
)";

TEST(Text, ReadsBack) {
  const Result<Program> program = parse_program(kProgram);
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_EQ(verify_structure(*program), std::vector<std::string>());
  EXPECT_EQ(print(*program), kProgram);
  EXPECT_EQ(print(program->functions[1]), "func @nothing() {\n  return\n}\n");
  EXPECT_EQ(program->dims[1].source_value, 784);
  EXPECT_EQ(program->dims[1].value, 100);
  EXPECT_FALSE(program->states[1].saved);
}

TEST(Text, OfFunctionsAloneDeclaresWhatTheyMention) {
  const Result<Program> program = parse_program(R"(// a comment
func @f(%x: f32[N//2, M]) state(%w: f32[M]) {  // another
  %i = iota {axis = 0, shape = [K]} : i64[K]
  return i = %i, x = %x
})");
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_EQ(verify_structure(*program), std::vector<std::string>());
  const std::string text = print(*program);
  EXPECT_TRUE(
      text.starts_with("program main {\n  dim N\n  dim M state\n  dim K\n  state %w: f32[M]\n"))
      << text;
  EXPECT_EQ(print(*parse_program(text)), text);
}

TEST(Text, NamesAreMadeUnique) {
  Function function;
  function.name = "f";
  Graph& graph = function.graph();
  const Type type{DType::f32, {}};
  const Value x = graph.parameter(type, "x");
  const Value a = graph.intern({Op::exp, {type}, {x}}, {}, "x");
  const Value b = graph.intern({Op::exp, {type}, {a}}, {}, "x");
  const Value c = graph.intern({Op::exp, {type}, {b}}, {}, "a b");
  const Value d = graph.intern({Op::exp, {type}, {c}}, {}, "_");
  const Value e = graph.intern({Op::exp, {type}, {d}}, {}, "0");
  function.inputs.push_back({"x", x, {}});
  function.outputs.push_back({"e", e, {}});
  function.body->parameters = {x};
  function.body->results = {e};
  const std::string text = print(function);
  EXPECT_NE(text.find("%x.2 = exp %x.1"), std::string::npos) << text;
  EXPECT_NE(text.find("%_0 = exp %_.1"), std::string::npos) << text;
  const Result<Program> again = parse_program(text);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(print(again->functions[0]), text);
}

TEST(Text, KeepsEveryConstant) {
  std::string text = "func @f() {\n";
  const char* const constants[] = {"1.0 : f32",
                                   "-0.0 : f64",
                                   "nan : f32",
                                   "-inf : f64",
                                   "1e-45 : f32",
                                   "0.1 : f64",
                                   "true : bool",
                                   "-128 : i8",
                                   "18446744073709551615 : u64",
                                   "-9223372036854775808 : i64"};
  std::string list;
  for (size_t i = 0; i < std::size(constants); ++i) {
    append(text, "  %{} = constant {}\n", i, constants[i]);
    append(list, "{}o{} = %{}", i == 0 ? "" : ", ", i, i);
  }
  text += "  return " + list + "\n}\n";
  const Result<Program> program = parse_program(text);
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_EQ(print(program->functions[0]), text);
}

TEST(Text, OfAHundredThousandOperationsTakesNoTime) {
  std::string text = "func @f(%x: f32) {\n  %0 = exp %x : f32\n";
  for (int i = 1; i < 100000; ++i) append(text, "  %{} = exp %{} : f32\n", i, i - 1);
  text += "  return y = %99999\n}\n";
  const Result<Program> program = parse_program(text);
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_EQ(print(program->functions[0]), text);
  EXPECT_TRUE(verify_structure(*program).empty());
}

std::string error_of(const std::string& text) {
  const Result<Program> program = parse_program(text);
  return program ? "none" : program.error().message();
}

TEST(Text, ErrorsNameTheirLine) {
  const std::string head = "func @f(%x: f32[N]) {\n";
  EXPECT_EQ(error_of(""), "line 1: expected `program` or `func`");
  EXPECT_EQ(error_of("program p {\n  dims N\n}"),
            "line 2: expected `dim`, `state`, `func` or `init`");
  EXPECT_EQ(error_of(head + "  %y = foo %x : f32[N]\n"), "line 2: `foo` is no operator");
  EXPECT_EQ(error_of(head + "  %y = exp %z : f32[N]\n"), "line 2: there is no value `%z` here");
  EXPECT_EQ(error_of(head + "  %y = exp %x : f17[N]\n"), "line 2: `f17` is no element type");
  EXPECT_EQ(error_of(head + "  %x = exp %x : f32[N]\n"), "line 2: `%x` is already there");
  EXPECT_EQ(error_of(head + "  %y, %z = exp %x : f32[N]\n"), "line 2: 2 names and 1 types");
  EXPECT_EQ(error_of(head + "  %y = sum %x {axs = [0]} : f32\n"),
            "line 2: there is no attribute `axs`");
  EXPECT_EQ(error_of(head + "  %y = constant 1.5 : i64\n"),
            "line 2: `1.5` is no constant of type i64");
  EXPECT_EQ(error_of(head + "  %y = constant 300 : u8\n"),
            "line 2: `300` is no constant of type u8");
  EXPECT_EQ(error_of(head + "  update %w = %x\n"), "line 2: there is no state `%w`");
  EXPECT_EQ(error_of(head + "  return y = %x\n} x"), "line 3: expected `program` or `func`");
  EXPECT_EQ(error_of(head + "  return y = %x\n"), "line 3: expected `}`");
}

TEST(Text, CutAnywhereIsAnErrorOrAProgram) {
  const std::string text = kProgram;
  for (size_t end = 0; end < text.size(); ++end) {
    const Result<Program> program = parse_program(text.substr(0, end), 1);
    if (end + 1 < text.size()) {
      EXPECT_FALSE(program) << text.substr(0, end);
    }
  }
}

TEST(Text, DeepNestingIsRefused) {
  std::string text = "func @f(%c: bool) {\n";
  for (int i = 0; i < 1000; ++i) text += "%y = cond %c { then(%c: bool) {\n";
  EXPECT_EQ(error_of(text), "line 258: regions are nested too deeply");
}

}  // namespace
}  // namespace thx
