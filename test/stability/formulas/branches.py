# SPDX-License-Identifier: Apache-2.0
"""Singular functions in the branch that `where` does not take, and gradients at kinks.

Where the branch is not taken, first and second derivatives are 0, whatever the function does there.
"""

from mpmath import mp, mpf

from . import floats, judge, sweep
from . import functions as fn
from .judge import FREE
from .spell import X, Either, Op
from .write import DTYPES, File

INF = float("inf")


def taken(test, function):
    """The ways to choose `function` where `test` holds, else 0."""
    return Either(
        Op("where(&0, &1, 0)", test, function),
        Op("where(not $0, 0, &1)", test, function),
        Op("where(&0, where(&0, &1, {x}), 0)", test, function),
        Op("where(&0, where(not $0, 1 / {x}, &1), 0)", test, function),
        Op("where(not $0, zeros_like({x}), where(&0, &1, &1))", test, function),
        Op("(where(&0, &1, 1) - where(&0, 0, 1))", test, function),
    )


def text(written):
    return Op(written)


GREATER, LESS = "{x} > 0", "{x} < 0"
INSIDE = "({x} > -1) & ({x} < 1)"
UNIT = "({x} > 0) & ({x} < 1)"


def positive(x):
    return x > 0


def inside(x):
    return -1 < x < 1


def root(x):
    return mp.sqrt(1 - x * x)


SINGULAR = [  # name, test, function, where the test holds, value, derivative, second derivative (None: not there)
    ("log", GREATER, "log({x})", positive, mp.log, lambda x: 1 / x, lambda x: -1 / x**2),
    ("log2", GREATER, "log2({x})", positive, lambda x: mp.log(x) / mp.log(2), lambda x: 1 / x / mp.log(2),
     lambda x: -1 / x**2 / mp.log(2)),
    ("log10", GREATER, "log10({x})", positive, mp.log10, lambda x: 1 / x / mp.log(10), lambda x: -1 / x**2 / mp.log(10)),
    ("log1p", "{x} > -1", "log1p({x})", lambda x: x > -1, fn.ln1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2),
    ("log_1_minus", "{x} < 1", "log(1 - {x})", lambda x: x < 1, lambda x: fn.ln1p(-x), lambda x: -1 / (1 - x),
     lambda x: -1 / (1 - x) ** 2),
    ("sqrt", GREATER, "sqrt({x})", positive, mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x))),
    ("inverse", "{x} != 0", "1 / {x}", lambda x: x != 0, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    ("inverse_of_1_minus", "{x} != 1", "1 / (1 - {x})", lambda x: x != 1, lambda x: 1 / (1 - x),
     lambda x: 1 / (1 - x) ** 2, lambda x: 2 / (1 - x) ** 3),
    ("power", GREATER, "{x}**0.25", positive, lambda x: x ** mpf(0.25), lambda x: x ** mpf(-0.75) / 4,
     lambda x: -3 * x ** mpf(-1.75) / 16),
    ("negative_power", GREATER, "{x}**-1.5", positive, lambda x: x ** mpf(-1.5), lambda x: -1.5 * x ** mpf(-2.5),
     lambda x: 3.75 * x ** mpf(-3.5)),
    ("arcsin", INSIDE, "arcsin({x})", inside, mp.asin, lambda x: 1 / root(x), lambda x: x / root(x) ** 3),
    ("arccos", INSIDE, "arccos({x})", inside, mp.acos, lambda x: -1 / root(x), lambda x: -x / root(x) ** 3),
    ("arctanh", INSIDE, "arctanh({x})", inside, mp.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2),
    ("arccosh", "{x} > 1", "arccosh({x})", lambda x: x > 1, mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1),
     lambda x: -x / mp.sqrt(x * x - 1) ** 3),
    ("half_circle", INSIDE, "sqrt(1 - {x} * {x})", inside, root, lambda x: -x / root(x), lambda x: -1 / root(x) ** 3),
    ("exp", "{x} < 80", "exp({x})", lambda x: x < 80, mp.exp, mp.exp, mp.exp),
    ("exp_square", "abs({x}) < 8", "exp({x} * {x})", lambda x: abs(x) < 8, lambda x: mp.exp(x * x),
     lambda x: 2 * x * mp.exp(x * x), lambda x: (2 + 4 * x * x) * mp.exp(x * x)),
    ("sinh", "abs({x}) < 80", "sinh({x})", lambda x: abs(x) < 80, mp.sinh, mp.cosh, mp.sinh),
    ("cosh", "abs({x}) < 80", "cosh({x})", lambda x: abs(x) < 80, mp.cosh, mp.sinh, mp.cosh),
    ("x_log_x", GREATER, "{x} * log({x})", positive, lambda x: x * mp.log(x), lambda x: mp.log(x) + 1, lambda x: 1 / x),
    ("logit", UNIT, "log({x} / (1 - {x}))", lambda x: 0 < x < 1, lambda x: mp.log(x / (1 - x)),
     lambda x: 1 / x + 1 / (1 - x), lambda x: 1 / (1 - x) ** 2 - 1 / x**2),
    ("log1mexp", LESS, "log1mexp({x})", lambda x: x < 0, fn.log1mexp, lambda x: -1 / mp.expm1(-x),
     lambda x: -mp.exp(-x) / mp.expm1(-x) ** 2),
    ("gammaln", GREATER, "gammaln({x})", positive, fn.gammaln, fn.digamma, fn.trigamma),
    ("digamma", GREATER, "digamma({x})", positive, fn.digamma, fn.trigamma, None),  # no third one
    # Operators of two numbers, singular where both are 0 or one is negative. Second derivatives by one
    # number through both operands cancel: they are judged where the branch is not taken.
    ("power_of_itself", "({x} > 0) & ({x} < 20)", "{x}**{x}", lambda x: 0 < x < 20, lambda x: x**x,
     lambda x: x**x * (mp.log(x) + 1), lambda x: x**x * ((mp.log(x) + 1) ** 2 + 1 / x)),
    ("angle", "(abs({x}) > 1e-6) & (abs({x}) < 1e6)", "arctan2({x}, {x} * {x})", lambda x: mpf(1e-6) < abs(x) < 1e6,
     lambda x: mp.atan(1 / x), lambda x: -1 / (1 + x * x), lambda x: FREE),
    ("hypot", "({x} != 0) & (abs({x}) < 1e6)", "hypot({x}, {x} * {x})", lambda x: x != 0 and abs(x) < 1e6,
     lambda x: abs(x) * mp.sqrt(1 + x * x), lambda x: mp.sign(x) * (1 + 2 * x * x) / mp.sqrt(1 + x * x), lambda x: FREE),
]
# Infinite arguments in the branch that is taken: not what is looked at here.
KINKS = [  # name, spellings, value, derivative by the conventions of the language
    ("maximum_0", ["maximum({x}, 0)", "maximum(0, {x})", "0 - minimum(-{x}, 0)"], lambda x: max(x, 0),
     lambda x: 0.5 if x == 0 else float(x > 0)),
    ("minimum_0", ["minimum({x}, 0)", "minimum(0, {x})"], lambda x: min(x, 0), lambda x: 0.5 if x == 0 else float(x < 0)),
    ("relu", ["relu({x})"], lambda x: max(x, 0), lambda x: float(x > 0)),
    ("abs", ["abs({x})", "abs(-{x})", "sqrt({x}**2)", "sqrt({x} * {x})"], abs, lambda x: float((x > 0) - (x < 0))),
    ("sign", ["sign({x})", "-sign(-{x})"], lambda x: float((x > 0) - (x < 0)), lambda x: 0.0),
    ("clip", ["clip({x}, -1, 2)"], lambda x: min(max(x, -1), 2), lambda x: float(-1 <= x <= 2)),
    ("floor", ["floor({x})"], lambda x: floats.mp.floor(x), lambda x: 0.0),
    ("relu_square", ["relu({x})**2", "square(relu({x}))"], lambda x: max(x, 0) ** 2, lambda x: 2 * max(x, 0)),
]


from_end = {dtype: floats.from_parts(1, floats.HIGHEST[dtype] - 4) for dtype in DTYPES}


def tokens(line, dtype, test, function, order):
    """Bounds of the function or of its derivative of some order: 0 where the test does not hold."""

    def token(x):
        if x != x:
            return "0~0" if test(x) is False else "nan" if order == 0 else "*"
        if not test(x):
            return "0~0"
        if abs(x) == INF:
            return "*"
        # Second derivatives are looked at for leaks: sums of squares and cubes may overflow or cancel.
        if order == 2 and not 1 / 16 < abs(x) < 1e6:
            return "*"
        # Sums of a few gradients may overflow before they are divided.
        if order == 1 and abs(x) > from_end[dtype]:
            return "*"
        return judge.elementwise(function, [x], dtype, 1 + 4 * order * max(1, abs(x)), (0, 8, 60)[order])

    return [token(x) for x in line]


def singular(made, name, test, function, holds, *derivatives):
    wanted = {}
    for dtype in DTYPES:
        line = sweep.line(dtype)
        outputs = {}
        for order, (key, derivative) in enumerate(zip(("value", "x", "xx"), derivatives)):
            if derivative:
                outputs[key] = tokens(line, dtype, holds, derivative, order)
        wanted[dtype] = ({"x": line}, outputs)
    tree = taken(text(test), text(function))
    made.formula("where_" + name, ["x"], tree, {}, wanted, 24, forms=("plain", "lets"),
                 # A factor of x that underflows is no matter of branches.
                 **({"contexts": "unscaled"} if name == "x_log_x" else {}))


def kink(made, name, written, value, slope):
    def exact(x, function, dtype):
        result = mpf(function(x))
        rounding = mp.ldexp(abs(result), -floats.PRECISION[dtype])
        slack = mp.ldexp(1, floats.LOWEST[dtype] - 1)
        return judge.wanted(result, 0 if result == 0 else max(rounding, slack), dtype)

    wanted = {}
    for dtype in DTYPES:
        line = [x for x in sweep.line(dtype) if x == x and abs(x) != INF]
        line = sweep.padded([0.0, -0.0, 1.0, -1.0, 2.0, -2.0] + line)
        wanted[dtype] = ({"x": line}, {"value": [exact(floats.real(x), value, dtype) for x in line],
                                       "x": [exact(floats.real(x), slope, dtype) for x in line]})
    made.formula("kink_" + name, ["x"], Either(*(Op(w) for w in written)), {}, wanted, 24, forms=("plain",))


def file():
    made = File("branches")
    for row in SINGULAR:
        singular(made, *row)
    for row in KINKS:
        kink(made, *row)
    return made
