// SPDX-License-Identifier: Apache-2.0
// Functions that make values: fills, ranges, identities; and conversions.
#include <algorithm>
#include <cmath>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

bool check_fill(Lowering& l, const Arguments& a, const Operand& with) {
  if (!all_numbers(l, {&with, 1}, a.place)) return false;
  if (is_scalar(with)) return true;
  l.report(Err::bad_argument, with.span,
           format("the value to fill with is {}, not a scalar", spell(with)))
      .help("`broadcast_to(x, shape)` repeats an array");
  return false;
}

Operand fill(Lowering& l, const Arguments& a, const Operand& with, DType otherwise) {
  const std::optional<DType> dtype = dtype_argument(l, a, otherwise);
  const std::optional<Shape> shape = to_shape(l, a["shape"]);
  if (!dtype || !shape || !check_fill(l, a, with)) return {};
  return Composer(l, a.place).of(filled(l, with, *dtype, *shape, a.at()));
}

Operand call_zeros(Lowering& l, const Arguments& a) {
  return fill(l, a, Operand::of_integer(0, a.at()), l.float_x);
}
Operand call_ones(Lowering& l, const Arguments& a) {
  return fill(l, a, Operand::of_integer(1, a.at()), l.float_x);
}
Operand call_full(Lowering& l, const Arguments& a) {
  const Operand& with = a["fill_value"];
  const bool strong = with.is(Operand::Kind::value) || (with.is_number() && !with.weak);
  return fill(l, a, with, strong ? default_dtype(l, with) : l.float_x);
}

Operand fill_like(Lowering& l, const Arguments& a, const Operand& with) {
  if (!all_numbers(l, {&a["x"], 1}, a.place)) return {};
  const std::optional<DType> dtype = dtype_argument(l, a, default_dtype(l, a["x"]));
  if (!dtype || !check_fill(l, a, with)) return {};
  std::optional<Shape> shape = shape_of(a["x"]);
  if (a.has("shape")) shape = to_shape(l, a["shape"]);
  if (!shape) return {};
  return Composer(l, a.place).of(filled(l, with, *dtype, *shape, a.at()));
}

Operand call_zeros_like(Lowering& l, const Arguments& a) {
  return fill_like(l, a, Operand::of_integer(0, a.at()));
}
Operand call_ones_like(Lowering& l, const Arguments& a) {
  return fill_like(l, a, Operand::of_integer(1, a.at()));
}
Operand call_full_like(Lowering& l, const Arguments& a) { return fill_like(l, a, a["fill_value"]); }

// ---- Ranges

bool is_real(const Operand& operand) { return operand.is(Operand::Kind::real); }

double real_of(const Operand& literal) {
  return is_real(literal) ? literal.real : static_cast<double>(literal.integer);
}

// start + step * (0, 1, ...), `length` of them.
Operand progression(Lowering& l, const Arguments& a, const Operand& start, const Operand& step,
                    const Extent& length, DType dtype) {
  const Composer c(l, a.place);
  const Shape shape = {length};
  Operand values = c.of(positions(l, shape, 0, a.at()));
  const bool unit = step.is(Operand::Kind::integer) && step.extent.is(1);
  const bool from_zero = start.is(Operand::Kind::integer) && start.extent.is(0);
  if (!unit) values = c.mul(values, step);
  if (!from_zero) values = c.add(values, start);
  return values.poisoned() ? values : convert(l, values, dtype, a.at());
}

// Of float literals: as many as there are below `stop`, counted when compiling.
Operand range_of_reals(Lowering& l, const Arguments& a, const Operand& start, const Operand& stop,
                       const Operand& step) {
  constexpr double kMost = 1e9;
  for (const Operand* each : {&start, &stop, &step}) {
    if (each->weak) continue;
    l.report(Err::bad_extent, each->span,
             format("the extent of {} cannot depend on {}", a.place.spelled, spell(*each)))
        .help("write `start + step * arange(n)`, or `linspace(start, stop, n)`");
    return {};
  }
  const double count = std::ceil((real_of(stop) - real_of(start)) / real_of(step));
  if (!(count >= 0 && count <= kMost)) {
    l.report(Err::bad_extent, a.at(), format("{} has no such range", a.place.spelled))
        .help("the step leads from start to stop, and is not 0");
    return {};
  }
  const std::optional<DType> dtype = dtype_argument(l, a, l.float_x);
  if (!dtype) return {};
  const Composer c(l, a.place);
  const Value exact = to_value(l, start, DType::f64);
  if (!exact) return {};
  return progression(l, a, c.of(exact), step, static_cast<int64_t>(count), *dtype);
}

// arange(stop), arange(start, stop), arange(start, stop, step)
Operand call_arange(Lowering& l, const Arguments& a) {
  constexpr double kMostBound = 5e17;
  const bool from_zero = !a.has("stop") || !a.has("start");
  if (!a.has("start") && !a.has("stop")) {
    l.report(Err::missing_argument, a.place.mark, format("{} needs `stop`", a.place.spelled))
        .help("write `arange(n)`");
    return {};
  }
  const Operand start = from_zero ? Operand::of_integer(0, a.at()) : a["start"];
  const Operand stop = a.has("stop") ? a["stop"] : a["start"];
  const Operand step = a.has("step") ? a["step"] : Operand::of_integer(1, a.at());
  if (is_real(start) || is_real(stop) || is_real(step)) {
    return range_of_reals(l, a, start, stop, step);
  }
  const std::optional<int64_t> by = known_integer(l, step, "the step of a range");
  const std::optional<DType> dtype = dtype_argument(l, a, DType::i64);
  if (!by || !dtype) return {};
  if (*by == 0) {
    l.report(Err::bad_argument, step.span, "the step of a range is not 0");
    return {};
  }
  for (const Operand* bound : {&start, &stop}) {
    if (!bound->is(Operand::Kind::integer) || bound->beyond) {
      to_extent(l, *bound);
      return {};
    }
    if (magnitude(bound->extent) > kMostBound) {
      l.report(Err::bad_extent, bound->span, "this bound is beyond any extent");
      return {};
    }
    bound->extent.collect_symbols(l.extent_symbols);
  }
  const Extent distance = *by > 0 ? stop.extent - start.extent : start.extent - stop.extent;
  const Extent length = ceildiv(distance, *by > 0 ? *by : -*by);
  if (length.is_known() && length.known() < 0) {
    l.report(Err::bad_extent, a.at(), format("the extent {} is negative", length.text()));
    return {};
  }
  return check_shape(l, {length}, a.at()) ? progression(l, a, start, step, length, *dtype)
                                          : Operand{};
}

// The last element is `stop` itself; with one element it is `start`.
Operand call_linspace(Lowering& l, const Arguments& a) {
  const Operand ends[] = {a["start"], a["stop"]};
  if (!all_numbers(l, ends, a.place)) return {};
  for (const Operand& end : ends) {
    if (is_scalar(end)) continue;
    l.report(Err::bad_argument, end.span,
             format("the ends of a range are scalars, not {}", spell(end)));
    return {};
  }
  const std::optional<bool> endpoint = flag_argument(l, a, "endpoint", true);
  const Operand given = a.has("num") ? a["num"] : Operand::of_integer(50, a.at());
  const std::optional<Extent> count = to_extent(l, given);
  const bool weak = ends[0].weak && ends[1].weak;
  const DType met = meet(l, ends);
  const std::optional<DType> dtype = dtype_argument(l, a, !weak && is_float(met) ? met : l.float_x);
  if (!endpoint || !count || !dtype) return {};
  // Literals are rounded once, at the end.
  const DType computed = weak || !is_float(*dtype) ? DType::f64 : *dtype;
  const Composer c(l, a.place);
  const Operand start = convert(l, ends[0], computed, ends[0].span);
  const Operand stop = convert(l, ends[1], computed, ends[1].span);
  if (start.poisoned() || stop.poisoned()) return {};
  const Extent intervals = max(*endpoint ? *count - 1 : *count, 1);
  const Operand last = c.of(count_value(l, intervals, computed, a.at()));
  const Shape shape = {*count};
  const Operand i = c.of(cast(l.graph(), positions(l, shape, 0, a.at()), computed, a.at()));
  const Operand step = c.div(c.sub(stop, start), last);
  const Operand inside = c.add(c.mul(i, step), start);
  const Operand values =
      *endpoint ? c.apply(Op::where, {c.apply(Op::equal, {i, last}), stop, inside}) : inside;
  return values.poisoned() ? values : convert(l, values, *dtype, a.at());
}

// ---- Identities

// 1 where the column is the row and `k`; below it too with `filled`.
Operand ones_at(Lowering& l, const Arguments& a, const Extent& rows, const Extent& columns,
                int64_t k, Op comparison, DType dtype) {
  const Composer c(l, a.place);
  const Shape shape = {rows, columns};
  Operand row = c.of(positions(l, shape, 0, a.at()));
  if (k != 0) row = c.add(row, c.integer(k));
  const Operand column = c.of(positions(l, shape, 1, a.at()));
  const Operand hits = c.apply(comparison, {column, row});
  return hits.poisoned() ? hits : convert(l, hits, dtype, a.at());
}

Operand identity_like(Lowering& l, const Arguments& a, Op comparison) {
  const std::optional<Extent> rows = to_extent(l, a["n"]);
  const std::optional<Extent> columns = a.has("m") ? to_extent(l, a["m"]) : rows;
  const std::optional<int64_t> k = integer_argument(l, a, "k");
  const std::optional<DType> dtype = dtype_argument(l, a, l.float_x);
  if (!rows || !columns || !k || !dtype) return {};
  return ones_at(l, a, *rows, *columns, *k, comparison, *dtype);
}

Operand call_eye(Lowering& l, const Arguments& a) { return identity_like(l, a, Op::equal); }
Operand call_tri(Lowering& l, const Arguments& a) { return identity_like(l, a, Op::less_equal); }

Operand call_identity(Lowering& l, const Arguments& a) {
  const std::optional<Extent> rows = to_extent(l, a["n"]);
  const std::optional<DType> dtype = dtype_argument(l, a, l.float_x);
  if (!rows || !dtype) return {};
  return ones_at(l, a, *rows, *rows, 0, Op::equal, *dtype);
}

// A new last axis, 1 at the index; an index outside of it gives zeros.
Operand call_one_hot(Lowering& l, const Arguments& a) {
  const Value index = value_argument(l, a, "x");
  const std::optional<Extent> classes = to_extent(l, a["num_classes"]);
  const std::optional<DType> dtype = dtype_argument(l, a, l.float_x);
  if (!index || !classes || !dtype) return {};
  if (!is_integer(index->dtype())) {
    l.report(Err::dtype_mismatch, a["x"].span,
             format("{} takes integers, not {}", a.place.spelled, spell(a["x"])))
        .help("convert with `i64(x)`");
    return {};
  }
  const Composer c(l, a.place);
  const Shape shape = {*classes};
  Shape column = index->shape();
  column.emplace_back(1);
  const Operand at = c.of(reshape(l.graph(), index, column, a.at()));
  const Operand hits = c.apply(Op::equal, {at, c.of(positions(l, shape, 0, a.at()))});
  return hits.poisoned() ? hits : convert(l, hits, *dtype, a.at());
}

constexpr std::string_view kShaped = "shape, dtype=floatX";
constexpr std::string_view kLike = "x, dtype=that of x, *, shape=that of x";

constexpr Builtin kMakers[] = {
    {"zeros", kShaped, call_zeros, "zeros of a shape"},
    {"ones", kShaped, call_ones, "ones of a shape"},
    {"full", "shape, fill_value, dtype=floatX", call_full, "one value, repeated"},
    {"zeros_like", kLike, call_zeros_like, "zeros of the shape and dtype of x"},
    {"ones_like", kLike, call_ones_like, "ones of the shape and dtype of x"},
    {"full_like", "x, fill_value, dtype=that of x, *, shape=that of x", call_full_like,
     "one value in the shape and dtype of x"},
    {"arange range", "start=0, stop=none, step=1, *, dtype=i64", call_arange,
     "start, start + step, ... below stop; one argument is `stop`; of floats in floatX"},
    {"linspace", "start, stop, num=50, endpoint=true, *, dtype=floatX", call_linspace,
     "num numbers from start to stop"},
    {"eye", "n, m|M=n, k=0, dtype=floatX", call_eye, "ones on a diagonal"},
    {"identity", "n, dtype=floatX", call_identity, "ones on the diagonal of a square"},
    {"tri", "n, m|M=n, k=0, dtype=floatX", call_tri, "ones on and below a diagonal"},
    {"one_hot", "x, num_classes|n|depth, *, dtype=floatX", call_one_hot,
     "a new last axis with 1 at the index; zeros for an index outside of it"},
};

}  // namespace

std::span<const Builtin> making_functions() { return kMakers; }

Operand convert(Lowering& l, const Operand& operand, DType dtype, Span at) {
  const Place place = {at, at, format("`{}`", spelling(dtype))};
  if (operand.is(Operand::Kind::nothing)) {
    l.report(Err::missing_argument, at, format("{} needs a value", place.spelled));
    return {};
  }
  if (!all_numbers(l, {&operand, 1}, place)) return {};
  const auto literal = [&](const Scalar& scalar) {
    return Operand::of(make(l.graph(), Op::constant, {}, {{"value", scalar}}, at), at);
  };
  if (operand.weak && !operand.is(Operand::Kind::sequence)) {
    if (is_bool(dtype)) {
      const bool truth = operand.is(Operand::Kind::real)      ? operand.real != 0
                         : operand.is(Operand::Kind::integer) ? operand.integer != 0
                                                              : operand.truth;
      return literal(Scalar::of_integer(dtype, truth));
    }
    if (!operand.is(Operand::Kind::real)) return literal(wrapped_literal(operand, dtype));
    const std::optional<Scalar> scalar = fitted_literal(l, operand, dtype);
    return scalar ? literal(*scalar) : Operand{};
  }
  const bool weak = operand.weak && is_float(dtype);  // elements are rounded once
  const Value value = weak ? to_value(l, operand, dtype) : to_value(l, operand);
  return value ? Operand::of(cast(l.graph(), value, dtype, at), at) : Operand{};
}

}  // namespace thx
