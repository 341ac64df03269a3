# SPDX-License-Identifier: Apache-2.0
"""Inputs: zeros, denormals, powers of two up to the largest number, awkward values, both signs."""

import random

from . import floats

SPECIAL = [0.0, -0.0, float("inf"), float("-inf"), float("nan")]
# Where formulas of this table change their shape, and numbers without a short binary form.
AWKWARD = [
    1e-20, 1e-10, 1e-7, 1e-3, 0.1, 1 / 3, 0.3465735902799726, 0.5, 0.6931471805599453, 0.7, 0.99,
    0.999999, 1.0, 1.0000001, 1.5, 2.718281828459045, 3.14159, 5.3, 7.1, 9.3, 10.0541949, 11.7, 14.5,
    16.6, 17.3, 18.4, 19.7, 20.0, 26.641747557, 30.0, 33.3, 36.9, 38.1, 40.0, 44.7, 50.3, 60.0, 77.7,
    87.5, 88.02969, 88.72284, 89.1, 100.0, 103.2, 104.1, 128.3, 200.0, 300.0, 354.9, 365.0, 372.6,
    500.5, 700.1, 708.39, 709.5, 709.9, 744.4, 745.2, 800.0, 1000.0, 1e5, 1e10, 1e20, 1e30, 1e150,
    1e200, 1e300,
]


def magnitudes(dtype, seed=1):
    """Positive numbers in rising order: dense in the exponents around 1, thin towards both ends."""
    rng = random.Random(seed)
    low, high = floats.LOWEST[dtype], floats.HIGHEST[dtype]
    near = range(-30 if dtype == "f32" else -58, 10)
    far = 7 if dtype == "f32" else 67
    exponents = sorted(
        {*near[::2], *range(low, high, far), low, low + 1, low + floats.PRECISION[dtype] - 1, high - 1}
    )
    found = set()
    for e in exponents:
        found.add(floats.from_parts(1, e))
        found.add(floats.to_dtype(floats.from_parts(1, e) * rng.uniform(1, 2), dtype))
    found |= {floats.to_dtype(a, dtype) for a in AWKWARD}
    found.add(floats.from_ordinal(floats.INFINITE[dtype] - 1, dtype))
    one = floats.ordinal(1.0, dtype)
    found |= {floats.from_ordinal(one + step, dtype) for step in (-2, -1, 1, 2)}
    return sorted(f for f in found if 0 < f < float("inf"))


def padded(values, multiple=4):
    """As many values that rows of four fill up; the last ones are repeated."""
    return values + values[-1:] * (-len(values) % multiple)


def line(dtype):
    """All of the above, both signs, with zeros, infinities and NaN."""
    positive = magnitudes(dtype)
    return padded(SPECIAL + positive + [-p for p in positive])


def grid(dtype, values, more=()):
    """Pairs of special and usual numbers, of both signs, and near neighbours."""
    values = [floats.to_dtype(v, dtype) for v in values]
    signed = SPECIAL + values + [-v for v in values]
    pairs = [(a, b) for a in signed for b in signed]
    pairs += [tuple(floats.to_dtype(v, dtype) for v in pair) for pair in more]
    return padded(pairs)
