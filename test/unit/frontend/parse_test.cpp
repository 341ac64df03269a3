// SPDX-License-Identifier: Apache-2.0
// The parser: precedence, line ends, numbers, and going on after errors.
#include "frontend/parse.h"

#include <gtest/gtest.h>

#include <chrono>

#include "print_ast.h"

namespace thx {
namespace {

struct Parsed {
  Sources sources;
  Diagnostics diagnostics;
  ast::Module module;
  std::string errors() const {
    std::string out;
    for (const Diagnostic& each : diagnostics.all()) {
      const LineColumn at = sources.locate(each.at());
      out += format("{}:{} {}: {}\n", at.line, at.column, each.id(), each.message());
    }
    return out;
  }
};

std::unique_ptr<Parsed> parse_text(std::string text) {
  auto parsed = std::make_unique<Parsed>();
  const uint32_t file = parsed->sources.add("t.thx", std::move(text));
  parsed->module = parse(parsed->sources, file, parsed->diagnostics);
  return parsed;
}

std::string tree(const std::string& expression) {
  const auto parsed = parse_text("let v = " + expression);
  if (parsed->diagnostics.has_errors()) return parsed->errors();
  return print_ast(parsed->module, std::get<ast::Let>(parsed->module.declarations.at(0)).value);
}

std::string errors(const std::string& text) { return parse_text(text)->errors(); }

TEST(Parse, FollowsThePrecedenceOfTheLanguage) {
  EXPECT_EQ(tree("-x**2"), "(- (** x 2))");
  EXPECT_EQ(tree("2**-1"), "(** 2 (- 1))");
  EXPECT_EQ(tree("2**-1*3"), "(* (** 2 (- 1)) 3)");
  EXPECT_EQ(tree("a**b**c"), "(** a (** b c))");
  EXPECT_EQ(tree("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(tree("a + b * c @ d"), "(+ a (@ (* b c) d))");
  EXPECT_EQ(tree("-a * b"), "(* (- a) b)");
  EXPECT_EQ(tree("a | b ^ c & d + e"), "(| a (^ b (& c (+ d e))))");
  EXPECT_EQ(tree("not a == b and c or d"), "(or (and (not (== a b)) c) d)");
  EXPECT_EQ(tree("a > 0 & b > 0").substr(0, 6), "1:19 c");
  EXPECT_EQ(tree("a if b else c if d else e"), "(if b a (if d c e))");
  EXPECT_EQ(tree("a + 1 if b < 2 else c"), "(if (< b 2) (+ a 1) c)");
  EXPECT_EQ(tree("~a & +b"), "(& (~ a) (+ b))");
  EXPECT_EQ(tree("(a < b) < c"), "(< (< a b) c)");
}

TEST(Parse, ReadsPostfixForms) {
  EXPECT_EQ(tree("x.sum(axis=(0, 1), keepdims=true)"),
            "(call (. x sum) axis=(tuple 0 1) keepdims=true)");
  EXPECT_EQ(tree("1.0.exp()"), "(call (. 1.0 exp))");
  EXPECT_EQ(tree("2.T"), "(. 2 T)");
  EXPECT_EQ(tree("[1., 1.0, .5, 1e-3, 0xff, 1_000, 2.e5]"),
            "(list 1. 1.0 .5 1e-3 0xff 1_000 2.e5)");
  EXPECT_EQ(tree("x[1:, ::2, :, i, ..., arange(N)]"),
            "(index x (slice 1 _ _) (slice _ _ 2) (slice _ _ _) i ... (call arange N))");
  EXPECT_EQ(tree("x.at[i].add(v).T"), "(. (call (. (index (. x at) i) add) v) T)");
  EXPECT_EQ(tree("grad(J, [w], constant=[z], disconnected=\"zero\")"),
            "(call grad J (list w) constant=(list z) disconnected=\"zero\")");
  EXPECT_EQ(tree("zeros((N,))"), "(call zeros (tuple N))");
  EXPECT_EQ(tree("f()"), "(call f)");
}

TEST(Parse, ReservesOnlyFewWords) {
  EXPECT_EQ(tree("input + test * dim - with.module(next=until)"),
            "(- (+ input (* test dim)) (call (. with module) next=until))");
  EXPECT_EQ(errors("let if = 1"), "1:5 syntax: expected a name, found `if`\n");
}

TEST(Parse, ReadsTheSeedProgram) {
  const auto parsed = parse_text(R"(# Two-class logistic regression, trained by gradient descent.
module logreg                                    # optional: the file's name otherwise

dim N                                            # appears in inputs only
dim F                                            # appears in shared state

input  x : floatX[N, F]
input  y : floatX[N]
shared w : floatX[F] = random.normal(seed=1)
shared b : floatX    = 0

let p_1        = 1 / (1 + exp(-(x @ w) - b))     # probability that target = 1
let prediction = p_1 > 0.5
let xent       = -y*log(p_1) - (1-y)*log(1-p_1)  # cross-entropy, written naively on purpose
cost J         = xent.mean() + 0.01 * (w**2).sum()
let gw, gb     = grad(J, [w, b])

function train(x, y) -> (prediction, xent) {
  update w = w - 0.1 * gw
  update b = b - 0.1 * gb
}

function predict(x) -> prediction
)");
  EXPECT_EQ(parsed->errors(), "");
  ASSERT_EQ(parsed->module.declarations.size(), 14u);
  const auto& train = std::get<ast::Function>(parsed->module.declarations[12]);
  EXPECT_EQ(train.inputs.size(), 2u);
  EXPECT_EQ(train.outputs.size(), 2u);
  EXPECT_EQ(train.body.size(), 2u);
}

TEST(Parse, ReadsEveryForm) {
  EXPECT_EQ(errors(R"(import nn
from nn import dense, dropout
dim F = 784; dim N <= 4096
const EPS = 1e-6
input s : f32
input col : f32[N, 1]
shared data : f32[M, F]
transient shared k = 0
param w : f32[F] = zeros((F,))
stream rng = 42
def gelu(x, k = 0.5) = k * x * (1 + tanh(x)) with grad(x, k, dy) = dy
def dense(x, W, b) { let h = x @ W
  return h + b, h
}
def f(x) = x
  with grad(x, dy) {
    return dy
  }
rule sgd(J, p, lr = 0.1) { shared m = zeros_like(p); let g = grad(J, p); update p = p - lr*g }
function step(i) given x = data[i*B : (i+1)*B], y = labels[i*B : (i+1)*B] -> J {
  update [w, b] with sgd(J, lr=0.05)
  update w with sgd(J)
}
function g(a)
  given b = a
  -> (b = a + a**10, c)
function h() -> ()
function noop(a)
let h, ys = scan(h = h0 for x_t in xs) { let h2 = tanh(x_t @ W + h @ U + b);  next h = h2;  yield h2 @ V }   # last
let r     = scan(r = r0 for _ in range(20) until abs(r*r - a) < 1e-6) { next r = (r + a/r) / 2 }
let s, k2 = scan(s = 0.0, k = 1 for (u, v) in (us, vs), reverse=true, checkpoint=16) {
  let t = s + u

  next s = t
  next k = k
}
let t2 = f(scan(a = 0 for x in xs) {
  next a = a +
    1
}, [1,
  2])
test "adds up" {
  expect close(a, b, ulp=4)
  expect a == b
  expect_grad(J, w)
  expect_error shape_mismatch { let c = a @ b }
}
let long = (a
  + b

  - c)
)"),
            "38:14 syntax: the line ends after `+`, but the expression does not\n");
}

TEST(Parse, NamesTheUsualTraps) {
  EXPECT_EQ(errors("let a = b\n  - c\n"),
            "2:3 leading_operator: a line cannot start with `-`: the line before it has already "
            "ended\n");
  EXPECT_EQ(errors("let a = b\n  .exp()\nlet c = d +\n  e"),
            "2:3 leading_operator: a line cannot start with `.`: the line before it has already "
            "ended\n3:11 syntax: the line ends after `+`, but the expression does not\n");
  EXPECT_EQ(errors("let a = b < c < d"),
            "1:15 chained_comparison: comparisons cannot be chained\n");
  EXPECT_EQ(errors("let a = \"abc"),
            "1:9 syntax: the text that starts here does not end on its line\n");
  EXPECT_EQ(errors("let a = b && c"), "1:12 syntax: expected an expression, found `&`\n");
  EXPECT_EQ(errors("let a = f(x = = 1)"), "1:15 syntax: expected an expression, found `=`\n");
  EXPECT_EQ(errors("let a = 3x"), "1:9 bad_number: `3x` is no number\n");
  EXPECT_EQ(errors("let a = b * not c"), "1:13 syntax: `not` binds looser than `*`\n");
}

TEST(Parse, ReportsCharactersByName) {
  EXPECT_EQ(errors("let a = b \xE2\x88\x92 c"),
            "1:11 bad_character: the character U+2212 MINUS SIGN can stand in comments and texts "
            "only\n");
  EXPECT_EQ(errors("test \xE2\x80\x9Ctitle\xE2\x80\x9D { }"),
            "1:6 bad_character: the character U+201C LEFT DOUBLE QUOTATION MARK can stand in "
            "comments and texts only\n1:12 bad_character: the character U+201D RIGHT DOUBLE "
            "QUOTATION MARK can stand in comments and texts only\n");
  EXPECT_EQ(errors(std::string("# \x01 \n# ok \xC3\xA4\nlet a = \xFF\xFE 1", 25)),
            "1:3 bad_character: the control character U+0001 cannot stand in a source text\n"
            "3:9 bad_character: the byte 0xff is not UTF-8\n");
  EXPECT_EQ(errors("let a = 1\rlet b = 2").substr(0, 18), "1:10 bad_character");
  EXPECT_EQ(errors("\xEF\xBB\xBFlet a = 1\r\nlet b = \xC3\xA4 )\r\n"),
            "2:9 bad_character: the character U+00E4 can stand in comments and texts only\n"
            "2:11 unbalanced_bracket: `)` closes nothing\n");
}

TEST(Parse, GoesOnAfterErrors) {
  EXPECT_EQ(errors("let a = (1 + \nlet b = )\nlet c = [1)\nbanana\nlet d = 1 2\nlet e = 3\n"),
            "1:9 unbalanced_bracket: this `(` is never closed\n"
            "2:9 unbalanced_bracket: `)` closes nothing\n"
            "3:11 unbalanced_bracket: `)` does not close `[`\n"
            "4:1 syntax: expected a declaration, found the name `banana`\n"
            "5:11 syntax: the number `2` does not belong here\n");
  EXPECT_EQ(
      errors("function f(a) {\n  update a = \n  let b = (\n  update b = ]\n  foo\n}\ninput x\n"),
      "3:11 unbalanced_bracket: this `(` is never closed\n"
      "4:14 unbalanced_bracket: `]` closes nothing\n"
      "2:14 syntax: expected an expression, found the end of the line\n"
      "5:3 syntax: expected a statement, found the name `foo`\n"
      "7:8 syntax: expected `:`, found the end of the line\n");
  EXPECT_EQ(errors("function f(a) {\n  update a = 1\nfunction g(a) -> a\n"),
            "1:15 unbalanced_bracket: this `{` is never closed\n");
}

TEST(Parse, KeepsTheNamesOfBrokenStatements) {
  const auto parsed = parse_text("let a, b = 1 2\ninput x y\nlet c = 1\ntransient shared s : 3\n");
  ASSERT_EQ(parsed->module.declarations.size(), 4u);
  EXPECT_EQ(std::get<ast::Broken>(parsed->module.declarations[0]).names.size(), 2u);
  EXPECT_EQ(std::get<ast::Broken>(parsed->module.declarations[1]).names.at(0).text, "x");
  EXPECT_EQ(std::get<ast::Let>(parsed->module.declarations[2]).names.at(0).text, "c");
  EXPECT_EQ(std::get<ast::Broken>(parsed->module.declarations[3]).names.at(0).text, "s");
}

std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Parse, LimitsNesting) {
  for (const auto& [open, close] :
       std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                        {"[", "]"},
                                                        {"-", ""},
                                                        {"not ", ""},
                                                        {"2**", ""},
                                                        {"a if b else ", ""},
                                                        {"f(", ")"},
                                                        {"- -", ""},
                                                        {"2**-", ""}}) {
    const int each = open == "- -" || open == "2**-" || open == "f(" ? 2 : 1;
    EXPECT_EQ(errors("let a = " + repeat(open, 250 / each) + "x" + repeat(close, 250 / each)), "")
        << open;
    EXPECT_NE(errors("let a = " + repeat(open, 258 / each) + "x" + repeat(close, 258 / each))
                  .find("deep_nesting"),
              std::string::npos)
        << open;
    EXPECT_NE(errors("let a = " + repeat(open, 100000) + "x").find("deep_nesting"),
              std::string::npos);
  }
  EXPECT_EQ(errors("let a = " + repeat("-x * ", 1000) + "1"), "");
  EXPECT_EQ(errors("let a = " + repeat("x**2 + ", 1000) + "1"), "");
  EXPECT_EQ(errors("let a = " + repeat("f(x)[1] and not b or ", 1000) + "1"), "");
  EXPECT_EQ(errors("let a = f(" + repeat("-x if b else c, ", 1000) + ")"), "");
  EXPECT_NE(errors("let a = x" + repeat(".T", 300)).find("deep_nesting"), std::string::npos);
}

TEST(Parse, IsLinearInLongSums) {
  const auto start = std::chrono::steady_clock::now();
  const auto parsed = parse_text("let a = x" + repeat(" + x*y", 100000));
  EXPECT_FALSE(parsed->diagnostics.has_errors());
  EXPECT_EQ(parsed->module.nodes.size(), 400001u);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_LT(took.count(), 30);  // generous: instrumented builds on busy machines
}

TEST(Parse, IsLinearInManyStatements) {
  const auto parsed = parse_text(repeat("let a = x + 1\n\n# comment\n", 30000));
  EXPECT_FALSE(parsed->diagnostics.has_errors());
  EXPECT_EQ(parsed->module.declarations.size(), 30000u);
  EXPECT_EQ(parse_text(repeat("let a = x +* 1\n", 3000))->diagnostics.error_count(), 3000u);
}

}  // namespace
}  // namespace thx
