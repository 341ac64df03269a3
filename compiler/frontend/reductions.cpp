// SPDX-License-Identifier: Apache-2.0
// Functions that make few numbers of many: sums, extremes, means, norms.
#include <algorithm>
#include <cmath>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// What every reduction is given, checked.
struct Reduction {
  Operand x;
  AxisList axes;
  bool keep_dims = false;
};

std::optional<Reduction> read(Lowering& l, const Arguments& a) {
  const std::optional<bool> keep = flag_argument(l, a, "keepdims");
  if (!all_numbers(l, {&a["x"], 1}, a.place) || !keep) return std::nullopt;
  std::optional<AxisList> axes = axes_argument(l, a, "axis", a["x"]);
  if (!axes) return std::nullopt;
  std::sort(axes->begin(), axes->end());
  return Reduction{a["x"], *axes, *keep};
}

Extent count_of(const Reduction& r) { return element_count(select(shape_of(r.x), r.axes)); }

DType float_of(const Lowering& l, const Operand& x) {
  const DType dtype = default_dtype(l, x);
  return is_float(dtype) ? dtype : l.float_x;
}

Operand refuse_dtype(Lowering& l, const Arguments& a, DType dtype) {
  l.report(Err::dtype_mismatch, a.place.mark,
           format("{} is not defined for {}", a.place.spelled, spelling(dtype)))
      .label(a["x"].span, spell(a["x"]))
      .help(is_bool(dtype) ? "convert with `i64(x)`, or use `any` and `all`"
                           : "compare first, as in `x > 0`");
  return {};
}

Operand reduce_as(Lowering& l, const Arguments& a, const Reduction& r, Op op, DType dtype) {
  const Value value = to_value(l, r.x, dtype);
  const Composer c(l, a.place);
  return value ? c.reduce(op, c.of(value), r.axes, r.keep_dims) : Operand{};
}

// Integers and bool are counted in 64 bits.
DType counted(DType dtype) {
  if (is_float(dtype)) return dtype;
  return is_integer(dtype) && !is_signed(dtype) ? DType::u64 : DType::i64;
}

Operand call_total(Lowering& l, const Arguments& a) {
  const std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const std::optional<DType> dtype = dtype_argument(l, a, counted(default_dtype(l, r->x)));
  if (!dtype) return {};
  if (is_bool(*dtype)) return refuse_dtype(l, a, *dtype);
  return reduce_as(l, a, *r, a.op(), *dtype);
}

// Of bool: found as 0 and 1.
Operand call_extreme(Lowering& l, const Arguments& a) {
  // `min(N, 8)` of extents, as types spell it: a number has no axis that the second one could be.
  if (a["x"].is(Operand::Kind::integer) && a["axis"].is(Operand::Kind::integer)) {
    const auto function = a.op() == Op::min ? ExtentFunction::min : ExtentFunction::max;
    if (auto extent = extent_extreme(l, function, a["x"], a["axis"], a.place)) return *extent;
    return Composer(l, a.place).apply(reduction(a.op()).combine, {a["x"], a["axis"]});
  }
  const std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const DType dtype = default_dtype(l, r->x);
  if (!is_bool(dtype)) return reduce_as(l, a, *r, a.op(), dtype);
  const Operand found = reduce_as(l, a, *r, a.op(), DType::u8);
  return found.poisoned() ? found : convert(l, found, DType::boolean, a.at());
}

Operand call_logical(Lowering& l, const Arguments& a) {
  const std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const DType dtype = default_dtype(l, r->x);
  if (!is_bool(dtype)) return refuse_dtype(l, a, dtype);
  return reduce_as(l, a, *r, a.op(), dtype);
}

Operand call_count_nonzero(Lowering& l, const Arguments& a) {
  const std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const Composer c(l, a.place);
  Reduction hits = *r;
  hits.x = is_bool(default_dtype(l, r->x)) ? r->x : c.apply(Op::not_equal, {r->x, c.integer(0)});
  return hits.x.poisoned() ? Operand{} : reduce_as(l, a, hits, Op::sum, DType::i64);
}

// The sum over the axes divided by `count`.
Operand average(Lowering& l, const Arguments& a, const Reduction& r, const Extent& count) {
  const Composer c(l, a.place);
  const Operand sum = reduce_as(l, a, r, Op::sum, float_of(l, r.x));
  if (sum.poisoned()) return {};
  return c.div(sum, c.of(count_value(l, count, sum.value->dtype(), a.at())));
}

Operand call_mean(Lowering& l, const Arguments& a) {
  std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const std::optional<DType> dtype = dtype_argument(l, a, float_of(l, r->x));
  if (!dtype) return {};
  if (!is_float(*dtype)) return refuse_dtype(l, a, *dtype);
  r->x = Composer(l, a.place).of(to_value(l, r->x, *dtype));
  return r->x.poisoned() ? Operand{} : average(l, a, *r, count_of(*r));
}

// In two passes: the mean first, then the squares of the distances from it.
Operand variance(Lowering& l, const Arguments& a) {
  const std::optional<Reduction> r = read(l, a);
  const std::optional<int64_t> ddof = integer_argument(l, a, "ddof");
  if (!r || !ddof) return {};
  const Composer c(l, a.place);
  const Value x = to_value(l, r->x, float_of(l, r->x));
  if (!x) return {};
  const Reduction whole{c.of(x), r->axes, true};
  const Operand mean = average(l, a, whole, count_of(*r));
  const Operand squares = c.apply(Op::square, {c.sub(c.of(x), mean)});
  if (squares.poisoned()) return {};
  const Extent left = *ddof == 0 ? count_of(*r) : max(count_of(*r) - Extent(*ddof), 0);
  return average(l, a, {squares, r->axes, r->keep_dims}, left);
}

Operand call_std(Lowering& l, const Arguments& a) {
  const Operand var = variance(l, a);
  return var.poisoned() ? var : Composer(l, a.place).apply(Op::sqrt, {var});
}

Operand call_ptp(Lowering& l, const Arguments& a) {
  const std::optional<Reduction> r = read(l, a);
  if (!r) return {};
  const DType dtype = default_dtype(l, r->x);
  if (is_bool(dtype)) return refuse_dtype(l, a, dtype);
  const Composer c(l, a.place);
  return c.sub(reduce_as(l, a, *r, Op::max, dtype), reduce_as(l, a, *r, Op::min, dtype));
}

// The order of a norm: 2 unless given.
std::optional<double> norm_order(Lowering& l, const Arguments& a) {
  const Operand& ord = a["ord"];
  if (!a.has("ord")) return 2;
  if (ord.is(Operand::Kind::real)) return ord.real;
  if (ord.is(Operand::Kind::integer) && ord.weak) return static_cast<double>(ord.integer);
  if (ord.is(Operand::Kind::text) && ord.text == "fro") return 2;
  l.report(Err::bad_argument, ord.span,
           format("the order of a norm is a number literal or `inf`, not {}", spell(ord)));
  return std::nullopt;
}

Operand call_norm(Lowering& l, const Arguments& a) {
  std::optional<Reduction> r = read(l, a);
  const std::optional<double> order = norm_order(l, a);
  if (!r || !order) return {};
  const Composer c(l, a.place);
  const DType dtype = float_of(l, r->x);
  const Value x = to_value(l, r->x, dtype);
  if (!x) return {};
  const auto over = [&](const Operand& terms, Op op) {
    return c.reduce(op, terms, r->axes, r->keep_dims);
  };
  const Operand magnitude = c.apply(Op::abs, {c.of(x)});
  if (*order == 2) return c.apply(Op::sqrt, {over(c.apply(Op::square, {c.of(x)}), Op::sum)});
  if (*order == 1) return over(magnitude, Op::sum);
  if (std::isinf(*order)) return over(magnitude, *order > 0 ? Op::max : Op::min);
  if (*order > 0) {
    const Operand terms = c.apply(Op::pow, {magnitude, c.number(*order)});
    return c.apply(Op::pow, {over(terms, Op::sum), c.number(1 / *order)});
  }
  l.report(Err::bad_argument, a["ord"].span, "the order of a norm is positive, or `-inf`");
  return {};
}

constexpr std::string_view kTaken = "x, axis=all, keepdims=false";
constexpr std::string_view kCounted = "x, axis=all, keepdims=false, *, dtype=wide";

constexpr Builtin kReductions[] = {
    {"sum", kCounted, call_total, "the sum; 0 of nothing; bool and integers in i64 or u64",
     Op::sum},
    {"prod product", kCounted, call_total, "the product; 1 of nothing", Op::prod},
    {"max amax", kTaken, call_extreme, "the largest; NaN where one is NaN", Op::max},
    {"min amin", kTaken, call_extreme, "the smallest; NaN where one is NaN", Op::min},
    {"any", kTaken, call_logical, "whether one is true; false of nothing", Op::any},
    {"all", kTaken, call_logical, "whether all are true; true of nothing", Op::all},
    {"count_nonzero", kTaken, call_count_nonzero, "how many are not 0"},
    {"ptp", kTaken, call_ptp, "the largest less the smallest"},
};

constexpr Builtin kStatistics[] = {
    {"mean", "x, axis=all, keepdims=false, *, dtype=float", call_mean,
     "the sum by the count; NaN of nothing"},
    {"var", "x, axis=all, ddof|correction=0, keepdims=false", variance,
     "the mean square of the distance from the mean, in two passes"},
    {"std", "x, axis=all, ddof|correction=0, keepdims=false", call_std, "the square root of `var`"},
    {"norm linalg.norm", "x, ord=2, axis=all, keepdims=false", call_norm,
     "of vectors over the axes: 2, 1, `inf`, `-inf` or another positive order"},
};

}  // namespace

std::span<const Builtin> reduction_functions() { return kReductions; }
std::span<const Builtin> statistics_functions() { return kStatistics; }

}  // namespace thx
