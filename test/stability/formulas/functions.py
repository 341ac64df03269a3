# SPDX-License-Identifier: Apache-2.0
"""Reference functions with 80 digits, in forms that lose none of them."""

from mpmath import mp, mpf

INF = mp.inf


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def ln1p(x):
    return -INF if x == -1 else mp.nan if x < -1 else mp.log1p(x)


def ln(x):
    return -INF if x == 0 else mp.nan if x < 0 else mp.log(x)


def softplus(x):
    return x + mp.log1p(mp.exp(-x)) if x > 0 else mp.log1p(mp.exp(x))


def log1mexp(x):
    """log(1 - exp(x)), x <= 0."""
    if x > 0:
        return mp.nan
    if x == 0:
        return -INF
    return mp.log1p(-mp.exp(x)) if x < -1 else mp.log(-mp.expm1(x))


def erfc(x):
    """Also of numbers whose square has more digits than mpmath's own may take."""
    return mpf(0) if x > 1e20 else mpf(2) if x < -1e20 else mp.erfc(x)


def erf(x):
    return mp.sign(x) if abs(x) > 1e20 else mp.erf(x)


def erfcx(x):
    """exp(x**2) * erfc(x); Abramowitz and Stegun 7.1.23 for large x."""
    if x > 1e10:
        return series(x) / (x * mp.sqrt(mp.pi))
    return mp.exp(x * x) * erfc(x)


def series(x):
    square = x * x
    return 1 - 1 / (2 * square) + 3 / (4 * square**2) - 15 / (8 * square**3) + 105 / (16 * square**4)


def erfcx_slope(x):
    if x > 1e10:
        return -(1 - 3 / (2 * x * x) + 15 / (4 * x**4)) / (mp.sqrt(mp.pi) * x * x)
    return 2 * x * erfcx(x) - 2 / mp.sqrt(mp.pi)


def log_erfc(x):
    return -x * x + mp.log(erfcx(x)) if x > 5 else mp.log1p(-erf(x)) if x > -5 else mp.log(2 - erfc(-x))


def bell(x):
    """The derivative of erf."""
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def inverse_erfcx_slope(x):
    if x > 1e10:
        return mp.sqrt(mp.pi) * (1 - 1 / (2 * x * x) + mpf(5) / 2 / x**4)
    return -erfcx_slope(x) / erfcx(x) ** 2


def gammaln(x):
    if x <= 0 and x == mp.floor(x):
        return INF
    if x < 0:
        # Reflection: log|gamma(x)| = log(pi / |x sin(pi x)|) - log gamma(-x).
        return mp.log(mp.pi / abs(x * mp.sinpi(x))) - mp.loggamma(-x).real
    return mp.loggamma(x)


def digamma(x):
    if x <= 0 and x == mp.floor(x):
        return mp.nan
    return mp.digamma(x)


def trigamma(x):
    return mp.psi(1, x)


def sech2(x):
    e = mp.exp(-2 * abs(x))
    return 4 * e / (1 + e) ** 2


def tanh(x):
    e = mp.expm1(-2 * abs(x))
    return mp.sign(x) * -e / (2 + e)
