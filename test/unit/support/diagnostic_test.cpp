// SPDX-License-Identifier: Apache-2.0
// The form of messages on the screen and for editors.
#include "support/diagnostic.h"

#include <gtest/gtest.h>

#include <ctime>

#include "support/result.h"

namespace thx {
namespace {

Span find(const Sources& sources, uint32_t file, std::string_view text) {
  const size_t at = sources.text(file).find(text);
  EXPECT_NE(at, std::string::npos);
  return {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + text.size())};
}

TEST(RenderText, StacksLabelsOfOneLine) {
  Sources sources;
  const uint32_t file = sources.add("mlp.thx", "\n\nlet h = tanh(x @ W + b)\n");
  const Span x = {file, 15, 16}, at = {file, 17, 18}, w = {file, 19, 20};
  const auto error =
      Diagnostic(Err::shape_mismatch, at, "cannot multiply f32[N, 784] by f32[10, 784]")
          .label(w, "f32[10, 784]")
          .label(x, "f32[N, 784]")
          .help("inner extents 784 and 10 differ; did you mean `x @ W.T`?");
  EXPECT_EQ(render_text(error, sources),
            R"(error[shape_mismatch]: cannot multiply f32[N, 784] by f32[10, 784]
 --> mlp.thx:3:16
  |
3 | let h = tanh(x @ W + b)
  |              - ^ -
  |              f32[N, 784]
  |                  f32[10, 784]
  = help: inner extents 784 and 10 differ; did you mean `x @ W.T`?
)");
}

TEST(RenderText, ShowsOtherLinesAndOtherFiles) {
  Sources sources;
  const uint32_t file =
      sources.add("a.thx", "let a = 1\nlet b = 2\n\n\n\n\n\n\n\nlet a = 3\nlet c = 4\n");
  const uint32_t other = sources.add("b.thx", "let a = 5");
  const auto error = Diagnostic(Err::duplicate_name, {file, 31, 32}, "`a` is bound twice")
                         .label({file, 4, 5}, "first here")
                         .label({other, 4, 5}, "and there")
                         .label({file, 31, 32}, "again here")
                         .note("names are bound once");
  EXPECT_EQ(render_text(error, sources), R"(error[duplicate_name]: `a` is bound twice
  --> a.thx:10:5
   |
 1 | let a = 1
   |     -
   |     first here
...
10 | let a = 3
   |     ^
   |     again here
  ::: b.thx:1:5
   |
 1 | let a = 5
   |     -
   |     and there
   = note: names are bound once
)");
}

TEST(RenderText, AlignsTabsAndWideCharacters) {
  Sources sources;
  const uint32_t file = sources.add("t.thx", "\ta\t= \"\xE6\xBC\xA2\xE5\xAD\x97\" + b\n");
  EXPECT_EQ(render_text({Err::undefined_name, find(sources, file, "b"), "no `b`"}, sources),
            "error[undefined_name]: no `b`\n"
            " --> t.thx:1:13\n"
            "  |\n"
            "1 |     a   = \"\xE6\xBC\xA2\xE5\xAD\x97\" + b\n"
            "  |                    ^\n");
}

TEST(RenderText, MarksTheEndOfTheTextAndClipsSpansToTheirLine) {
  Sources sources;
  const uint32_t file = sources.add("e.thx", "let a = (\n");
  EXPECT_EQ(render_text({Err::syntax, {file, 10, 10}, "the text ends too early"}, sources),
            "error[syntax]: the text ends too early\n --> e.thx:2:1\n  |\n2 | \n  | ^\n");
  EXPECT_EQ(render_text({Err::syntax, {file, 8, 10}, "m"}, sources),
            "error[syntax]: m\n --> e.thx:1:9\n  |\n1 | let a = (\n  |         ^\n");
}

TEST(RenderText, WindowsLongLines) {
  Sources sources;
  std::string text = "let a = ";
  for (int i = 0; i < 10000; ++i) text += "x + ";
  const uint32_t file = sources.add("l.thx", text + "y\n");
  const std::string out =
      render_text({Err::undefined_name, find(sources, file, "y"), "no `y`"}, sources);
  EXPECT_LT(out.size(), 400u);
  EXPECT_NE(out.find("1 | ... "), std::string::npos);
  const size_t source = out.find("1 | ...");
  const size_t marks = out.find("  | ", source);
  EXPECT_EQ(out.find('^') - marks, out.find('y', source) - source);
}

/// Of the processor, for messages at every tenth byte.
double seconds_to_render(const std::string& text) {
  Sources sources;
  const uint32_t file = sources.add("a.thx", text);
  const std::clock_t start = std::clock();
  for (uint32_t at = 0; at < text.size(); at += 10)
    render_text({Err::syntax, {file, at, at + 1}, "wrong"}, sources);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(RenderText, LooksAtWhatItShowsOfALine) {
  const std::string line = std::string(1199, '(') + "\n";
  std::string lines;
  for (int i = 0; i < 54; ++i) lines += line;
  const double apart = seconds_to_render(lines);
  EXPECT_LT(seconds_to_render(std::string(lines.size(), '(')), 8 * apart + 0.1);
}

TEST(RenderText, NeedsNoPlace) {
  const auto error = Diagnostic(Err::cannot_read, {}, "cannot read `a.thx`").help("check the name");
  EXPECT_EQ(render_text(error, Sources()),
            "error[cannot_read]: cannot read `a.thx`\n  = help: check the name\n");
}

TEST(RenderJson, IsOneObject) {
  Sources sources;
  const uint32_t file = sources.add("a.thx", "let a = b\n");
  const auto error = Diagnostic(Err::undefined_name, {file, 8, 9}, "no \"b\"", Severity::warning)
                         .label({file, 4, 5}, "for this")
                         .help("h");
  EXPECT_EQ(render_json(error, sources),
            R"({"severity":"warning","id":"undefined_name","message":"no \"b\"","file":"a.thx",)"
            R"("line":1,"column":9,"end_line":1,"end_column":10,"labels":[{"file":"a.thx",)"
            R"("line":1,"column":5,"end_line":1,"end_column":6,"text":"for this"}],)"
            R"("notes":[],"help":["h"]})");
}

TEST(Diagnostics, CountsErrorsAndSortsByPlace) {
  Diagnostics diagnostics;
  diagnostics.report({Err::syntax, {1, 5, 6}, "late"});
  diagnostics.report({Err::shadowed_builtin, {1, 2, 3}, "w", Severity::warning}).help("h");
  diagnostics.report({Err::syntax, {1, 5, 6}, "later"});
  EXPECT_EQ(diagnostics.error_count(), 2u);
  diagnostics.sort_by_place();
  EXPECT_EQ(diagnostics.all()[0].message(), "w");
  EXPECT_EQ(diagnostics.all()[1].message(), "late");
}

TEST(ErrorIndex, FindsEachIdByItsName) {
  for (const Err id : all_errors()) {
    EXPECT_EQ(find_error(to_string(id)), id);
    EXPECT_FALSE(error_meaning(id).empty());
  }
  EXPECT_FALSE(find_error("no_such_error"));
}

TEST(Result, HoldsAValueOrAMessage) {
  const Result<int> good(3);
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, 3);
  const Result<int> bad(Diagnostic(Err::ir_syntax, {}, "no"));
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message(), "no");
  EXPECT_THROW((void)bad.value(), InternalError);
}

}  // namespace
}  // namespace thx
