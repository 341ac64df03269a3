# SPDX-License-Identifier: Apache-2.0
"""Operators on each other's results: views of views, reductions of joins, indices that are computed."""

import re

import numpy as np

from .table import Table, near, of

# Thx text that NumPy reads as well, given the names below.
EXPRESSIONS = [
    "x[::-1].T[1:, ::2].sum(axis=0)",
    "(x.T @ x)[::-1, 1:]",
    "concatenate([x[1:], x[:1]]) - x",
    "concatenate([x[:, ::-1], x], axis=1)[:, 2:-2]",
    "stack([x, x * 2, -x]).sum(axis=0)",
    "stack([x, x + 1], axis=1).reshape((2 * N, M))",
    "x.reshape((M * N,))[::3]",
    "x.T.reshape((N, M))",
    "x[newaxis] * w[:, newaxis, newaxis]",
    "(x - x.mean(axis=1, keepdims=True)).std(axis=1)",
    "where(x > x.mean(), x, x.min(axis=0))",
    "x[r].sum(axis=0)",
    "x[r[::-1]][:, ::-1]",
    "x[:, c][1:]",
    "x[r + 1 - 1, 0]",
    "x[argmax(x, axis=0), arange(M)]",
    "x[arange(N), argmin(x, axis=1)]",
    "v[argmax(x, axis=1)]",
    "x[argmax(w)]",
    "x.max(axis=0) - x.min(axis=0)",
    "x[1:].cumsum(axis=0)[::-1]",
    "cumsum(x[::-1], axis=0)[::-1]",
    "cumsum(x, axis=1)[:, -1] - x.sum(axis=1)",
    "(x > 0).sum(axis=1) * w",
    "where((x > 0).any(axis=1), w, -w)",
    "(x > -9).all(axis=0)",
    "x @ v + w",
    "w @ x",
    "(w @ x) @ v",
    "x @ x.T @ w",
    "x.T @ (x @ v - w)",
    "outer(w, v) * x",
    "dot(w, x[:, 0])",
    "(x * x).sum(axis=1) ** 0.5",
    "exp(-(x[:, newaxis, :] - x) ** 2).sum(axis=2)",
    "x[:, newaxis, :] @ v",
    "maximum(x, x.T.mean(axis=1))",
    "clip(x, -1, 1).sum()",
    "abs(x).max()",
    "sign(x) * sqrt(abs(x))",
    "floor(x / 0.5) * 0.5",
    "x % 1.5 + x // 1.5 * 1.5",
    "tril(x @ x.T) + triu(x @ x.T, 1)",
    "diagonal(x @ x.T) - (x * x).sum(axis=1)",
    "trace(x @ x.T) - (x * x).sum()",
    "eye(N) @ x",
    "diag(w) @ x",
    "x * diag(x @ x.T)[:, newaxis]",
    "zeros((N, M)) + v",
    "ones((N, M)) * w[:, newaxis]",
    "arange(M) * x",
    "x[0, 0] * linspace(0, 1, 4)",
    "x.sum(axis=1)[::-1].cumsum()",
    "flip(x, axis=0)[0] - x[-1]",
    "pad(x, ((1, 1), (0, 2)))[1:, 1:].sum(axis=0)",
    "pad(v, (1, 0))[:-1] - v",
    "swapaxes(x, 0, 1)[c]",
    "x[0] if N > 2 else x[1]",
    "x[1:-1, 1:-1] + x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]",
    "(x[1:] - x[:-1]).mean(axis=0) / 2",
    "x.var(axis=0) - ((x - x.mean(axis=0)) ** 2).mean(axis=0)",
    "x[::2][::-1][:, 1:][..., ::-1].T",
    "x.T[::-1].T[::-1].ravel()[2:-1]",
    "expand_dims(x, 0)[0, :, newaxis, 1:]",
    "repeat(v, 2)[1::2]",
    "broadcast_to(w[:, newaxis], (N, M))[:, 1:].T",
    "x[[0, 2, 0]][:, [1, 1]]",
    "where(isnan(x / 0 * 0), 1.0, 2.0)",
    "0 * x + 1",
    "-(-x)",
    "x - x",
    "x * 1 + 0",
    "(x ** 2) ** 0.5 - abs(x)",
    "log(exp(x)) + exp(log(abs(x) + 1))",
    "1 / (1 + exp(-x))",
    "log(1 + exp(x))",
    "exp(x) / exp(x).sum(axis=1, keepdims=True)",
    "log(exp(x).sum(axis=1))",
    "sqrt(x * x)",
    "x / abs(x)",
    "(x + 1) * (x - 1) - x * x",
    "tanh(x) ** 2 + 1 / cosh(x) ** 2",
    "sin(x) ** 2 + cos(x) ** 2",
    "minimum(x, 1).sum(axis=0) + maximum(x, 1).sum(axis=0)",
    "2 ** x * 2 ** -x",
    "x.mean() * N * M - x.sum()",
    "(x * 3).max(axis=1) - x.max(axis=1) * 3",
    "x.prod(axis=1) / x[:, 0]",
]
TYPES = {"x": "f64[N, M]", "v": "f64[M]", "w": "f64[N]", "r": "i64[4]", "c": "i32[3]"}


def names(library, x, **others):
    """What an expression may mention; `library` is NumPy or a double of it."""
    return {
        "x": x,
        **others,
        "N": x.shape[0],
        "M": x.shape[1],
        "newaxis": None,
        "abs": library.abs,
        **{
            n: getattr(library, n)
            for n in (
                "concatenate stack where argmax argmin arange cumsum outer dot exp maximum minimum clip sign sqrt floor "
                "tril triu diagonal trace eye diag zeros ones linspace flip pad swapaxes expand_dims repeat broadcast_to "
                "isnan log tanh sin cos cosh"
            ).split()
        },
    }


def evaluate(text, used):
    def apply(*arrays):
        scope = names(np, **dict(zip(used, arrays)))
        return np.asarray(eval(text, scope))

    return of(apply, *used)


def example(rng, n, m):
    """Arrays for every name, away from the kinks of floor, abs and clip."""
    return {
        "x": np.round(rng.normal(size=(n, m)) * 2, 2) + 0.005,
        "v": rng.normal(size=m),
        "w": rng.normal(size=n),
        "r": rng.integers(-n, n, 4),
        "c": rng.integers(0, m, 3),
    }


def tables():
    rng = np.random.default_rng(8)
    table = Table("compositions")
    size = 12
    for start in range(0, len(EXPRESSIONS), size):
        program = table.program(f"compositions_{start // size}", "dim N", "dim M", floatx="f64")
        part = EXPRESSIONS[start : start + size]
        # A function names what it uses.
        used = [name for name in TYPES if any(re.search(rf"\b{name}\b", text) for text in part)]
        made = program.function(
            "composed",
            "; ".join(f"{name}: {TYPES[name]}" for name in used),
            [
                (
                    f"e{start + i}",
                    text.replace("True", "true"),
                    evaluate(text, used),
                    near(1e-11, 1e-12),
                )
                for i, text in enumerate(part)
            ],
        )
        for n, m in ((4, 5), (3, 3), (7, 19)):
            arrays = example(rng, n, m)
            made.call(f"{n} by {m}", {"N": n, "M": m}, **{name: arrays[name] for name in used})
    yield table
