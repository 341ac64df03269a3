# SPDX-License-Identifier: Apache-2.0
"""Shapes: reshape, transpose, broadcast, joining, padding, flipping, diagonals, arrays that are made."""

import numpy as np

from .broadcasts import some
from .table import EXACT, FLOATS, Table, ulp

N, M = 3, 4
SIZES = {"N": N, "M": M}


def shapes(table, rng, dtype):
    program = table.program(f"shapes_{dtype}", "dim N", "dim M")
    made = program.function(
        "reshapes",
        f"x: {dtype}[N, M]",
        [
            ("flat", "reshape(x, (N*M,))", lambda x: x.reshape(-1)),
            ("minus_one", "reshape(x, (-1,))", lambda x: x.reshape(-1)),
            ("column", "x.reshape((N*M, 1))", lambda x: x.reshape(-1, 1)),
            ("swapped", "x.reshape((M, N))", lambda x: x.reshape(x.shape[1], x.shape[0])),
            ("ravelled", "ravel(x)", lambda x: x.ravel()),
            ("flattened", "x.flatten()", lambda x: x.ravel()),
            ("of_transpose", "x.T.reshape((M*N,))", lambda x: x.T.reshape(-1)),
        ],
    )
    made.call("", SIZES, x=some(rng, dtype, (N, M)))
    made.call("one", {"N": 1, "M": 1}, x=some(rng, dtype, (1, 1)))
    made.call("empty", {"N": 0, "M": 4}, x=np.zeros((0, 4)))
    made = program.function(
        "transposes",
        f"x: {dtype}[N, M]; z: {dtype}[2, N, M]",
        [
            ("x_t", "x.T", lambda x: x.T),
            ("call", "transpose(x)", lambda x: x.T),
            ("order", "transpose(z, (1, 2, 0))", lambda z: z.transpose(1, 2, 0)),
            ("reversed", "z.T", lambda z: z.T),
            ("swap", "swapaxes(z, 0, -1)", lambda z: z.swapaxes(0, 2)),
            ("moved", "moveaxis(z, 0, -1)", lambda z: np.moveaxis(z, 0, -1)),
            ("wider", "x[newaxis, :, newaxis]", lambda x: x[None, :, None]),
            ("expanded", "expand_dims(x, 1)", lambda x: x[:, None]),
            ("squeezed", "squeeze(expand_dims(x, 0), axis=0)", lambda x: x),
        ],
    )
    made.call("", SIZES, x=some(rng, dtype, (N, M)), z=some(rng, dtype, (2, N, M)))
    made.call("empty", {"N": 0, "M": 4}, x=np.zeros((0, 4)), z=np.zeros((2, 0, 4)))
    made = program.function(
        "spreads",
        f"v: {dtype}[M]; s: {dtype}",
        [
            (
                "rows",
                "broadcast_to(v, (N, M))",
                lambda v, dims: np.broadcast_to(v, (dims["N"], len(v))),
            ),
            ("filled", "full((N, 2), s)", lambda s, dims: np.full((dims["N"], 2), s)),
            ("like", "zeros_like(v)", lambda v: np.zeros_like(v)),
            ("ones_", "ones_like(v)", lambda v: np.ones_like(v)),
            ("full_", "full_like(v, 1)", lambda v: np.full_like(v, 1)),
        ],
    )
    made.call("", SIZES, v=some(rng, dtype, M), s=1)
    made.call("empty", {"N": 0, "M": 0}, v=[], s=1)
    joins = table.program(f"joins_{dtype}", "dim N", "dim M", "dim K")
    made = joins.function(
        "joins",
        f"x: {dtype}[N, M]; y: {dtype}[K, M]; z: {dtype}[N, K]",
        [
            ("below", "concatenate([x, y])", lambda x, y: np.concatenate([x, y])),
            ("beside", "concatenate([x, z, x], axis=1)", lambda x, z: np.concatenate([x, z, x], 1)),
            ("alias", "concat([y, x], axis=0)", lambda x, y: np.concatenate([y, x])),
            (
                "stacked",
                "stack([x, x + x, x])" if dtype != "bool" else "stack([x, not x, x])",
                lambda x: np.stack([x, x + x if x.dtype != bool else ~x, x]),
            ),
            ("stacked_last", "stack([x, x], axis=-1)", lambda x: np.stack([x, x], -1)),
            ("vertical", "vstack([x, y])", lambda x, y: np.vstack([x, y])),
            ("horizontal", "hstack([x, z])", lambda x, z: np.hstack([x, z])),
        ],
    )
    for note, (n, m, k) in (
        ("", (3, 4, 2)),
        ("no rows", (0, 4, 2)),
        ("no columns", (3, 0, 2)),
        ("one empty", (3, 4, 0)),
    ):
        made.call(
            note,
            {"N": n, "M": m, "K": k},
            x=some(rng, dtype, (n, m)),
            y=some(rng, dtype, (k, m)),
            z=some(rng, dtype, (n, k)),
        )
    pads = table.program(f"pads_{dtype}", "dim N", "dim M")
    made = pads.function(
        "pads",
        f"x: {dtype}[N, M]; v: {dtype}[M]",
        [
            ("around", "pad(x, ((1, 2), (0, 3)))", lambda x: np.pad(x, ((1, 2), (0, 3)))),
            ("vector", "pad(v, (2, 1))", lambda v: np.pad(v, (2, 1))),
            ("all_one", "pad(x, 1)", lambda x: np.pad(x, 1)),
        ],
    )
    made.call("", SIZES, x=some(rng, dtype, (N, M)), v=some(rng, dtype, M))
    made.call("empty", {"N": 0, "M": 2}, x=np.zeros((0, 2)), v=some(rng, dtype, 2))
    made = pads.function(
        "flips",
        f"x: {dtype}[N, M]",
        [
            ("both", "flip(x)", lambda x: np.flip(x)),
            ("rows", "flip(x, axis=0)", lambda x: np.flip(x, 0)),
            ("columns", "flip(x, axis=-1)", lambda x: np.flip(x, -1)),
            ("twice", "x[::-1][::-1]", lambda x: x),
            ("repeated", "repeat(x, 2, axis=1)", lambda x: np.repeat(x, 2, 1)),
        ],
    )
    made.call("", SIZES, x=some(rng, dtype, (N, M)))
    made.call("empty", {"N": 0, "M": 2}, x=np.zeros((0, 2)))
    diagonals = table.program(f"diagonals_{dtype}", "dim N", "dim M")
    made = diagonals.function(
        "diagonals",
        f"s: {dtype}[N, N]; v: {dtype}[M]",
        [
            ("diagonal", "diag(s)", lambda s: np.diag(s)),
            ("matrix", "diag(v)", lambda v: np.diag(v)),
            ("trace_s", "trace(s)", trace_of(dtype), ulp(4) if dtype in FLOATS else EXACT),
            ("lower", "tril(s)", lambda s: np.tril(s)),
            ("upper", "triu(s)", lambda s: np.triu(s)),
            ("strict", "tril(s, -1)", lambda s: np.tril(s, -1)),
            ("above", "triu(s, k=1)", lambda s: np.triu(s, 1)),
        ],
    )
    made.call("", SIZES, s=some(rng, dtype, (N, N)), v=some(rng, dtype, M))
    made.call("empty", {"N": 0, "M": 0}, s=np.zeros((0, 0)), v=[])
    made = diagonals.function(
        "oblong",
        f"x: {dtype}[N, M]",
        [
            ("lower", "tril(x)", lambda x: np.tril(x)),
            ("upper", "triu(x)", lambda x: np.triu(x)),
            ("diagonal", "diagonal(x)", lambda x: np.diagonal(x)),
        ],
    )
    made.call("wide", {"N": 2, "M": 5}, x=some(rng, dtype, (2, 5)))
    made.call("tall", {"N": 5, "M": 2}, x=some(rng, dtype, (5, 2)))


def trace_of(dtype):
    if dtype in FLOATS:
        return lambda s: np.asarray(np.trace(s.astype(np.float64))).astype(s.dtype)
    wider = np.uint64 if dtype.startswith("u") else np.int64
    return lambda s: np.asarray(np.trace(s, dtype=wider))


def makers(table):
    program = table.program("makers", "dim N", "dim M")
    f32, f64 = np.float32, np.float64
    made = program.function(
        "counted",
        "",
        [
            ("none", "zeros((N, M))", lambda dims: np.zeros((dims["N"], dims["M"]), f32)),
            ("one", "ones(N)", lambda dims: np.ones(dims["N"], f32)),
            ("bytes", "ones((M, 2), dtype=u8)", lambda dims: np.ones((dims["M"], 2), np.uint8)),
            ("truths", "zeros(M, dtype=bool)", lambda dims: np.zeros(dims["M"], np.bool_)),
            ("sevens", "full((N,), 7)", lambda dims: np.full(dims["N"], f32(7))),
            ("tenths", "full((N, 1), 0.1, dtype=f64)", lambda dims: np.full((dims["N"], 1), 0.1)),
            ("identity", "eye(N)", lambda dims: np.eye(dims["N"], dtype=f32)),
            ("identity_i", "eye(M, dtype=i32)", lambda dims: np.eye(dims["M"], dtype=np.int32)),
            ("steps", "arange(N)", lambda dims: np.arange(dims["N"])),
            (
                "wide_steps",
                "arange(2 * N + 1, dtype=f64)",
                lambda dims: np.arange(2 * dims["N"] + 1, dtype=f64),
            ),
            ("from_two", "arange(2, N + 2)", lambda dims: np.arange(2, dims["N"] + 2)),
            ("by_three", "arange(1, 11, 3)", lambda: np.arange(1, 11, 3)),
            ("down", "arange(5, 0, -2)", lambda: np.arange(5, 0, -2)),
            ("between", "linspace(0, 1, 5)", lambda: np.linspace(0, 1, 5).astype(f32), ulp(1)),
            (
                "between_wide",
                "linspace(-1.5, 2.5, 9, dtype=f64)",
                lambda: np.linspace(-1.5, 2.5, 9),
                ulp(2),
            ),
        ],
    )
    made.call("", {"N": 3, "M": 4})
    made.call("empty", {"N": 0, "M": 0})
    made.call("one", {"N": 1, "M": 2})
    made = program.function(
        "sizes",
        "x: f32[N, M]",
        [
            ("rows", "x.shape[0]", lambda x: np.int64(x.shape[0])),
            ("last", "x.shape[-1]", lambda x: np.int64(x.shape[1])),
            ("all", "x.size", lambda x: np.int64(x.size)),
            ("rank", "x.ndim", lambda x: np.int64(x.ndim)),
            ("scaled", "x / x.shape[0]", lambda x: x / f32(x.shape[0])),
            ("dims", "N * 2 + M", lambda x, dims=None: np.int64(x.shape[0] * 2 + x.shape[1])),
            ("quotient", "(N + 1) // 2", lambda x: np.int64((x.shape[0] + 1) // 2)),
        ],
    )
    made.call("", {"N": 3, "M": 4}, x=np.ones((3, 4)))
    made.call("one", {"N": 1, "M": 2}, x=np.ones((1, 2)))
    made = program.function(
        "lists",
        "v: f64[3]; i: i32[2]",
        [
            ("constant", "[1.0, 2.0, 3.0] + v", lambda v: np.array([1.0, 2, 3]) + v),
            (
                "matrix",
                "v @ [[1.0, 0.5], [2.0, 0.1], [3.0, 0.0]]",
                lambda v: v @ np.array([[1, 0.5], [2, 0.1], [3, 0]]),
                ulp(4),
            ),
            ("integers", "i + [10, 20]", lambda i: i + np.array([10, 20], np.int32)),
            (
                "mixed",
                "where([true, false], i, 0)",
                lambda i: np.where([True, False], i, np.int32(0)),
            ),
        ],
    )
    made.call("", v=[0.1, 0.2, 0.3], i=[1, 2])
    program = table.program("one_hots", "dim N")
    made = program.function(
        "hot",
        "i: i32[N]; j: i64[N, 2]",
        [
            (
                "hot",
                "one_hot(i, 4)",
                lambda i: np.eye(4, dtype=f32)[i] if len(i) else np.zeros((0, 4), f32),
            ),
            (
                "hotter",
                "one_hot(j, 3)",
                lambda j: np.eye(3, dtype=f32)[j] if len(j) else np.zeros((0, 2, 3), f32),
            ),
        ],
    )
    made.call("", {"N": 3}, i=[0, 3, 1], j=[[0, 1], [2, 2], [1, 0]])
    made.call("empty", {"N": 0}, i=[], j=np.zeros((0, 2)))


def tables():
    rng = np.random.default_rng(4)
    table = Table("views")
    for dtype in ("f32", "i16", "bool", "u8", "u64", "f64"):
        shapes(table, rng, dtype)
    makers(table)
    yield table
