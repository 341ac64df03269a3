// SPDX-License-Identifier: Apache-2.0
// What the steps of lowering share: the scope being built, and the functions of each step.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
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

  // `outer` as a value of this graph; null where it belongs to no enclosing scope.
  Value bring(Value outer);
  Graph& graph() { return body.graph; }
};

// Names that a block binds: of a scan, a definition, a rule or a test. They hide those of the file.
// A definition sees none of its caller's, so its frame has no parent.
struct Frame {
  const Frame* parent = nullptr;
  std::unordered_map<std::string_view, Operand> names = {};
  std::unordered_map<std::string_view, Span> later = {};  // bound further down in the block

  void bind(std::string_view name, Operand operand) {
    later.erase(name);
    names.insert_or_assign(name, std::move(operand));
  }
};

// A call that is being inlined: shown with errors in the body of what is called.
struct CallSite {
  Span at;
  std::string text;  // "in this call of `f`"
};

// Where an operation stands, and how messages call it: "`+`".
struct Place {
  Span mark;
  Span whole;
  std::string spelled;
};

inline constexpr std::string_view kInitialValues =
    "initial values are made of literals, dims, constants, `random.*`, and the shapes and dtypes "
    "of other state";

// An initial value being lowered: what `random.*` may need to know.
struct InitialContext {
  std::string_view state;
  const Type* type = nullptr;  // null where the state declares none
  int draws = 0;
  std::string path = std::string(state);  // of the next draws' names: the state, then calls
  bool test = false;                      // of a test's data, which may depend on anything

  // Draws are named by the declaration, the calls they stand in, and their place there.
  std::string next_draw() {
    const int draw = draws++;
    return draw == 0 ? path : path + "/" + std::to_string(draw);
  }
};

struct Lowering {
  Unit* unit;  // whose names and nodes are meant
  const Sources& sources;
  DType float_x;
  Diagnostics* diagnostics;
  Scope* scope;
  Frame* frame = nullptr;  // the innermost block's names; null: those of the file alone
  InitialContext* initial = nullptr;
  std::vector<CallSite> calls = {};  // what is being inlined, outermost first
  size_t copied = 0;                 // bytes of text that was lowered where it is used
  size_t operations = 0;             // of the functions so far
  size_t most_operations = 65'536;   // of all functions, beside half as many as there are bytes
  const void* stack_base = nullptr;  // where the stack was before anything was lowered
  int scan_retries = 0;              // enclosing scans whose bodies are lowered a second time
  std::set<std::string_view> gradient_targets = {};  // lets of the file that some `grad` names
  // The same of each definition's and rule's body.
  std::unordered_map<const void*, std::set<std::string_view>> body_targets = {};
  Shape mapped = {};  // the leading axes of the `vmap`s around
  std::vector<std::pair<Value, Requirement>> requirements = {};
  std::set<std::string> extent_symbols = {};  // dims and constants that occur in types

  const ast::Module& module() const { return unit->module; }
  SymbolTable& symbols() const { return unit->symbols; }
  Graph& graph() { return scope->graph(); }
  // Errors inside of what is inlined also show the calls.
  Diagnostic& report(Err id, Span at, std::string message);
  Diagnostic& unsupported(Span at, std::string_view what, std::string_view instead);
  // A function that other array languages have.
  Diagnostic& no_function(Span at, std::string_view spelled, std::string_view instead);
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
// The same; reports u64 and a signed integer, which meet nowhere.
std::optional<DType> meet(Lowering& l, std::span<const Operand> operands, const Place& place);
bool meets_unsigned(const Lowering& l, std::span<const Operand> operands);  // whether that happens
// A literal in a dtype: reported where it does not fit, or wrapped as conversions do.
std::optional<Scalar> fitted_literal(Lowering& l, const Operand& literal, DType dtype);
Scalar wrapped_literal(const Operand& literal, DType dtype);
std::optional<Type> lower_type(Lowering& l, const ast::TypeExpr& type);
// The operand as an extent; reports where it is none.
std::optional<Extent> to_extent(Lowering& l, const Operand& operand);
std::optional<Shape> to_shape(Lowering& l, const Operand& operand);
// Whether i64 can count the bytes of such a shape for all elements of the `vmap`s around; reports
// where it cannot.
bool check_size(Lowering& l, const Shape& shape, Span at);
// Whether a value can have the shape: at most six axes, and bytes that i64 can count. Reports where
// not.
bool check_shape(Lowering& l, const Shape& shape, Span at);
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
// Whether an operand has a type, literals its dtype too: what has to be checked when the function
// is called, or nothing where they differ.
std::optional<std::vector<Requirement>> agree(const Lowering& l, const Operand& operand,
                                              const Type& type);
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
// The smaller or larger of two extents, which is one; nothing where they are numbers.
std::optional<Operand> extent_extreme(Lowering& l, ExtentFunction function, const Operand& a,
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
// The arguments of a call node, after `call.positional`, in the caller's names.
void lower_call_arguments(Lowering& l, ast::NodeId id, Call& call);
bool any_poison(const Call& call);
// The argument at `position` or called `name`; of kind `nothing` where it is left out.
Operand argument(Call& call, size_t position, std::string_view name);
std::optional<bool> flag(Lowering& l, const Operand& operand);
// Where a keyword that does not fit is the first argument, perhaps `==` is meant: adds that to the
// report.
void suggest_comparison(Diagnostic& error, const Call& call, const Keyword& keyword);

// ---- names.cpp: what blocks bind, and what symbols stand for
// The operand that a block around binds to the name, or null.
const Operand* find_local(const Lowering& l, std::string_view name);
// Whether a block around binds the name further down; reports where it does.
bool is_bound_later(Lowering& l, std::string_view name, Span at);
// A symbol where a value is expected.
Operand lower_symbol(Lowering& l, const Symbol& symbol, std::string_view name, Span at);
// `nn.EPS`; nothing where the field's base is no module.
std::optional<Operand> lower_member(Lowering& l, ast::NodeId field);
// The module's member that a field stands for, where its base names a module; may be null then.
std::optional<const Symbol*> find_member(Lowering& l, ast::NodeId field);
// Binds the names of a `let` in the innermost frame. What gradients of the block name is marked.
void bind_let(Lowering& l, const ast::Let& let, const std::set<std::string_view>& targets);
// The operand as a value that a gradient can name: itself, whatever equals it.
Operand marked(Lowering& l, const Operand& operand, std::string_view name, Span at);

// ---- definitions.cpp: `def`, and what it shares with `rule`
// Counts the text of a body or value that is lowered where it is used, as often as it is used.
// Reports where all of it is too much, once; false from there on.
bool may_copy(Lowering& l, Span text, Span at, std::string_view help);
// A call of a definition, inlined; nothing where the callee is none.
std::optional<Operand> call_definition(Lowering& l, ast::NodeId id);
// The same with arguments that are lowered already, for a symbol that is a definition.
Operand call_definition(Lowering& l, const Symbol& symbol, Call& call);
// The body in the innermost frame, which binds the parameters: its result or results.
Operand lower_body(Lowering& l, const ast::Definition& definition, Span at);
// What stands behind `=`, or what a block returns.
Operand lower_results(Lowering& l, std::span<const ast::NodeId> results, const ast::Block& block,
                      const std::set<std::string_view>& targets, Span at);
// ---- gradient_clause.cpp: the call as a node with a gradient of its own
Operand call_with_gradient(Lowering& l, const ast::Definition& definition, Span at);
// Reports values of the file that depend on inputs or state where a definition with a gradient of
// its own reads them. `is_data`: whether a declaration leads to an input or state.
void check_gradient_reads(Lowering& l, const ast::Definition& definition,
                          const std::function<bool(const Dependency&)>& is_data);
// Binds parameters in the innermost frame, which is the callee's; `skip` is one that a use does not
// pass. False after a report.
bool bind_parameters(Lowering& l, const ast::Name& name, Call& call,
                     std::span<const ast::Parameter> parameters, size_t skip = SIZE_MAX);
// Enters a body for as long as it lives: its file, its names, and the call for messages.
class Inlined {
 public:
  Inlined(Lowering& l, Unit& unit, Span at, std::string text);
  ~Inlined();
  Inlined(const Inlined&) = delete;

 private:
  Lowering& l_;
  // What a body of another file makes also stands at the call: lines that are kept to the end are
  // those of the file being compiled.
  bool abroad_;
  int before_;
  Unit* unit_;
  Frame* outer_;
  Frame frame_;
};
// Checks the form of definitions and rules, once each; makes their symbols ready.
void check_definition(Lowering& l, const ast::Definition& definition);
void check_rule(Lowering& l, const ast::RuleDefinition& rule);
// The expressions of a body, and the names that it binds.
struct BodyParts {
  std::vector<ast::NodeId> roots;
  SymbolTable::Hidden names;
};
BodyParts parts_of(const ast::Definition& definition);
BodyParts parts_of(const ast::GradientClause& clause);
BodyParts parts_of(const ast::RuleDefinition& rule);

// ---- makers.cpp; the built-in functions are declared in functions.h
Operand convert(Lowering& l, const Operand& operand, DType dtype, Span at);

// ---- control.cpp, scan.cpp, derivatives.cpp
Operand lower_choose(Lowering& l, ast::NodeId id);
Operand lower_scan(Lowering& l, ast::NodeId id);
// A region while it is built, inside of the current scope.
struct RegionDraft {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  Scope scope;

  explicit RegionDraft(Lowering& l) : scope{*body, l.scope}, lowering(l) {}
  RegionDraft(const RegionDraft&) = delete;
  RegionDraft& operator=(const RegionDraft&) = delete;
  /// Requirements of a body that came to nothing go with it.
  ~RegionDraft() {
    std::erase_if(lowering.requirements,
                  [&](const auto& each) { return each.first->graph == &body->graph; });
  }

  Lowering& lowering;
};
// What the body's results read of what the scope captures, in the enclosing scope.
std::vector<Value> read_captures(const Scope& scope);
// Regions of one node take all that any of them captures, in one order: as parameters behind those
// that they have. What that is in the enclosing scope.
std::vector<Value> share_captures(std::span<RegionDraft* const> regions);
// `grad`, `jvp`, `vjp`, `hvp`, `jacobian`, `hessian`, `vmap`; nothing where `name` is none of them.
std::optional<Operand> lower_derivative(Lowering& l, std::string_view name, ast::NodeId id);
// The names that derivatives in some expressions of the current file name, also as arguments of
// definitions that differentiate by them.
std::set<std::string_view> find_gradient_targets(const Lowering& l,
                                                 std::span<const ast::NodeId> roots);
// The operands that `count` names are bound to; reports where there are more or fewer.
std::vector<Operand> unpack(Lowering& l, Operand operand, size_t count, Span names);

// ---- derivative_program.cpp
// The function that `thxc grad` prints, of the values of the file; nothing after a report.
std::optional<Function> derivative_function(Lowering& l, Body& values, std::string_view value,
                                            std::span<const std::string> targets);

// ---- entry.cpp: functions of the program
class DeclarationLowering;
class RuleStates;
struct Declared {
  const std::vector<std::vector<Dependency>>& needs;  // of each declaration of all files
  const std::vector<size_t>& order;                   // each after what it needs
  const std::vector<Span>& spans;                     // of each declaration of all files
  Body& values;                                       // of the file being compiled
  DeclarationLowering& declarations;
  RuleStates& rules;
};
void lower_function(Lowering& l, const Declared& declared, const ast::Function& function,
                    size_t declaration, Program& program);
// ---- own_spans.cpp: where a function's values stand
// Takes the places of other functions, and of declarations that this one does not need, from the
// values of a function where they have others.
void keep_own_spans(const Declared& declared, size_t declaration, Graph& graph);
// Takes the places in a function from the file's values, but for one where they have no other: what
// many functions compute has places left for those of the next one.
void leave_spans(Graph& graph, std::span<const Value> values, Span function);
// ---- missing_inputs.cpp: what the function needs, but does not name
void report_missing_inputs(Lowering& l, const Declared& declared, const ast::Function& function,
                           size_t declaration, std::span<const Symbol* const> inputs);

}  // namespace thx
