// SPDX-License-Identifier: Apache-2.0
// Types: which dtype numbers meet in, declared types, and operands as extents and shapes.
#include <algorithm>
#include <cmath>

#include "frontend/builtins.h"
#include "frontend/functions.h"
#include "support/text.h"

namespace thx {
namespace {

constexpr size_t kMaxRank = 6;

constexpr double kMostElements = 5e17;  // 2^62 bytes of eight-byte elements, and a little less

// Whether a list has numbers only, so that it can be meant as an array.
bool has_array_shape(const Operand& literal) {
  const std::vector<const Operand*> elements = elements_of(literal);
  return std::all_of(elements.begin(), elements.end(),
                     [](const Operand* element) { return element->is_number(); });
}

}  // namespace

bool check_shape(Lowering& l, const Shape& shape, Span at) {
  if (shape.size() <= kMaxRank) return check_size(l, shape, at);
  l.report(Err::bad_type, at,
           format("a value has at most {} axes, not {}", kMaxRank, shape.size()));
  return false;
}

bool check_size(Lowering& l, const Shape& shape, Span at) {
  double elements = 1;
  size_t terms = 1;
  for (const Shape* part : {static_cast<const Shape*>(&l.mapped), &shape}) {
    for (const Extent& extent : *part) {
      elements *= std::max(magnitude(extent), 1.0);
      terms = std::min(terms * std::max<size_t>(extent.terms().size(), 1), kMostTerms + 1);
    }
  }
  if (terms > kMostTerms) {
    l.report(
         Err::bad_extent, at,
         format("the extents of this shape have more than {} terms when multiplied", kMostTerms))
        .help("declare a `dim` for a part of them");
    return false;
  }
  if (elements <= kMostElements) return true;
  l.report(Err::bad_extent, at, "a value of this shape is larger than any memory");
  return false;
}

Diagnostic& Lowering::unsupported(Span at, std::string_view what, std::string_view instead) {
  return report(Err::unsupported, at,
                format("{} of the language, but this compiler cannot compile it yet", what))
      .help(std::string(instead));
}

Diagnostic& Lowering::no_function(Span at, std::string_view spelled, std::string_view instead) {
  return report(Err::unsupported, at, format("this compiler has no {} yet", spelled))
      .help(std::string(instead));
}

std::string spell(const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::value: return text(operand.value->type());
    case Operand::Kind::real: return "a float literal";
    case Operand::Kind::integer: return operand.weak ? "an integer literal" : "i64";
    case Operand::Kind::boolean: return "bool";
    case Operand::Kind::dtype: return "a dtype";
    case Operand::Kind::text: return "a text";
    case Operand::Kind::sequence:
      return is_array_literal(operand) && !operand.parts.empty() && has_array_shape(operand)
                 ? format("an array literal {}", text(shape_of(operand)))
                 : format("a list of {}", operand.parts.size());
    default: return "nothing";
  }
}

std::optional<Type> lower_type(Lowering& l, const ast::TypeExpr& type) {
  const std::optional<DType> dtype = supported_dtype(type.dtype.text, l.float_x);
  if (!dtype) {
    if (is_dtype_name(type.dtype.text)) {
      l.unsupported(type.dtype.span, format("`{}` is a dtype", type.dtype.text),
                    "write `f32`, `f64` or `floatX`");
    } else {
      Diagnostic& error =
          l.report(Err::bad_type, type.dtype.span, format("`{}` is no dtype", type.dtype.text));
      const auto near = dtype_meant_by(type.dtype.text);
      error.help(
          near ? format("did you mean `{}`?", *near)
               : "dtypes are `f32`, `f64`, `floatX`, `bool`, `i8` to `i64` and `u8` to `u64`");
    }
  }
  std::optional<Shape> shape = Shape();
  for (const ast::NodeId id : type.extents) {
    const std::optional<Extent> extent = to_extent(l, lower(l, id));
    if (!extent) {
      shape.reset();
    } else if (shape) {
      shape->push_back(*extent);
    }
  }
  if (!dtype || !shape || !check_shape(l, *shape, type.span)) return std::nullopt;
  return Type{*dtype, *shape};
}

std::optional<Extent> to_extent(Lowering& l, const Operand& operand) {
  if (operand.poisoned()) return std::nullopt;
  if (!operand.is(Operand::Kind::integer) || operand.beyond) {
    Diagnostic& error =
        l.report(Err::bad_extent, operand.span, format("{} is no extent", spell(operand)));
    const bool real = operand.is(Operand::Kind::value) && is_float(operand.value->dtype()) &&
                      operand.value->type().is_scalar();
    error.help(real ? "an extent cannot depend on data, and `//` divides extents"
               : operand.is(Operand::Kind::value)
                   ? "an extent cannot depend on data; use `where`, or declare a dim"
                   : "extents are made of integers, dims and `x.shape[i]`");
    return std::nullopt;
  }
  const bool negative =
      operand.weak ? operand.integer < 0 : operand.extent.is_known() && operand.extent.known() < 0;
  if (negative) {
    l.report(Err::bad_extent, operand.span,
             format("the extent {} is negative",
                    operand.weak ? std::to_string(operand.integer) : operand.extent.text()));
    return std::nullopt;
  }
  if (magnitude(operand.extent) > kMostElements) {
    l.report(Err::bad_extent, operand.span, "an axis of this extent is larger than any memory");
    return std::nullopt;
  }
  operand.extent.collect_symbols(l.extent_symbols);
  return operand.extent;
}

std::optional<Shape> to_shape(Lowering& l, const Operand& operand) {
  if (!operand.is(Operand::Kind::sequence)) {
    const std::optional<Extent> extent = to_extent(l, operand);
    if (!extent || !check_shape(l, {*extent}, operand.span)) return std::nullopt;
    return Shape{*extent};
  }
  Shape shape;
  for (const Operand& part : operand.parts) {
    const std::optional<Extent> extent = to_extent(l, part);
    if (!extent) return std::nullopt;
    shape.push_back(*extent);
  }
  if (!check_shape(l, shape, operand.span)) return std::nullopt;
  return shape;
}

double magnitude(const Extent& extent) {
  if (extent.is_known()) return std::fabs(static_cast<double>(extent.known()));
  double sum = 0;
  for (const Extent::Term& term : extent.terms()) {
    sum += std::fabs(static_cast<double>(term.coefficient));
  }
  return sum;
}

size_t weight(const Extent& extent) {
  if (extent.is_known()) return 1;
  size_t sum = 0;
  for (const Extent::Term& term : extent.terms()) {
    ++sum;
    for (const Extent::Factor& factor : term.factors) {
      sum += factor.symbol.empty() ? weight(*factor.a) + weight(*factor.b) : 1;
    }
  }
  return sum;
}

bool is_scalar(const Operand& operand) { return shape_of(operand).empty(); }

Shape shape_of(const Operand& operand) {
  if (operand.is(Operand::Kind::value)) return operand.value->shape();
  if (!is_array_literal(operand)) return {};
  const Shape inner = operand.parts.empty() ? Shape() : shape_of(operand.parts[0]);
  return with_leading(static_cast<int64_t>(operand.parts.size()), inner);
}

bool all_numbers(Lowering& l, std::span<const Operand> operands, const Place& place) {
  bool good = true;
  for (const Operand& operand : operands) {
    if (is_array_literal(operand)) {
      good &= check_array_literal(l, operand);
      continue;
    }
    if (operand.is_number()) continue;
    good = false;
    if (operand.poisoned()) continue;
    Diagnostic& error = l.report(Err::not_a_value, operand.span,
                                 format("{} needs numbers, not {}", place.spelled, spell(operand)));
    if (operand.is(Operand::Kind::sequence)) {
      error.help(operand.computed ? "give each of them a name: `let a, b = ...`"
                                  : "tuples stand for axes, shapes and several results");
    }
  }
  return good;
}

}  // namespace thx
