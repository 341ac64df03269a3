// SPDX-License-Identifier: Apache-2.0
// What the compiler knows about an operator: one row per operator, one row type per family.
//
// Passes ask rows for their fields and never name operators. Fields without a default are
// mandatory: -Werror=missing-field-initializers rejects a row that forgets one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ir/formula.h"
#include "ir/graph.h"
#include "ops/instruction.h"
#include "support/result.h"

namespace thx {

/// A set of dtypes that an operator accepts.
enum class DTypes : uint8_t {
  floats,
  integers,
  numbers,
  booleans,
  bits /* bool and integers */,
  any
};
bool accepts(DTypes set, DType dtype);

/// How the dtype of an elementwise result follows from its operands'.
enum class ResultDType : uint8_t {
  same,     // all operands and the result have one dtype
  boolean,  // comparisons: operands of one dtype, a bool result
  chosen,   // where: bool, then two of one dtype, which is the result's
  given,    // cast: the maker says
};

/// Traits: what passes ask instead of names.
enum Trait : uint32_t {
  kNone = 0,
  kCommutative = 1u << 0,
  kAssociative = 1u << 1,     // up to rounding: may be viewed as a sum or product of many terms
  kCostly = 1u << 2,          // transcendental or a division: never computed twice to save memory
  kZeroPreserving = 1u << 3,  // f(0) = 0
  kIncreasing = 1u << 4,      // monotone
  kEven = 1u << 5,
  kOdd = 1u << 6,
  kSum = 1u << 7,      // terms of a sum: add, sub, neg
  kProduct = 1u << 8,  // factors of a product: mul, div, reciprocal, square, (neg by its sign)
  kNegated = 1u << 9,  // of a sum or product: the last operand counts negative (sub, neg) or
                       // inverted (div, reciprocal)
  kFusedMultiplyAdd = 1u << 10,
  kFallible = 1u << 11,  // can fail at run time (a status)
  kSelects = 1u << 12,   // where: only one of the operands 1 and 2 counts per element
};
using Traits = uint32_t;

/// The derivative of an elementwise operator with respect to each operand, over x, y, w and the
/// result z. Serves reverse and forward mode.
struct Gradient {
  enum class Kind : uint8_t { partials, piecewise_constant, refused } kind;
  int count = 0;
  Formula partial[3] = {};
  std::string_view why = {};  // refused: what `grad` reports
};
constexpr Gradient partials(const Formula& dx) {
  return {Gradient::Kind::partials, 1, {dx, {}, {}}};
}
constexpr Gradient partials(const Formula& dx, const Formula& dy) {
  return {Gradient::Kind::partials, 2, {dx, dy, {}}};
}
constexpr Gradient partials(const Formula& dx, const Formula& dy, const Formula& dw) {
  return {Gradient::Kind::partials, 3, {dx, dy, dw}};
}
/// Zero on purpose: rounding, comparison, integer and bool results.
inline constexpr Gradient kPiecewiseConstant{Gradient::Kind::piecewise_constant};

/// How an elementwise operator becomes register instructions.
struct Emit {
  enum class Kind : uint8_t { instruction, expand, lanes } kind;
  Instruction instruction = Instruction::add;
  Formula formula = {};
  Lane (*lanes)(LaneBuilder&, std::span<const Lane> operands, DType result) = nullptr;
};
constexpr Emit instruction(Instruction i) { return {Emit::Kind::instruction, i}; }
constexpr Emit expand(const Formula& f) { return {Emit::Kind::expand, {}, f}; }
constexpr Emit lanes(Lane (*f)(LaneBuilder&, std::span<const Lane>, DType)) {
  return {Emit::Kind::lanes, {}, {}, f};
}

/// Where table tests probe an operator.
enum class Samples : uint8_t {
  reals,
  positive,
  negative,
  above_one,
  unit /* (-1, 1) */,
  nonzero,
  booleans,
  integers
};

/// The largest error of an operator's results, in units of the last place: 0.5 is correctly
/// rounded. check-math holds functions to it.
struct Accuracy {
  double f32 = 0.5, f64 = 0.5;
  /// Times the larger of 1 and the condition number: zeros of the function are not numbers of the
  /// format, and near them what is left has fewer digits.
  bool conditioned = false;
};

struct ElementwiseDef {
  Op op;
  std::string_view doc;
  DTypes types;  // accepted by the operands that are not a `where`'s condition
  ResultDType result;
  Gradient grad;
  Traits traits;
  /// Host semantics for the oracle and constant folding; `operands` have the operands' dtypes. f32
  /// results are computed in f64 and rounded once. Written independently of `emit`.
  Scalar (*eval)(std::span<const Scalar> operands, DType result);
  Emit emit;
  Samples samples = Samples::reals;
  Accuracy error = {};
};

/// What an adjoint sees. All values belong to `graph`.
struct Adjoint {
  Graph& graph;
  Value node;       // the operator's node (its operands and attrs)
  Value cotangent;  // of its result
  int operand;      // whose cotangent is asked for
};
/// The cotangent of one operand; a null value: zero on purpose.
using AdjointFn = Value (*)(const Adjoint&);

/// The cotangents of all operands in one, for operators of thousands of them: those before say
/// where one lies. Only what is `wanted` is made.
using AdjointsFn = std::vector<Value> (*)(Graph& graph, Value node, Value cotangent,
                                          const std::vector<bool>& wanted);

/// What a tangent sees: forward mode.
struct Tangent {
  Graph& graph;
  Value node;
  std::span<const Value> tangents;  // per operand; null: zero
};
using TangentFn = Value (*)(const Tangent&);

/// What batch sees: operands that may have gained a leading axis of extent `extent`.
struct Batch {
  Graph& graph;
  Value node;
  std::span<const Value> operands;  // the new ones
  std::span<const bool> batched;    // which of them have the leading axis
  Extent extent;
};
using BatchFn = Value (*)(const Batch&);

/// The type of a result from operands and attrs, or why there is none. Used by ops/build.h, by the
/// frontend (which words its own message) and by the verifier.
using TypeFn = Result<Type> (*)(std::span<const Type> operands, const Attrs& attrs);

struct ReductionDef {
  Op op;
  std::string_view doc;
  DTypes types;
  double identity;     // exact: combine(identity, x) is x, bit for bit (add: -0.0)
  double empty;        // of no elements; NaN-free rows that refuse empty reductions say so by
                       // `refuses_empty`
  bool refuses_empty;  // max, min: THX_E_DIM where the function is entered
  Op combine;          // the elementwise operator that folds two elements
  bool ordered;  // whether the order of combination shows in the bits (sum, prod): carries `order`
  AdjointFn adjoint;
  TangentFn tangent;
  BatchFn batch;
};

struct ViewDef {
  Op op;
  std::string_view doc;
  TypeFn type;
  /// For result index i (one Extent per result axis): the operand's index. The one definition of
  /// the view, read by the interpreter, by kernels and by tests.
  std::vector<Extent> (*index_map)(const Node& node, std::span<const Extent> result_index);
  AdjointFn adjoint;
  TangentFn tangent;
  BatchFn batch;
};

/// Placements: each element of each operand goes to one element of the result, which they cover;
/// where operands meet, the later one wins.
struct PlacementDef {
  Op op;
  std::string_view doc;
  TypeFn type;
  /// Where the element `index` of an operand goes: affine, and no two of an operand meet. The one
  /// definition of the placement, read by the interpreter, by kernels and by tests.
  std::vector<Extent> (*place)(const Node& node, int operand, std::span<const Extent> index);
  AdjointsFn adjoints;
  TangentFn tangent;
  BatchFn batch;
};

/// Running combinations along `axis`: element i combines the elements up to i (with `reverse`, from
/// i on), one after the other from the first (last) one, in the operand's dtype.
struct CumulativeDef {
  Op op;
  std::string_view doc;
  DTypes types;
  Op combine;  // the elementwise operator that takes the running value and the next element
  AdjointFn adjoint;
  TangentFn tangent;
  BatchFn batch;
};

/// Contractions, indexing and composites: array operators with code of their own.
struct ArrayDef {
  Op op;
  std::string_view doc;
  DTypes types;
  TypeFn type;
  Traits traits;
  AdjointFn adjoint;
  TangentFn tangent;
  BatchFn batch;
  /// Composites: the primitive operators it stands for; null otherwise.
  Value (*expansion)(Graph& graph, Value node);
};

// The row of an operator; an InternalError where it is of another family.
const ElementwiseDef& elementwise(Op op);
const ReductionDef& reduction(Op op);
const ViewDef& view(Op op);
const PlacementDef& placement(Op op);
const CumulativeDef& cumulative(Op op);
const ArrayDef& array(Op op);  // contraction, indexing, composite
std::string_view doc_of(Op op);
Traits traits_of(Op op);  // kNone for families without

std::span<const ElementwiseDef> elementwise_rows();
std::span<const ReductionDef> reduction_rows();
std::span<const ViewDef> view_rows();
std::span<const PlacementDef> placement_rows();
std::span<const CumulativeDef> cumulative_rows();
std::span<const ArrayDef> array_rows();

}  // namespace thx
