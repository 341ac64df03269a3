// SPDX-License-Identifier: Apache-2.0
// Runs lexer and parser over a file, words their errors, and goes on at the next statement.
#include "frontend/parse.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "ThxLexer.h"
#include "ThxParser.h"
#include "antlr4-runtime.h"
#include "frontend/parse_help.h"
#include "frontend/parse_text.h"
#include "frontend/parse_tokens.h"
#include "frontend/parse_tree.h"
#include "support/text.h"

namespace thx {
namespace {

using antlr4::Parser;
using antlr4::Token;
using grammar::ThxLexer;
using grammar::ThxParser;

// How far behind an error its statement is looked at.
constexpr size_t kTokensAhead = 32;

bool is_separator(size_t type) { return type == ThxLexer::NEWLINE || type == ThxLexer::SEMICOLON; }

// One message per statement: what follows an error up to the end of its statement is skipped.
class StatementErrors : public antlr4::DefaultErrorStrategy {
 public:
  StatementErrors(const CleanText& text, TokenList& list, Diagnostics& diagnostics)
      : text_(text), list_(list), diagnostics_(diagnostics) {}

  // After a whole statement or declaration the only thing that may follow is its end.
  void sync(Parser* parser) override {
    const size_t rule = parser->getContext()->getRuleIndex();
    if (rule != ThxParser::RuleFile && rule != ThxParser::RuleBlock) return;
    if (inErrorRecoveryMode(parser)) return;
    const auto& expected = parser->getATN().nextTokens(parser->getATN().states[parser->getState()]);
    const Token* token = parser->getCurrentToken();
    if (expected.contains(token->getType()) || expected.contains(Token::EPSILON)) return;
    const bool at_start = expected.contains(static_cast<size_t>(ThxLexer::LET));
    report_at(*token, at_start ? statement_expected(*token, rule) : unexpected(*token));
    beginErrorCondition(parser);
    skip_statement(parser);
  }

  void reportError(Parser* parser, const antlr4::RecognitionException& error) override {
    if (inErrorRecoveryMode(parser)) return;
    beginErrorCondition(parser);
    const Token& token = *error.getOffendingToken();
    report_at(token, message_for(*parser, token));
  }

  void recover(Parser* parser, std::exception_ptr) override { skip_statement(parser); }

  Token* recoverInline(Parser* parser) override { throw antlr4::InputMismatchException(parser); }

 private:
  static void skip_statement(Parser* parser) {
    size_t depth = 0;
    for (;;) {
      const size_t type = parser->getCurrentToken()->getType();
      if (type == Token::EOF || (depth == 0 && is_separator(type))) return;
      if (type == ThxLexer::RIGHT_BRACE && depth-- == 0) return;
      if (type == ThxLexer::LEFT_BRACE) ++depth;
      parser->consume();
    }
  }

  // Says nothing about a statement that already has an error of its characters or brackets.
  void report_at(const Token& token, std::string message) {
    const Span at = span_of(token, text_);
    const size_t index = token.getTokenIndex();
    const uint32_t begin = statement_begin(index);
    const auto first = list_.errors.lower_bound(begin);
    const bool said = first != list_.errors.end() && *first <= at.begin;
    list_.errors.insert(at.begin);
    if (said) return;
    const bool wants_name = message.starts_with("expected a name");
    Diagnostic& error = diagnostics_.report({Err::syntax, at, std::move(message)});
    if (wants_name && is_reserved(token.getType())) {
      error.help(format("`{}` is a reserved word", token.getText()));
    } else {
      add_help(error, token);
    }
  }

  uint32_t statement_begin(size_t index) const {
    const auto& tokens = *tokens_;
    while (index > 0 && !is_separator(tokens.get(index - 1)->getType())) --index;
    return span_of(*tokens.get(index), text_).begin;
  }

  static std::string unexpected(const Token& token) {
    return format("{} does not belong here", describe(token));
  }

  static std::string statement_expected(const Token& token, size_t rule) {
    return rule == ThxParser::RuleFile ? format("expected a declaration, found {}", describe(token))
                                       : format("expected a statement, found {}", describe(token));
  }

  static std::string message_for(Parser& parser, const Token& token) {
    const size_t rule = parser.getContext()->getRuleIndex();
    if (rule == ThxParser::RuleAtom || rule == ThxParser::RuleExpression) {
      return format("expected an expression, found {}", describe(token));
    }
    if (rule == ThxParser::RuleName || rule == ThxParser::RuleNames) {
      return format("expected a name, found {}", describe(token));
    }
    const auto expected = parser.getExpectedTokens();
    if (expected.contains(static_cast<size_t>(ThxLexer::NAME))) {
      const bool any = expected.contains(static_cast<size_t>(ThxLexer::LEFT_BRACKET));
      return format("expected {}, found {}", any ? "an expression" : "a name", describe(token));
    }
    std::vector<std::string> words;
    for (const ssize_t type : expected.toList()) {
      words.push_back(spelled(parser, static_cast<size_t>(type)));
    }
    if (words.empty() || words.size() > 4) return unexpected(token);
    const std::string last = words.back();
    words.pop_back();
    return words.empty()
               ? format("expected {}, found {}", last, describe(token))
               : format("expected {} or {}, found {}", join(words, ", "), last, describe(token));
  }

  static std::string spelled(const Parser& parser, size_t type) {
    if (type == ThxLexer::NEWLINE) return "the end of the line";
    if (type == ThxLexer::STRING) return "a text in double quotes";
    if (type == Token::EOF) return "the end of the file";
    std::string literal = parser.getVocabulary().getLiteralName(type);
    std::replace(literal.begin(), literal.end(), '\'', '`');
    return literal;
  }

  // What was probably meant, from the tokens of the statement up to the one at fault.
  void add_help(Diagnostic& error, const Token& token) const {
    const size_t index = token.getTokenIndex();
    if (token.getType() == ThxLexer::LEFT_BRACE && index > 0 &&
        is_separator(tokens_->get(index - 1)->getType())) {
      error.help("a block starts on the line of its declaration: put the `{` at that line's end");
      return;
    }
    size_t first = index;
    while (first > 0 && !is_separator(tokens_->get(first - 1)->getType()) &&
           tokens_->get(first - 1)->getType() != ThxLexer::LEFT_BRACE) {
      --first;
    }
    BrokenStatement statement{.before = {}, .at = &token, .after = {}};
    for (size_t i = first; i < index; ++i) statement.before.push_back(tokens_->get(i));
    for (size_t i = index + 1; i < tokens_->size() && i < index + kTokensAhead &&
                               !is_separator(tokens_->get(i)->getType());
         ++i) {
      statement.after.push_back(tokens_->get(i));
    }
    if (const auto help = help_for(statement)) error.help(*help);
  }

 public:
  void watch(antlr4::TokenStream* tokens) { tokens_ = tokens; }

 private:
  const CleanText& text_;
  TokenList& list_;
  Diagnostics& diagnostics_;
  antlr4::TokenStream* tokens_ = nullptr;
};

// The parser is silent by itself: the strategy speaks for it.
ThxParser::FileContext* run_parser(ThxParser& parser, std::shared_ptr<StatementErrors> errors) {
  parser.removeErrorListeners();
  parser.setErrorHandler(errors);
  // Without full-context prediction each decision stays local and the parser linear.
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::SLL);
  return parser.file();
}

}  // namespace

ast::Module parse(const Sources& sources, uint32_t file, Diagnostics& diagnostics) {
  const CleanText text = clean(sources, file, diagnostics);
  antlr4::ANTLRInputStream input(text.text);
  ThxLexer lexer(&input);
  lexer.removeErrorListeners();
  TokenList list = arrange_tokens(lexer.getAllTokens(), text, diagnostics);
  if (list.too_deep) {
    ast::Module module;
    module.file = file;
    return module;
  }
  list.errors.insert(text.errors.begin(), text.errors.end());
  auto errors = std::make_shared<StatementErrors>(text, list, diagnostics);
  antlr4::ListTokenSource source(std::move(list.tokens));
  antlr4::CommonTokenStream tokens(&source);
  tokens.fill();
  errors->watch(&tokens);
  ThxParser parser(&tokens);
  ThxParser::FileContext* tree = run_parser(parser, errors);
  const std::vector<uint32_t> places(list.errors.begin(), list.errors.end());
  return build_tree(*tree, {text, sources, tokens, places}, diagnostics);
}

}  // namespace thx
