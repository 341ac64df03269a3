// SPDX-License-Identifier: Apache-2.0
// Declarations and statements: from ANTLR's contexts to the tree.
#include "frontend/parse_tree.h"

#include <algorithm>
#include <utility>

#include "ThxLexer.h"

namespace thx {
namespace {

using ast::Declaration;
using grammar::ThxLexer;
using grammar::ThxParser;

class FileBuilder {
 public:
  FileBuilder(const TreeSource& source, Diagnostics& diagnostics)
      : source_(source), statements_(source, module_, diagnostics) {}

  ast::Module build(ThxParser::FileContext& file) {
    module_.file = source_.text.file;
    for (auto* rule : file.declaration()) {
      const bool header_broken = statements_.has_error(*rule) && !only_in_block(*rule);
      module_.declarations.push_back(header_broken ? Declaration(statements_.broken(*rule))
                                                   : declaration(*rule));
    }
    return std::move(module_);
  }

 private:
  // Whether all errors of a declaration lie between the braces of its block.
  bool only_in_block(ThxParser::DeclarationContext& rule) const {
    auto* block = rule.getRuleContext<ThxParser::BlockContext>(0);
    if (!block || !block->getStop()) return false;
    const Span outer = source_.span(rule);
    const Span inner = source_.span(*block);
    if (inner.begin == outer.begin) return false;
    return !source_.has_error(outer.begin, inner.begin) && !source_.has_error(inner.end, outer.end);
  }

  Declaration declaration(ThxParser::DeclarationContext& rule) {
    const Span span = source_.span(rule);
    if (auto* each = dynamic_cast<ThxParser::LetDeclarationContext*>(&rule)) {
      return statements_.let(*each->let());
    } else if (auto* each = dynamic_cast<ThxParser::CostDeclarationContext*>(&rule)) {
      return ast::Let{{name(each)}, expression(each->expression()), true, span};
    } else if (auto* each = dynamic_cast<ThxParser::DimDeclarationContext*>(&rule)) {
      return ast::Dim{name(each), optional(each->bound), optional(each->value), span};
    } else if (auto* each = dynamic_cast<ThxParser::ConstDeclarationContext*>(&rule)) {
      return ast::Const{name(each), expression(each->expression()), span};
    } else if (auto* each = dynamic_cast<ThxParser::InputDeclarationContext*>(&rule)) {
      return ast::Input{name(each), statements_.type(*each->type()), span};
    } else if (auto* each = dynamic_cast<ThxParser::StateDeclarationContext*>(&rule)) {
      return statements_.state(*each->state());
    } else if (auto* each = dynamic_cast<ThxParser::FunctionDeclarationContext*>(&rule)) {
      return function(*each, span);
    } else if (auto* each = dynamic_cast<ThxParser::ModuleDeclarationContext*>(&rule)) {
      return ast::ModuleName{name(each), span};
    } else if (auto* each = dynamic_cast<ThxParser::StreamDeclarationContext*>(&rule)) {
      return ast::Stream{name(each), optional(each->expression()), span};
    } else if (auto* each = dynamic_cast<ThxParser::DefDeclarationContext*>(&rule)) {
      return definition(*each, span);
    } else if (auto* each = dynamic_cast<ThxParser::RuleDeclarationContext*>(&rule)) {
      return ast::RuleDefinition{name(each), parameters(each->parameters()),
                                 statements_.block(each->block()), span};
    } else if (auto* each = dynamic_cast<ThxParser::ImportDeclarationContext*>(&rule)) {
      return ast::Import{path(*each->path()), {}, span};
    } else if (auto* each = dynamic_cast<ThxParser::FromDeclarationContext*>(&rule)) {
      ast::Import import{path(*each->path()), {}, span};
      for (auto* part : each->name()) import.names.push_back(source_.name(*part));
      return import;
    }
    auto& test = dynamic_cast<ThxParser::TestDeclarationContext&>(rule);
    const Span title = source_.span(*test.STRING()->getSymbol());
    return ast::Test{{source_.sources.text(title), title}, statements_.block(test.block()), span};
  }

  Declaration definition(ThxParser::DefDeclarationContext& rule, Span span) {
    ast::Definition definition{name(&rule), parameters(rule.parameters()), {}, {}, {}, span};
    definition.results = results(rule.results());
    definition.body = statements_.block(rule.block());
    if (auto* clause = rule.gradient()) {
      definition.gradient =
          ast::GradientClause{name(clause), parameters(clause->parameters()),
                              results(clause->results()), statements_.block(clause->block())};
    }
    return definition;
  }

  std::vector<ast::NodeId> results(ThxParser::ResultsContext* rule) {
    std::vector<ast::NodeId> list;
    if (!rule) return list;
    for (auto* each : rule->expression()) list.push_back(expression(each));
    return list;
  }

  Declaration function(ThxParser::FunctionDeclarationContext& rule, Span span) {
    ast::Function function{name(&rule), source_.names(rule.names()), {}, {}, {}, span};
    for (auto* each : rule.given()) {
      function.givens.push_back({source_.name(*each->name()), expression(each->expression())});
    }
    if (rule.outputs()) {
      for (auto* each : rule.outputs()->output()) {
        function.outputs.push_back({source_.name(*each->name()), optional(each->expression())});
      }
    }
    function.body = statements_.block(rule.block());
    return function;
  }

  std::vector<ast::Parameter> parameters(ThxParser::ParametersContext* rule) {
    std::vector<ast::Parameter> list;
    if (!rule) return list;
    for (auto* each : rule->parameter()) {
      list.push_back({source_.name(*each->name()), optional(each->expression())});
    }
    return list;
  }

  std::vector<ast::Name> path(ThxParser::PathContext& rule) {
    std::vector<ast::Name> parts;
    for (auto* each : rule.name()) parts.push_back(source_.name(*each));
    return parts;
  }

  template <class Rule>
  ast::Name name(Rule* rule) {
    return source_.name(*rule->name());
  }
  ast::NodeId expression(ThxParser::ExpressionContext* rule) {
    return statements_.expressions().build(*rule);
  }
  ast::NodeId optional(ThxParser::ExpressionContext* rule) {
    return statements_.expressions().build_optional(rule);
  }

  const TreeSource& source_;
  ast::Module module_;
  StatementBuilder statements_;
};

bool is_name(size_t type) {
  return type == ThxLexer::NAME || (type >= ThxLexer::MODULE && type <= ThxLexer::EXPECT_ERROR);
}

}  // namespace

Span TreeSource::span(const antlr4::Token& token) const {
  return text.span(token.getStartIndex(), token.getStopIndex() + 1);
}

Span TreeSource::span(const antlr4::ParserRuleContext& rule) const {
  const antlr4::Token* start = const_cast<antlr4::ParserRuleContext&>(rule).getStart();
  const antlr4::Token* stop = const_cast<antlr4::ParserRuleContext&>(rule).getStop();
  if (!stop || stop->getTokenIndex() < start->getTokenIndex()) return span(*start);
  return span(*start).to(span(*stop));
}

ast::Name TreeSource::name(ThxParser::NameContext& rule) const {
  const Span at = span(*rule.getStart());
  return {sources.text(at), at};
}

std::vector<ast::Name> TreeSource::names(ThxParser::NamesContext* rule) const {
  std::vector<ast::Name> list;
  if (!rule) return list;
  for (auto* each : rule->name()) list.push_back(name(*each));
  return list;
}

bool TreeSource::has_error(uint32_t begin, uint32_t end) const {
  const auto at = std::lower_bound(errors.begin(), errors.end(), begin);
  return at != errors.end() && *at <= end;
}

// The token after the statement counts as well: the parser may have stumbled over it.
bool StatementBuilder::has_error(const antlr4::ParserRuleContext& rule) const {
  auto& context = const_cast<antlr4::ParserRuleContext&>(rule);
  const antlr4::Token* start = context.getStart();
  const antlr4::Token* stop = context.getStop();
  const size_t last =
      stop ? std::max(stop->getTokenIndex(), start->getTokenIndex()) : start->getTokenIndex();
  const size_t next = std::min(last + 1, source_.tokens.size() - 1);
  return source_.has_error(source_.span(*start).begin,
                           source_.span(*source_.tokens.get(next)).begin);
}

ast::Broken StatementBuilder::broken(const antlr4::ParserRuleContext& rule) {
  ast::Broken broken{{}, source_.span(rule)};
  size_t index = const_cast<antlr4::ParserRuleContext&>(rule).getStart()->getTokenIndex();
  const auto type = [&] { return source_.tokens.get(index)->getType(); };
  const bool many = type() == ThxLexer::LET || type() == ThxLexer::FROM;
  if (type() == ThxLexer::TRANSIENT) ++index;
  ++index;
  while (is_name(type())) {
    const Span at = source_.span(*source_.tokens.get(index));
    broken.names.push_back({source_.sources.text(at), at});
    ++index;
    if (!many || type() != ThxLexer::COMMA) break;
    ++index;
  }
  return broken;
}

ast::Block StatementBuilder::block(ThxParser::BlockContext* rule) {
  ast::Block block;
  if (!rule) return block;
  for (auto* each : rule->statement()) {
    block.push_back(has_error(*each) ? ast::Statement(broken(*each)) : statement(*each));
  }
  const Span span = source_.span(*rule);
  const bool whole = source_.has_error(span.begin, span.end);
  if (whole) block.push_back(ast::Broken{{}, span});
  return block;
}

ast::Statement StatementBuilder::statement(ThxParser::StatementContext& rule) {
  const Span span = source_.span(rule);
  if (auto* each = dynamic_cast<ThxParser::LetStatementContext*>(&rule)) {
    return let(*each->let());
  } else if (auto* each = dynamic_cast<ThxParser::UpdateStatementContext*>(&rule)) {
    return ast::Update{source_.name(*each->name()), expressions_.build(*each->expression()), span};
  } else if (auto* each = dynamic_cast<ThxParser::NextStatementContext*>(&rule)) {
    return ast::Next{source_.name(*each->name()), expressions_.build(*each->expression()), span};
  } else if (auto* each = dynamic_cast<ThxParser::YieldStatementContext*>(&rule)) {
    return ast::Yield{expressions_.build(*each->expression()), span};
  } else if (auto* each = dynamic_cast<ThxParser::ReturnStatementContext*>(&rule)) {
    ast::Return result{{}, span};
    for (auto* value : each->results()->expression()) {
      result.values.push_back(expressions_.build(*value));
    }
    return result;
  } else if (auto* each = dynamic_cast<ThxParser::StateStatementContext*>(&rule)) {
    return state(*each->state());
  } else if (auto* each = dynamic_cast<ThxParser::UpdateWithStatementContext*>(&rule)) {
    ast::UpdateWith update{source_.names(each->names()), ast::kNoNode, span};
    if (each->name()) update.states.push_back(source_.name(*each->name()));
    update.rule = expressions_.build(*each->expression());
    return update;
  }
  return expectation(rule);
}

ast::Statement StatementBuilder::expectation(ThxParser::StatementContext& rule) {
  const Span word = source_.span(*rule.getStart());
  ast::Expect expect;
  expect.word = {source_.sources.text(word), word};
  expect.span = source_.span(rule);
  if (auto* each = dynamic_cast<ThxParser::ExpectStatementContext*>(&rule)) {
    expect.value = expressions_.build(*each->expression());
  } else if (auto* each = dynamic_cast<ThxParser::ExpectGradStatementContext*>(&rule)) {
    expect.kind = ast::Expect::Kind::gradient;
    if (!each->arguments()) return expect;
    for (auto* argument : each->arguments()->argument()) {
      expect.arguments.push_back(expressions_.argument(*argument));
    }
  } else {
    auto& error = dynamic_cast<ThxParser::ExpectErrorStatementContext&>(rule);
    expect.kind = ast::Expect::Kind::error;
    expect.error = source_.name(*error.name());
    ast::Block inner = block(error.block());
    expect.block = module_.blocks.size();
    module_.blocks.push_back(std::move(inner));
  }
  return expect;
}

ast::Let StatementBuilder::let(ThxParser::LetContext& rule) {
  return {source_.names(rule.names()), expressions_.build(*rule.expression()), false,
          source_.span(rule)};
}

ast::State StatementBuilder::state(ThxParser::StateContext& rule) {
  ast::State state;
  state.name = source_.name(*rule.name());
  if (rule.type()) state.type = type(*rule.type());
  state.initial = expressions_.build_optional(rule.expression());
  state.transient = rule.TRANSIENT() != nullptr;
  state.param = rule.kind->getType() == ThxLexer::PARAM;
  state.span = source_.span(rule);
  return state;
}

ast::TypeExpr StatementBuilder::type(ThxParser::TypeContext& rule) {
  ast::TypeExpr type{source_.name(*rule.name()), {}, source_.span(rule)};
  for (auto* each : rule.expression()) type.extents.push_back(expressions_.build(*each));
  return type;
}

ast::Module build_tree(ThxParser::FileContext& file, const TreeSource& source,
                       Diagnostics& diagnostics) {
  return FileBuilder(source, diagnostics).build(file);
}

}  // namespace thx
