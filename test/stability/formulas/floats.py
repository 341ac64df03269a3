# SPDX-License-Identifier: Apache-2.0
"""Floats of f32 and f64 as integers in order, and real numbers of any size rounded to them."""

import struct

from mpmath import mp, mpf

mp.dps = 80

PRECISION = {"f32": 24, "f64": 53}
LOWEST = {"f32": -149, "f64": -1074}  # the exponent of the smallest denormal
HIGHEST = {"f32": 128, "f64": 1024}  # 2 to this is the first power that is no number any more
BITS = {"f32": ("<f", "<i", 1 << 31), "f64": ("<d", "<q", 1 << 63)}


def ordinal(value, dtype):
    """Neighbouring floats are integers one apart; both zeros are 0; infinities stand at the ends."""
    real, whole, sign = BITS[dtype]
    bits = struct.unpack(whole, struct.pack(real, value))[0]
    return bits if bits >= 0 else -(bits + sign)


def from_ordinal(number, dtype):
    real, whole, _ = BITS[dtype]
    value = struct.unpack(real, struct.pack(whole, abs(number)))[0]
    return -value if number < 0 else value


INFINITE = {dtype: ordinal(float("inf"), dtype) for dtype in PRECISION}


def exponent(value):
    """The power of two at or below the magnitude of `value`, which is neither 0 nor infinite."""
    _, man, exp, bits = value._mpf_
    return exp + bits - 1


def quantum(value, dtype):
    """The exponent of the last place of `value`, as if there were no smallest float."""
    return exponent(value) - PRECISION[dtype] + 1


def rounded(value, dtype, direction="nearest"):
    """The ordinal of a real number in `dtype`, rounded to nearest, "down" or "up"."""
    if mp.isinf(value):
        return INFINITE[dtype] if value > 0 else -INFINITE[dtype]
    if value == 0:
        return 0
    towards_zero = direction == ("down" if value > 0 else "up")
    end = INFINITE[dtype] - (1 if towards_zero else 0)
    if exponent(value) > HIGHEST[dtype]:
        return end if value > 0 else -end
    last = max(quantum(value, dtype), LOWEST[dtype])
    scaled = mp.ldexp(value, -last)
    count = {"nearest": mp.nint, "down": mp.floor, "up": mp.ceil}[direction](scaled)
    size = abs(int(count))
    if size.bit_length() > PRECISION[dtype]:
        size >>= 1
        last += 1
    if size.bit_length() + last > HIGHEST[dtype]:
        return end if value > 0 else -end
    size = float(size) * 2.0**last if last > -1000 else from_parts(size, last)
    return ordinal(size if value > 0 else -size, dtype)


def from_parts(size, last):
    """size * 2**last where the power alone would be a denormal."""
    return float(mp.ldexp(mpf(size), last))


def real(value):
    """The exact value of a float."""
    return mpf(value)


def to_dtype(value, dtype):
    """A Python float rounded to `dtype`."""
    return from_ordinal(rounded(mpf(value), dtype), dtype) if value == value and value else value


def text(value, dtype):
    """The shortest text that reads back to the same bits."""
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    if dtype == "f64":
        found = repr(value)
    else:
        found = next(
            t
            for digits in range(1, 10)
            for t in [f"{value:.{digits}g}"]
            if to_dtype(float(t), dtype) == value
        )
    if found.endswith(".0"):
        found = found[:-2]
    return found.replace("e+", "e").replace("e-0", "e-").replace("e0", "e")
