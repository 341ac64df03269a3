// SPDX-License-Identifier: Apache-2.0
// Decides which line ends mean something, pairs brackets, and measures nesting.
#include "frontend/parse_tokens.h"

#include <utility>

#include "ThxLexer.h"
#include "support/text.h"
#include "support/unicode.h"

namespace thx {
namespace {

using antlr4::CommonToken;
using antlr4::Token;
using Lexer = grammar::ThxLexer;

bool ends_operand(size_t type) {
  switch (type) {
    case Lexer::NAME:
    case Lexer::INTEGER:
    case Lexer::FLOAT:
    case Lexer::STRING:
    case Lexer::TRUE:
    case Lexer::FALSE:
    case Lexer::RIGHT_PAREN:
    case Lexer::RIGHT_BRACKET:
    case Lexer::RIGHT_BRACE: return true;
    default: return type >= Lexer::MODULE && type <= Lexer::EXPECT_ERROR;
  }
}

// Operators that stand between two operands, and words and points that cannot begin a line either.
bool needs_left_operand(size_t type) {
  return (type >= Lexer::POWER && type <= Lexer::GREATER) ||
         (type >= Lexer::PLUS && type <= Lexer::CARET) || type == Lexer::DOT ||
         type == Lexer::AND || type == Lexer::OR || type == Lexer::IF;
}

bool needs_right_operand(size_t type) {
  return (needs_left_operand(type) && type != Lexer::IF && type != Lexer::DOT) ||
         type == Lexer::ASSIGN || type == Lexer::NOT;
}

bool continues_line(size_t type) {
  return type == Lexer::WITH || type == Lexer::GIVEN || type == Lexer::UNTIL ||
         type == Lexer::ARROW || type == Lexer::ELSE;
}

bool is_name(size_t type) {
  return type == Lexer::NAME || (type >= Lexer::MODULE && type <= Lexer::EXPECT_ERROR);
}

size_t closer_of(size_t open) { return open + 1; }  // the grammar lists them in pairs

std::string_view bracket(size_t type) {
  constexpr std::string_view kBrackets[] = {"(", ")", "[", "]", "{", "}"};
  return kBrackets[type - Lexer::LEFT_PAREN];
}

class Arranger {
 public:
  Arranger(std::vector<std::unique_ptr<Token>> raw, const CleanText& text, Diagnostics& diagnostics)
      : raw_(std::move(raw)), text_(text), diagnostics_(diagnostics) {
    levels_.push_back({});
  }

  TokenList run() {
    find_visible();
    const size_t end = raw_.empty() ? 0 : raw_.back()->getStopIndex() + 1;
    for (at_ = 0; at_ < raw_.size() && !list_.too_deep; ++at_) visit();
    while (levels_.size() > 1 && !list_.too_deep) close_unclosed(end);
    auto last = std::make_unique<CommonToken>(Token::EOF);
    last->setStartIndex(end);
    last->setStopIndex(end - 1);
    list_.tokens.push_back(std::move(last));
    return std::move(list_);
  }

 private:
  // One open bracket, or the file itself, and what is nested in its current expression.
  struct Level {
    size_t type = 0;
    Span open;
    size_t powers = 0, prefixes = 0, nots = 0, postfixes = 0, choices = 0;
    size_t depth() const { return powers + prefixes + nots + postfixes + choices; }
  };

  bool newline_is_blank() const {
    return levels_.back().type == Lexer::LEFT_PAREN || levels_.back().type == Lexer::LEFT_BRACKET;
  }

  Diagnostic& report(Err id, Span at, std::string message) {
    list_.errors.insert(at.begin);
    return diagnostics_.report({id, at, std::move(message)});
  }

  void visit() {
    const Token& token = *raw_[at_];
    const size_t type = token.getType();
    if (token.getChannel() != Token::DEFAULT_CHANNEL) return;
    switch (type) {
      case Lexer::NEWLINE: return visit_newline();
      case Lexer::OTHER: return report_other(token);
      case Lexer::BAD_NUMBER: report_number(token); return keep();
      case Lexer::LEFT_PAREN:
      case Lexer::LEFT_BRACKET:
      case Lexer::LEFT_BRACE: return open(token, type);
      case Lexer::RIGHT_PAREN:
      case Lexer::RIGHT_BRACKET:
      case Lexer::RIGHT_BRACE: return close(token, type);
      default: count(type); return keep();
    }
  }

  void keep() {
    previous_ = raw_[at_]->getType();
    list_.tokens.push_back(std::move(raw_[at_]));
  }

  // The next token that is neither blank, comment nor line end, from raw_[from] on.
  size_t next_visible(size_t from) const { return visible_[std::min(from, raw_.size())]; }

  // Answered for all places at once: a text may be nothing but line ends.
  void find_visible() {
    visible_.assign(raw_.size() + 1, raw_.size());
    for (size_t i = raw_.size(); i-- > 0;) {
      const bool hidden =
          raw_[i]->getType() == Lexer::NEWLINE || raw_[i]->getChannel() != Token::DEFAULT_CHANNEL;
      visible_[i] = hidden ? visible_[i + 1] : i;
    }
  }
  size_t type_at(size_t i) const { return i < raw_.size() ? raw_[i]->getType() : Token::EOF; }

  // Whether raw_[i] starts a declaration or statement, whatever bracket seems to be open.
  bool starts_statement(size_t i, bool inside_brace) const {
    const size_t type = type_at(i);
    const size_t after = type_at(next_visible(i + 1));
    if (type == Lexer::LET || type == Lexer::UPDATE || type == Lexer::RETURN) return !inside_brace;
    const bool declares = (type >= Lexer::MODULE && type <= Lexer::TEST);
    const bool only_in_blocks = (type == Lexer::NEXT || type == Lexer::YIELD) && !inside_brace;
    const bool also_in_blocks =
        type == Lexer::SHARED || type == Lexer::PARAM || type == Lexer::TRANSIENT;
    if (declares && !(inside_brace && also_in_blocks)) {
      return is_name(after) || (type == Lexer::TEST && after == Lexer::STRING);
    }
    return only_in_blocks && is_name(after);
  }

  void visit_newline() {
    const Token& token = *raw_[at_];
    const size_t next = next_visible(at_ + 1);
    if (newline_is_blank()) {
      if (!starts_statement(next, false)) return;
      while (newline_is_blank()) close_unclosed(token.getStartIndex());
    }
    if (levels_.back().type == Lexer::LEFT_BRACE && starts_statement(next, true)) {
      close_unclosed(token.getStartIndex());
    }
    const bool statement_is_empty = previous_ == Lexer::NEWLINE || previous_ == Lexer::SEMICOLON ||
                                    previous_ == Lexer::LEFT_BRACE || previous_ == 0;
    if (statement_is_empty || continues_line(type_at(next))) return;
    if (needs_left_operand(type_at(next))) {
      const Token& op = *raw_[next];
      report(
          Err::leading_operator, span_of(op, text_),
          format("a line cannot start with {}: the line before it has already ended", describe(op)))
          .help("put the whole expression in parentheses; inside them line ends are blanks");
      return;  // the line goes on, as was meant
    }
    if (needs_right_operand(previous_) && type_at(next) != Token::EOF &&
        !starts_statement(next, false)) {
      report(Err::syntax, span_of(*list_.tokens.back(), text_),
             format("the line ends after {}, but the expression does not",
                    describe(*list_.tokens.back())))
          .help("put the whole expression in parentheses; inside them line ends are blanks");
      return;
    }
    Level& level = levels_.back();
    level = {level.type, level.open};
    keep();
  }

  void report_other(const Token& token) {
    const std::string text = token.getText();
    const CodePoint point = decode_utf8(text, 0);
    const Span at = span_of(token, text_);
    const size_t next = at_ + 1;
    if (point.value == '"') {
      report(Err::syntax, at, "the text that starts here does not end on its line")
          .help("close it with `\"`");
      while (type_at(at_ + 1) != Lexer::NEWLINE && type_at(at_ + 1) != Token::EOF) ++at_;
      previous_ = Lexer::STRING;
      return;
    }
    // A run of foreign characters, such as a word in another script, is one error.
    while (type_at(at_ + 1) == Lexer::OTHER &&
           raw_[at_ + 1]->getStartIndex() == raw_[at_]->getStopIndex() + 1) {
      ++at_;
    }
    if (point.value < 0x80) {
      Diagnostic& error =
          report(Err::bad_character, at, format("`{}` has no meaning in Thx", text));
      if (text == "!") error.help("write `not`");
      if (text == "?") error.help("write `a if c else b`");
      if (text == "'") error.help("texts stand in double quotes");
      if (text == "\\") error.help("inside parentheses line ends are blanks; no `\\` is needed");
      return;
    }
    Diagnostic& error = report(Err::bad_character, at,
                               format("the character {} can stand in comments and texts only",
                                      describe_code_point(point.value)));
    const char ascii = ascii_look_alike(point.value);
    if (ascii != 0 && at_ + 1 == next) {
      error.help(ascii == ' ' ? std::string("use a plain blank") : format("use `{}`", ascii));
    } else {
      error.help("names are made of ASCII letters, digits and `_`");
    }
  }

  void report_number(const Token& token) {
    report(Err::bad_number, span_of(token, text_), format("`{}` is no number", token.getText()))
        .help("numbers look like 1, 1.0, .5, 1e-3, 0xff and 1_000");
  }

  void open(const Token& token, size_t type) {
    if (ends_operand(previous_) && type != Lexer::LEFT_BRACE) ++levels_.back().postfixes;
    const Span at = span_of(token, text_);
    levels_.push_back({type, at});
    check_depth(at);
    keep();
  }

  void close(const Token& token, size_t type) {
    const Span at = span_of(token, text_);
    // A brace ends whatever was left open inside it.
    if (type == Lexer::RIGHT_BRACE && newline_is_blank() && has_open_brace()) {
      while (newline_is_blank()) close_unclosed(token.getStartIndex());
    }
    const Level level = levels_.back();
    const bool is_brace = type == Lexer::RIGHT_BRACE;
    if (levels_.size() == 1 || (level.type == Lexer::LEFT_BRACE) != is_brace) {
      report(Err::unbalanced_bracket, at, format("`{}` closes nothing", bracket(type)));
      previous_ = type;
      return;
    }
    if (closer_of(level.type) != type) {
      report(Err::unbalanced_bracket, at,
             format("`{}` does not close `{}`", bracket(type), bracket(level.type)))
          .label(level.open, "opened here");
      const bool closes_outer = type == closer_of(levels_[levels_.size() - 2].type);
      insert(closer_of(level.type), token.getStartIndex());
      levels_.pop_back();
      if (!closes_outer) return;
    }
    levels_.pop_back();
    keep();
  }

  bool has_open_brace() const {
    for (const Level& level : levels_) {
      if (level.type == Lexer::LEFT_BRACE) return true;
    }
    return false;
  }

  void close_unclosed(size_t index) {
    const Level level = levels_.back();
    levels_.pop_back();
    report(Err::unbalanced_bracket, level.open,
           format("this `{}` is never closed", bracket(level.type)));
    insert(closer_of(level.type), index);
  }

  void insert(size_t type, size_t index) {
    auto token = std::make_unique<CommonToken>(type, std::string(bracket(type)));
    token->setStartIndex(index);
    token->setStopIndex(index - 1);
    list_.tokens.push_back(std::move(token));
    previous_ = type;
  }

  // Keeps an upper bound of how deep the parser will recurse.
  void count(size_t type) {
    Level& level = levels_.back();
    const bool after_operand = ends_operand(previous_);
    if (!after_operand && (type == Lexer::PLUS || type == Lexer::MINUS || type == Lexer::TILDE)) {
      ++level.prefixes;
    } else if (type == Lexer::NOT) {
      ++level.nots;
    } else if (type == Lexer::POWER) {
      ++level.powers;
      level.postfixes = 0;
    } else if (type == Lexer::DOT) {
      ++level.postfixes;
    } else if (type == Lexer::IF || type == Lexer::ELSE) {
      level = {level.type, level.open, 0, 0, 0, 0, level.choices + (type == Lexer::IF ? 1 : 0)};
    } else if (type == Lexer::AND || type == Lexer::OR) {
      level = {level.type, level.open, 0, 0, 0, 0, level.choices};
    } else if (needs_left_operand(type)) {
      level = {level.type, level.open, 0, 0, level.nots, 0, level.choices};
    } else if (!ends_operand(type)) {
      level = {level.type, level.open};
    }
    check_depth(span_of(*raw_[at_], text_));
  }

  void check_depth(Span at) {
    size_t depth = 0;
    for (const Level& level : levels_) depth += 1 + level.depth();
    if (depth <= kMaxNesting + 1 || list_.too_deep) return;
    list_.too_deep = true;
    report(Err::deep_nesting, at, format("this is nested more than {} deep", kMaxNesting))
        .help("give a part of the expression a name with `let`");
  }

  std::vector<std::unique_ptr<Token>> raw_;
  const CleanText& text_;
  Diagnostics& diagnostics_;
  TokenList list_;
  std::vector<Level> levels_;
  size_t at_ = 0;
  std::vector<size_t> visible_;  // by place in raw_
  size_t previous_ = 0;          // the type of the last token that was kept
};

}  // namespace

TokenList arrange_tokens(std::vector<std::unique_ptr<Token>> raw, const CleanText& text,
                         Diagnostics& diagnostics) {
  return Arranger(std::move(raw), text, diagnostics).run();
}

Span span_of(const Token& token, const CleanText& text) {
  return text.span(token.getStartIndex(), token.getStopIndex() + 1);
}

std::string describe(const Token& token) {
  switch (token.getType()) {
    case Token::EOF: return "the end of the file";
    case Lexer::NEWLINE: return "the end of the line";
    case Lexer::NAME: return format("the name `{}`", token.getText());
    case Lexer::INTEGER:
    case Lexer::FLOAT: return format("the number `{}`", token.getText());
    case Lexer::STRING: return format("the text {}", token.getText());
    default: return format("`{}`", token.getText());
  }
}

}  // namespace thx
