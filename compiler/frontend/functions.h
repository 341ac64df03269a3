// SPDX-License-Identifier: Apache-2.0
// The built-in functions: one line each in a table of their kind, and how a call's arguments are
// bound to their parameters.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/lowering.h"
#include "ops/axes.h"

namespace thx {

class Arguments;

/// A function of the language. Adding one is one line in its file's table and one short function.
struct Builtin {
  /// The name, then its aliases; with its namespace where it has one: "norm linalg.norm".
  std::string_view names;
  /// "x, axis=all, *, keepdims=false": what follows `=` is what is meant where the argument is left
  /// out; after a bare `*` by name only; `*shape` takes all that is left; `min|lo` has two names.
  std::string_view parameters;
  Operand (*lower)(Lowering& l, const Arguments& arguments);
  std::string_view doc;
  /// The row behind it, for functions that lower alike.
  std::optional<Op> op = std::nullopt;
};

struct Parameter {
  std::vector<std::string_view> names;  // the name, then others that are taken for it
  std::string_view otherwise;           // what is meant where it is left out; empty: it is needed
  bool named_only = false;
  bool variadic = false;
};

/// The parameters that a Builtin's text spells.
std::vector<Parameter> read_parameters(std::string_view text);

struct FunctionEntry {
  Builtin builtin;
  std::vector<Parameter> parameters;
  std::string_view name() const;  // the first of its names
};

/// The function that a name or an alias stands for; null where there is none.
const FunctionEntry* find_function(std::string_view name);
/// All of them, in the order of the page of operators.
const std::deque<FunctionEntry>& all_functions();
/// The page of operators as a Markdown table.
std::string function_table();

// The tables, by kind.
std::span<const Builtin> elementwise_functions();
std::span<const Builtin> formula_functions();
std::span<const Builtin> reduction_functions();
std::span<const Builtin> statistics_functions();
std::span<const Builtin> row_functions();
std::span<const Builtin> shape_functions();
std::span<const Builtin> joining_functions();
std::span<const Builtin> moving_functions();
std::span<const Builtin> making_functions();
std::span<const Builtin> drawing_functions();
std::span<const Builtin> product_functions();
std::span<const Builtin> matrix_functions();
std::span<const Builtin> gradient_functions();

// ---- arguments.cpp: the arguments of one call
/// Bound to parameters: checked for number and names, not yet for kinds.
class Arguments {
 public:
  Arguments(const FunctionEntry& entry, Place place, std::vector<Operand> values)
      : entry_(entry), place(std::move(place)), values_(std::move(values)) {}

  /// The argument of a parameter; of kind `nothing` where it is left out.
  const Operand& operator[](std::string_view name) const;
  bool has(std::string_view name) const { return !(*this)[name].is(Operand::Kind::nothing); }
  const Builtin& builtin() const { return entry_.builtin; }
  Op op() const { return *entry_.builtin.op; }
  const std::vector<Operand>& all() const { return values_; }
  Span at() const { return place.whole; }

 private:
  const FunctionEntry& entry_;

 public:
  Place place;

 private:
  std::vector<Operand> values_;  // by parameter
};

/// Binds a call to a function's parameters; nothing after a report.
std::optional<Arguments> bind_arguments(Lowering& l, const FunctionEntry& entry, const Call& call);

/// An argument as a value in the dtype it has by default; null after a report.
Value value_argument(Lowering& l, const Arguments& a, std::string_view name);
/// The same as a float: integers and bool become floatX.
Value float_argument(Lowering& l, const Arguments& a, std::string_view name);
std::optional<bool> flag_argument(Lowering& l, const Arguments& a, std::string_view name,
                                  bool otherwise = false);
std::optional<DType> dtype_argument(Lowering& l, const Arguments& a, DType otherwise);
/// An integer that is known when compiling.
std::optional<int64_t> integer_argument(Lowering& l, const Arguments& a, std::string_view name,
                                        int64_t otherwise = 0);
std::optional<int64_t> known_integer(Lowering& l, const Operand& operand, std::string_view what);
/// An axis of a value of `rank` axes, which messages call `of`; negative ones count from the end.
std::optional<int64_t> one_axis(Lowering& l, const Operand& operand, int rank, const Operand& of);
std::optional<int64_t> axis_argument(Lowering& l, const Arguments& a, std::string_view name,
                                     const Operand& of, int64_t otherwise);
/// The axis of `x`, the argument of that name; where it is left out, `x` becomes flat.
std::optional<int64_t> axis_or_flat(Lowering& l, const Arguments& a, Value& x);
/// One axis or several, as they are written; all where the argument is left out.
std::optional<AxisList> axes_argument(Lowering& l, const Arguments& a, std::string_view name,
                                      const Operand& of);
/// The parts of a tuple or list, or the one operand.
std::vector<Operand> parts_of(const Operand& operand);

// ---- compose.cpp: formulas over operands
/// Applies operators to operands at the place of one call; poison stays poison.
class Composer {
 public:
  Composer(Lowering& l, const Place& place) : l_(l), place_(place) {}

  Operand number(double value) const { return Operand::of_real(value, place_.whole); }
  Operand integer(int64_t value) const { return Operand::of_integer(value, place_.whole); }
  Operand of(Value value) const { return value ? Operand::of(value, place_.whole) : Operand{}; }
  Operand add(const Operand& a, const Operand& b) const;
  Operand sub(const Operand& a, const Operand& b) const;
  Operand mul(const Operand& a, const Operand& b) const;
  Operand div(const Operand& a, const Operand& b) const;
  Operand apply(Op op, std::vector<Operand> operands, bool real = false) const;
  Operand reduce(Op op, const Operand& x, const AxisList& axes, bool keep_dims) const;

 private:
  Lowering& l_;
  const Place& place_;
};

/// `reduced`, from which `axes` of a value of `shape` are gone, with extent 1 in their places.
Value keep_axes(Lowering& l, Value reduced, const Shape& shape, const AxisList& axes, Span at);
/// The count of elements along axes, as a scalar of `dtype`.
Value count_value(Lowering& l, const Extent& count, DType dtype, Span at);
/// The positions along `axis` of `shape`, as i64.
Value positions(Lowering& l, const Shape& shape, int64_t axis, Span at);
/// A scalar repeated to `shape`.
Value filled(Lowering& l, const Operand& with, DType dtype, const Shape& shape, Span at);

// What must hold of extents.
/// Whether left >= right for all dims: true. False is reported as `what`. Undecided is checked
/// where the function is entered.
bool need_at_least(Lowering& l, const Extent& left, const Extent& right, Span at,
                   std::vector<Requirement>& checks, const std::function<void()>& fail);
/// Whether an extent is >= 0 whatever the dims are.
bool never_negative(const Lowering& l, const Extent& extent);

// ---- array_literal.cpp: `[1.0, 2.0]` where an array is expected
bool is_array_literal(const Operand& operand);
/// Its elements, the innermost last.
std::vector<const Operand*> elements_of(const Operand& literal);
/// Reports rows of different lengths, and elements that are none.
bool check_array_literal(Lowering& l, const Operand& literal);
Value array_literal_value(Lowering& l, const Operand& literal, DType dtype);

// ---- product.cpp
/// The sum of the products over pairs of axes: those that are left of `a`, then those of `b`.
Operand contract(Lowering& l, const Operand& a, const Operand& b, const AxisList& left,
                 const AxisList& right, const Place& place);

// ---- joins.cpp
/// Values of one dtype, one behind the other along `axis`; their other extents agree.
Value concatenated(Lowering& l, const std::vector<Value>& values, int64_t axis, Span at);
/// A part of `value`: `length` elements from `start` along `axis`.
Value part_along(Lowering& l, Value value, int64_t axis, const Extent& start, const Extent& length,
                 Span at);

}  // namespace thx
