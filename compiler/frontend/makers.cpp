// SPDX-License-Identifier: Apache-2.0
// Functions that make values: fills, ranges, draws, and conversions.
#include <algorithm>
#include <cmath>

#include "frontend/builtins.h"
#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

std::optional<DType> dtype_argument(Lowering& l, const Operand& operand, DType otherwise) {
  if (operand.is(Operand::Kind::nothing)) return otherwise;
  if (operand.is(Operand::Kind::dtype)) return operand.dtype;
  l.report(Err::bad_argument, operand.span,
           format("`dtype` needs a dtype, not {}", spell(operand)));
  return std::nullopt;
}

bool is_missing(Lowering& l, const Call& call, const Operand& operand, std::string_view what) {
  if (!operand.is(Operand::Kind::nothing)) return false;
  l.report(Err::missing_argument, call.place.mark, format("{} needs {}", call.place.spelled, what));
  return true;
}

Operand filled(Lowering& l, const Operand& with, DType dtype, const Shape& shape, Span at) {
  if (!is_scalar(with)) {
    l.report(Err::bad_argument, with.span,
             format("the value to fill with is {}, not a scalar", spell(with)));
    return {};
  }
  const Value value = to_value(l, with, dtype);
  if (!value) return {};
  return Operand::of(broadcast_trailing(l.graph(), value, shape, at), at);
}

Operand call_fill(Lowering& l, Call& call, std::optional<double> fill) {
  const Operand shape_operand = argument(call, 0, "shape");
  Operand with = fill ? Operand::of_integer(static_cast<int64_t>(*fill), call.place.whole)
                      : argument(call, 1, "fill_value");
  const size_t positions = fill ? 1 : 2;
  const Operand dtype_operand = argument(call, positions, "dtype");
  if (!check_arguments(l, call, positions + 1, {"shape", "dtype"})) return {};
  if (is_missing(l, call, shape_operand, "a shape, as in `(N, F)`")) return {};
  if (is_missing(l, call, with, "a value to fill with")) return {};
  if (!all_numbers(l, {&with, 1}, call.place)) return {};
  const DType otherwise = with.is(Operand::Kind::value) ? with.value->dtype() : l.float_x;
  const auto dtype = dtype_argument(l, dtype_operand, otherwise);
  const auto shape = to_shape(l, shape_operand);
  if (!dtype || !shape) return {};
  return filled(l, with, *dtype, *shape, call.place.whole);
}

Operand call_like(Lowering& l, Call& call, std::optional<double> fill) {
  const Operand like = argument(call, 0, "x");
  const Operand with = fill ? Operand::of_integer(static_cast<int64_t>(*fill), call.place.whole)
                            : argument(call, 1, "fill_value");
  const Operand dtype_operand = argument(call, fill ? 1 : 2, "dtype");
  if (!check_arguments(l, call, fill ? 2 : 3, {"x", "dtype"})) return {};
  if (is_missing(l, call, like, "a value whose shape to take")) return {};
  if (is_missing(l, call, with, "a value to fill with")) return {};
  const Operand both[] = {like, with};
  if (!all_numbers(l, both, call.place)) return {};
  const auto dtype = dtype_argument(l, dtype_operand, default_dtype(l, like));
  if (!dtype) return {};
  return filled(l, with, *dtype, shape_of(like), call.place.whole);
}

// arange(stop), arange(start, stop): integers alone.
Operand call_arange(Lowering& l, Call& call) {
  const Operand first = argument(call, 0, "stop");
  const Operand second = argument(call, 1, "stop");
  const Operand dtype_operand = argument(call, 3, "dtype");
  if (call.positional.size() > 2) {
    l.unsupported(call.positional[2].span, format("a step of {} is part", call.place.spelled),
                  "write `start + step * arange(n)`");
    return {};
  }
  if (!check_arguments(l, call, 2, {"stop", "dtype"})) return {};
  if (is_missing(l, call, first, "where to stop")) return {};
  const Operand both[] = {first, second};
  for (const Operand& bound : both) {
    if (!bound.is(Operand::Kind::real)) continue;
    l.unsupported(bound.span, format("{} of floats is part", call.place.spelled),
                  "write `start + step * arange(n)`");
    return {};
  }
  const auto dtype = dtype_argument(l, dtype_operand, DType::i64);
  const bool from_zero = second.is(Operand::Kind::nothing);
  const auto start = from_zero ? std::optional(Extent(0)) : to_extent(l, first);
  const auto stop = to_extent(l, from_zero ? first : second);
  if (!dtype || !start || !stop) return {};
  const Span at = call.place.whole;
  const Shape shape = {*stop - *start};
  if (shape[0].is_known() && shape[0].known() < 0) {
    l.report(Err::bad_extent, at, format("the extent {} is negative", shape[0].text()));
    return {};
  }
  Value value = make(l.graph(), Op::iota, {}, {{"axis", int64_t{0}}, {"shape", shape}}, at);
  if (!start->is(0)) {
    const Value offset =
        broadcast_trailing(l.graph(), extent_value(l.graph(), *start, at), shape, at);
    value = make(l.graph(), Op::add, {value, offset}, {}, at);
  }
  return Operand::of(cast(l.graph(), value, *dtype, at), at);
}

std::optional<int64_t> seed_argument(Lowering& l, const Operand& operand) {
  if (operand.is(Operand::Kind::integer) && operand.weak) return operand.integer;
  l.report(Err::bad_argument, operand.span,
           format("a seed is an integer literal, not {}", spell(operand)));
  return std::nullopt;
}

// `random.uniform`, which the language has, or `random.norml`, which it does not.
void refuse_draw(Lowering& l, const Call& call) {
  const std::vector<std::string> names = {"normal",  "uniform",     "bernoulli",
                                          "randint", "choice",      "permutation",
                                          "gumbel",  "exponential", "truncated_normal"};
  if (std::find(names.begin(), names.end(), call.name) != names.end()) {
    l.unsupported(call.place.mark, format("{} is part", call.place.spelled),
                  "use `random.normal`, or fill the state in the application");
    return;
  }
  Diagnostic& error = l.report(Err::undefined_name, call.place.mark,
                               format("nothing is called {}", call.place.spelled));
  const auto near = nearest(call.name, names);
  error.help(format("did you mean `random.{}`?", near.value_or("normal")));
}

}  // namespace

std::optional<Operand> call_maker(Lowering& l, Call& call) {
  if (call.name == "zeros") return call_fill(l, call, 0);
  if (call.name == "ones") return call_fill(l, call, 1);
  if (call.name == "full") return call_fill(l, call, std::nullopt);
  if (call.name == "zeros_like") return call_like(l, call, 0);
  if (call.name == "ones_like") return call_like(l, call, 1);
  if (call.name == "full_like") return call_like(l, call, std::nullopt);
  if (call.name == "arange" || call.name == "range") return call_arange(l, call);
  return std::nullopt;
}

Operand call_random(Lowering& l, Call& call) {
  if (call.name != "normal") {
    refuse_draw(l, call);
    return {};
  }
  if (!l.initial) {
    l.unsupported(call.place.mark,
                  format("{} outside of initial values is part", call.place.spelled),
                  "pass the random numbers as an input");
    return {};
  }
  const Operand shape_operand = argument(call, 0, "shape");
  const Operand seed_operand = argument(call, call.positional.size(), "seed");  // by name only
  if (!check_arguments(l, call, 1, {"shape", "seed"})) return {};
  std::optional<Shape> shape;
  if (!shape_operand.is(Operand::Kind::nothing)) {
    shape = to_shape(l, shape_operand);
    if (!shape) return {};
  } else if (l.initial->type) {
    shape = l.initial->type->shape;
  } else {
    l.report(Err::bad_initial_value, call.place.mark,
             format("{} has no shape here: the state declares no type", call.place.spelled))
        .help(format("write `shared {} : floatX[...]`, or `{}((N, F), ...)`", l.initial->state,
                     "random.normal"));
    return {};
  }
  const bool typed = l.initial->type && is_float(l.initial->type->dtype);
  const int draw = l.initial->draws++;
  Attrs attrs = {
      {"name", draw == 0 ? std::string(l.initial->state) : format("{}/{}", l.initial->state, draw)},
      {"shape", *shape},
      {"dtype", typed ? l.initial->type->dtype : l.float_x}};
  if (!seed_operand.is(Operand::Kind::nothing)) {
    const std::optional<int64_t> seed = seed_argument(l, seed_operand);
    if (!seed) return {};
    attrs.set("seed", *seed);
  }
  const Span at = call.place.whole;
  return Operand::of(make(l.graph(), Op::random_normal, {}, std::move(attrs), at), at);
}

Operand convert(Lowering& l, const Operand& operand, DType dtype, Span at) {
  const Place place = {at, at, format("`{}`", spelling(dtype))};
  if (operand.is(Operand::Kind::nothing)) {
    l.report(Err::missing_argument, at, format("{} needs a value", place.spelled));
    return {};
  }
  if (!all_numbers(l, {&operand, 1}, place)) return {};
  if (operand.is(Operand::Kind::value)) {
    const Value value = to_value(l, operand);
    return value ? Operand::of(cast(l.graph(), value, dtype, at), at) : Operand{};
  }
  if (is_bool(dtype) && operand.weak) {
    const bool truth = operand.is(Operand::Kind::real)      ? operand.real != 0
                       : operand.is(Operand::Kind::integer) ? operand.integer != 0
                                                            : operand.truth;
    return Operand::of(constant(l.graph(), {DType::boolean, {}}, truth ? 1 : 0, at), at);
  }
  const Value value = to_value(l, operand, dtype);
  return value ? Operand::of(value, at) : Operand{};
}

}  // namespace thx
