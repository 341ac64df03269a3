// SPDX-License-Identifier: Apache-2.0
// Help for statements that cannot be read, by what users of other languages write.
#include "frontend/parse_help.h"

#include <algorithm>

#include "ThxLexer.h"
#include "support/text.h"

namespace thx {
namespace {

using antlr4::Token;
using Lexer = grammar::ThxLexer;

constexpr std::string_view kNames = "names are made of ASCII letters, digits and `_`";

bool is_arithmetic(size_t type) { return type >= Lexer::PLUS && type <= Lexer::CARET; }

bool is_operand(size_t type) {
  return type == Lexer::NAME || type == Lexer::INTEGER || type == Lexer::FLOAT;
}

/// The same by types, with what came before the token.
struct Facts {
  explicit Facts(const BrokenStatement& s)
      : start(s.before.empty() ? s.at->getType() : s.before.front()->getType()),
        before(s.before.empty() ? Token::EOF : s.before.back()->getType()),
        at(s.at->getType()),
        after(s.after.empty() ? Token::EOF : s.after.front()->getType()),
        at_start(s.before.empty()) {
    for (const Token* token : s.before) {
      binds |= token->getType() == Lexer::ASSIGN;
      gives |= token->getType() == Lexer::ARROW;
      if (token->getType() == Lexer::IF) chooses = true;
      if (token->getType() == Lexer::ELSE) chooses = false;
    }
    for (const Token* token : s.after) binds_later |= token->getType() == Lexer::ASSIGN;
  }

  bool ends() const { return at == Lexer::NEWLINE || at == Lexer::SEMICOLON || at == Token::EOF; }

  size_t start, before, at, after;
  bool at_start;
  bool binds = false, binds_later = false;  // a `=`
  bool gives = false;                       // a `->`
  bool chooses = false;                     // an `if` that still waits for its `else`
};

using Help = std::optional<std::string>;

// A line that begins with a word or sign that begins no declaration.
Help help_at_start(const BrokenStatement& s, const Facts& f) {
  const std::string word = s.at->getText();
  if (word == "while" || f.at == Lexer::FOR)
    return "steps that repeat are written with `scan`; arrays are computed whole, without loops";
  if (word == "print") return "make the value an output of a function";
  if (word == "class") return "a file is one model: `shared` declares its state";
  if (f.at == Lexer::IF) return "write `let y = a if c else b`";
  if (f.at == Lexer::UPDATE)
    return "updates stand in the braces of a function: `function f() { update w = ... }`";
  if (f.at == Lexer::RETURN) return "`return` ends the block of a `def`";
  if (f.at == Lexer::EXPECT || f.at == Lexer::EXPECT_GRAD || f.at == Lexer::EXPECT_ERROR)
    return "expectations stand in the braces of a `test`";
  if (f.at == Lexer::DIVIDE || f.at == Lexer::FLOOR_DIVIDE) return "comments start with `#`";
  if (f.at != Lexer::NAME) return std::nullopt;
  const auto near =
      nearest(word, {"module", "import", "from", "dim", "const", "input", "shared", "param",
                     "transient", "stream", "let", "cost", "def", "rule", "function", "test"});
  if (is_operand(f.after) && near) return format("did you mean `{}`?", *near);
  if (f.after == Lexer::ASSIGN)
    return format("write `let {0} = ...`; in a function, for state, `update {0} = ...`", word);
  if (is_arithmetic(f.after) && f.binds_later)
    return format("a name is bound once: bind another one with `let`, or make `{}` state", word);
  if (f.after == Lexer::LEFT_BRACKET && f.binds_later)
    return format("values do not change: write `let y = {}.at[...].set(...)`", word);
  if (near) return format("did you mean `{}`?", *near);
  return std::nullopt;
}

// Two signs that are one in another language.
Help help_for_signs(const Facts& f) {
  if (f.at == Lexer::AMPERSAND && f.before == f.at) return "write `and`";
  if (f.at == Lexer::BAR && f.before == f.at) return "write `or`";
  if (f.at == Lexer::GREATER && f.before == Lexer::LESS) return "write `!=`";
  if ((f.at == Lexer::LESS || f.at == Lexer::GREATER) && f.before == f.at)
    return "there are no shifts: multiply by a power of two, or divide with `//`";
  if (f.at == Lexer::ASSIGN && f.after == Lexer::GREATER)
    return f.start == Lexer::FUNCTION && !f.binds ? "outputs stand after `->`" : "write `>=`";
  if (f.at == Lexer::ASSIGN && f.after == Lexer::LESS) return "write `<=`";
  if (f.at == Lexer::TIMES && (f.before == Lexer::LEFT_PAREN || f.before == Lexer::COMMA))
    return "nothing is unpacked: pass the list itself, as in `zeros(x.shape)`";
  return std::nullopt;
}

Help help_in_function(const Facts& f) {
  const bool goes_on = is_arithmetic(f.at) || f.at == Lexer::LEFT_PAREN ||
                       f.at == Lexer::LEFT_BRACKET || f.at == Lexer::DOT || f.at == Lexer::POWER ||
                       f.at == Lexer::FLOOR_DIVIDE;
  if (f.gives && goes_on) return "an expression needs a name: `-> y = ...`";
  if (f.gives && f.at == Lexer::COMMA) return "several outputs stand in parentheses";
  if (f.gives) return std::nullopt;
  if (f.at == Lexer::COLON && f.before != Lexer::RIGHT_PAREN)
    return "a function names its inputs; `input x : f32[N]` declares their types";
  if (f.at == Lexer::ASSIGN || f.at == Lexer::COLON || f.at == Lexer::NAME)
    return "outputs stand after `->`, as in `function f(x) -> y`, updates in braces";
  return std::nullopt;
}

Help help_in_declaration(const BrokenStatement& s, const Facts& f) {
  if (f.start == Lexer::FUNCTION) return help_in_function(f);
  if (f.start == Lexer::INPUT && f.at == Lexer::ASSIGN && !f.binds)
    return "an input has a type, and its value at every call: `input x : floatX`";
  if (f.start == Lexer::INPUT && f.ends() && s.before.size() == 2)
    return format("an input has a type: `input {} : f32[N]`", s.before.back()->getText());
  const bool typed = f.start == Lexer::INPUT || f.start == Lexer::SHARED || f.start == Lexer::PARAM;
  if (typed && f.at == Lexer::LEFT_PAREN) return "extents stand in brackets: `f32[N]`";
  if (f.start == Lexer::DEF && f.at == Lexer::COLON)
    return "write `def f(x) = ...`, or `def f(x) { ...; return ... }`";
  if (f.start == Lexer::IMPORT && s.at->getText() == "as")
    return "a module keeps its name: `nn.f(x)` after `import nn`, `f(x)` after `from nn import f`";
  const bool names = f.start == Lexer::LET || f.start == Lexer::MODULE || f.start == Lexer::DIM ||
                     f.start == Lexer::CONST || f.start == Lexer::COST;
  if (names && !f.binds && s.before.size() == 2) {
    if (f.at == Lexer::MINUS || f.at == Lexer::DOT) return std::string(kNames);
    if (f.at == Lexer::COLON && f.after == Lexer::ASSIGN) return "write `=`";
  }
  if (f.start == Lexer::UPDATE && !f.binds && is_arithmetic(f.at) && f.after == Lexer::ASSIGN)
    return "write `update w = w - ...`";
  return std::nullopt;
}

Help help_in_expression(const BrokenStatement& s, const Facts& f) {
  if (f.at == Lexer::IF && f.binds) return "write `a if c else b`";
  if (f.chooses && f.ends()) return "both branches are needed: `a if c else b`";
  if (f.at == Lexer::COMMA && f.before == Lexer::INTEGER && f.after == Lexer::INTEGER)
    return "a decimal point is written `.`";
  if (f.at == Lexer::ASSIGN && (f.binds || f.start == Lexer::YIELD))
    return "`==` compares; `=` only binds a name, at the start of a statement";
  if (!s.before.empty() && s.before.back()->getText() == "lambda")
    return "functions have names: `def f(v) = ...`";
  if (f.binds && is_operand(f.at) && (is_operand(f.before) || f.before == Lexer::RIGHT_PAREN))
    return "an operator is missing, such as `*` or `@`";
  return std::nullopt;
}

}  // namespace

bool is_reserved(size_t type) { return type >= Lexer::LET && type <= Lexer::FALSE; }

std::optional<std::string> help_for(const BrokenStatement& statement) {
  const Facts facts(statement);
  if (facts.at_start) return help_at_start(statement, facts);
  if (Help help = help_for_signs(facts)) return help;
  if (Help help = help_in_declaration(statement, facts)) return help;
  return help_in_expression(statement, facts);
}

}  // namespace thx
