# SPDX-License-Identifier: Apache-2.0
"""Formulas that no rule may touch by default: NaN, infinities and the signs of zeros stay as written.

Values are those of IEEE 754 arithmetic in the dtype, by bits; every NaN is alike.
"""

import math

from mpmath import mp

from . import floats, judge, sweep
from .spell import X, Either, Op, add, call, div, exp, log, mul, neg, sub
from .write import DTYPES, File

NAN, INF = float("nan"), float("inf")


def quotient(a, b):
    if b == 0:
        return NAN if a == 0 or a != a else math.copysign(INF, a) * math.copysign(1, b)
    return a / b


FORMULAS = [  # name, how it is written, value of an f64, derivative (None: not judged)
    ("zero_times_x", Either(mul(0, X), mul("0.0", X)), lambda x: 0 * x, lambda x: 0.0),
    ("x_minus_x", sub(X, X), lambda x: x - x, lambda x: 0.0),
    ("x_over_x", div(X, X), lambda x: quotient(x, x), None),
    ("power_0", Either(Op("$0**0", X), call("power", X, 0)), lambda x: 1.0, lambda x: 0.0),
    ("power_1", Op("$0**1", X), lambda x: x, lambda x: 1.0),
    ("x_plus_0", Op(["$0 + 0", "0 + $0"], X), lambda x: x + 0.0, lambda x: 1.0),
    ("x_minus_0", Op("$0 - 0", X), lambda x: x - 0.0, lambda x: 1.0),
    ("zero_minus_x", Op("0 - $0", X), lambda x: 0.0 - x, lambda x: -1.0),
    ("minus_x", neg(X), lambda x: -x, lambda x: -1.0),
    ("x_times_1", mul(X, 1), lambda x: x, lambda x: 1.0),
    ("minus_minus_x", Op("-(-$0)", X), lambda x: x, lambda x: 1.0),
    ("x_plus_x", Either(add(X, X), mul(2, X)), lambda x: 2 * x, lambda x: 2.0),
    ("zero_over_x", Op(["0 / $0"], X), lambda x: quotient(0.0, x), None),
    ("zero_times_exp", mul(0, exp(X)), lambda x: NAN if x != x or x == INF else None, None),
    ("zero_times_log", mul(0, log(X)), lambda x: NAN if x != x or x <= 0 or x == INF else 0.0 if x >= 1 else -0.0, None),
    ("x_minus_x_plus_1", add(sub(X, X), 1), lambda x: x - x + 1, lambda x: 0.0),
    ("mask_by_product", Op(["$0 * 0 + 1", "1 + 0 * $0"], X), lambda x: x * 0 + 1, lambda x: 0.0),
    ("zero_times_sum", mul(0, add(X, 1)), lambda x: 0 * (x + 1), lambda x: 0.0),
    ("abs_of_minus", call("abs", neg(X)), abs, None),
    ("maximum_self", call("maximum", X, X), lambda x: x, lambda x: 1.0),
]


def token(value, dtype):
    if value is None:
        return "*"
    if value != value:
        return "nan"
    value = floats.to_dtype(value, dtype) if not math.isinf(value) else value
    return "=" + ("-0" if value == 0 and math.copysign(1, value) < 0 else floats.text(value, dtype))


def xlogx(file):
    """x * log(x): NaN at 0 as written; its derivative log(x) + 1."""

    def value(x):
        return mp.nan if x < 0 or x == 0 else x * mp.log(x)

    wanted = {}
    for dtype in DTYPES:
        line = sweep.line(dtype)
        top = mp.ldexp(1, floats.HIGHEST[dtype] - 4)
        carried = [max(1, abs(x)) if x == x and abs(x) != INF else 1 for x in line]
        tokens = [judge.elementwise(value, [x], dtype, c) for x, c in zip(line, carried)]
        slopes = [judge.elementwise(lambda v: judge.FREE if v <= 0 or v > top else mp.log(v) + 1, [x], dtype) for x in line]
        wanted[dtype] = ({"x": line}, {"value": tokens, "x": slopes})
    file.formula("x_log_x", ["x"], mul(X, log(X)), {}, wanted, 24, contexts="unscaled")


def file():
    made = File("unchanged")
    for name, tree, value, slope in FORMULAS:
        wanted = {}
        for dtype in DTYPES:
            line = sweep.line(dtype)
            outputs = {"value": [token(value(x), dtype) for x in line]}
            if slope:
                # By bits for numbers; a NaN or an infinity in the formula may reach the derivative.
                slopes = [token(slope(x), dtype) if x == x and abs(x) != INF else "*" for x in line]
                outputs["x"] = ["0~0" if t == "=0" else t for t in slopes]
            else:
                outputs["x"] = ["*"] * len(line)
            wanted[dtype] = ({"x": line}, outputs)
        made.formula(name, ["x"], tree, {}, wanted, 24, contexts="unscaled")
    xlogx(made)
    return made
