// SPDX-License-Identifier: Apache-2.0
// The type of a result from the types of the operands, by family.
#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

std::string list(std::span<const Type> types) {
  return join(types, ", ", [](const Type& type) { return text(type); });
}

Result<Type> elementwise_type(Op op, std::span<const Type> operands, const Attrs& attrs) {
  const ElementwiseDef& row = elementwise(op);
  const size_t first = row.result == ResultDType::chosen ? 1 : 0;
  if (first == 1 && !is_bool(operands[0].dtype))
    return refuse(Err::dtype_mismatch,
                  format("the condition of {} is {}, not bool", name_of(op), text(operands[0])));
  const DType dtype = operands[first].dtype;
  for (size_t i = first; i < operands.size(); ++i)
    if (operands[i].dtype != dtype)
      return refuse(Err::dtype_mismatch,
                    format("{} of different dtypes: {}", name_of(op), list(operands)));
  for (const Type& operand : operands)
    if (operand.shape != operands[0].shape)
      return refuse(Err::shape_mismatch,
                    format("{} of different shapes: {}", name_of(op), list(operands)));
  if (!accepts(row.types, dtype))
    return refuse(Err::dtype_mismatch,
                  format("{} is not defined for {}", name_of(op), spelling(dtype)));
  const Shape& shape = operands[0].shape;
  switch (row.result) {
    case ResultDType::same:
    case ResultDType::chosen: return Type{dtype, shape};
    case ResultDType::boolean: return Type{DType::boolean, shape};
    case ResultDType::given: break;
  }
  if (!attrs.has("dtype"))
    return refuse(Err::dtype_mismatch,
                  format("the dtype of {} is its maker's to say", name_of(op)));
  return Type{attrs.get<DType>("dtype"), shape};
}

Result<Type> reduction_type(Op op, const Type& operand, const Attrs& attrs) {
  const std::span<const int64_t> axes = axes_of(attrs, "axes");
  if (!valid_axes(axes, operand.rank()) || !std::ranges::is_sorted(axes))
    return refuse(Err::bad_axis, format("{} over axes that {} does not have, or unsorted ones",
                                        name_of(op), text(operand)));
  if (!accepts(reduction(op).types, operand.dtype))
    return refuse(Err::dtype_mismatch,
                  format("{} is not defined for {}", name_of(op), spelling(operand.dtype)));
  return operand.with(select(operand.shape, kept_axes(operand.rank(), axes)));
}

Result<Type> cumulative_type(Op op, const Type& operand, const Attrs& attrs) {
  const int64_t axis = attrs.integer("axis");
  if (axis < 0 || axis >= operand.rank())
    return refuse(Err::bad_axis, format("{} has no axis {}", text(operand), axis));
  if (!accepts(cumulative(op).types, operand.dtype))
    return refuse(Err::dtype_mismatch,
                  format("{} is not defined for {}", name_of(op), spelling(operand.dtype)));
  return operand;
}

/// Sources say their types by attributes alone; `dtype` where there is a choice, f32 without it.
Result<Type> source_type(Op op, const Attrs& attrs) {
  const auto chosen = [&](DType otherwise) {
    return attrs.has("dtype") ? attrs.get<DType>("dtype") : otherwise;
  };
  switch (op) {
    case Op::constant: return Type{attrs.get<Scalar>("value").dtype, {}};
    case Op::iota: return Type{DType::i64, attrs.shape("shape")};
    case Op::extent: return Type{DType::i64, {}};
    case Op::random_integers: return Type{DType::i64, attrs.shape("shape")};
    case Op::random_uniform:
    case Op::random_normal: return Type{chosen(DType::f32), attrs.shape("shape")};
    default: return refuse(Err::type_mismatch, format("{} has no type of its own", name_of(op)));
  }
}

}  // namespace

bool accepts(DTypes set, DType dtype) {
  switch (set) {
    case DTypes::floats: return is_float(dtype);
    case DTypes::integers: return is_integer(dtype);
    case DTypes::numbers: return !is_bool(dtype);
    case DTypes::booleans: return is_bool(dtype);
    case DTypes::bits: return !is_float(dtype);
    case DTypes::any: return true;
  }
  return false;
}

Result<Type> infer_type(Op op, std::span<const Type> operands, const Attrs& attrs) {
  const OpInfo& entry = info(op);
  if (entry.operands >= 0 && static_cast<size_t>(entry.operands) != operands.size())
    return refuse(Err::wrong_count, format("{} takes {} operands, not {}", entry.name,
                                           entry.operands, operands.size()));
  switch (entry.family) {
    case Family::elementwise: return elementwise_type(op, operands, attrs);
    case Family::reduction: return reduction_type(op, operands[0], attrs);
    case Family::view: return view(op).type(operands, attrs);
    case Family::placement: return placement(op).type(operands, attrs);
    case Family::cumulative: return cumulative_type(op, operands[0], attrs);
    case Family::contraction:
    case Family::indexing:
    case Family::composite: return array(op).type(operands, attrs);
    case Family::source: return source_type(op, attrs);
    case Family::control: break;
  }
  if (op == Op::mark) return operands[0];
  return refuse(Err::type_mismatch, format("the types of {} are its maker's to say", entry.name));
}

}  // namespace thx
