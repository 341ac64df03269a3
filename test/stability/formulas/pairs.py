# SPDX-License-Identifier: Apache-2.0
"""Formulas of several numbers: sums and differences of exponentials, roots of squares, losses."""

from mpmath import mp, mpf

from . import functions as fn
from . import sweep
from .judge import FREE
from .spell import (
    X, Y, Z, Either, Leaf, add, call, div, exp, inverse, log, minus, mul, neg, sigmoid, sqrt, square, sub, total,
)
from .write import File, elementwise

INF, NAN = mp.inf, mp.nan
FORMULAS = []


class Formula:
    """`slopes`: the derivative by each argument; infinite arguments are for `value` to decide."""

    def __init__(self, name, arguments, tree, value, slopes, columns, terms=0, limit=72, contexts="", carried=None,
                 conditioned=True):
        self.name, self.arguments, self.tree, self.limit = name, arguments, tree, limit
        self.terms, self.contexts, self.columns = terms, contexts, columns
        self.carried, self.conditioned = carried or (lambda *a: 1), conditioned
        self.outputs = {"value": value}
        for argument, slope in zip(arguments, slopes):
            if slope:
                self.outputs[argument] = self.inside(value, slope)
        FORMULAS.append(self)

    @staticmethod
    def inside(value, slope):
        def function(*arguments):
            if any(mp.isnan(a) for a in arguments):
                return FREE if getattr(slope, "constant", False) else NAN
            at = value(*arguments)
            if at is FREE or not mp.isfinite(at) or any(mp.isinf(a) for a in arguments):
                return FREE
            return slope(*arguments)

        function.is_slope = True
        return function


def constant(number):
    def slope(*arguments):
        return mpf(number)

    slope.constant = True
    return slope


def columns(names, values, more=()):
    def make(dtype):
        pairs = sweep.grid(dtype, values, more)
        return {name: [p[k] for p in pairs] for k, name in enumerate(names)}

    return make


USUAL = [1e-30, 1e-8, 0.1, 0.7, 1, 3.3, 20, 88.1, 104.5, 710.2, 1000]
NEAR = [(a + d, a) for a in (-800, -50, -3, 0.5, 30, 500) for d in (1e-6, 0.25, 5, 40)]
LINES = columns("xy", USUAL, NEAR)


# --- logarithms of sums ---------------------------------------------------------------------------
def log_add(x, y):
    if mp.isinf(x) and x > 0 or mp.isinf(y) and y > 0:
        return INF
    if x < y:
        x, y = y, x
    return x if mp.isinf(y) else x + mp.log1p(mp.exp(y - x))


def share(x, y):
    return fn.sigmoid(x - y)


Formula("logaddexp", ["x", "y"], call("logaddexp", X, Y), log_add, [share, lambda x, y: share(y, x)], LINES)
Formula("log_exp_plus_exp", ["x", "y"], Either(log(add(exp(X), exp(Y))), neg(log(inverse(add(exp(X), exp(Y)))))),
        log_add, [share, lambda x, y: share(y, x)], LINES)


def log_subtract(x, y):
    if mp.isinf(x) or mp.isinf(y):
        return FREE if x != INF or y == INF else INF
    if x == y:
        return -INF
    if x < y:
        return FREE if max(x, y) < -80 else NAN
    return x + fn.log1mexp(y - x)


Formula("log_exp_minus_exp", ["x", "y"], log(sub(exp(X), exp(Y))), log_subtract,
        [lambda x, y: 1 / -mp.expm1(y - x), lambda x, y: -1 / mp.expm1(x - y)], LINES)


def several(*x):
    if any(v == INF for v in x):
        return INF
    top = max(x)
    if mp.isinf(top):
        return top
    others = list(x)
    others.remove(top)
    return top + mp.log1p(mp.fsum(mp.exp(v - top) for v in others if not mp.isinf(v)))


def part(k):
    return lambda *x: 1 / mp.fsum(mp.exp(v - x[k]) for v in x)


def triples(dtype):
    pairs = sweep.grid(dtype, [1, 20, 88.1, 710.2, 1000], NEAR)
    third = sweep.SPECIAL + [sweep.floats.to_dtype(v, dtype) for v in (0.3, -40, 700, -1000, 2)]
    return {"x": [p[0] for p in pairs], "y": [p[1] for p in pairs],
            "z": [third[i * 7 % len(third)] for i in range(len(pairs))]}


Formula("logaddexp_of_three", ["x", "y", "z"],
        Either(log(total(exp(X), exp(Y), exp(Z))), call("logaddexp", X, call("logaddexp", Y, Z)),
               call("logaddexp", call("logaddexp", X, Y), Z), log(add(exp(call("logaddexp", X, Y)), exp(Z)))),
        several, [part(0), part(1), part(2)], triples, terms=3)
Formula("logaddexp_of_four", ["x", "y", "z"],
        Either(log(total(exp(X), exp(Y), exp(Z), 1)), log(add(1, total(exp(X), exp(Y), exp(Z))))),
        lambda x, y, z: several(x, y, z, mpf(0)),
        [lambda x, y, z: part(0)(x, y, z, mpf(0)), lambda x, y, z: part(1)(x, y, z, mpf(0)),
         lambda x, y, z: part(2)(x, y, z, mpf(0))], triples, terms=4)
Formula("logaddexp_of_five", ["x", "y", "z"],
        Either(log(total(exp(X), exp(Y), exp(Z), 1, 2)), log(add(total(exp(X), exp(Y), exp(Z)), 3))),
        lambda x, y, z: several(x, y, z, mp.log(3)),
        [lambda x, y, z: part(0)(x, y, z, mp.log(3)), lambda x, y, z: part(1)(x, y, z, mp.log(3)),
         lambda x, y, z: part(2)(x, y, z, mp.log(3))], triples, terms=5)
Formula("log_1_plus_x_plus_y", ["x", "y"], log(total(1, X, Y)),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else fn.ln1p(x + y),
        [lambda x, y: 1 / (1 + x + y), lambda x, y: 1 / (1 + x + y)],
        columns("xy", [1e-30, 1e-12, 1e-5, 0.25, 0.4, 7]))

# Sums and differences that round, of moderate and of huge arguments.
ROUNDING = [(a + d, a) for a in (-803.7, -51.3, -3.3, 0.51, 30.7, 503.9) for d in (1e-6, 0.3, 5.1, 41.3, -71.7, -97.3)]
MODERATE = columns("xy", USUAL, NEAR + ROUNDING)
OPPOSITE = columns("xy", USUAL, [(a, -b) for a, b in NEAR + ROUNDING])

# --- powers and quotients -------------------------------------------------------------------------
Formula("exp_over_exp", ["x", "y"], Either(div(exp(X), exp(Y)), mul(exp(X), exp(minus(Y)))),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else mp.exp(x - y),
        [lambda x, y: mp.exp(x - y), lambda x, y: -mp.exp(x - y)], MODERATE, limit=24, conditioned=False)
Formula("exp_times_exp", ["x", "y"], mul(exp(X), exp(Y)), lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else mp.exp(x + y),
        [lambda x, y: mp.exp(x + y), lambda x, y: mp.exp(x + y)], OPPOSITE, limit=24, conditioned=False)
Formula("exp_share", ["x", "y"], Either(div(exp(X), add(exp(X), exp(Y))), inverse(add(1, exp(sub(Y, X))))),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else share(x, y),
        [lambda x, y: share(x, y) * share(y, x), lambda x, y: -share(x, y) * share(y, x)], LINES)
Formula("log_quotient", ["x", "y"], log(div(exp(X), exp(Y))),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else x - y,
        [constant(1), constant(-1)], LINES, limit=24)


# Without denormal results.
NORMAL = columns("xy", [1e-30, 1e-8, 0.1, 0.7, 1, 3.3, 20, 35], [(a + d, a) for a in (-35, -3, 0.5, 30) for d in (1e-6, 0.25, 5)]
                 + [(90, 88), (800, 750), (-40, -60)])


def log_share_between(x, y):
    if mp.isinf(x) or mp.isinf(y):
        return FREE
    if x <= y:
        return -INF if x == y else FREE if x < -80 or y > 15 else NAN
    return fn.log1mexp(y - x) - fn.softplus(-x) - fn.softplus(y)


Formula("log_difference_of_sigmoids", ["x", "y"], log(sub(sigmoid(X), sigmoid(Y))), log_share_between,
        [lambda x, y: 1 / mp.expm1(x - y) + fn.sigmoid(-x), lambda x, y: -1 / mp.expm1(x - y) - fn.sigmoid(y)],
        NORMAL, terms=3, limit=24)
Formula("tanh_of_two_exps", ["x", "y"], div(sub(exp(X), exp(Y)), add(exp(X), exp(Y))),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) else fn.tanh((x - y) / 2),
        [lambda x, y: fn.sech2((x - y) / 2) / 2, lambda x, y: -fn.sech2((x - y) / 2) / 2], NORMAL, limit=24)
Formula("part_of_sum", ["x", "y"], div(X, add(X, Y)),
        lambda x, y: FREE if mp.isinf(x) or mp.isinf(y) or x + y == 0 else x / (x + y),
        [lambda x, y: y / (x + y)**2, lambda x, y: -x / (x + y)**2],
        columns("xy", [1e-12, 1e-7, 0.1, 0.7, 1, 3.3, 20, 1000, 1e6, 1e12]), limit=24)


# --- roots of squares -----------------------------------------------------------------------------
def hypot(x, y):
    return INF if mp.isinf(x) or mp.isinf(y) else mp.sqrt(x * x + y * y)


SIZES = columns("xy", [1e-45, 1e-38, 1e-25, 1e-19, 1e-10, 0.3, 1, 4, 1e10, 1e19, 3e38, 5e-324, 1e-300, 1e-160, 1e160, 1e300])
Formula("hypot", ["x", "y"], Either(sqrt(add(square(X), square(Y))), call("hypot", X, Y)), hypot,
        [lambda x, y: x / hypot(x, y) if x else mpf(0), lambda x, y: y / hypot(x, y) if y else mpf(0)], SIZES)


# --- losses ---------------------------------------------------------------------------------------
def losses(dtype):
    pairs = [(z, t) for z in sweep.line(dtype)[4::3] for t in (0.0, 1.0, 0.25)]
    pairs = sweep.padded([p for p in pairs if abs(p[0]) < 1e30])
    return {"x": [p[0] for p in pairs], "t": [p[1] for p in pairs]}


T = Leaf("{t}")


def loss(x, t):
    return t * fn.softplus(-x) + (1 - t) * fn.softplus(x)


def one_less_target():
    return sub(1, T)


P = sigmoid(X)
Formula("binary_cross_entropy", ["x", "t"],
        Either(neg(add(mul(T, log(P)), mul(one_less_target(), log(sub(1, P))))),
               sub(mul(neg(T), log(P)), mul(one_less_target(), log(sub(1, P)))),
               add(mul(T, call("softplus", minus(X))), mul(one_less_target(), call("softplus", X)))),
        loss, [lambda x, t: (1 - t) * fn.sigmoid(x) - t * fn.sigmoid(-x), None], losses, terms=2, contexts="unscaled", limit=96)


def file():
    made = File("pairs")
    for formula in FORMULAS:
        elementwise(made, formula, formula.columns)
    return made
