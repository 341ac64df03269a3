// SPDX-License-Identifier: Apache-2.0
// Lowers one test: its data, what replaces the file's inputs and state, and its expectations.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "frontend/given.h"
#include "frontend/lowering.h"
#include "frontend/tests.h"

namespace thx {

// The expressions of a test's statements, for what gradients name in them.
std::vector<ast::NodeId> expressions_of(const ast::Module& module, const ast::Block& block);
// The names that `expect_grad` differentiates by.
std::set<std::string_view> expected_gradient_targets(const ast::Module& module,
                                                     const ast::Block& block);

// Whether two dtypes or two shapes are the same; nothing where the operands are something else.
std::optional<bool> same_type_part(const Operand& left, const Operand& right);

class TestLowering {
 public:
  TestLowering(Lowering& l, const Declared& declared, const ast::Test& test);

  // Nothing after a report.
  std::optional<TestCase> run(const std::vector<Dim>& dims);

 private:
  struct Slope {
    Value cost, target;
  };
  // What stands for an input or a state: computed before the test, and passed to it.
  struct Data {
    Value parameter, value;
  };

  Diagnostic& fail(Err id, Span at, std::string message);
  void lower_statement(const ast::Statement& statement);
  void lower_let(const ast::Let& let);
  // A `let` of an input, a state or a dim of the file: in its place from here on.
  void replace(Symbol& symbol, const ast::Name& name, Operand value);
  void bind(const ast::Name& name, Operand value);

  void lower_expect(const ast::Expect& expect);
  void expect_close(const ast::Expect& expect, ast::NodeId call);
  bool read_tolerance(Expectation& expectation, const Keyword& keyword);
  void expect_comparison(const ast::Expect& expect, const ast::Node& node);
  // An expectation about `whole`, whose outputs are those made from here on.
  Expectation about(const ast::Expect& expect, Expectation::Kind kind, Span whole) const;
  void expect_holds(const ast::Expect& expect, Span whole, Value holds);
  void expect_true(const ast::Expect& expect);
  void expect_gradient(const ast::Expect& expect);
  Value cost_of(ast::NodeId id);
  void expect_error(const ast::Expect& expect);

  // Whether all inputs and states that `needs` leads to have data; reports those that have none.
  bool check_bound(const std::vector<Dependency>& needs);
  // An expression of the test, with what it needs of the file as the test has it.
  Operand evaluate(ast::NodeId id);
  // Both sides in one type; nothing after a report.
  std::optional<std::pair<Value, Value>> meet_sides(const Operand& left, const Operand& right,
                                                    const Place& place);

  // The functions of the test's program.
  void build_functions(TestCase& made);
  Function build(const std::string& name, const std::vector<Value>& results, Value free);
  Function build_data();
  void fill(Function& function, const std::vector<Value>& results, std::vector<Value>& arguments);
  void enter_draws(Function& function, std::vector<std::string>& known);
  bool check_dims(const TestCase& made);

  Lowering& l_;
  const Declared& declared_;
  const ast::Test& source_;
  Substitution given_;
  Frame frame_;
  std::set<std::string_view> targets_;
  SymbolTable::Hidden local_;  // names that the test binds itself
  std::unordered_map<std::string_view, Span> bound_;
  std::set<std::string> missing_;  // reported already
  std::vector<Data> data_;
  std::vector<Value> outputs_;
  std::vector<Slope> slopes_;
  std::vector<Expectation> expectations_;
  std::vector<TestDraw> draws_;
  bool broken_ = false;  // a statement that could not be read may be the one that binds a name
  bool good_ = true;
};

}  // namespace thx
