# SPDX-License-Identifier: Apache-2.0
"""Reductions over any axes, of every dtype, of nothing, with NaN; softmax and its family; cumsum."""

import numpy as np

from .table import DTYPES, FLOATS, INTEGERS, UNSIGNED, Table, close, near, ulp

AXES = [
    ("all", "", None),
    ("first", "axis=0", 0),
    ("last", "axis=-1", -1),
    ("middle", "axis=1", 1),
    ("two", "axis=(0, 2)", (0, 2)),
    ("three", "axis=(2, 0, 1)", (0, 1, 2)),
    ("kept", "axis=1, keepdims=true", 1),
]


def wide(a):
    return a.astype(np.float64)


def keep(text):
    return "keepdims" in text


def sums_of(axis, kept):
    """Sums and moments in f64, rounded to the operand's dtype."""

    def by(function):
        return lambda a: np.asarray(function(wide(a), axis=axis, keepdims=kept)).astype(a.dtype)

    return by


def arguments(first, text):
    return ", ".join(part for part in (first, text) if part)


def floats(table, rng, dtype):
    program = table.program(f"sums_{dtype}", "dim K", "dim N", "dim M")
    extremes = table.program(f"extremes_{dtype}", "dim K", "dim N", "dim M")
    soft = table.program(f"softmaxes_{dtype}", "dim K", "dim N", "dim M")
    tolerance = close(dtype, 60, 3)
    for name, text, axis in AXES:
        by, kept = sums_of(axis, keep(text)), keep(text)
        made = program.function(
            name,
            f"a: {dtype}[K, N, M]",
            [
                ("sum_a", f"sum({arguments('a', text)})", by(np.sum), tolerance),
                ("prod_a", f"a.prod({text})", by(np.prod), near(60 * np.finfo(DTYPES[dtype]).eps)),
                ("mean_a", f"mean({arguments('a', text)})", by(np.mean), tolerance),
                ("var_a", f"var({arguments('a', text)})", by(np.var), tolerance),
                ("std_a", f"std({arguments('a', text)})", by(np.std), tolerance),
            ],
        )
        data = rng.normal(size=(2, 3, 5))
        made.call("", {"K": 2, "N": 3, "M": 5}, a=data)
        if name in ("first", "last"):
            made.call("long", {"K": 3, "N": 2, "M": 70}, a=rng.normal(size=(3, 2, 70)))
            made.call("one", {"K": 1, "N": 1, "M": 1}, a=rng.normal(size=(1, 1, 1)))
        made.call("empty", {"K": 0, "N": 3, "M": 2}, a=np.zeros((0, 3, 2)))
        made.call("empty inside", {"K": 2, "N": 3, "M": 0}, a=np.zeros((2, 3, 0)))
        outs = [
            (
                "max_a",
                f"max({arguments('a', text)})",
                lambda a, x=axis, k=kept: np.asarray(np.max(a, axis=x, keepdims=k)),
            ),
            (
                "min_a",
                f"a.min({text})",
                lambda a, x=axis, k=kept: np.asarray(np.min(a, axis=x, keepdims=k)),
            ),
        ]
        if not isinstance(axis, tuple):
            outs += [
                (
                    "argmax_a",
                    f"argmax({arguments('a', text)})",
                    lambda a, x=axis, k=kept: np.asarray(np.argmax(a, axis=x, keepdims=k)),
                ),
                (
                    "argmin_a",
                    f"a.argmin({text})",
                    lambda a, x=axis, k=kept: np.asarray(np.argmin(a, axis=x, keepdims=k)),
                ),
            ]
        made = extremes.function(name, f"a: {dtype}[K, N, M]", outs)
        made.call("", {"K": 2, "N": 3, "M": 5}, a=data)
        ties = np.round(rng.normal(size=(2, 3, 5)))
        made.call("ties", {"K": 2, "N": 3, "M": 5}, a=np.where(ties == 0, 0.0, ties))
        holes = data.copy()
        holes[0, 1, 2] = holes[0, 2, 2] = holes[1, 1, 4] = np.nan
        holes[1, 0, 0], holes[1, 2, 1] = np.inf, -np.inf
        made.call("nan", {"K": 2, "N": 3, "M": 5}, a=holes)
        for note, shape in (
            ("empty outside", (0, 3, 2)),
            ("empty middle", (2, 0, 3)),
            ("empty inside", (2, 3, 0)),
        ):
            dims = dict(zip("KNM", shape))
            reduced = (0, 1, 2) if axis is None else [axis % 3] if isinstance(axis, int) else axis
            # The page refuses what has no elements to choose from; a result without elements is fine.
            if any(shape[i] == 0 for i in reduced):
                made.call(note, dims, a=np.zeros(shape), status="THX_E_DIM")
            else:
                made.call(note, dims, a=np.zeros(shape))
        if name in ("three", "two", "all", "kept"):
            continue
        made = soft.function(
            name,
            f"a: {dtype}[K, N, M]",
            [
                (
                    "softmax_a",
                    f"softmax({arguments('a', text)})",
                    lambda a, x=axis: softmax(a, x),
                    near(2e-5 if dtype == "f32" else 1e-12, 1e-30),
                ),
                (
                    "log_softmax_a",
                    f"log_softmax({arguments('a', text)})",
                    lambda a, x=axis: log_softmax(a, x),
                    close(dtype, 30, 30),
                ),
                (
                    "logsumexp_a",
                    f"logsumexp({arguments('a', text)})",
                    lambda a, x=axis: logsumexp(a, x),
                    close(dtype, 30, 3),
                ),
            ],
        )
        made.call("", {"K": 2, "N": 3, "M": 5}, a=data * 4)
        made.call("huge", {"K": 2, "N": 3, "M": 5}, a=data * 1000)
        rows = data.copy()
        rows[:, :, 1], rows[1, 2, :], rows[1, :, 3], rows[0, 1, 4] = (
            -np.inf,
            -np.inf,
            -np.inf,
            np.nan,
        )
        made.call("infinite", {"K": 2, "N": 3, "M": 5}, only=("logsumexp_a",), a=rows)
    more = table.program(f"more_sums_{dtype}", "dim N", "dim M")
    made = more.function(
        "more",
        f"b: {dtype}[N, M]",
        [
            (
                "var_ddof",
                "var(b, ddof=1)",
                lambda b: np.asarray(wide(b).var(ddof=1)).astype(b.dtype),
                tolerance,
            ),
            (
                "std_ddof",
                "b.std(axis=0, ddof=1)",
                lambda b: wide(b).std(axis=0, ddof=1).astype(b.dtype),
                tolerance,
            ),
            (
                "norm_b",
                "norm(b)",
                lambda b: np.asarray(np.sqrt((wide(b) ** 2).sum())).astype(b.dtype),
                tolerance,
            ),
            (
                "norm_rows",
                "norm(b, axis=1)",
                lambda b: np.sqrt((wide(b) ** 2).sum(1)).astype(b.dtype),
                tolerance,
            ),
            (
                "soft_default",
                "softmax(b)",
                lambda b: softmax(b, -1),
                near(2e-5 if dtype == "f32" else 1e-12, 1e-30),
            ),
            (
                "logsumexp_all",
                "logsumexp(b)",
                lambda b: np.asarray(logsumexp(b, None)),
                close(dtype, 30, 3),
            ),
            (
                "norm_kept",
                "norm(b, axis=1, keepdims=true)",
                lambda b: np.sqrt((wide(b) ** 2).sum(1, keepdims=True)).astype(b.dtype),
                tolerance,
            ),
        ],
    )
    made.call("", {"N": 4, "M": 6}, b=rng.normal(size=(4, 6)))
    made = more.function(
        "truths",
        f"b: {dtype}[N, M]",
        [
            ("any_b", "any(b > 0)", lambda b: np.asarray((b > 0).any())),
            ("all_b", "(b > 0).all(axis=0)", lambda b: (b > 0).all(axis=0)),
            ("count", "sum(b > 0)", lambda b: np.asarray((b > 0).sum(dtype=np.int64))),
            (
                "share",
                "mean(b > 0)",
                lambda b: np.asarray((b > 0).mean(dtype=np.float64), dtype=np.float32),
                ulp(2),
            ),
        ],
    )
    made.call("", {"N": 4, "M": 6}, b=rng.normal(size=(4, 6)))
    made.call("nan", {"N": 1, "M": 3}, b=[[np.nan, 1, 2]])
    made.call("empty", {"N": 0, "M": 3}, b=np.zeros((0, 3)))
    # Whole numbers: every order of adding them gives the same bits, over any number of blocks.
    made = more.function(
        "blocks",
        f"b: {dtype}[N, M]",
        [
            ("sum_all", "sum(b)", lambda b: np.asarray(b.sum(dtype=np.float64)).astype(b.dtype)),
            ("sum_down", "sum(b, axis=0)", lambda b: b.sum(0, dtype=np.float64).astype(b.dtype)),
            ("sum_along", "sum(b, axis=1)", lambda b: b.sum(1, dtype=np.float64).astype(b.dtype)),
            (
                "sum_strided",
                "b[::3, ::-1].sum()",
                lambda b: np.asarray(b[::3].sum(dtype=np.float64)).astype(b.dtype),
            ),
            ("max_down", "max(b, axis=0)", lambda b: b.max(0)),
            ("argmax_all", "argmax(b)", lambda b: np.asarray(b.argmax())),
            (
                "square_sum",
                "(b * b).sum()",
                lambda b: np.asarray((wide(b) ** 2).sum()).astype(b.dtype),
            ),
            (
                "dot_columns",
                "b[:, 0] @ b[:, 1]",
                lambda b: np.asarray(wide(b)[:, 0] @ wide(b)[:, 1]).astype(b.dtype),
            ),
        ],
    )
    for n, m in (
        (4500, 2),
        (3, 4100),
        (4097, 2),
        (600, 3),
        (255, 2),
        (256, 2),
        (257, 2),
        (64, 33),
        (16, 17),
        (15, 8),
    ):
        made.call(f"{n} by {m}", {"N": n, "M": m}, b=rng.integers(-9, 10, (n, m)))
    running = table.program(f"running_{dtype}", "dim N", "dim M")
    made = running.function(
        "running",
        f"b: {dtype}[N, M]",
        [
            (
                "down",
                "cumsum(b, axis=0)",
                lambda b: np.cumsum(wide(b), axis=0).astype(b.dtype),
                tolerance,
            ),
            (
                "along",
                "b.cumsum(axis=1)",
                lambda b: np.cumsum(wide(b), axis=1).astype(b.dtype),
                tolerance,
            ),
        ],
    )
    made.call("", {"N": 4, "M": 6}, b=rng.normal(size=(4, 6)))
    made.call("long", {"N": 2, "M": 100}, b=rng.normal(size=(2, 100)))
    made.call("empty", {"N": 0, "M": 3}, b=np.zeros((0, 3)))
    made.call("special", {"N": 1, "M": 4}, only=("along",), b=[[1, np.inf, 2, np.nan]])
    made = running.function(
        "of_vector",
        f"v: {dtype}[N]",
        [("sums", "cumsum(v)", lambda v: np.cumsum(wide(v)).astype(v.dtype), tolerance)],
    )
    made.call("", {"N": 9}, v=rng.normal(size=9))


def logsumexp(a, axis):
    x = wide(a)
    top = np.max(x, axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0)
    result = np.log(np.exp(x - safe).sum(axis=axis, keepdims=True)) + safe
    return np.squeeze(result, axis=axis).astype(a.dtype)


def softmax(a, axis):
    x = wide(a)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).astype(a.dtype)


def log_softmax(a, axis):
    x = wide(a)
    return (x - np.expand_dims(logsumexp(x, axis), axis)).astype(a.dtype)


def integers(table, rng, dtype):
    program = table.program(f"sums_{dtype}", "dim N", "dim M")
    wider = np.uint64 if dtype in UNSIGNED else np.int64
    outs = [
        ("sum_all", "sum(a)", lambda a: np.asarray(a.sum(dtype=wider))),
        ("sum_rows", "a.sum(axis=1)", lambda a: a.sum(axis=1, dtype=wider)),
        (
            "sum_kept",
            "a.sum(axis=0, keepdims=true)",
            lambda a: a.sum(axis=0, dtype=wider, keepdims=True),
        ),
        ("prod_all", "prod(a)", lambda a: np.asarray(a.prod(dtype=wider))),
        (
            "mean_all",
            "mean(a)",
            lambda a: np.asarray(a.mean(dtype=np.float64)).astype(np.float32),
            ulp(4),
        ),
        ("running", "cumsum(a, axis=1)", lambda a: np.cumsum(a, axis=1, dtype=wider)),
    ]
    made = program.function("sums", f"a: {dtype}[N, M]", outs[:5])
    data = rng.integers(-100 if dtype not in UNSIGNED else 0, 100, (3, 40)).astype(DTYPES[dtype])
    made.call("", {"N": 3, "M": 40}, a=data)
    made.call("empty", {"N": 0, "M": 2}, a=np.zeros((0, 2)))
    if dtype in ("i64", "u64"):
        top = np.iinfo(DTYPES[dtype]).max
        made.call(
            "wrap",
            {"N": 1, "M": 3},
            only=("sum_all", "sum_rows", "prod_all"),
            a=np.array([[top, top, 5]], dtype=DTYPES[dtype]),
        )
    made = program.function(
        "extremes",
        f"a: {dtype}[N, M]",
        [
            ("max_all", "max(a)", lambda a: np.asarray(a.max())),
            ("min_rows", "a.min(axis=1)", lambda a: a.min(axis=1)),
            ("argmax_all", "argmax(a)", lambda a: np.asarray(a.argmax())),
            ("argmin_rows", "a.argmin(axis=1)", lambda a: a.argmin(axis=1)),
        ],
    )
    made.call("", {"N": 3, "M": 40}, a=data)
    made.call("empty", {"N": 0, "M": 2}, a=np.zeros((0, 2)), status="THX_E_DIM")
    made = program.function("running", f"a: {dtype}[N, M]", outs[5:])
    made.call("", {"N": 3, "M": 40}, a=data)


def tables():
    rng = np.random.default_rng(3)
    table = Table("reductions")
    for dtype in FLOATS:
        floats(table, rng, dtype)
    for dtype in INTEGERS:
        integers(table, rng, dtype)
    program = table.program("sums_bool", "dim N", "dim M")
    made = program.function(
        "counts",
        "a: bool[N, M]",
        [
            ("count", "sum(a)", lambda a: np.asarray(a.sum(dtype=np.int64))),
            ("count_rows", "a.sum(axis=1)", lambda a: a.sum(axis=1, dtype=np.int64)),
            ("product", "prod(a)", lambda a: np.asarray(a.prod(dtype=np.int64))),
            ("any_all", "any(a)", lambda a: np.asarray(a.any())),
            ("any_rows", "any(a, axis=1)", lambda a: a.any(axis=1)),
            ("all_all", "all(a)", lambda a: np.asarray(a.all())),
            ("all_kept", "a.all(axis=0, keepdims=true)", lambda a: a.all(axis=0, keepdims=True)),
            (
                "mean_all",
                "mean(a)",
                lambda a: np.asarray(a.mean(dtype=np.float64), dtype=np.float32),
                ulp(2),
            ),
        ],
    )
    made.call("", {"N": 3, "M": 40}, a=rng.integers(0, 2, (3, 40)))
    made.call("true", {"N": 2, "M": 3}, a=np.ones((2, 3)))
    made.call("empty", {"N": 0, "M": 2}, a=np.zeros((0, 2)))
    made.call("empty rows", {"N": 2, "M": 0}, a=np.zeros((2, 0)))
    yield table
