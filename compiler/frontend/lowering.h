// SPDX-License-Identifier: Apache-2.0
// What the steps of lowering share: the scope being built, and the functions of each step.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "frontend/ast.h"
#include "frontend/operand.h"
#include "frontend/symbols.h"
#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

// A body being built: the file's values, the initial values, or a region inside either. Values of
// enclosing scopes become captures: parameters of the body and operands of the region's node.
struct Scope {
  Body& body;
  Scope* parent = nullptr;
  std::vector<Value> captures = {};  // values of the parent's graph
  std::vector<Value> captured = {};  // what they are in this one
  std::unordered_map<const Node*, Value> known = {};
  std::unordered_map<std::string_view, Operand> locals = {};

  // `outer` as a value of this graph; null where it belongs to no enclosing scope.
  Value bring(Value outer);
  Graph& graph() { return body.graph; }
};

// Where an operation stands, and how messages call it: "`+`".
struct Place {
  Span mark;
  Span whole;
  std::string spelled;
};

// An initial value being lowered: what `random.*` may need to know.
struct InitialContext {
  std::string_view state;
  const Type* type = nullptr;  // null where the state declares none
  int draws = 0;
};

// One source file: the one being compiled, or one that is imported.
struct Unit {
  const ast::Module& module;
  SymbolTable& symbols;
};

struct Lowering {
  const Unit* unit;  // whose names and nodes are meant
  const Sources& sources;
  DType float_x;
  Diagnostics* diagnostics;
  Scope* scope;
  InitialContext* initial = nullptr;
  int scan_retries = 0;  // enclosing scans whose bodies are lowered a second time
  std::set<std::string_view> gradient_targets = {};  // lets that some `grad` names
  std::vector<std::pair<Value, Requirement>> requirements = {};
  std::set<std::string> extent_symbols = {};  // dims and constants that occur in types

  const ast::Module& module() const { return unit->module; }
  SymbolTable& symbols() const { return unit->symbols; }
  Graph& graph() { return scope->graph(); }
  Diagnostic& report(Err id, Span at, std::string message) {
    return diagnostics->report({id, at, std::move(message)});
  }
  Diagnostic& unsupported(Span at, std::string_view what, std::string_view instead);
};

// ---- expressions.cpp
Operand lower(Lowering& l, ast::NodeId id);
Operand lower_name(Lowering& l, std::string_view name, Span at);
Place place_of(const Lowering& l, ast::NodeId id);
Operand lower_prefix(Lowering& l, ast::Operator op, const Operand& operand, const Place& place);
// `left op right` for the operators between two operands.
Operand lower_operator(Lowering& l, ast::Operator op, const Operand& left, const Operand& right,
                       const Place& place);

// ---- types.cpp: how operands are called, and which dtype they meet in
std::string spell(const Operand& operand);  // "f32[N]", "i64", "a float literal"
DType default_dtype(const Lowering& l, const Operand& operand);
// The dtype in which numbers meet; literals alone: what they are by default.
DType meet(const Lowering& l, std::span<const Operand> operands);
std::optional<Type> lower_type(Lowering& l, const ast::TypeExpr& type);
// The operand as an extent; reports where it is none.
std::optional<Extent> to_extent(Lowering& l, const Operand& operand);
std::optional<Shape> to_shape(Lowering& l, const Operand& operand);
// An upper bound of the absolute value that an extent's coefficients make; for known ones exact.
double magnitude(const Extent& extent);
// How many terms and factors an extent is written with, those inside of // and % included.
size_t weight(const Extent& extent);
constexpr size_t kMostTerms = 256;  // of an extent, and of the extents of a shape multiplied
bool is_scalar(const Operand& operand);
Shape shape_of(const Operand& operand);
// Reports what is no number; poison is passed over in silence. True where all are numbers.
bool all_numbers(Lowering& l, std::span<const Operand> operands, const Place& place);

// ---- values.cpp: operands become values
// A value of the current scope in `dtype`; null where it cannot be, which was reported.
Value to_value(Lowering& l, const Operand& operand, DType dtype);
Value to_value(Lowering& l, const Operand& operand);  // in the dtype it has by default
// The shape in which operands meet by broadcasting, or nothing after a report.
std::optional<Shape> common_shape(Lowering& l, std::span<const Operand> operands,
                                  const Place& place, std::vector<Requirement>& checks);
// NumPy's broadcast of a value into a shape it was found to fit.
Value stretch(Lowering& l, Value value, const Shape& shape, Span at);
enum class Agreement { equal, undecided, different };
Agreement compare_extents(const Extent& a, const Extent& b);
void require(Lowering& l, Value value, const std::vector<Requirement>& checks);

// ---- elementwise.cpp, weak.cpp
// `real`: integers are converted to floats first, as in a division.
Operand apply(Lowering& l, Op op, std::vector<Operand> operands, const Place& place,
              bool real = false);
// An operation of literals alone.
Operand fold(Lowering& l, Op op, std::span<const Operand> operands, const Place& place, bool real);
// + - * // % max min of extents; nothing where it is none of these.
std::optional<Operand> extent_arithmetic(Lowering& l, ast::Operator op, const Operand& a,
                                         const Operand& b, const Place& place);

// ---- product.cpp, index.cpp
Operand product(Lowering& l, const Operand& a, const Operand& b, const Place& place);
Operand lower_index(Lowering& l, ast::NodeId id);
Operand transposed(Lowering& l, const Operand& operand, Span at);

// ---- calls.cpp
struct Keyword {
  std::string_view name;
  Operand value;
  Span span;
  bool used = false;
};
struct Call {
  std::string_view name;
  Place place;
  std::vector<Operand> positional;
  std::vector<Keyword> keywords;
};
Operand lower_call(Lowering& l, ast::NodeId id);
// The argument at `position` or called `name`; of kind `nothing` where it is left out.
Operand argument(Call& call, size_t position, std::string_view name);
// Reports arguments that nothing asked for. False where there are any.
bool check_arguments(Lowering& l, const Call& call, size_t positions,
                     std::initializer_list<std::string_view> names);
std::optional<bool> flag(Lowering& l, const Operand& operand);

// ---- reductions.cpp, makers.cpp: the built-in functions by kind
Operand call_reduction(Lowering& l, Op op, Call& call);
Operand call_mean(Lowering& l, Call& call);
Operand call_composite(Lowering& l, Op op, Call& call);
std::optional<Operand> call_maker(Lowering& l, Call& call);
Operand call_random(Lowering& l, Call& call);
Operand convert(Lowering& l, const Operand& operand, DType dtype, Span at);

// ---- control.cpp, scan.cpp, gradient.cpp
Operand lower_choose(Lowering& l, ast::NodeId id);
Operand lower_scan(Lowering& l, ast::NodeId id);
Operand lower_grad(Lowering& l, ast::NodeId id);
std::set<std::string_view> find_gradient_targets(const ast::Module& module);
// The operands that `count` names are bound to; reports where there are more or fewer.
std::vector<Operand> unpack(Lowering& l, Operand operand, size_t count, Span names);

// ---- entry.cpp: functions of the program
struct Declared {
  const std::vector<std::vector<Dependency>>& needs;  // of each declaration
  Body& values;                                       // the file's values
};
void lower_function(Lowering& l, const Declared& declared, const ast::Function& function,
                    size_t declaration, Program& program);

}  // namespace thx
