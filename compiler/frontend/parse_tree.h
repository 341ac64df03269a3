// SPDX-License-Identifier: Apache-2.0
// From ANTLR's parse tree to the tree of frontend/ast.h.
#pragma once

#include <cstdint>
#include <vector>

#include "ThxParser.h"
#include "frontend/ast.h"
#include "frontend/parse_text.h"
#include "support/diagnostic.h"

namespace thx {

// What the two builders share: places, texts, and where errors were reported.
struct TreeSource {
  const CleanText& text;
  const Sources& sources;
  antlr4::TokenStream& tokens;
  const std::vector<uint32_t>& errors;  // sorted

  Span span(const antlr4::Token& token) const;
  Span span(const antlr4::ParserRuleContext& rule) const;
  ast::Name name(grammar::ThxParser::NameContext& rule) const;
  std::vector<ast::Name> names(grammar::ThxParser::NamesContext* rule) const;
  bool has_error(uint32_t begin, uint32_t end) const;  // both ends included
};

class StatementBuilder;

// Builds expressions into the module. Chains such as `a + b + c` are followed in a loop; the
// recursion is as deep as brackets nest.
class ExpressionBuilder {
 public:
  ExpressionBuilder(const TreeSource& source, ast::Module& module, StatementBuilder& statements,
                    Diagnostics& diagnostics)
      : source_(source), module_(module), statements_(statements), diagnostics_(diagnostics) {}

  ast::NodeId build(grammar::ThxParser::ExpressionContext& rule);
  ast::NodeId build_optional(grammar::ThxParser::ExpressionContext* rule) {
    return rule ? build(*rule) : ast::kNoNode;
  }
  ast::NodeId argument(grammar::ThxParser::ArgumentContext& rule);

 private:
  using Rules = grammar::ThxParser;

  ast::NodeId add(ast::Node node, const std::vector<ast::NodeId>& children);
  ast::NodeId add_leaf(ast::NodeKind kind, Span span, std::string_view text = {});
  ast::NodeId tightest(Rules::ExpressionContext& rule);
  ast::NodeId extend(Rules::ExpressionContext& rule, ast::NodeId base);
  ast::NodeId choose(Rules::ExpressionContext& rule);
  ast::NodeId atom(Rules::AtomContext& rule);
  ast::NodeId value(const antlr4::Token& token);
  ast::NodeId scan(Rules::ScanContext& rule);
  ast::NodeId subscript(Rules::SubscriptContext& rule);
  // False after a report.
  bool check_operands(const ast::Node& node, ast::NodeId left, ast::NodeId right);

  const TreeSource& source_;
  ast::Module& module_;
  StatementBuilder& statements_;
  Diagnostics& diagnostics_;
};

// Builds statements and blocks. A statement around an error becomes Broken.
class StatementBuilder {
 public:
  StatementBuilder(const TreeSource& source, ast::Module& module, Diagnostics& diagnostics)
      : source_(source), module_(module), expressions_(source, module, *this, diagnostics) {}

  ExpressionBuilder& expressions() { return expressions_; }
  ast::Block block(grammar::ThxParser::BlockContext* rule);
  ast::Let let(grammar::ThxParser::LetContext& rule);
  ast::State state(grammar::ThxParser::StateContext& rule);
  ast::TypeExpr type(grammar::ThxParser::TypeContext& rule);
  ast::Broken broken(const antlr4::ParserRuleContext& rule);
  bool has_error(const antlr4::ParserRuleContext& rule) const;

 private:
  ast::Statement statement(grammar::ThxParser::StatementContext& rule);
  ast::Statement expectation(grammar::ThxParser::StatementContext& rule);

  const TreeSource& source_;
  ast::Module& module_;
  ExpressionBuilder expressions_;
};

ast::Module build_tree(grammar::ThxParser::FileContext& file, const TreeSource& source,
                       Diagnostics& diagnostics);

}  // namespace thx
