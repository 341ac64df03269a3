# SPDX-License-Identifier: Apache-2.0
"""Mathematical functions with sixty digits, rounded once to the type of the operand."""

import mpmath
import numpy as np

mpmath.mp.dps = 60


def log1p(x):
    return mpmath.log1p(x) if abs(x) < 1e-5 else mpmath.log(1 + x)


EXACTLY = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "exp2": lambda x: mpmath.power(2, x),
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "log1p": log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: log1p(mpmath.exp(x)),
    "deg2rad": mpmath.radians,
    "rad2deg": mpmath.degrees,
    "sqrt": mpmath.sqrt,
    "reciprocal": lambda x: 1 / x,
}


def erf_at(x):
    return np.where(np.isnan(x), np.nan, np.sign(x))


# Values where the operand is not finite, or the result is not, by rule.
LIMITS = {
    "erf": erf_at,
    "erfc": lambda x: 1 - erf_at(x),
    "sigmoid": lambda x: np.where(np.isnan(x), np.nan, np.where(x > 0, 1.0, 0.0)),
    "softplus": lambda x: np.where(np.isnan(x), np.nan, np.where(x > 0, x, 0.0)),
}


def limit(name, x):
    if name in LIMITS:
        return float(LIMITS[name](x))
    return float(getattr(np, name)(np.float64(x)))


def is_odd(name):
    return name in (
        "sin",
        "tan",
        "arcsin",
        "arctan",
        "sinh",
        "tanh",
        "arcsinh",
        "arctanh",
        "expm1",
        "log1p",
        "erf",
        "deg2rad",
        "rad2deg",
        "sqrt",
    )


def exactly(name):
    """The function `name` on arrays: exact, then rounded to the array's dtype."""

    def apply(a):
        def one(value):
            value = float(value)
            if value == 0 and is_odd(name):
                return value
            # Overflow is a limit of the result's type: numbers that NumPy calls finite are computed.
            rough = limit(name, value) if name not in LIMITS else 0.0
            if not np.isfinite(value) or not np.isfinite(rough):
                return limit(name, value)
            result = EXACTLY[name](mpmath.mpf(value))
            return float(result.real) if not isinstance(result, mpmath.mpc) else float("nan")

        with np.errstate(all="ignore"):
            values = np.array([one(v) for v in a.reshape(-1)], dtype=np.float64)
            return values.reshape(a.shape).astype(a.dtype)

    return apply


def power(a, b):
    """a ** b, exact and rounded once where all is finite and positive."""
    with np.errstate(all="ignore"):
        rough = np.power(a.astype(np.float64), b.astype(np.float64))
    flat = []
    for x, y, r in zip(a.reshape(-1), b.reshape(-1), rough.reshape(-1)):
        x, y = float(x), float(y)
        plain = np.isfinite(r) and r != 0 and np.isfinite(x) and np.isfinite(y)
        flat.append(float(mpmath.power(mpmath.mpf(x), mpmath.mpf(y)).real) if plain else float(r))
    with np.errstate(all="ignore"):
        return np.array(flat).reshape(a.shape).astype(a.dtype)


def arctan2(a, b):
    flat = []
    for y, x in zip(a.reshape(-1), b.reshape(-1)):
        y, x = float(y), float(x)
        plain = np.isfinite(y) and np.isfinite(x) and y != 0 and x != 0
        flat.append(float(mpmath.atan2(y, x)) if plain else float(np.arctan2(y, x)))
    return np.array(flat).reshape(a.shape).astype(a.dtype)


def fma(a, b, c):
    """a*b + c with one rounding."""
    flat = []
    for x, y, z in zip(a.reshape(-1), b.reshape(-1), c.reshape(-1)):
        x, y, z = float(x), float(y), float(z)
        if all(map(np.isfinite, (x, y, z))):
            with mpmath.workdps(700):
                exact = mpmath.mpf(x) * mpmath.mpf(y) + mpmath.mpf(z)
                if a.dtype == np.float32:
                    flat.append(round_to_f32(exact) if exact else x * y + z)
                else:
                    flat.append(float(exact) if exact else x * y + z)
        else:
            flat.append(x * y + z)
    return np.array(flat).reshape(a.shape).astype(a.dtype)


def round_to_f32(exact):
    """An exact number to the nearest f32, without a stop at f64 between."""
    near = np.float32(float(exact))
    if not np.isfinite(near):
        return float(near)
    around = [np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))]
    around = [v for v in around if np.isfinite(v)]
    best = min(abs(mpmath.mpf(float(v)) - exact) for v in around)
    ties = [v for v in around if abs(mpmath.mpf(float(v)) - exact) == best]
    even = [v for v in ties if int(v.view(np.uint32)) % 2 == 0]
    return float((even if len(ties) > 1 else ties)[0])
