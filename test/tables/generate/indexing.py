# SPDX-License-Identifier: Apache-2.0
"""Indices: integers, slices of any step, newaxis, ellipsis, arrays of integers, and .at[...]."""

import numpy as np

from .broadcasts import some
from .table import Table

LAST = {"N": 5, "M": 4}


def basic(table, rng, dtype):
    program = table.program(f"slices_{dtype}", "dim N", "dim M")
    slices = [
        "1:",
        ":-1",
        "1:3",
        "::2",
        "1::2",
        "::-1",
        "-3:",
        "-2::-1",
        "3:0:-1",
        ":0",
        "::3",
        "-1:-4:-2",
    ]
    made = program.function(
        "rows",
        f"x: {dtype}[N, M]",
        [(f"s{i}", f"x[{s}]", lambda x, s=s: eval(f"x[{s}]")) for i, s in enumerate(slices)],
    )
    made.call("", LAST, x=some(rng, dtype, (5, 4)))
    made.call("longer", {"N": 8, "M": 1}, x=some(rng, dtype, (8, 1)))
    made.call("no columns", {"N": 5, "M": 0}, x=np.zeros((5, 0)))
    made = program.function(
        "both",
        f"x: {dtype}[N, M]; z: {dtype}[2, N, M]",
        [
            (f"s{i}", f"{s}".replace("None", "newaxis"), lambda x, z, s=s: eval(s))
            for i, s in enumerate(
                [
                    "x[0]",
                    "x[-1]",
                    "x[:, 1]",
                    "x[2, -1]",
                    "x[1:, ::2]",
                    "x[::-1, ::-1]",
                    "x[0, 1:3]",
                    "x[..., 0]",
                    "z[..., 1:]",
                    "z[1, ..., ::-2]",
                    "z[:, None, 0]",
                    "x[None]",
                    "z[0, 1, 2]",
                    "z[:, ::2, -1]",
                    "x[1:][1:]",
                    "x[::2][::-1]",
                    "x.T[1]",
                    "x[1:] - x[:-1]" if dtype in ("f32", "f64") else "x[1:] == x[:-1]",
                    "x[:, :2].T",
                    "z[-1][-1]",
                    "x[1:4, 1:3][:, ::-1]",
                ]
            )
        ],
    )
    made.call("", LAST, x=some(rng, dtype, (5, 4)), z=some(rng, dtype, (2, 5, 4)))
    made.call(
        "short",
        {"N": 4, "M": 1},
        x=some(rng, dtype, (4, 1)),
        z=some(rng, dtype, (2, 4, 1)),
        status="THX_E_DIM",
    )
    program = table.program(f"shrinking_{dtype}", "dim N")
    made = program.function("rest", f"v: {dtype}[N]", [("rest", "v[1:]", lambda v: v[1:])])
    made.call("", {"N": 3}, v=some(rng, dtype, 3))
    made.call("one", {"N": 1}, v=some(rng, dtype, 1))
    made.call("none", {"N": 0}, v=[], status="THX_E_DIM")


def chosen(table, rng, dtype):
    program = table.program(f"gathers_{dtype}", "dim N", "dim M", "dim K")
    made = program.function(
        "element",
        f"x: {dtype}[N, M]; i: i64; j: i32",
        [
            ("row", "x[i]", lambda x, i: x[i]),
            ("column", "x[:, j]", lambda x, j: x[:, j]),
            ("one", "x[i, j]", lambda x, i, j: np.asarray(x[i, j])),
        ],
    )
    x = some(rng, dtype, (5, 4))
    for i, j in ((0, 0), (4, 3), (-1, -4), (-5, 2)):
        made.call(f"{i} {j}", LAST, x=x, i=i, j=j)
    for i, j in ((5, 0), (-6, 0), (0, 4), (0, -5), (2**40, 0)):
        made.call(f"{i} {j}", LAST, x=x, i=i, j=j, status="THX_E_INDEX")
    made = program.function(
        "rows",
        f"x: {dtype}[N, M]; r: i64[K]; q: i32[K, 2]",
        [("rows", "x[r]", lambda x, r: x[r]), ("nested", "x[q]", lambda x, q: x[q])],
    )
    made.call("", {"N": 5, "M": 4, "K": 3}, x=x, r=[4, -5, 1], q=[[0, 1], [-1, 4], [2, 2]])
    made.call("empty", {"N": 5, "M": 4, "K": 0}, x=x, r=[], q=np.zeros((0, 2)))
    made.call(
        "none of nothing", {"N": 0, "M": 4, "K": 0}, x=np.zeros((0, 4)), r=[], q=np.zeros((0, 2))
    )
    made.call(
        "outside",
        {"N": 5, "M": 4, "K": 3},
        x=x,
        r=[0, 5, 1],
        q=np.zeros((3, 2)),
        status="THX_E_INDEX",
    )
    made.call(
        "below",
        {"N": 5, "M": 4, "K": 3},
        x=x,
        r=[0, 1, 2],
        q=[[0, -6], [0, 0], [0, 0]],
        status="THX_E_INDEX",
    )
    made.call(
        "of nothing",
        {"N": 0, "M": 4, "K": 1},
        x=np.zeros((0, 4)),
        r=[0],
        q=np.zeros((1, 2)),
        status="THX_E_INDEX",
    )
    made = program.function(
        "labels",
        f"x: {dtype}[N, M]; y: i64[N]; t: u8[N]",
        [
            ("picked", "x[arange(N), y]", lambda x, y: x[np.arange(len(y)), y]),
            ("by_bytes", "x[arange(N), t]", lambda x, t: x[np.arange(len(t)), t]),
        ],
    )
    made.call("", LAST, x=x, y=[0, 3, -1, -4, 2], t=[0, 1, 2, 3, 0])
    made.call("empty", {"N": 0, "M": 4}, x=np.zeros((0, 4)), y=[], t=[])
    made.call("outside", LAST, x=x, y=[0, 3, 4, 0, 2], t=[0, 1, 2, 3, 0], status="THX_E_INDEX")
    made.call(
        "outside bytes", LAST, x=x, y=[0, 3, 1, 0, 2], t=[0, 1, 200, 3, 0], status="THX_E_INDEX"
    )
    made = program.function(
        "several",
        f"z: {dtype}[N, M, K]; f: i64[K]; g: i64[K]",
        [
            ("together", "z[f, g]", lambda z, f, g: z[f, g]),
            ("apart", "z[f, :, g]", lambda z, f, g: z[f, :, g]),
            ("behind", "z[:, f, g]", lambda z, f, g: z[:, f, g]),
            ("beside", "z[f, 0, g]", lambda z, f, g: z[f, 0, g]),
            ("after", "z[0, :, g]", lambda z, g: z[0, :, g]),
            ("all", "z[f, g, f]", lambda z, f, g: z[f, g, f]),
            ("middle", "z[:, g]", lambda z, g: z[:, g]),
            ("last", "z[..., g]", lambda z, g: z[..., g]),
            ("cut", "z[1:, f, ::-1]", lambda z, f: z[1:, f, ::-1]),
            ("grid", "z[f[:, newaxis], g]", lambda z, f, g: z[f[:, None], g]),
        ],
    )
    made.call("", {"N": 4, "M": 3, "K": 2}, z=some(rng, dtype, (4, 3, 2)), f=[0, 1], g=[-1, 0])
    made.call(
        "outside",
        {"N": 4, "M": 3, "K": 2},
        z=some(rng, dtype, (4, 3, 2)),
        f=[0, 2],
        g=[-1, 0],
        status="THX_E_INDEX",
    )
    windows = table.program(f"windows_{dtype}", "dim N", "dim M", "const B = 2")
    made = windows.function(
        "batch",
        f"x: {dtype}[N, M]; i: i64",
        [
            ("rows", "x[i*B : (i+1)*B]", lambda x, i: x[i * 2 : (i + 1) * 2]),
            ("columns", "x[:, i : i+2]", lambda x, i: x[:, i : i + 2]),
        ],
    )
    for i in (0, 1, 2):
        made.call(f"{i}", {"N": 6, "M": 4}, x=some(rng, dtype, (6, 4)), i=i)
    made.call("last", {"N": 3, "M": 3}, x=some(rng, dtype, (3, 3)), i=0)
    for i in (3, -1, 100):
        made.call(f"{i}", {"N": 6, "M": 4}, x=some(rng, dtype, (6, 4)), i=i, status="THX_E_INDEX")


def at(write):
    """A function of x that returns a changed copy."""

    def apply(x, *others):
        result = x.copy()
        write(result, *others)
        return result

    return apply


def added(where):
    def write(result, value):
        np.add.at(result, where, value)

    return at(write)


def writes(table, rng, dtype):
    program = table.program(f"sets_{dtype}", "dim N", "dim M", "dim K")

    def put(text):
        def apply(x, v):
            result = x.copy()
            exec(f"result[{text}] = v", {"result": result, "v": v, "None": None})
            return result

        return apply

    def plus(text):
        def apply(x, v):
            result = x.copy()
            exec(f"result[{text}] += v", {"result": result, "v": v})
            return result

        return apply

    places = ["0", "-1", "1:3", "::2", "::-1", ":, 0", "1:, 1:3", "2, 3"]
    made = program.function(
        "of_scalar",
        f"x: {dtype}[N, M]; v: {dtype}",
        [(f"set{i}", f"x.at[{p}].set(v)", put(p)) for i, p in enumerate(places)]
        + [(f"add{i}", f"x.at[{p}].add(v)", plus(p)) for i, p in enumerate(places)],
    )
    made.call("", {"N": 5, "M": 4}, x=some(rng, dtype, (5, 4)), v=7)
    made = program.function(
        "of_rows",
        f"x: {dtype}[N, M]; w: {dtype}[M]",
        [
            ("first", "x.at[0].set(w)", lambda x, w: put("0")(x, w)),
            ("every_other", "x.at[::2].set(w)", lambda x, w: put("::2")(x, w)),
            ("added", "x.at[1:].add(w)", lambda x, w: plus("1:")(x, w)),
            ("reversed", "x.at[0, ::-1].set(w)", lambda x, w: put("0, ::-1")(x, w)),
        ],
    )
    made.call("", {"N": 5, "M": 4}, x=some(rng, dtype, (5, 4)), w=some(rng, dtype, 4))
    program = table.program(f"scatters_{dtype}", "dim N", "dim M", "dim K")

    def adds(x, r, u):
        result = x.copy()
        np.add.at(result, r, u)
        return result

    def sets(x, r, u):
        result = x.copy()
        result[r] = u
        return result

    made = program.function(
        "rows",
        f"x: {dtype}[N, M]; r: i64[K]; u: {dtype}[K, M]",
        [("added", "x.at[r].add(u)", adds), ("put", "x.at[r].set(u)", sets)],
    )
    x = some(rng, dtype, (5, 4))
    made.call("", {"N": 5, "M": 4, "K": 3}, x=x, r=[4, -5, 1], u=some(rng, dtype, (3, 4)))
    made.call(
        "duplicates",
        {"N": 5, "M": 4, "K": 4},
        only=("added",),
        x=np.zeros((5, 4)),
        r=[1, 1, -4, 0],
        u=np.ones((4, 4)),
    )
    made.call("empty", {"N": 5, "M": 4, "K": 0}, x=x, r=[], u=np.zeros((0, 4)))
    made.call(
        "outside", {"N": 5, "M": 4, "K": 1}, x=x, r=[5], u=np.zeros((1, 4)), status="THX_E_INDEX"
    )
    made = program.function(
        "element",
        f"x: {dtype}[N, M]; i: i64; s: {dtype}",
        [
            ("put", "x.at[i, 0].set(s)", lambda x, i, s: put(f"{i}, 0")(x, s)),
            ("row", "x.at[i].add(s)", lambda x, i, s: plus(f"{i}")(x, s)),
        ],
    )
    for i in (0, 4, -1):
        made.call(f"{i}", {"N": 5, "M": 4}, x=x, i=i, s=9)
    made.call("5", {"N": 5, "M": 4}, x=x, i=5, s=9, status="THX_E_INDEX")
    made = program.function(
        "places",
        f"x: {dtype}[N, M]; y: i64[N]; s: {dtype}",
        [
            (
                "put",
                "x.at[arange(N), y].set(s)",
                lambda x, y, s: sets(x, (np.arange(len(y)), y), s),
            ),
            (
                "added",
                "x.at[arange(N), y].add(s)",
                lambda x, y, s: adds(x, (np.arange(len(y)), y), s),
            ),
        ],
    )
    made.call("", {"N": 5, "M": 4}, x=x, y=[0, 3, -1, -4, 2], s=3)
    made.call("outside", {"N": 5, "M": 4}, x=x, y=[0, 3, -5, -4, 2], s=3, status="THX_E_INDEX")


def tables():
    rng = np.random.default_rng(5)
    table = Table("indexing")
    for dtype in ("f64", "i32"):
        basic(table, rng, dtype)
        chosen(table, rng, dtype)
        writes(table, rng, dtype)
    yield table
