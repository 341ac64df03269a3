// SPDX-License-Identifier: Apache-2.0
// `random.*` in initial values: the shape is the state's unless it is given.
#include <algorithm>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

// Positional arguments of a draw: one alone is the shape; of several the first two are the numbers
// of the distribution, a third one is the shape, as in NumPy.
struct Draw {
  Operand first, second;  // loc and scale, low and high; of kind `nothing` where left out
  Shape shape;
  Attrs attrs;
};

Operand nothing(Span at) {
  Operand operand;
  operand.kind = Operand::Kind::nothing;
  operand.span = at;
  return operand;
}

bool is_missing(const Operand& operand) { return operand.is(Operand::Kind::nothing); }

std::optional<Shape> shape_of_draw(Lowering& l, const Arguments& a, const Operand& given) {
  if (!is_missing(given)) return to_shape(l, given);
  if (l.initial->type) return l.initial->type->shape;
  if (l.initial->test) return Shape();
  l.report(Err::bad_initial_value, a.place.mark,
           format("{} has no shape here: the state declares no type", a.place.spelled))
      .help(format("write `shared {} : floatX[...]`, or `{}((N, F), ...)`", l.initial->state,
                   a.place.spelled.substr(1, a.place.spelled.size() - 2)));
  return std::nullopt;
}

// What all draws share. `alone`: one positional argument is a number, not the shape.
std::optional<Draw> read_draw(Lowering& l, const Arguments& a, std::string_view first,
                              std::string_view second, bool alone_is_shape) {
  if (!l.initial) {
    l.unsupported(a.place.mark, format("{} outside of initial values is part", a.place.spelled),
                  "pass the random numbers as an input");
    return std::nullopt;
  }
  Draw draw{nothing(a.place.mark), nothing(a.place.mark), {}, {}};
  Operand shape = a["shape"];
  std::vector<Operand> given;
  const Operand& positional = a["given"];
  if (positional.computed) {
    given = positional.parts;
  } else if (a.has("given")) {
    given = {positional};
  }
  if (given.size() > 3) {
    l.report(Err::bad_argument, given[3].span,
             format("{} takes two numbers and a shape at most", a.place.spelled));
    return std::nullopt;
  }
  const bool tuple = !given.empty() && given.back().is(Operand::Kind::sequence);
  const bool last = tuple || given.size() == 3 || (given.size() == 1 && alone_is_shape);
  if (last) {
    if (!is_missing(shape)) {
      l.report(Err::bad_argument, shape.span, "the shape is given twice")
          .label(given.back().span, "here");
      return std::nullopt;
    }
    shape = given.back();
    given.pop_back();
  }
  const auto early = std::find_if(given.begin(), given.end(), [](const Operand& operand) {
    return operand.is(Operand::Kind::sequence);
  });
  if (early != given.end()) {
    l.report(Err::bad_argument, early->span, "the shape of a draw stands alone, or last")
        .help(format("write `{}((N, F), seed=1)`",
                     a.place.spelled.substr(1, a.place.spelled.size() - 2)));
    return std::nullopt;
  }
  if (!given.empty()) draw.first = given[0];
  if (given.size() > 1) draw.second = given[1];
  const auto named = [&](std::string_view name, Operand& into) {
    if (!a.has(name)) return true;
    if (!is_missing(into)) {
      l.report(Err::bad_argument, a[name].span, format("`{}` is given twice", name));
      return false;
    }
    into = a[name];
    return true;
  };
  if (!named(first, draw.first) || !named(second, draw.second)) return std::nullopt;
  const std::optional<Shape> found = shape_of_draw(l, a, shape);
  if (!found) return std::nullopt;
  draw.shape = *found;
  draw.attrs = {{"name", l.initial->next_draw()}, {"shape", *found}};
  if (a.has("seed")) {
    const Operand& seed = a["seed"];
    if (!seed.is(Operand::Kind::integer) || !seed.weak || seed.beyond) {
      l.report(Err::bad_argument, seed.span,
               format("a seed is an integer literal, not {}", spell(seed)));
      return std::nullopt;
    }
    draw.attrs.set("seed", seed.integer);
  }
  return draw;
}

std::optional<DType> float_of_draw(Lowering& l, const Arguments& a) {
  const bool typed = l.initial && l.initial->type && is_float(l.initial->type->dtype);
  const std::optional<DType> dtype =
      dtype_argument(l, a, typed ? l.initial->type->dtype : l.float_x);
  if (!dtype || is_float(*dtype)) return dtype;
  l.report(Err::bad_argument, a["dtype"].span,
           format("{} draws floats, not {}", a.place.spelled, spelling(*dtype)));
  return std::nullopt;
}

// The drawn numbers times `scale`, plus `offset`; of the draw's shape.
Operand scaled(Lowering& l, const Arguments& a, Value drawn, const Operand& scale,
               const Operand& offset) {
  const Composer c(l, a.place);
  Operand result = c.of(drawn);
  if (!is_missing(scale)) result = c.mul(result, scale);
  if (!is_missing(offset)) result = c.add(result, offset);
  if (result.poisoned()) return {};
  if (result.value->type() == drawn->type()) return result;
  l.report(Err::shape_mismatch, a.place.mark,
           format("{} of {} makes {} of it", a.place.spelled, text(drawn->type()), spell(result)))
      .help("its numbers are scalars, or broadcast to its shape and dtype");
  return {};
}

Operand call_normal(Lowering& l, const Arguments& a) {
  std::optional<Draw> draw = read_draw(l, a, "loc", "scale", true);
  const std::optional<DType> dtype = draw ? float_of_draw(l, a) : std::nullopt;
  if (!dtype) return {};
  draw->attrs.set("dtype", *dtype);
  const Value drawn = make(l.graph(), Op::random_normal, {}, draw->attrs, a.at());
  return scaled(l, a, drawn, draw->second, draw->first);
}

// low + u * (high - low)
Operand call_uniform(Lowering& l, const Arguments& a) {
  std::optional<Draw> draw = read_draw(l, a, "low", "high", true);
  const std::optional<DType> dtype = draw ? float_of_draw(l, a) : std::nullopt;
  if (!dtype) return {};
  draw->attrs.set("dtype", *dtype);
  const Value drawn = make(l.graph(), Op::random_uniform, {}, draw->attrs, a.at());
  const Composer c(l, a.place);
  Operand width = nothing(a.at());
  if (!is_missing(draw->first)) {
    const Operand high = is_missing(draw->second) ? c.number(1) : draw->second;
    width = c.sub(high, draw->first);
  } else {
    width = draw->second;
  }
  return scaled(l, a, drawn, width, draw->first);
}

// Whole numbers in [low, high); one bound alone is `high`.
Operand call_integers(Lowering& l, const Arguments& a) {
  std::optional<Draw> draw = read_draw(l, a, "low", "high", false);
  if (!draw) return {};
  if (is_missing(draw->second)) std::swap(draw->first, draw->second);
  if (is_missing(draw->second)) {
    l.report(Err::missing_argument, a.place.mark,
             format("{} needs the bound above", a.place.spelled))
        .help("write `random.integers(10)` or `random.integers(-5, 5)`");
    return {};
  }
  const bool typed = l.initial->type && is_integer(l.initial->type->dtype);
  const std::optional<DType> dtype =
      dtype_argument(l, a, typed ? l.initial->type->dtype : DType::i64);
  if (!dtype) return {};
  constexpr double kMostBound = 4e18;
  Extent low = 0, high = 0;
  for (const auto& [operand, extent] : {std::pair(&draw->first, &low), {&draw->second, &high}}) {
    if (is_missing(*operand)) continue;
    if (!operand->is(Operand::Kind::integer) || operand->beyond) {
      l.report(
          Err::bad_argument, operand->span,
          format("a bound of {} is an integer or a dim, not {}", a.place.spelled, spell(*operand)));
      return {};
    }
    if (magnitude(operand->extent) > kMostBound) {
      l.report(Err::bad_argument, operand->span, "the bounds of a draw lie within 62 bits");
      return {};
    }
    operand->extent.collect_symbols(l.extent_symbols);
    *extent = operand->extent;
  }
  const Extent count = high - low;
  if (count.is_known() && count.known() <= 0) {
    l.report(Err::bad_argument, draw->second.span,
             format("there is no integer in [{}, {})", low.text(), high.text()));
    return {};
  }
  draw->attrs.set("low", low);
  draw->attrs.set("high", high);
  const Value drawn = make(l.graph(), Op::random_integers, {}, draw->attrs, a.at());
  if (!count.is_known()) require(l, drawn, {{Requirement::Kind::at_least, count, 1, a.at()}});
  return Operand::of(cast(l.graph(), drawn, *dtype, a.at()), a.at());
}

constexpr Builtin kDraws[] = {
    {"random.normal",
     "*given=(a shape, or two numbers and a shape), loc|mean=0, scale|std=1, shape|size=the "
     "state's, seed=that of init, dtype=floatX",
     call_normal,
     "normally distributed; `random.normal((N, F))`, `random.normal(loc, scale, (N, F))`"},
    {"random.uniform",
     "*given=(a shape, or two numbers and a shape), low=0, high=1, shape|size=the state's, "
     "seed=that of init, dtype=floatX",
     call_uniform, "uniform in [low, high); `random.uniform(-1, 1)`"},
    {"random.integers",
     "*given=(one or two numbers and a shape), low=0, high=none, shape|size=the state's, seed=that "
     "of init, dtype=i64",
     call_integers, "integers in [low, high); `random.integers(10)`"},
};

}  // namespace

std::span<const Builtin> drawing_functions() { return kDraws; }

}  // namespace thx
