# SPDX-License-Identifier: Apache-2.0
"""Matrix products of all ranks, dot, outer, in floats and integers, with extents 0 and 1."""

import numpy as np

from .broadcasts import some
from .table import EXACT, FLOATS, Table, close, of, ulp

SHAPES = [  # name, left, right
    ("vectors", "[K]", "[K]"),
    ("matrix_vector", "[N, K]", "[K]"),
    ("vector_matrix", "[K]", "[K, M]"),
    ("matrices", "[N, K]", "[K, M]"),
    ("batched", "[B, N, K]", "[B, K, M]"),
    ("one_side", "[B, N, K]", "[K, M]"),
    ("other_side", "[N, K]", "[B, K, M]"),
    ("batch_vector", "[B, N, K]", "[K]"),
    ("vector_batch", "[K]", "[B, K, M]"),
    ("four", "[2, B, N, K]", "[B, K, M]"),
    ("stretched", "[1, N, K]", "[B, K, M]"),
]


def extents(text, sizes):
    return tuple(
        sizes.get(p.strip(), 0) if not p.strip().isdigit() else int(p)
        for p in text.strip("[]").split(",")
    )


def product(dtype):
    def apply(a, b):
        if dtype in FLOATS:
            return np.asarray(np.matmul(a.astype(np.float64), b.astype(np.float64))).astype(a.dtype)
        return np.asarray(np.matmul(a, b))

    return apply


def of_dtype(table, rng, dtype):
    program = table.program(f"products_{dtype}", "dim B", "dim N", "dim K", "dim M")
    tolerance = close(dtype, 20, 100) if dtype in FLOATS else EXACT
    for number, (name, left, right) in enumerate(SHAPES):
        a, b = f"a{number}", f"b{number}"
        outs = [("at", f"{a} @ {b}", of(product(dtype), a, b), tolerance)]
        if name in ("vectors", "matrix_vector", "matrices"):
            outs.append(("dot_ab", f"dot({a}, {b})", of(product(dtype), a, b), tolerance))
            outs.append(("matmul_ab", f"matmul({a}, {b})", of(product(dtype), a, b), tolerance))
        made = program.function(name, f"{a}: {dtype}{left}; {b}: {dtype}{right}", outs)
        for note, sizes in (
            ("", dict(B=2, N=3, K=5, M=4)),
            ("one", dict(B=1, N=1, K=1, M=1)),
            ("nothing summed", dict(B=2, N=3, K=0, M=4)),
            ("empty", dict(B=0, N=0, K=3, M=2)),
            ("long", dict(B=2, N=17, K=33, M=9)),
        ):
            if note == "long" and (len(left) > 9 or dtype not in FLOATS):
                continue
            dims = {d: sizes[d] for d in "BNKM" if d in left + right}
            x, y = some(rng, dtype, extents(left, dims)), some(rng, dtype, extents(right, dims))
            made.call(note, dims, **{a: x, b: y})
    special = program.function(
        "views",
        f"x: {dtype}[N, K]; r: {dtype}[N]; y: {dtype}[M]",
        [
            ("gram", "x.T @ x", of(lambda x: product(dtype)(x.T, x), "x"), tolerance),
            ("outer_gram", "x @ x.T", of(lambda x: product(dtype)(x, x.T), "x"), tolerance),
            ("back", "x.T @ r", of(lambda x, r: product(dtype)(x.T, r), "x", "r"), tolerance),
            ("outer_ry", "outer(r, y)", lambda r, y: np.outer(r, y)),
            ("spread", "r[:, newaxis] @ y[newaxis, :]", lambda r, y: np.outer(r, y)),
            (
                "every_other",
                "x[:, ::2] @ x[:, ::2].T",
                of(lambda x: product(dtype)(x[:, ::2], x[:, ::2].T), "x"),
                tolerance,
            ),
            (
                "reversed",
                "x[::-1].T @ r",
                of(lambda x, r: product(dtype)(x[::-1].T, r), "x", "r"),
                tolerance,
            ),
        ],
    )
    for note, n, k, m in (("", 3, 4, 2), ("long", 20, 7, 3), ("empty", 0, 3, 2)):
        special.call(
            note,
            dict(N=n, K=k, M=m),
            x=some(rng, dtype, (n, k)),
            r=some(rng, dtype, n),
            y=some(rng, dtype, m),
        )


def tables():
    rng = np.random.default_rng(6)
    table = Table("products")
    for dtype in ("f32", "f64", "i32", "i64", "u8"):
        of_dtype(table, rng, dtype)
    # Whole numbers: exact in any order, beyond every tile.
    program = table.program("large_products", "dim N", "dim K", "dim M")
    equal = ulp(0)  # but for the sign of zero
    made = program.function(
        "large",
        "a: f32[N, K]; b: f32[K, M]",
        [
            ("at", "a @ b", lambda a, b: a @ b, equal),
            ("rows", "(a @ b).sum(axis=1)", lambda a, b: (a @ b).sum(1), equal),
            ("turned", "b.T @ a.T", lambda a, b: b.T @ a.T, equal),
            ("vector", "a @ b[:, 0]", lambda a, b: a @ b[:, 0], equal),
        ],
    )
    for n, k, m in (
        (37, 130, 41),
        (5, 300, 3),
        (64, 16, 64),
        (1, 70, 33),
        (33, 70, 1),
        (8, 8, 8),
        (17, 1, 19),
    ):
        made.call(
            f"{n} {k} {m}",
            dict(N=n, K=k, M=m),
            a=rng.integers(-3, 4, (n, k)),
            b=rng.integers(-3, 4, (k, m)),
        )
    program = table.program("mixed_products", "dim N", "dim K")
    made = program.function(
        "mixed",
        "x: f32[N, K]; i: i32[K]; y: f64[K]; p: i8[N, K]",
        [
            (
                "float_integer",
                "x @ i",
                lambda x, i: x @ i.astype(np.float32),
                close("f32", 20, 100),
            ),
            ("narrow_wide", "x @ y", lambda x, y: x.astype(np.float64) @ y, close("f64", 20, 100)),
            ("bytes", "p @ i", lambda p, i: p.astype(np.int32) @ i),
        ],
    )
    made.call(
        "",
        dict(N=3, K=4),
        x=some(rng, "f32", (3, 4)),
        i=some(rng, "i32", 4),
        y=some(rng, "f64", 4),
        p=some(rng, "i8", (3, 4)),
    )
    program = table.program("special_products", "dim N", "dim K")
    made = program.function(
        "special", "x: f64[N, K]; v: f64[K]", [("at", "x @ v", lambda x, v: (x * v).sum(1))]
    )
    made.call("", dict(N=4, K=2), x=[[np.inf, 1], [np.nan, 0], [0, 1], [1e308, 1e308]], v=[10, 1])
    made.call("zero by infinity", dict(N=2, K=2), x=[[np.inf, 1], [1, 1]], v=[0, 1])
    yield table
