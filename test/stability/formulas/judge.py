# SPDX-License-Identifier: Apache-2.0
"""What counts as right: for every input the floats from the lowest to the highest admitted one.

README.md says the rules in words; a `wanted` token is what the checker reads.
"""

from mpmath import mp, mpf

from . import floats

ULPS = 4
STEP = mpf(10) ** -30  # of the differences that conditions are measured by


class Free:
    """A value that is not judged: outside of the domain, or where the language says nothing."""


FREE = Free()


def evaluate(function, *arguments):
    """A real result; NaN outside of the domain; poles are infinite where the function says so."""
    try:
        value = function(*arguments)
    except (ValueError, ZeroDivisionError, OverflowError):
        return mp.nan
    if value is FREE:
        return FREE
    value = mp.mpmathify(value)
    if isinstance(value, mp.mpc):
        return value.real if value.imag == 0 else mp.nan
    return value


def condition(function, arguments, value):
    """The sum over the arguments of |x f'(x) / f(x)|, by differences at a relative step."""
    total = mpf(0)
    for place, argument in enumerate(arguments):
        if argument == 0 or mp.isinf(argument):
            continue
        ends = []
        for step in (1 - STEP, 1 + STEP):
            moved = list(arguments)
            moved[place] = argument * step
            ends.append(evaluate(function, *moved))
        if any(end is FREE or not mp.isfinite(end) for end in ends):
            continue
        total += abs((ends[1] - ends[0]) / (2 * STEP) / value)
    return total


def number(ordinal, dtype):
    return floats.text(floats.from_ordinal(ordinal, dtype), dtype)


def interval(low, high, value, dtype):
    """A token: the nearest float and how many floats are admitted below and above it."""
    below, above = (floats.rounded(e, dtype, d) for e, d in ((low, "up"), (high, "down")))
    centre = floats.rounded(value, dtype)
    # What lies past the largest number rounds to infinity.
    end = mp.ldexp(1, floats.HIGHEST[dtype])
    if high >= end:
        above = floats.INFINITE[dtype]
    if low <= -end:
        below = -floats.INFINITE[dtype]
    down, up = max(centre - below, 0), max(above - centre, 0)
    # Beyond these counts the bound says nothing; they keep the files small.
    down, up = (min(count, 1 << 62) for count in (down, up))
    suffix = "" if (down, up) == (ULPS, ULPS) else f"~{down}" if down == up else f"~{down}~{up}"
    return number(centre, dtype) + suffix


def wanted(value, tolerance, dtype):
    """The token of a real value that may be off by `tolerance`."""
    if value is FREE:
        return "*"
    if mp.isnan(value):
        return "nan"
    if mp.isinf(value):
        return "inf~0" if value > 0 else "-inf~0"
    if value == 0 and tolerance == 0:
        return "0~0"
    return interval(value - tolerance, value + tolerance, value, dtype)


def constant_slope(function, arguments):
    """Whether a derivative says that NaN in does not decide it."""
    return getattr(function, "is_slope", False) and (
        any(mp.isinf(a) for a in arguments) or evaluate(function, *arguments) is FREE
    )


def elementwise(function, arguments, dtype, carried=1, extra=0, conditioned=True, scaled=False):
    """The token of function(*arguments): ULPS times the condition, and what underflow costs.

    `carried` is what a denormal intermediate is multiplied by until the result. Not `conditioned`:
    ULPS alone. `scaled`: the result is a logarithm of a multiple, whose number is an argument too.
    """
    arguments = [floats.real(a) for a in arguments]
    if any(mp.isnan(a) for a in arguments):
        return "*" if constant_slope(function, arguments) else "nan"
    value = evaluate(function, *arguments)
    if value is FREE or not mp.isfinite(value):
        return wanted(value, 0, dtype)
    slack = mp.ldexp(carried, floats.LOWEST[dtype] - 1)
    if value == 0:
        return wanted(value, 0, dtype)
    of_number = 1 / abs(value) if scaled else 0
    factor = max(mpf(1), condition(function, arguments, value) + of_number) if conditioned else 1
    unit = mp.ldexp(1, floats.quantum(value, dtype))
    return wanted(value, (ULPS * factor + extra) * unit + slack, dtype)
