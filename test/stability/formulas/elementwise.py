# SPDX-License-Identifier: Apache-2.0
"""Formulas of one number: how they are written, their value and their derivative."""

from mpmath import mp, mpf

from . import functions as fn
from . import sweep
from .judge import FREE
from .spell import (
    X, Either, add, call, div, exp, inverse, log, log1, minus, mul, neg, power, sigmoid, sqrt, square, sub, total,
)
from .write import File, elementwise

INF, NAN = mp.inf, mp.nan
NEGATIVE = minus(X)
TWICE = Either(mul(2, X), add(X, X))
EXP2X = Either(exp(TWICE), square(exp(X)))
FORMULAS = []


class Formula:
    """`ends`: value at inf and -inf, derivative at inf and -inf; FREE is not judged. `numbers`: the value
    is the logarithm of a multiple, which counts as an argument."""

    def __init__(self, name, tree, f, df, ends, carried=lambda x: 1, terms=0, limit=72, numbers=False,
                 into=FORMULAS):
        self.name, self.tree, self.ends, self.carried = name, tree, ends, carried
        self.terms, self.limit, self.arguments = terms, limit, ["x"]
        self.numbers = numbers
        self.outputs = {"value": self.guarded(f, ends[:2]), "x": self.slope(f, df, ends[2:])}
        into.append(self)

    @staticmethod
    def guarded(f, ends):
        def value(x):
            return (ends[0] if x > 0 else ends[1]) if mp.isinf(x) else f(x)

        return value

    @staticmethod
    def slope(f, df, ends):
        """The derivative inside of the domain, where the value is no pole."""

        def value(x):
            if mp.isinf(x):
                return ends[0] if x > 0 else ends[1]
            if mp.isnan(x):
                return df(x)
            at = f(x)
            if at is FREE or mp.isnan(at) or mp.isinf(at):
                return FREE
            return df(x)

        value.is_slope = True
        return value


def constant(number):
    """A derivative that is the same everywhere; at NaN it is not judged."""
    return lambda x: FREE if mp.isnan(x) else mpf(number)


def on(domain, f):
    """f inside of the domain, NaN outside of it."""
    return lambda x: f(x) if domain(x) else NAN


def away(points, f):
    """f, not judged at these points."""
    return lambda x: FREE if x in points else f(x)  # NaN is in none


def growing(x):
    return 2 + 2 * abs(x)


# --- powers of e ----------------------------------------------------------------------------------
Formula("exp", exp(X), mp.exp, mp.exp, (INF, 0, INF, 0))
Formula("exp_negative", exp(NEGATIVE), lambda x: mp.exp(-x), lambda x: -mp.exp(-x), (0, INF, 0, -INF))
Formula("expm1", Either(sub(exp(X), 1), call("expm1", X)), mp.expm1, mp.exp, (INF, -1, INF, 0))
Formula("one_minus_exp", Either(sub(1, exp(X)), neg(call("expm1", X))),
        lambda x: -mp.expm1(x), lambda x: -mp.exp(x), (-INF, 1, -INF, 0))
Formula("one_minus_exp_negative", Either(sub(1, exp(NEGATIVE)), neg(call("expm1", NEGATIVE))),
        lambda x: -mp.expm1(-x), lambda x: mp.exp(-x), (1, -INF, 0, INF))
Formula("sqrt_exp", sqrt(exp(X)), lambda x: mp.exp(x / 2), lambda x: mp.exp(x / 2) / 2, (INF, 0, INF, 0),
        carried=lambda x: 1.5)
Formula("one_plus_exp", Either(add(1, exp(X)), exp(log1(exp(X))), exp(call("softplus", X))),
        lambda x: 1 + mp.exp(x), mp.exp, (INF, 1, INF, 0))

# --- logarithms -----------------------------------------------------------------------------------
Formula("log1p", log1(X), fn.ln1p, lambda x: 1 / (1 + x), (INF, NAN, 0, FREE))
Formula("log_1_minus", Either(log(sub(1, X)), call("log1p", NEGATIVE)),
        lambda x: fn.ln1p(-x), lambda x: -1 / (1 - x), (NAN, INF, FREE, 0))
Formula("log_half_x_half", log(total(0.5, X, 0.5)), fn.ln1p, lambda x: 1 / (1 + x), (INF, NAN, 0, FREE))
Formula("log_square", Either(log(square(X)), mul(2, log(call("abs", X)))),
        lambda x: -INF if x == 0 else 2 * mp.log(abs(x)), lambda x: 2 / x, (INF, INF, 0, 0))
Formula("log_cube", log(Either(mul(X, square(X)), power(X, 3))),
        lambda x: 3 * fn.ln(x), lambda x: 3 / x, (INF, NAN, 0, FREE))
Formula("log_sqrt", log(sqrt(X)), lambda x: fn.ln(x) / 2, lambda x: 1 / (2 * x), (INF, FREE, 0, FREE))
Formula("log_inverse", log(inverse(X)), lambda x: FREE if x == 0 else -fn.ln(x), lambda x: -1 / x,
        (-INF, FREE, 0, FREE))
Formula("log_exp", log(exp(X)), lambda x: x, constant(1), (INF, -INF, 1, 1))
Formula("log_sqrt_exp", log(sqrt(exp(X))), lambda x: x / 2, constant(0.5), (INF, -INF, 0.5, 0.5))
Formula("log1p_expm1", log1(Either(call("expm1", X), sub(exp(X), 1))), lambda x: x, constant(1),
        (INF, -INF, 1, 1))
Formula("exp_log", exp(log(X)), on(lambda x: x >= 0, lambda x: x), away([0], constant(1)), (INF, NAN, 1, FREE))
Formula("exp_log1p", exp(log1(X)), on(lambda x: x >= -1, lambda x: 1 + x), away([-1], constant(1)),
        (INF, NAN, 1, FREE))
Formula("expm1_log", Either(sub(exp(log(X)), 1), call("expm1", log(X))), on(lambda x: x >= 0, lambda x: x - 1),
        away([0], constant(1)), (INF, NAN, 1, FREE))
Formula("expm1_log1p", Either(sub(exp(log1(X)), 1), call("expm1", log1(X))), on(lambda x: x >= -1, lambda x: x),
        away([-1], constant(1)), (INF, NAN, 1, FREE))

# --- roots ----------------------------------------------------------------------------------------
Formula("sqrt_square", sqrt(square(X)), abs, mp.sign, (INF, INF, 1, -1))
Formula("square_sqrt", square(sqrt(X)), on(lambda x: x >= 0, lambda x: x), away([0], constant(1)),
        (INF, FREE, 1, FREE))

# --- softplus and its kin -------------------------------------------------------------------------
Formula("softplus", Either(log1(exp(X)), call("softplus", X), log(exp(call("softplus", X)))), fn.softplus,
        fn.sigmoid, (INF, 0, 1, 0))
Formula("softplus_by_sigmoid", Either(neg(log(sigmoid(NEGATIVE, X))), neg(log(sub(1, sigmoid(X))))), fn.softplus,
        fn.sigmoid, (INF, 0, 1, 0))
Formula("softplus_logaddexp", Either(call("logaddexp", X, 0), call("logaddexp", 0, X)), fn.softplus, fn.sigmoid,
        (INF, 0, 1, 0))
Formula("softplus_minus_x", sub(log1(exp(X)), X), lambda x: fn.softplus(-x), lambda x: -fn.sigmoid(-x), (0, INF, 0, -1))
Formula("log1mexp", Either(log(sub(1, exp(X))), call("log1p", neg(exp(X))), log(neg(call("expm1", X)))),
        fn.log1mexp, lambda x: -1 / mp.expm1(-x), (NAN, 0, FREE, 0))
Formula("log1mexp_operator", call("log1mexp", X), fn.log1mexp, lambda x: -1 / mp.expm1(-x), (NAN, 0, FREE, 0))
Formula("log1mexp_negative", Either(log(sub(1, exp(NEGATIVE))), call("log1p", neg(exp(NEGATIVE)))),
        lambda x: fn.log1mexp(-x), lambda x: 1 / mp.expm1(x), (0, NAN, 0, FREE))
Formula("log_sigmoid", Either(log(sigmoid(X)), call("log_sigmoid", X), neg(log1(exp(NEGATIVE))),
                              neg(call("softplus", NEGATIVE))),
        lambda x: -fn.softplus(-x), lambda x: fn.sigmoid(-x), (0, -INF, 0, 1))
Formula("log_1_minus_sigmoid", Either(log(sub(1, sigmoid(X))), call("log1p", neg(sigmoid(X)))),
        lambda x: -fn.softplus(x), lambda x: -fn.sigmoid(x), (-INF, 0, -1, 0))

# --- sigmoid --------------------------------------------------------------------------------------


def sigmoid_slope(x):
    return fn.sigmoid(x) * fn.sigmoid(-x)


Formula("sigmoid", sigmoid(X), fn.sigmoid, sigmoid_slope, (1, 0, 0, 0))
Formula("exp_log_sigmoid", exp(Either(log(sigmoid(X)), call("log_sigmoid", X), neg(log1(exp(NEGATIVE))))), fn.sigmoid,
        sigmoid_slope, (1, 0, 0, 0))
Formula("sigmoid_negative", Either(sigmoid(NEGATIVE, X)), lambda x: fn.sigmoid(-x), lambda x: -sigmoid_slope(x),
        (0, 1, 0, 0))
Formula("one_minus_sigmoid", sub(1, sigmoid(X)), lambda x: fn.sigmoid(-x), lambda x: -sigmoid_slope(x),
        (0, 1, 0, 0))
Formula("three_over_1_plus_exp", Either(div(3, add(1, exp(X))), mul(3, inverse(add(1, exp(X))))),
        lambda x: 3 * fn.sigmoid(-x), lambda x: -3 * sigmoid_slope(x), (0, 3, 0, 0), carried=lambda x: 4)
Formula("exp_times_sigmoid", mul(exp(X), sigmoid(NEGATIVE, X)), fn.sigmoid, sigmoid_slope, (1, 0, 0, 0))
Formula("exp_negative_times_sigmoid", mul(exp(NEGATIVE), sigmoid(X)), lambda x: fn.sigmoid(-x),
        lambda x: -sigmoid_slope(x), (0, 1, 0, 0))
Formula("x_exp_sigmoid", Either(mul(mul(X, exp(NEGATIVE)), sigmoid(X)), mul(X, mul(exp(NEGATIVE), sigmoid(X)))),
        lambda x: x * fn.sigmoid(-x), lambda x: fn.sigmoid(-x) * (1 - x * fn.sigmoid(x)),
        (FREE, -INF, FREE, FREE), carried=growing)
Formula("odds", Either(div(sigmoid(X), sub(1, sigmoid(X)))), mp.exp, mp.exp, (INF, 0, INF, 0))
Formula("log_odds", log(div(sigmoid(X), sub(1, sigmoid(X)))), lambda x: x, constant(1), (INF, -INF, 1, 1))
Formula("sigmoid_logit", sigmoid(log(div(X, sub(1, X))), minus(log(div(X, sub(1, X))))),
        on(lambda x: 0 <= x <= 1, lambda x: x), away([0, 1], constant(1)), (NAN, NAN, FREE, FREE), limit=48)

# --- sums of powers -------------------------------------------------------------------------------
Formula("log_exp_exp2", Either(log(add(exp(X), EXP2X)), call("logaddexp", X, TWICE)),
        lambda x: x + fn.softplus(x), lambda x: 1 + fn.sigmoid(x), (INF, -INF, 2, 1))


def three(x):
    return x + mp.log1p(mp.exp(x) + mp.exp(2 * x)) if x < 0 else 3 * x + mp.log1p(mp.exp(-x) + mp.exp(-2 * x))


def three_slope(x):
    a, b = (mp.exp(x), mp.exp(2 * x)) if x < 0 else (mp.exp(-x), mp.exp(-2 * x))
    return (1 + 2 * a + 3 * b) / (1 + a + b) if x < 0 else (3 + 2 * a + b) / (1 + a + b)


Formula("log_three_exps", Either(log(total(exp(X), EXP2X, exp(mul(3, X))))), three, three_slope,
        (INF, -INF, 3, 1), terms=3)


def difference(x):
    if x <= 0:
        return -INF if x == 0 else FREE if x < -80 else NAN
    return x + mp.log(mp.expm1(x)) if x < 1 else 2 * x + mp.log1p(-mp.exp(-x))


Formula("log_exp2_minus_exp", log(sub(EXP2X, exp(X))), difference, lambda x: 1 - 1 / mp.expm1(-x),
        (INF, FREE, 2, FREE))
UP, DOWN = exp(X), exp(NEGATIVE)
Formula("tanh_by_exp", Either(div(sub(UP, DOWN), add(UP, DOWN)), div(sub(EXP2X, 1), add(EXP2X, 1)),
                              div(sub(1, exp(mul(-2, X))), add(1, exp(mul(-2, X)))),
                              sub(mul(2, call("sigmoid", mul(2, X))), 1), div(call("sinh", X), call("cosh", X))),
        fn.tanh, fn.sech2, (1, -1, 0, 0), carried=lambda x: 4)
Formula("tanh", call("tanh", X), fn.tanh, fn.sech2, (1, -1, 0, 0), carried=lambda x: 4)

# --- error functions ------------------------------------------------------------------------------
Formula("one_plus_erf", Either(add(1, call("erf", X)), sub(1, call("erf", NEGATIVE))), lambda x: fn.erfc(-x), fn.bell,
        (2, 0, 0, 0))
Formula("one_minus_erf", Either(sub(1, call("erf", X)), call("erfc", X)), fn.erfc, lambda x: -fn.bell(x), (0, 2, 0, 0))
Formula("erf_minus_one", Either(sub(call("erf", X), 1), neg(call("erfc", X))), lambda x: -fn.erfc(x), fn.bell,
        (0, -2, 0, 0))
Formula("one_minus_erfc", Either(sub(1, call("erfc", X)), call("erf", X)), fn.erf, fn.bell, (1, -1, 0, 0))
Formula("erfc_minus_one", sub(call("erfc", X), 1), lambda x: -fn.erf(x), lambda x: -fn.bell(x), (-1, 1, 0, 0))
Formula("log_erfc", Either(log(call("erfc", X)), log(sub(1, call("erf", X)))), fn.log_erfc,
        lambda x: -2 / mp.sqrt(mp.pi) / fn.erfcx(x), (-INF, mp.log(2), FREE, 0))
Formula("bell_over_erfc", Either(div(exp(minus(square(X))), call("erfc", X))), lambda x: 1 / fn.erfcx(x),
        fn.inverse_erfcx_slope, (FREE, 0, FREE, FREE), carried=growing)
Formula("erfcx", call("erfcx", X), fn.erfcx, fn.erfcx_slope, (0, INF, 0, -INF))
Formula("erfcx_by_hand", mul(exp(square(X)), call("erfc", X)), fn.erfcx, fn.erfcx_slope, (FREE, INF, FREE, FREE))

# --- gamma ----------------------------------------------------------------------------------------
Formula("gammaln", Either(call("gammaln", X), call("lgamma", X)), fn.gammaln, fn.digamma, (INF, FREE, INF, FREE))
Formula("digamma", Either(call("digamma", X), call("psi", X)), away([0], fn.digamma), fn.trigamma,
        (INF, FREE, FREE, FREE))

# Inner formulas that are outputs too, by their texts: right by their own formula.
KNOWN = {"exp({x})": "exp", "exp(-{x})": "exp_negative", "sigmoid({x})": "sigmoid", "softplus({x})": "softplus",
         "erf({x})": "one_minus_erfc", "erfc({x})": "one_minus_erf", "1 + exp({x})": "one_plus_exp",
         "exp({x}) + 1": "one_plus_exp", "expm1({x})": "expm1", "log1p({x})": "log1p"}


def file():
    made = File("elementwise")
    for formula in FORMULAS:
        elementwise(made, formula, lambda dtype: {"x": sweep.line(dtype)}, KNOWN)
    return made
