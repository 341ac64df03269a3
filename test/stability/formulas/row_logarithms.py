# SPDX-License-Identifier: Apache-2.0
"""Known forms of rows with a factor, a power, another base or one more term, and their shares."""

from mpmath import mp, mpf

from . import functions as fn
from .judge import FREE
from .row_spellings import SOFTMAX, SUM, kept, reduced
from .rows import (
    INF, NAN, WEIGHTS, Softmax, blank, finite_rows, half_denormal, log_softmax, log_sum_exp, probability_rows, rows,
    softmax, wanted,
)
from .spell import X, Either, add, call, div, exp, inverse, log, mul, sigmoid, square, sub
from .write import DTYPES, File


def times(factor, reference):
    """A multiple of a reference, in which a denormal is rounded before it is multiplied."""

    def scaled(row, eps, columns):
        return [[(v, off) if v is FREE else (factor * v, factor * off + 2 * half_denormal(eps) if off else 0)
                 for v, off in part] for part in reference(row, eps, columns)]

    return scaled


def log_plus(number, reference):
    def shifted(row, eps, columns):
        value, slope = reference(row, eps, columns)
        moved = [(v, off) if v is FREE else (v + mp.log(number), off + 4 * eps if off else 0) for v, off in value]
        return moved, slope

    return shifted


def beside_one(reference):
    """Of a row with one more element, which is 0."""

    def longer(row, eps, columns):
        value, slope = reference([*row, 0.0], eps, columns)
        # A share is made of two, which may be denormal; of nothing but -inf there is none.
        slack = half_denormal(eps) * 4
        slope = [(v, off + slack if off else 0) for v, off in slope] if max(row) > -INF else blank(row, FREE)
        if len(value) == 1:
            return value, slope[:columns]
        return [(v, off + slack if off else 0) for v, off in value[:columns]], slope[:columns]

    return longer


def log_1_minus_softmax(row, eps, columns):
    s = Softmax(row)
    w = [mpf(WEIGHTS[i % 5]) for i in range(len(row))]
    values, slopes, offs = [], [mpf(0)] * len(row), [mpf(0)] * len(row)
    for i, p in enumerate(s.p):
        others = [v for j, v in enumerate(s.x) if j != i]
        top = max(others)
        rest = [mp.exp(v - top) for v in others]
        value = top - s.log_sum + mp.log(mp.fsum(rest)) if p > 0.5 else mp.log1p(-p)
        moved = mp.fsum(abs(v) * q for v, q in zip(others, rest)) / mp.fsum(rest)
        size = max(abs(value), moved + s.moved if p > 0.5 else p * s.conditions[i], 1 if p > 0.5 else p)
        values.append((value, 4 * eps * size))
        for j in range(len(row)):
            slope = -p if j == i else p * s.p[j] / mp.exp(value)
            slopes[j] += w[i] * slope
            offs[j] += 8 * eps * abs(w[i] * slope) * max(1, size, s.conditions[i] if p > 0.5 else 1, s.conditions[j])
            offs[j] += 4 * eps * abs(w[i]) * s.p[j] * max(1, s.conditions[j])
    return values, [(v, off + half_denormal(eps) * 8) for v, off in zip(slopes, offs)]


def weighted_mean(row, eps, columns):
    s = Softmax(row)
    value = mp.fsum(v * p for v, p in zip(s.x, s.p))
    c = [max(1, v) for v in s.conditions]
    off = mp.fsum(abs(v) * p * k for v, p, k in zip(s.x, s.p, c))
    return [(value, 4 * eps * off + columns * half_denormal(eps))], [
        (p * (1 + v - value), 4 * eps * p * (k * (1 + abs(v) + abs(value)) + off)
         + half_denormal(eps) * (1 + abs(v) + abs(value))) for v, p, k in zip(s.x, s.p, c)]


def log_prod_sigmoid(row, eps, columns):
    if any(v != v for v in row):
        return [(NAN, 0)], [(NAN if v != v else FREE, 0) for v in row]
    x = [mpf(v) for v in row]
    if any(mp.isinf(v) for v in x):
        return [(FREE, 0)], blank(row, FREE)
    value = -mp.fsum(fn.softplus(-v) for v in x)
    return [(value, 4 * eps * abs(value))], [(fn.sigmoid(-v), 4 * eps * fn.sigmoid(-v) * max(1, abs(v))) for v in x]


def log_sum_of_products(row, eps, columns):
    """log(sum(x * exp(x))), x >= 0."""
    x = [mpf(v) for v in row]
    if not any(x):
        return [(-INF, 0)], blank(row, FREE)
    terms = [v * mp.exp(v) for v in x]
    total = mp.fsum(terms)
    value = mp.log(total)
    return [(value, 4 * eps * max(abs(value), 2))], [
        (g, 8 * eps * g) for g in ((1 + v) * mp.exp(v) / total for v in x)]


def exp_over_norm(row, eps, columns):
    s = Softmax([2 * mpf(v) for v in row])
    w = [mpf(WEIGHTS[i % 5]) for i in range(len(row))]
    values = [mp.sqrt(p) for p in s.p]
    c = [max(1, v) for v in s.conditions]
    total = mp.fsum(a * v for a, v in zip(w, values))
    spread = mp.fsum(abs(a) * v * k for a, v, k in zip(w, values, c))
    slack = half_denormal(eps) * 8
    return [(v, 4 * eps * v * k) for v, k in zip(values, c)], [
        (a * v - p * total, 4 * eps * (abs(a) * v * k + p * (k * abs(total) + spread)) + slack)
        for a, v, p, k in zip(w, values, s.p, c)]


def share_of_products(row, eps, columns):
    """x * exp(x) / sum(x * exp(x)), x >= 0."""
    x = [mpf(v) for v in row]
    if not any(x):
        return blank(row, FREE), blank(row, FREE)
    w = [mpf(WEIGHTS[i % 5]) for i in range(len(row))]
    terms = [v * mp.exp(v) for v in x]
    sum_of_terms = mp.fsum(terms)
    p = [t / sum_of_terms for t in terms]
    moved = [(1 + v) * q for v, q in zip(x, p)]
    c = [max(1, (1 + v) * (1 - q) + mp.fsum(moved) - m) for v, q, m in zip(x, p, moved)]
    g = [(1 + v) * mp.exp(v) / sum_of_terms for v in x]
    total = mp.fsum(a * q for a, q in zip(w, p))
    spread = mp.fsum(abs(a) * q * k for a, q, k in zip(w, p, c))
    slack = half_denormal(eps) * 8
    most = mpf(2) ** (120 if eps > 1e-10 else 1016)
    return [(q, 4 * eps * q * k + slack) for q, k in zip(p, c)], blank(row, FREE) if max(g) > most else [
        (d * (a - total), 4 * eps * d * (abs(a) * k + k * abs(total) + spread) + slack)
        for a, d, k in zip(w, g, c)]


BESIDE_ONE = add(1, kept("sum", exp(X)))
LOG_OF_SUM = log_sum_exp(lambda c: mpf(1))
FORMULAS = {  # name: (tree, layout, inputs, reference, second argument)
    "log2_sum_exp": (call("log2", SUM), "rows", rows, times(1 / mp.log(2), LOG_OF_SUM), ""),
    "log10_sum_exp": (call("log10", SUM), "rows", rows, times(1 / mp.log(10), LOG_OF_SUM), ""),
    "log_square_sum_exp": (log(square(SUM)), "rows", rows, times(2, LOG_OF_SUM), ""),
    "log_1_plus_sum_exp": (Either(log(add(1, SUM)), call("log1p", SUM)), "rows", rows, beside_one(LOG_OF_SUM), ""),
    "log_twice_softmax": (log(mul(2, SOFTMAX)), "rows of elements", finite_rows, log_plus(2, log_softmax), "w"),
    "log_square_softmax": (log(square(SOFTMAX)), "rows of elements", finite_rows, times(2, log_softmax), "w"),
    "log_1_minus_softmax": (log(sub(1, SOFTMAX)), "rows of elements", finite_rows, log_1_minus_softmax, "w"),
    "exp_over_1_plus_sum_exp": (Either(div(exp(X), BESIDE_ONE), mul(exp(X), inverse(BESIDE_ONE))), "rows of elements",
                                finite_rows, beside_one(softmax), "w"),
    "softmax_weighted_mean": (Either(div(reduced("sum", mul(X, exp(X))), SUM), reduced("sum", mul(X, SOFTMAX))), "rows",
                              finite_rows, weighted_mean, ""),
    "log_prod_sigmoid": (log(reduced("prod", sigmoid(X))), "rows", rows, log_prod_sigmoid, ""),
    "exp_over_norm": (div(exp(X), kept("norm", exp(X))), "rows of elements", finite_rows, exp_over_norm, "w"),
    "share_of_x_exp": (div(mul(X, exp(X)), kept("sum", mul(X, exp(X)))), "rows of elements", probability_rows,
                       share_of_products, "w"),
    "log_sum_x_exp": (log(reduced("sum", mul(X, exp(X)))), "rows", probability_rows, log_sum_of_products, ""),
}


def file():
    made = File("row_logarithms")
    for name, (tree, layout, make, reference, kind) in FORMULAS.items():
        for columns in (5, 37):
            found = {d: wanted(kind, make, reference, d, columns) for d in DTYPES}
            made.formula(f"{name}_{columns}", ["x"], tree, {}, found, 24 if columns == 5 else 8,
                         forms=("plain", "lets", "some lets", "def"), layout=layout, columns=columns, contexts="")
    return made
