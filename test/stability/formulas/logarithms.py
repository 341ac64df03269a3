# SPDX-License-Identifier: Apache-2.0
"""Formulas of one number: known forms with a factor, a power or another base, and shares of two."""

from mpmath import mp

from . import functions as fn
from . import sweep
from .elementwise import KNOWN, Formula
from .spell import X, Either, add, call, div, exp, log, log1, minus, mul, neg, sigmoid, square, sub
from .write import File, elementwise

INF = mp.inf
FORMULAS = []
NEGATIVE = minus(X)
ONE_PLUS = add(1, exp(X))
LOG2, LOG3, LOG10 = mp.log(2), mp.log(3), mp.log(10)


def formula(name, tree, f, df, ends, carried=lambda x: 4, limit=24, **more):
    """A factor of 2 or 1.44 stands before what may be denormal, in value and derivative."""
    Formula(name, tree, f, df, ends, carried, limit=limit, into=FORMULAS, **more)


def half(a):
    return Either(div(a, 2), mul(0.5, a))


def mean_with_one(x):
    """log((1 + exp(x)) / 2)"""
    return x + mp.log1p(mp.expm1(-x) / 2) if x > 0 else mp.log1p(mp.expm1(x) / 2)


def log_cosh(x):
    return mp.log1p(2 * mp.sinh(x / 2) ** 2) if abs(x) < 1 else abs(x) + mp.log1p(mp.expm1(-2 * abs(x)) / 2)


def density(x):
    return fn.sigmoid(x) * fn.sigmoid(-x)


# --- factors --------------------------------------------------------------------------------------
formula("log_mean_1_exp", log(half(ONE_PLUS)), mean_with_one, fn.sigmoid, (INF, -LOG2, 1, 0))
formula("log_twice_1_exp", log(mul(2, ONE_PLUS)), lambda x: LOG2 + fn.softplus(x), fn.sigmoid, (INF, LOG2, 1, 0))
formula("log_3_over_1_exp", log(div(3, ONE_PLUS)), lambda x: LOG3 - fn.softplus(x), lambda x: -fn.sigmoid(x),
        (-INF, LOG3, -1, 0), numbers=True)
formula("log_half_sigmoid", log(half(sigmoid(X))), lambda x: -LOG2 - fn.softplus(-x), lambda x: fn.sigmoid(-x),
        (-LOG2, -INF, 0, 1))
formula("log_twice_sigmoid", log(Either(mul(2, sigmoid(X)), div(2, add(1, exp(NEGATIVE))), add(1, call("tanh", half(X))))),
        lambda x: -mean_with_one(-x), lambda x: fn.sigmoid(-x), (LOG2, -INF, 0, 1))
formula("log_1_minus_tanh", Either(log(sub(1, call("tanh", X)))), lambda x: -mean_with_one(2 * x),
        lambda x: -2 * fn.sigmoid(2 * x), (-INF, LOG2, -2, 0))
formula("log_mean_two_exps", log(half(add(exp(X), exp(sub(1, X))))), lambda x: mp.mpf(1) / 2 + log_cosh(x - mp.mpf(1) / 2),
        lambda x: fn.tanh(x - mp.mpf(1) / 2), (INF, INF, 1, -1))
formula("log_cosh", Either(log(call("cosh", X)), log(half(add(exp(X), exp(NEGATIVE)))),
                           log(add(div(exp(X), 2), div(exp(NEGATIVE), 2)))),
        log_cosh, fn.tanh, (INF, INF, 1, -1))
formula("log_1_minus_square_of_tanh", log(sub(1, square(call("tanh", X)))), lambda x: -2 * log_cosh(x),
        lambda x: -2 * fn.tanh(x), (-INF, -INF, -2, 2))

# --- powers and products --------------------------------------------------------------------------
formula("log_square_1_exp", log(square(ONE_PLUS)), lambda x: 2 * fn.softplus(x), lambda x: 2 * fn.sigmoid(x),
        (INF, 0, 2, 0))
formula("log_square_sigmoid", log(square(sigmoid(X))), lambda x: -2 * fn.softplus(-x), lambda x: 2 * fn.sigmoid(-x),
        (0, -INF, 0, 2))
formula("log_abs_sigmoid", log(call("abs", sigmoid(X))), lambda x: -fn.softplus(-x), lambda x: fn.sigmoid(-x),
        (0, -INF, 0, 1))
formula("log_exp_times_1_exp", log(mul(exp(X), ONE_PLUS)), lambda x: x + fn.softplus(x), lambda x: 1 + fn.sigmoid(x),
        (INF, -INF, 2, 1))
formula("log_logistic_density", log(Either(div(exp(X), square(ONE_PLUS)), mul(sigmoid(X), sub(1, sigmoid(X))))),
        lambda x: -fn.softplus(x) - fn.softplus(-x), lambda x: -fn.tanh(x / 2), (-INF, -INF, -1, 1))

# --- shares ---------------------------------------------------------------------------------------
formula("logistic_density", Either(div(exp(X), square(ONE_PLUS)), div(exp(NEGATIVE), square(add(1, exp(NEGATIVE)))),
                                   mul(sigmoid(X), sub(1, sigmoid(X)))),
        density, lambda x: -density(x) * fn.tanh(x / 2), (0, 0, 0, 0))
formula("share_beside_3", div(exp(X), add(exp(X), 3)), lambda x: fn.sigmoid(x - LOG3), lambda x: density(x - LOG3),
        (1, 0, 0, 0))
formula("share_of_triple", Either(div(mul(3, exp(X)), add(1, mul(3, exp(X)))), div(exp(X), add(exp(X), div(1, 3.0)))),
        lambda x: fn.sigmoid(x + LOG3), lambda x: density(x + LOG3), (1, 0, 0, 0))

# --- other bases ----------------------------------------------------------------------------------
for base, log_of_base in (("log2", LOG2), ("log10", LOG10)):
    formula(f"{base}_1_exp", call(base, ONE_PLUS), lambda x, b=log_of_base: fn.softplus(x) / b,
            lambda x, b=log_of_base: fn.sigmoid(x) / b, (INF, 0, 1 / log_of_base, 0))
    formula(f"{base}_sigmoid", call(base, sigmoid(X)), lambda x, b=log_of_base: -fn.softplus(-x) / b,
            lambda x, b=log_of_base: fn.sigmoid(-x) / b, (0, -INF, 0, 1 / log_of_base))
formula("log_1_exp2", log1(call("exp2", X)), lambda x: fn.softplus(x * LOG2), lambda x: LOG2 * fn.sigmoid(x * LOG2),
        (INF, 0, LOG2, 0))
formula("log2_1_exp2", call("log2", add(1, call("exp2", X))), lambda x: fn.softplus(x * LOG2) / LOG2,
        lambda x: fn.sigmoid(x * LOG2), (INF, 0, 1, 0))


def file():
    made = File("logarithms")
    for each in FORMULAS:
        elementwise(made, each, lambda dtype: {"x": sweep.line(dtype)}, KNOWN)
    return made
