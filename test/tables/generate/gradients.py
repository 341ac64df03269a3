# SPDX-License-Identifier: Apache-2.0
"""Gradients in f64: of every differentiable operator by JAX, at kinks by the rules of the language.

Each case is the derivative of sum(f(x) * weights) by one operand.
"""

import re

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import special

from .compositions import EXPRESSIONS, TYPES, example, names
from .kinks import kinks
from .table import Table, near, of

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

UNARY = {  # name: (text, function in JAX, lowest, highest argument)
    "negative": ("-x", lambda x: -x, -3, 3),
    "abs": ("abs(x)", jnp.abs, 0.5, 3),
    "square": ("square(x)", jnp.square, -3, 3),
    "sqrt": ("sqrt(x)", jnp.sqrt, 0.1, 5),
    "reciprocal": ("reciprocal(x)", lambda x: 1 / x, 0.5, 3),
    "exp": ("exp(x)", jnp.exp, -3, 3),
    "exp2": ("exp2(x)", jnp.exp2, -3, 3),
    "expm1": ("expm1(x)", jnp.expm1, -3, 3),
    "log": ("log(x)", jnp.log, 0.1, 9),
    "log2": ("log2(x)", jnp.log2, 0.1, 9),
    "log10": ("log10(x)", jnp.log10, 0.1, 9),
    "log1p": ("log1p(x)", jnp.log1p, -0.9, 9),
    "sin": ("sin(x)", jnp.sin, -4, 4),
    "cos": ("cos(x)", jnp.cos, -4, 4),
    "tan": ("tan(x)", jnp.tan, -1, 1),
    "arcsin": ("arcsin(x)", jnp.arcsin, -0.9, 0.9),
    "arccos": ("arccos(x)", jnp.arccos, -0.9, 0.9),
    "arctan": ("arctan(x)", jnp.arctan, -5, 5),
    "sinh": ("sinh(x)", jnp.sinh, -3, 3),
    "cosh": ("cosh(x)", jnp.cosh, -3, 3),
    "tanh": ("tanh(x)", jnp.tanh, -4, 4),
    "arcsinh": ("arcsinh(x)", jnp.arcsinh, -4, 4),
    "arccosh": ("arccosh(x)", jnp.arccosh, 1.1, 5),
    "arctanh": ("arctanh(x)", jnp.arctanh, -0.9, 0.9),
    "sigmoid": ("sigmoid(x)", jax.nn.sigmoid, -20, 20),
    "softplus": ("softplus(x)", jax.nn.softplus, -20, 20),
    "relu": ("relu(x)", jax.nn.relu, 0.5, 3),
    "erf": ("erf(x)", special.erf, -2, 2),
    "erfc": ("erfc(x)", special.erfc, -2, 4),
    "deg2rad": ("deg2rad(x)", jnp.deg2rad, -90, 90),
    "power3": ("x**3", lambda x: x**3, -3, 3),
    "power_half": ("x**-0.5", lambda x: x**-0.5, 0.2, 3),
    "base": ("2**x", lambda x: 2.0**x, -3, 3),
    "silu": ("x*sigmoid(x)", jax.nn.silu, -8, 8),
    "xlogx": ("x*log(x)", lambda x: x * jnp.log(x), 0.1, 4),
    "log_sigmoid": ("log(sigmoid(x))", jax.nn.log_sigmoid, -20, 20),
    "gauss": ("exp(-x**2/2)", lambda x: jnp.exp(-(x**2) / 2), -3, 3),
    "rational": ("(x + 1)/(x**2 + 1)", lambda x: (x + 1) / (x**2 + 1), -3, 3),
}
BINARY = {
    "add": ("x + y", lambda x, y: x + y),
    "sub": ("x - y", lambda x, y: x - y),
    "mul": ("x * y", lambda x, y: x * y),
    "div": ("x / y", lambda x, y: x / y),
    "power": ("x ** y", lambda x, y: x**y),
    "maximum": ("maximum(x, y)", jnp.maximum),
    "minimum": ("minimum(x, y)", jnp.minimum),
    "arctan2": ("arctan2(x, y)", jnp.arctan2),
    "where": ("where(x > y, x*x, y*3)", lambda x, y: jnp.where(x > y, x * x, y * 3)),
    "fma": ("fma(x, y, x)", lambda x, y: x * y + x),
    "hypotenuse": ("sqrt(x*x + y*y)", lambda x, y: jnp.sqrt(x * x + y * y)),
    "rest": ("x % y", lambda x, y: x % y),
    "clip": ("clip(x, 1, y)", lambda x, y: jnp.clip(x, 1, y)),
}
SHAPES = {  # functions of a matrix x[3, 4]
    "sum_all": ("x.sum()", lambda x: x.sum()),
    "sum_0": ("x.sum(axis=0)", lambda x: x.sum(0)),
    "sum_kept": ("x.sum(axis=1, keepdims=true)", lambda x: x.sum(1, keepdims=True)),
    "mean": ("x.mean(axis=1)", lambda x: x.mean(1)),
    "var": ("x.var(axis=0)", lambda x: x.var(0)),
    "var_ddof": ("var(x, ddof=1)", lambda x: x.var(ddof=1)),
    "std": ("x.std(axis=1)", lambda x: x.std(1)),
    "prod": ("x.prod(axis=0)", lambda x: x.prod(0)),
    "prod_all": ("prod(x)", lambda x: x.prod()),
    "max": ("x.max(axis=1)", lambda x: x.max(1)),
    "min": ("min(x)", lambda x: x.min()),
    "logsumexp": ("logsumexp(x, axis=0)", lambda x: special.logsumexp(x, 0)),
    "softmax": ("softmax(x)", lambda x: jax.nn.softmax(x)),
    "log_softmax": ("log_softmax(x, axis=0)", lambda x: jax.nn.log_softmax(x, 0)),
    "norm": ("norm(x)", lambda x: jnp.sqrt((x * x).sum())),
    "norm_1": ("norm(x, axis=1)", lambda x: jnp.sqrt((x * x).sum(1))),
    "transpose": ("x.T * 2", lambda x: x.T * 2),
    "reshape": ("x.reshape((2, 6))**2", lambda x: x.reshape(2, 6) ** 2),
    "slice": ("x[1:, ::2]**2", lambda x: x[1:, ::2] ** 2),
    "reversed": ("x[::-1] * x", lambda x: x[::-1] * x),
    "row": ("x[1] * x[-1]", lambda x: x[1] * x[-1]),
    "column": ("x[:, 2]**3", lambda x: x[:, 2] ** 3),
    "newaxis": ("x[:, newaxis] * x", lambda x: x[:, None] * x),
    "ellipsis": ("x[..., 1]**2", lambda x: x[..., 1] ** 2),
    "concatenate": ("concatenate([x, x*x], axis=1)", lambda x: jnp.concatenate([x, x * x], 1)),
    "stack": ("stack([x, sin(x)])", lambda x: jnp.stack([x, jnp.sin(x)])),
    "pad": ("pad(x, ((1, 0), (2, 1)))**2", lambda x: jnp.pad(x, ((1, 0), (2, 1))) ** 2),
    "flip": ("flip(x, axis=1) * x", lambda x: jnp.flip(x, 1) * x),
    "cumsum": ("cumsum(x, axis=0)**2", lambda x: jnp.cumsum(x, 0) ** 2),
    "cumsum_1": ("exp(cumsum(x, axis=1)*0.1)", lambda x: jnp.exp(jnp.cumsum(x, 1) * 0.1)),
    "product": ("x @ x.T", lambda x: x @ x.T),
    "gram": ("x.T @ x", lambda x: x.T @ x),
    "diagonal": ("diagonal(x @ x.T)**2", lambda x: jnp.diagonal(x @ x.T) ** 2),
    "trace": ("trace(x @ x.T)", lambda x: jnp.trace(x @ x.T)),
    "tril": ("tril(x)**2", lambda x: jnp.tril(x) ** 2),
    "triu": ("triu(x, 1)*x", lambda x: jnp.triu(x, 1) * x),
    "outer": ("outer(x[0], x[1])", lambda x: jnp.outer(x[0], x[1])),
    "dot": ("dot(x[0], x[2])", lambda x: jnp.dot(x[0], x[2])),
    "vector": ("(x @ x[0])**2", lambda x: (x @ x[0]) ** 2),
    "gather": ("x[[2, 0, 2]]**2", lambda x: x[jnp.array([2, 0, 2])] ** 2),
    "pick": ("x[arange(3), [1, 0, 3]]**2", lambda x: x[jnp.arange(3), jnp.array([1, 0, 3])] ** 2),
    "set": ("x.at[0].set(x[1]*x[2])", lambda x: x.at[0].set(x[1] * x[2])),
    "add": ("x.at[1:, 0].add(x[:2, 1]**2)", lambda x: x.at[1:, 0].add(x[:2, 1] ** 2)),
    "scatter": ("x.at[[1, 1]].add(x[:2]**2)", lambda x: x.at[jnp.array([1, 1])].add(x[:2] ** 2)),
    "broadcast": ("broadcast_to(x[0], (5, 4))**2", lambda x: jnp.broadcast_to(x[0], (5, 4)) ** 2),
    "diag": ("diag(x[0]) @ x[1]", lambda x: jnp.diag(x[0]) @ x[1]),
    "squeeze": ("x[:1].squeeze(axis=0)**2", lambda x: x[:1].squeeze(0) ** 2),
    "flatten": ("ravel(x.T)[::3]**2", lambda x: x.T.ravel()[::3] ** 2),
    "swap": ("swapaxes(x, 0, 1)**2", lambda x: jnp.swapaxes(x, 0, 1) ** 2),
    "batched": (
        "stack([x, x*2]) @ stack([x.T, x.T])",
        lambda x: jnp.stack([x, x * 2]) @ jnp.stack([x.T, x.T]),
    ),
    "normalised": (
        "(x - x.mean(axis=1, keepdims=true)) / sqrt(x.var(axis=1, keepdims=true) + 1e-5)",
        lambda x: (x - x.mean(1, keepdims=True)) / jnp.sqrt(x.var(1, keepdims=True) + 1e-5),
    ),
    "cast": ("f64(i64(x)) * x", lambda x: jnp.trunc(x) * x),
    "floor": ("floor(x) * x", lambda x: jnp.floor(x) * x),
    "second": ("grad((x**3).sum(), x)", lambda x: 3 * x**2),
}
BROADCASTS = {
    "scalar": ("", "[3, 4]"),
    "row": ("[4]", "[3, 4]"),
    "column": ("[3, 1]", "[3, 4]"),
    "outer": ("[3, 1]", "[1, 4]"),
    "deep": ("[4]", "[2, 3, 4]"),
    "ones": ("[1, 1]", "[3, 4]"),
}
CLOSE = near(1e-12, 1e-13)


def weights(shape):
    """The cotangent: a number for each element of the result, none of them alike."""
    count = int(np.prod(shape))
    return (np.arange(count) % 7 * 0.25 + 0.5).reshape(shape)


def weighted(text, shape):
    """The scalar sum(f * weights) as Thx text."""
    count = int(np.prod(shape))
    if not shape:
        return f"({text}) * 0.5"
    ramp = f"(arange({count}, dtype=f64) % 7 * 0.25 + 0.5).reshape({shape})".replace(",)", ",)")
    return f"(({text}) * {ramp}).sum()"


def derivative(function, index):
    def apply(*values):
        values = [jnp.asarray(v) for v in values]

        def cost(x):
            inside = function(*values[:index], x, *values[index + 1 :])
            return (inside * (weights(inside.shape) if inside.shape else 0.5)).sum()

        return np.asarray(jax.grad(cost)(values[index]))

    return apply


def shape_after(function, *shapes):
    return jax.eval_shape(function, *(jax.ShapeDtypeStruct(s, np.float64) for s in shapes)).shape


def chunks(items, size):
    items = list(items)
    for start in range(0, len(items), size):
        yield start // size, items[start : start + size]


def unary(table, rng):
    for part, group in chunks(UNARY.items(), 10):
        program = table.program(f"unary_gradients_{part}")
        for name, (text, function, low, high) in group:
            x = f"x_{name}"
            body = weighted(
                text.replace("exp", "EXP")
                .replace("max", "MAX")
                .replace("x", x)
                .replace("EXP", "exp")
                .replace("MAX", "max"),
                (9,),
            )
            if x + "p" in body:
                raise ValueError(body)
            made = program.function(
                f"by_{name}",
                f"{x}: f64[9]",
                [("gradient", f"grad({body}, {x})", of(derivative(function, 0), x), CLOSE)],
            )
            values = np.linspace(low, high, 9)
            if name in ("abs", "relu"):
                values[::2] *= -1
            made.call("", **{x: values})


def shapes(table, rng):
    for part, group in chunks(SHAPES.items(), 9):
        program = table.program(f"array_gradients_{part}", "input x : f64[3, 4]")
        for name, (text, function) in group:
            shape = shape_after(function, (3, 4))
            made = program.function(
                f"by_{name}",
                "x: f64[3, 4]",
                [
                    (
                        "gradient",
                        f"grad({weighted(text, shape)}, x)",
                        of(derivative(function, 0), "x"),
                        CLOSE,
                    )
                ],
            )
            made.call("", x=np.round(rng.normal(size=(3, 4)) * 2, 3))
            made.call("again", x=np.round(rng.normal(size=(3, 4)) * 2, 3))


def binary(table, rng):
    program = table.program("binary_gradients")
    for name, (text, function) in BINARY.items():
        body = weighted(text, (9,))
        made = program.function(
            f"by_{name}",
            "x: f64[9]; y: f64[9]",
            [
                ("left", f"grad({body}, x)", of(derivative(function, 0), "x", "y"), CLOSE),
                ("right", f"grad({body}, y)", of(derivative(function, 1), "x", "y"), CLOSE),
            ],
        )
        made.call(
            "", x=rng.uniform(0.5, 4, 9), y=rng.uniform(0.7, 4, 9) + (1 if name == "clip" else 0)
        )
    program = table.program("broadcast_gradients")
    for name, (left, right) in BROADCASTS.items():
        a, b = f"a_{name}", f"b_{name}"
        sizes = [
            tuple(int(p) for p in t.strip("[]").split(",")) if t else () for t in (left, right)
        ]

        def function(x, y):
            return x * y + jnp.sin(x)

        body = weighted(f"{a} * {b} + sin({a})", np.broadcast_shapes(*sizes))
        made = program.function(
            f"by_{name}",
            f"{a}: f64{left}; {b}: f64{right}",
            [
                ("left", f"grad({body}, {a})", of(derivative(function, 0), a, b), CLOSE),
                ("right", f"grad({body}, {b})", of(derivative(function, 1), a, b), CLOSE),
            ],
        )
        made.call("", **{a: rng.normal(size=sizes[0]), b: rng.normal(size=sizes[1])})


def compositions(table, rng):
    """Gradients of sum(sin(f(x))) for the expressions of compositions.py."""
    texts = [text for text in EXPRESSIONS if "[[" not in text and re.search(r"\bx\b", text)]
    for part, group in chunks(texts, 12):
        program = table.program(f"composition_gradients_{part}", "dim N", "dim M", floatx="f64")
        for i, text in enumerate(group):
            used = [name for name in TYPES if re.search(rf"\b{name}\b", text)]

            def by_x(*arrays, text=text, used=used):
                given = {name: jnp.asarray(array) for name, array in zip(used, arrays)}
                cost = lambda x: jnp.sin(eval(text, names(jnp, **(given | {"x": x})))).sum()
                return np.asarray(jax.grad(cost)(given["x"]))

            made = program.function(
                f"by_e{i}",
                "; ".join(f"{name}: {TYPES[name]}" for name in used),
                [
                    (
                        "gradient",
                        f"grad(sum(sin({text})), x)".replace("True", "true"),
                        of(by_x, *used),
                        near(1e-10, 1e-11),
                    )
                ],
            )
            for n, m in ((4, 5), (3, 3)):
                made.call(
                    f"{n} by {m}",
                    {"N": n, "M": m},
                    **{name: example(rng, n, m)[name] for name in used},
                )


def tables():
    rng = np.random.default_rng(7)
    table = Table("gradients")
    unary(table, rng)
    binary(table, rng)
    shapes(table, rng)
    kinks(table)
    compositions(table, np.random.default_rng(9))
    yield table
