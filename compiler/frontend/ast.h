// SPDX-License-Identifier: Apache-2.0
// The tree of a source file: what was written, with its places, before any meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "support/source.h"

namespace thx::ast {

// Expressions live in one vector of the module and name each other by index. A node stands after
// its operands, so that one loop over [first, id] visits an expression without recursion.
using NodeId = uint32_t;
constexpr NodeId kNoNode = UINT32_MAX;

enum class NodeKind : uint8_t {
  integer,   // text: as written
  floating,  // text: as written
  text,      // text: without its quotes
  boolean,   // text: true or false
  name,      // text
  tuple,     // (a, b)
  list,      // [a, b]
  call,      // children: callee, arguments
  keyword,   // text: the argument's name; child: its value
  index,     // children: base, subscripts
  slice,     // children: start, stop, step, each possibly absent
  ellipsis,
  absent,
  field,   // text: the field's name, mark: its place; child: base
  unary,   // child: operand
  binary,  // children: left, right; sums are left-deep and may be very long
  choose,  // `a if c else b`; children: c, a, b
  broken,  // reported already
  scan,    // payload: its index in Module::scans; children: initial values, sequence, arguments
};

enum class Operator : uint8_t {
  none,
  power,
  positive,
  negative,
  complement,
  multiply,
  divide,
  floor_divide,
  remainder,
  product,
  add,
  subtract,
  bit_and,
  bit_xor,
  bit_or,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_not,
  logical_and,
  logical_or,
};

std::string_view spelling(Operator op);
bool is_comparison(Operator op);

struct Node {
  NodeKind kind = NodeKind::absent;
  Operator op = Operator::none;
  bool parenthesised = false;
  uint32_t payload = 0;
  uint32_t first_child = 0;
  uint32_t child_count = 0;
  NodeId first = 0;  // the first node of this expression
  Span span;
  Span mark;  // the operator, bracket, or field name: where errors of this node point
  std::string_view text;
};

struct Name {
  std::string_view text;
  Span span;
};

struct TypeExpr {
  Name dtype;
  std::vector<NodeId> extents;
  Span span;
};

// ---- Statements -----------------------------------------------------------------------------

// A piece that could not be read; the names it would have declared do not count as undefined.
struct Broken {
  std::vector<Name> names;
  Span span;
};

struct Let {
  std::vector<Name> names;
  NodeId value = kNoNode;
  bool cost = false;
  Span span;
};

struct State {
  Name name;
  std::optional<TypeExpr> type;
  NodeId initial = kNoNode;
  bool transient = false;
  bool param = false;
  Span span;
};

struct Update {
  Name state;
  NodeId value = kNoNode;
  Span span;
};

// `update [w, b] with sgd(J)`
struct UpdateWith {
  std::vector<Name> states;
  NodeId rule = kNoNode;
  Span span;
};

struct Return {
  std::vector<NodeId> values;
  Span span;
};

struct Next {
  Name carry;
  NodeId value = kNoNode;
  Span span;
};

struct Yield {
  NodeId value = kNoNode;
  Span span;
};

// `expect a == b`, `expect_grad(J, w)`, `expect_error shape_mismatch { let c = ... }`
struct Expect {
  enum class Kind : uint8_t { holds, gradient, error };

  Kind kind = Kind::holds;
  Name word;
  NodeId value = kNoNode;         // of `expect`
  std::vector<NodeId> arguments;  // of `expect_grad`; keyword nodes among them
  Name error;                     // of `expect_error`
  size_t block = 0;               // its block's index in Module::blocks
  Span span;
};

using Statement = std::variant<Broken, Let, State, Update, UpdateWith, Return, Next, Yield, Expect>;
using Block = std::vector<Statement>;

struct Carry {
  Name name;
  NodeId initial = kNoNode;
};

struct Scan {
  std::vector<Carry> carries;
  std::vector<Name> elements;  // the names of the sequence's elements
  bool element_tuple = false;
  NodeId sequence = kNoNode;
  std::vector<NodeId> arguments;  // keyword nodes
  NodeId until = kNoNode;
  Block body;
  NodeId body_first = kNoNode;  // nodes from here up to the scan's own belong to body and until
  NodeId id = kNoNode;          // the scan's own node
  Span header;
};

// ---- Declarations ---------------------------------------------------------------------------

struct ModuleName {
  Name name;
  Span span;
};

struct Import {
  std::vector<Name> path;
  std::vector<Name> names;  // empty after a plain `import`
  Span span;
};

struct Dim {
  Name name;
  NodeId bound = kNoNode;
  NodeId value = kNoNode;
  Span span;
};

struct Const {
  Name name;
  NodeId value = kNoNode;
  Span span;
};

struct Input {
  Name name;
  TypeExpr type;
  Span span;
};

struct Stream {
  Name name;
  NodeId seed = kNoNode;
  Span span;
};

struct Parameter {
  Name name;
  NodeId initial = kNoNode;
};

// `with grad(x, k, dy) = ...` after a definition.
struct GradientClause {
  Name word;
  std::vector<Parameter> parameters;
  std::vector<NodeId> results;  // of the `=` form
  Block body;
};

struct Definition {
  Name name;
  std::vector<Parameter> parameters;
  std::vector<NodeId> results;  // of the `=` form
  Block body;
  std::optional<GradientClause> gradient = std::nullopt;
  Span span;
};

struct RuleDefinition {
  Name name;
  std::vector<Parameter> parameters;
  Block body;
  Span span;
};

struct Given {
  Name input;
  NodeId value = kNoNode;
};

struct Output {
  Name name;
  NodeId value = kNoNode;  // absent: the value of that name
};

struct Function {
  Name name;
  std::vector<Name> inputs;
  std::vector<Given> givens;
  std::vector<Output> outputs;
  Block body;
  Span span;
};

struct Test {
  Name title;
  Block body;
  Span span;
};

using Declaration = std::variant<Broken, ModuleName, Import, Dim, Const, Input, State, Stream, Let,
                                 Definition, RuleDefinition, Function, Test>;

struct Module {
  uint32_t file = 0;
  std::vector<Declaration> declarations;
  std::vector<Node> nodes;
  std::vector<NodeId> child_ids;
  std::vector<Scan> scans;
  std::vector<Block> blocks;  // inside of statements

  const Node& operator[](NodeId id) const { return nodes[id]; }
  std::span<const NodeId> children(NodeId id) const {
    const Node& node = nodes[id];
    return {child_ids.data() + node.first_child, node.child_count};
  }
  NodeId child(NodeId id, size_t i) const { return child_ids[nodes[id].first_child + i]; }
};

}  // namespace thx::ast
