# SPDX-License-Identifier: Apache-2.0
"""Formulas of one number: quotients and roots of physics and statistics, and what their slopes need."""

from mpmath import mp

from . import sweep
from .elementwise import KNOWN, Formula, on
from .judge import FREE
from .spell import X, Either, add, call, div, exp, inverse, log, mul, neg, power, sqrt, square, sub
from .write import File, elementwise

INF, NAN = mp.inf, mp.nan
FORMULAS = []
ONE_LESS = Either(sub(exp(X), 1), call("expm1", X))
ROOT = sqrt(add(1, square(X)))


def formula(name, tree, f, df, ends, carried=lambda x: 4, limit=24, **more):
    Formula(name, tree, f, df, ends, carried, limit=limit, into=FORMULAS, **more)


def away_from(pole, f):
    return lambda x: FREE if x == pole else f(x)


def of_bose(f):
    """Not judged at the pole, and where the divisor overflows: the quotient is denormal there."""
    return lambda x: FREE if x == 0 or 88 < abs(x) < 105 or 709 < abs(x) < 746 else f(x)


def slope_of_bose(x):
    return -1 / (4 * mp.sinh(x / 2) ** 2)


formula("bose", inverse(ONE_LESS), of_bose(lambda x: 1 / mp.expm1(x)), of_bose(slope_of_bose), (0, -1, 0, 0))
formula("exp_over_expm1", div(exp(X), ONE_LESS), of_bose(lambda x: -1 / mp.expm1(-x)), of_bose(slope_of_bose),
        (1, 0, 0, 0))
formula("square_of_sech", Either(inverse(square(call("cosh", X))), square(inverse(call("cosh", X)))),
        lambda x: 1 / mp.cosh(x) ** 2, lambda x: -2 * mp.tanh(x) / mp.cosh(x) ** 2, (0, 0, 0, 0))
formula("share_beside_1", div(X, add(1, X)), away_from(-1, lambda x: x / (1 + x)), away_from(-1, lambda x: 1 / (1 + x) ** 2),
        (FREE, FREE, FREE, FREE))
formula("sine_beside_1", Either(div(X, ROOT), mul(X, inverse(ROOT))), lambda x: x / mp.sqrt(1 + x * x),
        lambda x: (1 + x * x) ** mp.mpf(-1.5), (FREE, FREE, FREE, FREE))
formula("pseudo_huber", sub(ROOT, 1), lambda x: x * x / (1 + mp.sqrt(1 + x * x)), lambda x: x / mp.sqrt(1 + x * x),
        (INF, INF, FREE, FREE))
formula("arccosh_of_shifted", call("arccosh", add(1, X)), on(lambda x: x >= 0, lambda x: 2 * mp.asinh(mp.sqrt(x / 2))),
        lambda x: 1 / mp.sqrt(x * (x + 2)) if x > 0 else FREE, (INF, NAN, 0, FREE))
formula("elu", add(call("maximum", X, 0), call("minimum", 0, ONE_LESS)), lambda x: x if x > 0 else mp.expm1(x),
        lambda x: FREE if mp.isnan(x) else 1 if x > 0 else mp.exp(x), (INF, -1, 1, 0))


def file():
    made = File("quotients")
    for each in FORMULAS:
        elementwise(made, each, lambda dtype: {"x": sweep.line(dtype)}, KNOWN)
    return made
