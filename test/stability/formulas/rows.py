# SPDX-License-Identifier: Apache-2.0
"""Formulas of rows of numbers: sums of exponentials, cross-entropies, norms, variances, products, extremes.

A reference gives for a row its values and what each may be off by: 4 eps times the condition of the
sum and of what follows it, as README.md tells.
"""

import random

from mpmath import mp, mpf

from . import floats, judge
from .judge import FREE
from .row_spellings import TREES
from .write import DTYPES, File

INF, NAN = mp.inf, mp.nan
WEIGHTS = (1.0, -2.0, 0.5, 3.0, -0.25)


def eps(dtype):
    return mp.ldexp(1, 1 - floats.PRECISION[dtype])


def half_denormal(eps):
    dtype = next(d for d in DTYPES if mp.ldexp(1, 1 - floats.PRECISION[d]) == eps)
    return mp.ldexp(1, floats.LOWEST[dtype] - 1)


# --- inputs ---------------------------------------------------------------------------------------
def rows(dtype, columns):
    """Usual rows, offsets that overflow, infinities in every number, NaN, ties, denormals."""
    rng = random.Random(columns)
    inf, nan = float("inf"), float("nan")
    tiny, huge = floats.from_parts(1, floats.LOWEST[dtype]), floats.from_parts(1, floats.HIGHEST[dtype] - 1)
    usual = [[rng.gauss(0, scale) + offset for _ in range(columns)]
             for scale, offset in ((1, 0), (1, 0), (30, 0), (1, 1000), (1, -1000), (500, 0), (1e-3, 0), (5, 90))]
    if columns != 5:
        found = usual
    else:
        found = usual + [
            [1000, 0, -1000, 5, 6], [0, -20, -30, -40, -50], [0, 0, 0, 0, 0], [2, 2, 2, 2, 2],
            [-inf] * 5, [-inf, 0, 1, 2, 3], [-inf, -inf, 7, -inf, -inf], [inf, 0, 1, 2, 3], [0, -inf, inf, 1, 2],
            [inf, inf, 0, 1, 2], [1, 2, nan, 3, 4], [nan, inf, 0, 0, 0], [tiny, 2 * tiny, 0, -tiny, 7 * tiny],
            [huge, -huge, 0, 1, 2], [-huge] * 5, [88.5, 88.5, 88.5, 88.5, 88.5], [-103, -104, -103, -102, -105],
            [1e-20, 1e-20, 1e-20, 1e-20, -1e-20], [709.5, 709.7, 709.2, 1, 2], [-745, -744, -746, -743, -750],
        ]
    return [[floats.to_dtype(float(v), dtype) for v in row] for row in found]


def finite_rows(dtype, columns):
    return [row for row in rows(dtype, columns) if all(abs(v) < 1e30 for v in row)]


def even(table):
    return table + table[-1:] * (len(table) % 2)


def norm_rows(dtype, columns):
    rng = random.Random(columns + 100)
    low, high = floats.LOWEST[dtype], floats.HIGHEST[dtype]
    found = rows(dtype, columns)
    for exponent in (low, low + 3, low + 20, low // 2 - 8, low // 2, low // 2 + 10, high // 2 - 2, high // 2 + 2,
                     high - 20, high - 4):
        scale = mp.ldexp(1, exponent)
        found.append([floats.from_ordinal(floats.rounded(scale * mpf(rng.uniform(-4, 4)), dtype), dtype)
                      for _ in range(columns)])
    found.append([floats.to_dtype(v, dtype) for v in [3.0, 4.0] + [0.0] * (columns - 2)])
    found.append([floats.to_dtype(v, dtype) for v in [0.0, -1e-30] + [0.0] * (columns - 2)])
    return found


def variance_rows(dtype, columns):
    rng = random.Random(columns + 200)
    found = [[rng.gauss(0, 1) * scale + offset for _ in range(columns)]
             for scale, offset in ((1, 0), (1, 1e3), (1, -1e5), (1e-3, 1), (1e-4, 1e4), (1e5, 0), (1e-10, 0), (1, 1e6))]
    found += [[3.0] * columns, [0.0] * columns]
    return [[floats.to_dtype(v, dtype) for v in row] for row in found]


def probability_rows(dtype, columns):
    rng = random.Random(columns + 300)
    low = floats.LOWEST[dtype]
    found = [[rng.random() for _ in range(columns)], [10 ** -rng.uniform(0, 30) for _ in range(columns)],
             [1 - rng.random() * 1e-3 for _ in range(columns)], [1.0] * columns, [1e-30] * columns,
             [0.5] * columns, [0.0] + [0.5] * (columns - 1), [1e-12 * (k + 1) for k in range(columns)]]
    found = [[floats.to_dtype(v, dtype) for v in row] for row in found]
    return found + [[floats.from_parts(k + 1, low + 40) for k in range(columns)],
                    [floats.from_parts(k + 1, low) for k in range(columns)]]


def rows_with_zeros(dtype, columns):
    """Factors of both signs, with no, one, two and only zeros."""
    rng = random.Random(columns + 400)
    found = []
    for zeros in ((), (0,), (columns - 1,), (columns // 2,), (0, columns - 1), (1, 2), range(1, columns), range(columns)):
        row = [rng.choice((-1, 1)) * rng.uniform(0.5, 2) for _ in range(columns)]
        for place in zeros:
            row[place] = rng.choice((0.0, -0.0))
        found.append(row)
    return [[floats.to_dtype(v, dtype) for v in row] for row in found]


def rows_with_ties(dtype, columns):
    """A largest and a smallest element, alone, several times, as zeros of both signs, infinite."""
    rng = random.Random(columns + 500)
    inf = float("inf")
    usual = [float(rng.randrange(-3, 4)) for _ in range(columns)]
    found = [usual, [2.5] * columns, [0.0, -0.0] + [1.0] * (columns - 2), [0.0, -0.0] + [-1.0] * (columns - 2),
             [rng.gauss(0, 1) for _ in range(columns)], [7.0] + [1.0] * (columns - 2) + [7.0],
             [-7.0, -7.0, -7.0] + [1.0] * (columns - 3), [inf, 1.0] + [inf] * (columns - 2),
             [-inf, 1.0] + [-inf] * (columns - 2), [-inf] * columns]
    return [[floats.to_dtype(v, dtype) for v in row] for row in found]


# --- references -----------------------------------------------------------------------------------
class Softmax:
    """Weights p, logarithm of their sum, and the condition of each p, of a row without NaN."""

    def __init__(self, row):
        self.x = [mpf(v) for v in row]
        self.top = max(self.x)
        self.plain = mp.isfinite(self.top)
        if self.plain:
            e = [mp.exp(v - self.top) for v in self.x]
            self.p = [v / mp.fsum(e) for v in e]
            others = mp.fsum(v for i, v in enumerate(e) if i != self.x.index(self.top))
            self.log_sum = self.top + mp.log1p(others)
            self.after_top = mp.log1p(others)
            moves = [abs(v) * p if mp.isfinite(v) else mpf(0) for v, p in zip(self.x, self.p)]
            self.moved = mp.fsum(moves)
            self.conditions = [(abs(v) * (1 - p) if mp.isfinite(v) else 0) + self.moved - m
                               for v, p, m in zip(self.x, self.p, moves)]
        else:
            tops = sum(v == INF for v in self.x)
            self.p = [FREE if tops != 1 else mpf(v == INF) for v in self.x]
            self.log_sum = self.top


def blank(row, value):
    return [(value, 0)] * len(row)


def log_sum_exp(scale):
    """log(scale * sum(exp(x))), and its gradient."""

    def reference(row, eps, columns):
        if any(v != v for v in row):
            return [(NAN, 0)], blank(row, NAN)
        s = Softmax(row)
        if not s.plain:
            return [(s.log_sum, 0)], [(p, 0) for p in s.p]
        value = s.log_sum + mp.log(scale(columns))
        return ([(value, 4 * eps * max(abs(value), abs(s.log_sum), s.moved, 1))],
                [(p, 4 * eps * p * max(1, c)) for p, c in zip(s.p, s.conditions)])

    return reference


def softmax(row, eps, columns):
    """Elements past the last column have no weight."""
    if any(v != v for v in row):
        return blank(row, NAN), blank(row, FREE)
    s = Softmax(row)
    if not s.plain:
        return [(p, 0) for p in s.p], blank(row, FREE)
    w = [mpf(WEIGHTS[i % 5] if i < columns else 0) for i in range(len(row))]
    c = [max(1, v) for v in s.conditions]
    mean = mp.fsum(a * p for a, p in zip(w, s.p))
    spread = mp.fsum(abs(a) * p * k for a, p, k in zip(w, s.p, c))
    # A weight that is denormal is rounded before it is multiplied.
    gradient = [(p * (a - mean), 4 * eps * p * (abs(a - mean) * k + spread + abs(a) + abs(mean))
                 + half_denormal(eps) * abs(a - mean))
                for p, a, k in zip(s.p, w, c)]
    return [(p, 4 * eps * p * k) for p, k in zip(s.p, c)], gradient


def log_softmax_of(s, i, eps):
    value = s.x[i] - s.top - s.after_top
    # A term far above the others: 1 - p is known with all digits.
    return value, 4 * eps * max(abs(value), s.conditions[i], 1) if mp.isfinite(value) else 0


def log_softmax(row, eps, columns):
    if any(v != v for v in row):
        return blank(row, NAN), blank(row, FREE)
    s = Softmax(row)
    if not s.plain:
        return [(p if p is FREE else mpf(0) if p == 1 else -INF, 0) for p in s.p], blank(row, FREE)
    w = [mpf(WEIGHTS[i % 5]) for i in range(len(row))]
    total = mp.fsum(w)
    gradient = [(a - p * total, 4 * eps * (abs(a) + p * max(1, c) * abs(total)))
                for a, p, c in zip(w, s.p, s.conditions)]
    if any(mp.isinf(v) for v in s.x):
        gradient = blank(row, FREE)
    return [log_softmax_of(s, i, eps) for i in range(len(row))], gradient


def cross_entropy(row, eps, columns, label):
    if any(v != v for v in row):
        return [(NAN, 0)], blank(row, NAN)
    s = Softmax(row)
    if not s.plain or any(mp.isinf(v) for v in s.x):
        return [(FREE, 0)], blank(row, FREE)
    value, off = log_softmax_of(s, label, eps)
    return [(-value, off)], [(p - (j == label), 4 * eps * ((j == label) + p * max(1, c)))
                             for j, (p, c) in enumerate(zip(s.p, s.conditions))]


def soft_cross_entropy(row, eps, columns, targets):
    s = Softmax(row)
    t = [mpf(v) for v in targets]
    parts = [log_softmax_of(s, i, eps) for i in range(len(row))]
    total = mp.fsum(t)
    value = -mp.fsum(a * v for a, (v, _) in zip(t, parts) if a)
    off = mp.fsum(a * o for a, (_, o) in zip(t, parts))
    return [(value, off + 4 * eps * abs(value))], [
        (p * total - a, 4 * eps * (abs(a) + p * max(1, c) * total)) for a, p, c in zip(t, s.p, s.conditions)]


def norm(row, eps, columns):
    if any(v != v for v in row):
        return [(NAN, 0)], blank(row, NAN)
    x = [mpf(v) for v in row]
    if any(mp.isinf(v) for v in x):
        return [(INF, 0)], blank(row, FREE)
    value = mp.sqrt(mp.fsum(v * v for v in x))
    if value == 0:
        return [(value, 0)], blank(row, mpf(0))
    slopes = [v / value for v in x]
    return [(value, 4 * eps * value)], [(g, 4 * eps * abs(g) * max(1, 2 * (1 - g * g))) for g in slopes]


def variance(row, eps, columns):
    x = [mpf(v) for v in row]
    mean = mp.fsum(x) / columns
    value = mp.fsum((v - mean) ** 2 for v in x) / columns
    off = 4 * eps * max(value, 2 * mp.fsum(abs(v) * abs(v - mean) for v in x) / columns)
    size = mp.fsum(abs(v) for v in x) / columns
    # The mean itself is known to eps of its size, which its square adds.
    off += (4 * eps * size) ** 2
    return [(value, off)], [(2 * (v - mean) / columns, 8 * eps * (abs(v) + size) / columns) for v in x]


def product(row, eps, columns):
    """Right with any number of zeros."""
    x = [mpf(v) for v in row]
    value = mp.fprod(x)
    others = [mp.fprod(x[:i] + x[i + 1:]) for i in range(len(x))]
    return [(value, columns * eps * abs(value))], [(g, columns * eps * abs(g)) for g in others]


def extreme(choose):
    """Ties share the gradient equally."""

    def reference(row, eps, columns):
        x = [mpf(v) for v in row]
        found = choose(x)
        ties = sum(v == found for v in x)
        slopes = [mpf(v == found) / ties for v in x]
        return [(found, 0)], [(g, eps * g) for g in slopes]

    return reference


def log_product(power):
    def reference(row, eps, columns):
        if any(v == 0 for v in row):
            return [(-INF, 0)], blank(row, FREE)
        logs = [power * mp.log(mpf(v)) for v in row]
        value = mp.fsum(logs)
        # Equal terms round alike: their sum upwards is off by more than a usual one.
        return [(value, 4 * eps * max(1, mp.sqrt(columns) / 3) * max(mp.fsum(abs(v) for v in logs), columns))], [
            (power / mpf(v), 4 * eps * power / mpf(v)) for v in row]

    return reference


REFERENCES = {  # name: (layout, inputs, reference, second argument)
    "logsumexp": ("rows", rows, log_sum_exp(lambda c: mpf(1)), ""),
    "log_mean_exp": ("rows", rows, log_sum_exp(lambda c: mpf(1) / c), ""),
    "log_sum_two_exp": ("rows", rows, log_sum_exp(lambda c: mpf(2)), ""),
    "softmax": ("rows of elements", rows, softmax, "w"),
    "softmax_by_hand": ("rows of elements", finite_rows, softmax, "w"),
    "log_softmax": ("rows of elements", rows, log_softmax, "w"),
    "cross_entropy_by_index": ("rows", rows, cross_entropy, "i"),
    "cross_entropy_by_one_hot": ("rows", finite_rows, cross_entropy, "i"),
    "cross_entropy_by_one_hot_in_log": ("rows", finite_rows, cross_entropy, "i"),
    "cross_entropy_by_targets": ("rows", finite_rows, soft_cross_entropy, "t"),
    "norm": ("rows", norm_rows, norm, ""),
    "variance": ("rows", variance_rows, variance, ""),
    "product": ("rows", rows_with_zeros, product, ""),
    "largest": ("rows", rows_with_ties, extreme(max), ""),
    "smallest": ("rows", rows_with_ties, extreme(min), ""),
    "log_product": ("rows", probability_rows, log_product(1), ""),
    "log_product_of_squares": ("rows", probability_rows, log_product(2), ""),
}


def second(kind, table, columns):
    """Weights of all elements, a label for each row, or targets that sum up to 1."""
    if kind == "w":
        return [WEIGHTS[i % 5] for _ in table for i in range(columns)]
    if kind == "i":
        return [float(r * 3 % columns) for r in range(len(table))]
    targets = [[1.0] + [0.0] * (columns - 1), [0.5, 0.25, 0.25] + [0.0] * (columns - 3)]
    return [v for r in range(len(table)) for v in targets[r % 2]]


def tokens(results, dtype):
    slack = mp.ldexp(1, floats.LOWEST[dtype] - 1)
    return [judge.wanted(v, off + slack if off or (v is not FREE and mp.isfinite(v) and v) else 0, dtype)
            for v, off in results]


def wanted(kind, make, reference, dtype, columns):
    table = even(make(dtype, columns))
    inputs = {"x": [v for row in table for v in row]}
    extra = second(kind, table, columns) if kind else []
    if kind:
        inputs[kind] = extra
    values, slopes = [], []
    for r, row in enumerate(table):
        more = ()
        if kind == "i":
            more = (int(extra[r]),)
        elif kind == "t":
            more = (extra[r * columns:(r + 1) * columns],)
        value, slope = reference(row, eps(dtype), columns, *more)
        values += value
        slopes += slope
    return inputs, {"value": tokens(values, dtype), "x": tokens(slopes, dtype)}


def file():
    made = File("rows")
    for name, (layout, make, reference, kind) in REFERENCES.items():
        for columns in (5, 37):
            if kind == "t" and columns != 5:
                continue
            found = {d: wanted(kind, make, reference, d, columns) for d in DTYPES}
            arguments = ["x"] + ([kind] if kind in ("i", "t") else [])
            made.formula(f"{name}_{columns}", arguments, TREES[name], {}, found, 72 if columns == 5 else 24,
                         forms=("plain", "lets", "some lets", "def"), layout=layout, columns=columns,
                         contexts="rows" if kind == "i" else "unscaled" if kind == "t" else "")
    return made
