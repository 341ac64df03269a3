# SPDX-License-Identifier: Apache-2.0
"""Casts between all dtypes, the promotion table, weak literals, exact comparisons across dtypes."""

import math
import operator

import numpy as np

from .arithmetic import special
from .table import DTYPES, FLOATS, NAMES, SIGNED, UNSIGNED, Table, array, of

EDGES = [
    0.0,
    -0.0,
    0.4,
    0.5,
    -0.9,
    1.5,
    -1.5,
    127.5,
    128,
    -129,
    255.9,
    256,
    300,
    -1,
    65536,
    2147483647.0,
    2147483648.0,
    -2147483649.0,
    4294967296.0,
    9.3e18,
    -9.3e18,
    1.9e19,
    1e30,
    np.inf,
    -np.inf,
    np.nan,
    1e-40,
]


def convert(values, dtype):
    """As the page says: integers wrap, floats truncate and saturate, NaN is 0, nonzero is true."""
    if dtype == "bool":
        return np.asarray([bool(v != 0) for v in values.tolist()], dtype=np.bool_)
    if dtype in FLOATS:
        return values.astype(DTYPES[dtype])
    if values.dtype.kind != "f":
        return values.astype(DTYPES[dtype])
    info = np.iinfo(DTYPES[dtype])
    flat = []
    for v in values.tolist():
        if math.isnan(v):
            flat.append(0)
        elif math.isinf(v):
            flat.append(info.max if v > 0 else info.min)
        else:
            flat.append(min(max(int(v), info.min), info.max))
    return np.array(flat, dtype=DTYPES[dtype])


def promoted(a, b):
    """The dtype of a + b; None where it is an error."""
    if a == b:
        return None if a == "bool" else a
    if "bool" in (a, b):
        return b if a == "bool" else a
    if a in FLOATS and b in FLOATS:
        return "f64"
    if a in FLOATS or b in FLOATS:
        return a if a in FLOATS else b
    result = NAMES[np.promote_types(DTYPES[a], DTYPES[b])]
    return None if result in FLOATS else result


def casts(table):
    for source in DTYPES:
        program = table.program(f"casts_{source}", "dim N")
        values = array(EDGES, source) if source in FLOATS else special(source)
        made = program.function(
            "casts",
            f"a: {source}[N]",
            [
                (f"to_{target}", f"{target}(a)", lambda a, target=target: convert(a, target))
                for target in DTYPES
            ],
        )
        made.call("edges", {"N": len(values)}, a=values)
        made = program.function(
            "spelled",
            f"a: {source}[N]",
            [
                ("by_cast", "cast(a, f64)", lambda a: convert(a, "f64")),
                ("by_method", "a.cast(i16)", lambda a: convert(a, "i16")),
            ],
        )
        made.call("", {"N": len(values)}, a=values)


def promotion(table):
    values = {
        name: (
            [0, 1, 1]
            if name == "bool"
            else (
                [5, 0, 120]
                if name in UNSIGNED
                else [5, -3, 120] if name in SIGNED else [5.5, -3, 0.1]
            )
        )
        for name in DTYPES
    }
    program = table.program(
        "promotion",
        *(f"input {n}_a : {n}[3]" for n in DTYPES),
        *(f"input {n}_b : {n}[3]" for n in DTYPES),
    )
    for left in DTYPES:
        for right in DTYPES:
            result = promoted(left, right)
            if result is None:
                if (left, right) == ("bool", "bool") or "u64" in (left, right):
                    table.refused(
                        f"promote {left} {right}",
                        f"input a : {left}[3]\ninput b : {right}[3]\nlet c = a + b",
                        "dtype_mismatch",
                    )
                continue
    for left in DTYPES:
        outs, inputs = [], [f"{left}_a: {left}[3]"]
        for right in DTYPES:
            result = promoted(left, right)
            if result is None:
                continue
            a, b = f"{left}_a", f"{right}_b"
            kind = DTYPES[result]
            outs.append(
                (
                    f"add_{right}",
                    f"{a} + {b}",
                    of(lambda x, y, kind=kind: x.astype(kind) + y.astype(kind), a, b),
                )
            )
            outs.append(
                (
                    f"where_{right}",
                    f"where({a} > 1, {a}, {b})",
                    of(
                        lambda x, y, kind=kind: np.where(x > 1, x.astype(kind), y.astype(kind)),
                        a,
                        b,
                    ),
                )
            )
            inputs.append(f"{b}: {right}[3]")
        made = program.function(f"with_{left}", "; ".join(inputs), outs)
        made.call("", **{name: values[name.split("_")[0]] for name in made.inputs})


def compares(table):
    """Comparisons of integers are exact across dtypes."""
    program = table.program("comparisons", "dim N")
    cases = {
        "i8_u8": ([-1, -128, 127, 0, 5], [255, 128, 127, 0, 4]),
        "i64_u64": ([-1, -(2**63), 2**63 - 1, 0, 5], [2**64 - 1, 2**63, 2**63 - 1, 0, 4]),
        "u64_i32": ([2**64 - 1, 2**31, 0, 7, 2**63], [-1, -(2**31), 0, 7, -1]),
        "u32_i64": ([2**32 - 1, 0, 1, 2**31, 9], [-1, 0, 2**40, -(2**31), 9]),
        "i32_f32": ([-1, 0, 16777216, 7, 3], [-1, -0.0, 16777216, 7.5, np.nan]),
        "bool_i64": ([0, 1, 1, 0, 1], [0, 1, 2, -1, 0]),
    }
    for key, (left, right) in cases.items():
        a, b = (f"{d}_{key}" for d in "ab")
        types = key.split("_")
        exact = types[1] not in FLOATS

        def compare(does, a=a, b=b, exact=exact):
            def values(x, y):
                if not exact:
                    return does(x.astype(y.dtype), y)
                return np.array(
                    [does(l, r) for l, r in zip(x.tolist(), y.tolist())], dtype=np.bool_
                )

            return of(values, a, b)

        made = program.function(
            key,
            f"{a}: {types[0]}[N]; {b}: {types[1]}[N]",
            [
                (name, f"{a} {op} {b}", compare(getattr(operator, name)))
                for name, op in (
                    ("lt", "<"),
                    ("le", "<="),
                    ("gt", ">"),
                    ("ge", ">="),
                    ("eq", "=="),
                    ("ne", "!="),
                )
            ],
        )
        made.call("", {"N": len(left)}, **{a: array(left, types[0]), b: array(right, types[1])})


def literals(table):
    program = table.program(
        "weak_literals",
        "const EPS = 1e-3",
        "const THIRD = 1/3",
        "let third = 1 / 3",
        "let mixed = THIRD * 3 + 0.5",
    )
    f32 = np.float32
    made = program.function(
        "meets",
        "p: bool[3]; i: i32[3]; u: u8[3]; x: f32[3]; y: f64[3]",
        [
            ("i_int", "i + 1", lambda i: i + np.int32(1)),
            ("int_i", "1 - i", lambda i: np.int32(1) - i),
            ("i_float", "i * 0.5", lambda i: i.astype(f32) * f32(0.5)),
            ("u_int", "u + 255", lambda u: u + np.uint8(255)),
            ("u_float", "u + 0.1", lambda u: u.astype(f32) + f32(0.1)),
            ("p_int", "p + 1", lambda p: p.astype(np.int64) + 1),
            ("p_float", "p * 0.5", lambda p: p.astype(f32) * f32(0.5)),
            ("x_float", "x * 0.1", lambda x: x * f32(0.1)),
            ("x_int", "x + 1", lambda x: x + f32(1)),
            ("y_float", "y * 0.1", lambda y: y * 0.1),
            ("y_third", "y * third", lambda y: y * (1 / 3)),
            ("x_third", "x * third", lambda x: x * f32(1 / 3)),
            ("y_const", "y * THIRD", lambda y: y * (1 / 3)),
            ("x_const", "x + EPS", lambda x: x + f32(1e-3)),
            ("y_mixed", "y + mixed", lambda y: y + ((1 / 3) * 3 + 0.5)),
            ("y_pi", "y * pi", lambda y: y * np.pi),
            ("x_pi", "x * pi", lambda x: x * f32(np.pi)),
            ("i_compare", "i > 0", lambda i: i > 0),
            ("u_compare", "u >= 200", lambda u: u >= 200),
            ("x_inf", "where(x > 1, x, -inf)", lambda x: np.where(x > 1, x, f32(-np.inf))),
            ("x_nan", "where(x > 1, x, nan)", lambda x: np.where(x > 1, x, f32(np.nan))),
            ("i_where", "where(p, i, 7)", lambda p, i: np.where(p, i, np.int32(7))),
            ("p_where", "where(p, 1, 0)", lambda p: np.where(p, 1, 0).astype(np.int64)),
            ("p_where_float", "where(p, 1.5, 0)", lambda p: np.where(p, f32(1.5), f32(0))),
        ],
    )
    made.call("", p=[1, 0, 1], i=[7, -8, 9], u=[0, 1, 250], x=[0.1, 2, -3.5], y=[0.1, 2, -3.5])
    one = f32
    alone = [
        ("half", "1 / 2", one(0.5)),
        ("floor", "-7 // 2", np.int64(-4)),
        ("rest", "7 % -3", np.int64(-2)),
        ("power", "2 ** -1", one(0.5)),
        ("tower", "2 ** 3 ** 2", np.int64(512)),
        ("minus", "-3 ** 2", np.int64(-9)),
        ("log_two", "log(2)", one(np.log(2.0))),
        ("method", "1.5.exp()", one(np.exp(1.5))),
        ("pi_", "pi", one(np.pi)),
        ("truth", "1 < 2", np.bool_(True)),
        ("hex", "0xff + 1_000", np.int64(1255)),
        ("point", "1. + .5", one(1.5)),
        ("exponent", "1e-3", one(1e-3)),
        ("chosen", "1 if 2 > 1 else 3", np.int64(1)),
        ("big", "2 ** 40", np.int64(2**40)),
        ("nothing", "nan", one(np.nan)),
        ("low", "-inf", one(-np.inf)),
        ("integer", "3", np.int64(3)),
        ("truly", "true and not false", np.bool_(True)),
    ]
    made = program.function(
        "alone",
        "",
        [(name, text, lambda value=value: np.asarray(value)) for name, text, value in alone],
    )
    made.call("")


def tables():
    table = Table("conversion")
    casts(table)
    promotion(table)
    compares(table)
    literals(table)
    yield table
