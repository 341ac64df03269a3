# SPDX-License-Identifier: Apache-2.0
"""Arithmetic, comparison, logic and selection in every dtype and in every class of broadcast."""

import numpy as np

from .broadcasts import broadcasts, some
from .exact import arctan2, fma, power
from .table import DTYPES, FLOATS, INTEGERS, SIGNED, Table, array, ulp

COMPARE = [
    ("lt", "a < b", lambda a, b: a < b),
    ("le", "a <= b", lambda a, b: a <= b),
    ("gt", "a > b", lambda a, b: a > b),
    ("ge", "a >= b", lambda a, b: a >= b),
    ("eq", "a == b", lambda a, b: a == b),
    ("ne", "a != b", lambda a, b: a != b),
]
BASIC = [
    ("add", "a + b", lambda a, b: a + b),
    ("sub", "a - b", lambda a, b: a - b),
    ("mul", "a * b", lambda a, b: a * b),
]


# As maximum and minimum order zeros: -0.0 before 0.0.
def larger(a, b):
    return np.where(a == b, np.where(np.signbit(a), b, a), np.maximum(a, b))


def smaller(a, b):
    return np.where(a == b, np.where(np.signbit(a), a, b), np.minimum(a, b))


def integer_larger(a, b):
    return np.maximum(a, b)


def integer_smaller(a, b):
    return np.minimum(a, b)


def quotient(a, b):
    with np.errstate(all="ignore"):
        return np.where(b == 0, np.zeros_like(a), np.floor_divide(a, b)).astype(a.dtype)


def remainder(a, b):
    with np.errstate(all="ignore"):
        return np.where(b == 0, np.zeros_like(a), np.remainder(a, b)).astype(a.dtype)


def integer_power(a, b):
    """Wraps; a negative exponent gives the truncated value, 0 for base 0."""
    bits = a.dtype.itemsize * 8
    flat = []
    for x, y in zip(a.reshape(-1).tolist(), b.reshape(-1).tolist()):
        if y < 0:
            flat.append(1 if x == 1 else (1 if y % 2 == 0 else -1) if x == -1 else 0)
        else:
            flat.append(pow(x, y, 1 << bits))
    wrapped = [v % (1 << bits) for v in flat]
    return np.array(wrapped, dtype=np.uint64).astype(a.dtype).reshape(a.shape)


def special(dtype):
    """Numbers at the edges of a dtype."""
    kind = DTYPES[dtype]
    if dtype == "bool":
        return array([0, 1], dtype)
    if dtype in FLOATS:
        info = np.finfo(kind)
        return np.array(
            [
                0.0,
                -0.0,
                1,
                -1,
                0.5,
                -2.5,
                3,
                info.max,
                -info.max,
                info.tiny,
                info.smallest_subnormal,
                -3 * info.smallest_subnormal,
                np.inf,
                -np.inf,
                np.nan,
            ],
            dtype=kind,
        )
    info = np.iinfo(kind)
    around = {info.min, info.min + 1, -7, -1, 0, 1, 2, 3, 7, info.max // 2, info.max - 1, info.max}
    return np.array(sorted(v for v in around if info.min <= v <= info.max), dtype=kind)


def pairs(dtype):
    values = special(dtype)
    return [m.reshape(-1) for m in np.meshgrid(values, values, indexing="ij")]


def two(dtype, dims="[N]"):
    return f"a: {dtype}{dims}; b: {dtype}{dims}"


HEAD = ("dim K", "dim N", "dim M")


def floats(table, rng, dtype):
    program = table.program(f"arithmetic_{dtype}", *HEAD)
    basic = program.function(
        "basic",
        two(dtype),
        BASIC
        + [
            ("div", "a / b", lambda a, b: a / b),
            ("maximum_ab", "maximum(a, b)", larger),
            ("minimum_ab", "minimum(a, b)", smaller),
            ("negative", "-a", lambda a: -a),
            ("plus", "+a", lambda a: +a),
        ],
    )
    compare = program.function("compare", two(dtype), COMPARE)
    a, b = pairs(dtype)
    for made in (basic, compare):
        made.call("edges", {"N": len(a)}, a=a, b=b)
        made.call("usual", {"N": 37}, a=some(rng, dtype, 37), b=some(rng, dtype, 37))
        made.call("empty", {"N": 0}, a=[], b=[])
    broadcasts(program, rng, dtype)

    program = table.program(f"selection_{dtype}", *HEAD)
    choose = program.function(
        "choose",
        f"c: bool[N]; {two(dtype)}",
        [
            ("chosen", "where(c, a, b)", lambda c, a, b: np.where(c, a, b)),
            ("masked", "where(c, a, 0)", lambda c, a: np.where(c, a, a.dtype.type(0))),
        ],
    )
    choose.call("edges", {"N": len(a)}, a=a, b=b, c=np.arange(len(a)) % 3 == 0)
    clips = program.function(
        "clips",
        two(dtype),
        [
            ("both", "clip(a, -1, 2)", lambda a: np.clip(a, a.dtype.type(-1), a.dtype.type(2))),
            ("by_array", "clip(a, b, 3)", lambda a, b: smaller(larger(a, b), np.full_like(a, 3))),
        ],
    )
    finite = array([-3, -1, -0.5, 0.25, 1.5, 2, 2.5, np.inf, -np.inf, np.nan], dtype)
    clips.call(
        "edges", {"N": len(finite)}, a=finite, b=array([-2, -2, 1, 1, 1, 2, -1, 0, 0, 0], dtype)
    )
    scalar = program.function(
        "lazily",
        f"s: {dtype}; t: {dtype}",
        [("picked", "s if s > t else t", lambda s, t: np.asarray(s if s > t else t))],
    )
    scalar.call("first", s=2, t=1)
    scalar.call("second", s=-2, t=1)
    scalar.call("nan", s=np.nan, t=1)

    program = table.program(f"fused_{dtype}", *HEAD)
    values = array([1, -1, 0.1, 1 / 3, 3, 1e20, -1e20, 1e-30, 0, -0.0, np.inf, np.nan], dtype)
    x, y = (m.reshape(-1) for m in np.meshgrid(values, values, indexing="ij"))
    with np.errstate(all="ignore"):
        z = np.where(np.isfinite(x * y), -(x * y), 1).astype(x.dtype)
    fused = program.function(
        "fused",
        f"{two(dtype)}; d: {dtype}[N]",
        [("fma_abd", "fma(a, b, d)", lambda a, b, d: fma(a, b, d))],
    )
    fused.call("rounding error", {"N": len(x)}, a=x, b=y, d=z)

    program = table.program(f"division_{dtype}", *HEAD)
    floor = program.function(
        "floor",
        two(dtype),
        [("quotient", "a // b", lambda a, b: a // b), ("rest", "a % b", lambda a, b: a % b)],
    )
    a = array([7, -7, 7, -7, 7.5, -7.5, 0.1, 1, -1, 0, 6, -6, 1e10, 5.3], dtype)
    b = array([2, 2, -2, -2, 2, 2, 0.01, 3, 3, 5, 3, 3, 7, -0.7], dtype)
    floor.call("signs", {"N": len(a)}, a=a, b=b)
    a = array([1, -1, 0, np.nan, 1, 1, -1], dtype)
    b = array([0, 0, 0, 1, np.nan, np.inf, np.inf], dtype)
    floor.call("edges", {"N": len(a)}, a=a, b=b)

    program = table.program(f"power_{dtype}", *HEAD)
    powers = program.function("powers", two(dtype), [("power_ab", "a ** b", power, ulp(4))])
    a, b = pairs(dtype)
    powers.call("edges", {"N": len(a)}, a=a, b=b)
    a = np.abs(some(rng, dtype, 37))
    powers.call("usual", {"N": 37}, a=a, b=np.round(rng.normal(size=37), 2))
    constant = program.function(
        "constant",
        f"a: {dtype}[N]",
        [
            ("two", "a ** 2", lambda a: a * a),
            ("three", "a ** 3", lambda a: (a.astype(np.longdouble) ** 3).astype(a.dtype), ulp(2)),
            ("half", "a ** 0.5", lambda a: np.power(a, a.dtype.type(0.5)), ulp(1)),
            ("minus_one", "a ** -1", lambda a: 1 / a, ulp(1)),
            (
                "minus_two",
                "a ** -2",
                lambda a: (1 / a.astype(np.longdouble) ** 2).astype(a.dtype),
                ulp(2),
            ),
            ("zero", "a ** 0", lambda a: np.ones_like(a)),
            ("ten", "a ** 10", lambda a: power(a, np.full_like(a, 10)), ulp(5)),
            ("minus_square", "-a ** 2", lambda a: -(a * a)),
            ("base_two", "2 ** a", lambda a: power(np.full_like(a, 2), a), ulp(4)),
        ],
    )
    constant.call("usual", {"N": 9}, a=[0.5, 1, 1.5, 2, 3.25, 7, 11, 0.1, 0.01])
    constant.call(
        "edges",
        {"N": 4},
        only=("two", "three", "zero", "minus_square", "ten"),
        a=[0, -1.5, np.inf, np.nan],
    )
    angle = program.function(
        "angle", two(dtype), [("arctan2_ab", "arctan2(a, b)", arctan2, ulp(4))]
    )
    a, b = pairs(dtype)
    angle.call("edges", {"N": len(a)}, a=a, b=b)


def integers(table, rng, dtype):
    program = table.program(f"arithmetic_{dtype}", *HEAD)
    unary = [
        ("negative", "-a", lambda a: np.negative(a)),
        ("abs_a", "abs(a)", lambda a: np.abs(a)),
        ("sign_a", "sign(a)", lambda a: np.sign(a)),
        ("square_a", "square(a)", lambda a: a * a),
    ]
    basic = program.function(
        "basic",
        two(dtype),
        BASIC
        + [
            ("quotient", "a // b", quotient),
            ("rest", "a % b", remainder),
            ("maximum_ab", "maximum(a, b)", integer_larger),
            ("minimum_ab", "minimum(a, b)", integer_smaller),
        ],
    )
    bits = program.function(
        "bits",
        two(dtype),
        [
            ("both", "a & b", lambda a, b: a & b),
            ("either", "a | b", lambda a, b: a | b),
            ("differ", "a ^ b", lambda a, b: a ^ b),
            ("inverse", "~a", lambda a: ~a),
        ]
        + unary,
    )
    compare = program.function("compare", two(dtype), COMPARE)
    a, b = pairs(dtype)
    for made in (basic, bits, compare):
        made.call("edges", {"N": len(a)}, a=a, b=b)
        made.call("usual", {"N": 37}, a=some(rng, dtype, 37), b=some(rng, dtype, 37))
    basic.call("empty", {"N": 0}, a=[], b=[])
    broadcasts(program, rng, dtype)

    program = table.program(f"powers_{dtype}", *HEAD)
    powers = program.function(
        "powers", f"a: {dtype}[N]; b: {dtype}[N]", [("power_ab", "a ** b", integer_power)]
    )
    base = array([v for v in (-3, -2, -1, 0, 1, 2, 3, 10) if v >= 0 or dtype in SIGNED], dtype)
    exponent = array([v for v in (-3, -2, -1, 0, 1, 2, 5, 31) if v >= 0 or dtype in SIGNED], dtype)
    x, y = (m.reshape(-1) for m in np.meshgrid(base, exponent, indexing="ij"))
    powers.call("edges", {"N": len(x)}, a=x, b=y)
    constant = program.function(
        "constant",
        f"a: {dtype}[N]",
        [
            ("two", "a ** 2", lambda a: a * a),
            ("five", "a ** 5", lambda a: a * a * a * a * a),
            ("zero", "a ** 0", lambda a: np.ones_like(a)),
        ],
    )
    constant.call("edges", {"N": len(special(dtype))}, a=special(dtype))
    choose = program.function(
        "choose",
        f"c: bool[N]; {two(dtype)}",
        [
            ("chosen", "where(c, a, b)", lambda c, a, b: np.where(c, a, b)),
            ("clipped", "clip(a, 1, 5)", lambda a: np.clip(a, 1, 5).astype(a.dtype)),
        ],
    )
    choose.call("", {"N": len(a)}, a=a, b=b, c=np.arange(len(a)) % 3 == 0)
    divide = program.function(
        "divide",
        two(dtype),
        [("ratio", "a / b", lambda a, b: a.astype(np.float32) / b.astype(np.float32))],
    )
    divide.call("", {"N": 6}, a=[7, 8, 9, 100, 0, 1], b=[2, 3, 7, 10, 5, 0])


def booleans(table, rng):
    program = table.program("arithmetic_bool", *HEAD)
    a, b = pairs("bool")
    logic = program.function(
        "logic",
        two("bool"),
        [
            ("both", "a & b", lambda a, b: a & b),
            ("either", "a | b", lambda a, b: a | b),
            ("differ", "a ^ b", lambda a, b: a ^ b),
            ("inverse", "~a", lambda a: ~a),
            ("and_word", "a and b", lambda a, b: a & b),
            ("or_word", "a or b", lambda a, b: a | b),
            ("not_word", "not a", lambda a: ~a),
            ("chosen", "where(a, b, not b)", lambda a, b: np.where(a, b, ~b)),
        ],
    )
    compare = program.function("compare", two("bool"), COMPARE)
    for made in (logic, compare):
        made.call("all", {"N": 4}, a=a, b=b)
        made.call("usual", {"N": 70}, a=some(rng, "bool", 70), b=some(rng, "bool", 70))
        made.call("empty", {"N": 0}, a=[], b=[])
    broadcasts(program, rng, "bool")
    # Any nonzero byte is true.
    made = program.function(
        "bytes",
        "a: bool[N]; b: bool[N]",
        [
            ("same", "a == b", lambda a, b: np.array([True, True, False, True])),
            ("both", "a & b", lambda a, b: np.array([True, True, False, False])),
            ("copy", "a", lambda a, b: np.array([True, True, True, False])),
            ("count", "sum(a)", lambda a, b: np.int64(3)),
            ("number", "f32(a)", lambda a, b: np.float32([1, 1, 1, 0])),
            ("chosen", "where(a, 5, 7)", lambda a, b: np.int64([5, 5, 5, 7])),
        ],
    )
    made.call("", {"N": 4}, a=[1, 1, 1, 0], b=[1, 1, 0, 0])
    table.lines[-1]["in"] = {"a": ["bool", [4], "2 255 128 0"], "b": ["bool", [4], "1 2 0 0"]}


def tables():
    rng = np.random.default_rng(1)
    table = Table("arithmetic_floats")
    for dtype in FLOATS:
        floats(table, rng, dtype)
    yield table
    table = Table("arithmetic_integers")
    for dtype in INTEGERS:
        integers(table, rng, dtype)
    booleans(table, rng)
    yield table
