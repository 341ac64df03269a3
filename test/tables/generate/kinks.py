# SPDX-License-Identifier: Apache-2.0
"""Gradients at kinks, by the conventions of the language."""

import numpy as np

from .table import ulp

KINKS = [  # text of a scalar in x (f64[N]), points, derivatives as section 5 of the language has them
    ("maximum_0", "maximum(x, 0).sum()", [0, -0.0, 1, -1], [0.5, 0.5, 1, 0]),
    ("minimum_0", "minimum(x, 0).sum()", [0, 1, -1], [0.5, 0, 1]),
    ("maximum_self", "maximum(x, x).sum()", [1, 0], [1, 1]),
    ("relu", "relu(x).sum()", [0, -0.0, 2, -2], [0, 0, 1, 0]),
    ("abs", "abs(x).sum()", [0, -0.0, 2, -2], [0, 0, 1, -1]),
    ("sign", "(sign(x) * 3).sum()", [0, 2, -2], [0, 0, 0]),
    ("clip", "clip(x, -1, 2).sum()", [-1, 2, 0, -1.5, 2.5], [1, 1, 1, 0, 0]),
    ("sqrt", "sqrt(x).sum()", [0, 4], [np.inf, 0.25]),
    ("sqrt_square", "sqrt(x**2).sum()", [0, -3, 2], [0, -1, 1]),
    ("square_root", "(sqrt(x)**2).sum()", [4, 9], [1, 1]),
    ("norm", "norm(x)", [0, 0], [0, 0]),
    ("norm_by_hand", "sqrt(sum(x**2))", [0, 0], [0, 0]),
    ("norm_square", "sqrt((x*x).sum())", [0, 0], [0, 0]),
    ("norm_dot", "sqrt(x @ x)", [0, 0], [0, 0]),
    ("norm_power", "sum(x**2)**0.5", [0, 0], [0, 0]),
    ("norm_plain", "norm(x)", [3, 4], [0.6, 0.8]),
    ("max_ties", "max(x)", [2, 1, 2], [0.5, 0, 0.5]),
    ("min_ties", "min(x)", [1, 1, 1, 2], [1 / 3, 1 / 3, 1 / 3, 0]),
    ("prod_one_zero", "prod(x)", [2, 0, 3], [0, 6, 0]),
    ("prod_two_zeros", "prod(x)", [0, 5, 0], [0, 0, 0]),
    ("prod_plain", "prod(x)", [2, 4, 3], [12, 6, 8]),
    ("floor", "floor(x * 2).sum()", [0.3, 1], [0, 0]),
    ("ceil", "ceil(x).sum()", [0.3, 1], [0, 0]),
    ("round", "round(x).sum()", [0.5, 1], [0, 0]),
    ("trunc", "trunc(x).sum()", [0.5, -1], [0, 0]),
    ("compare", "where(x > 0, x, -x).sum()", [2, -3, 0], [1, -1, -1]),
    ("where_log", "where(x > 0, log(x), 0).sum()", [0, -1, 2], [0, 0, 0.5]),
    ("where_sqrt", "where(x > 0, sqrt(x), 0).sum()", [0, 4], [0, 0.25]),
    ("where_div", "where(x == 0, 1, sin(x)/x).sum()", [0], [0]),
    ("where_exp", "where(x < 100, exp(x), 0).sum()", [1000, 0], [0, 1]),
    ("where_power", "where(x > 0, x**0.3, 0).sum()", [0, 1], [0, 0.3]),
    ("square_0", "(x**2).sum()", [0, 1], [0, 2]),
    ("power_0", "(x**0).sum()", [0, 1], [0, 0]),
    ("power_1", "(x**1).sum()", [0, 2], [1, 1]),
    ("log_sum", "log(sum(exp(x)))", [1000, 1000], [0.5, 0.5]),
    ("softplus_naive", "log(1 + exp(x)).sum()", [1000, -1000, 0], [1, 0, 0.5]),
    ("sigmoid_naive", "log(1/(1 + exp(-x))).sum()", [1000, -1000, 0], [0, 1, 0.5]),
    ("modulo", "(x % 2).sum()", [3.5, -0.5], [1, 1]),
]
KINKS_Y = [  # text of a scalar in y (f64[N]) beside a fixed base
    ("zero_base", "(f64(0)**y).sum()", [2, 0.5, 3], [0, 0, 0]),
    ("base_e", "(1**y).sum()", [2, 0.5], [0, 0]),
]


def kinks(table):
    program = table.program("kinks", "dim N")
    made = {}
    for name, text, points, wanted in KINKS:
        made[name] = program.function(
            f"at_{name}",
            "x: f64[N]",
            [
                (
                    "gradient",
                    f"grad({text}, x)",
                    lambda wanted=wanted: np.array(wanted, dtype=np.float64),
                    ulp(2),
                )
            ],
        )
        made[name].call("", {"N": len(points)}, x=points)
    # In parts: each of them fails or holds for itself.
    program = table.program("kinks_of_powers", "dim N")
    for name, text, points, wanted in KINKS_Y:
        one = program.function(
            f"at_{name}",
            "y: f64[N]",
            [
                (
                    "gradient",
                    f"grad({text}, y)",
                    lambda wanted=wanted: np.array(wanted, dtype=np.float64),
                    ulp(2),
                )
            ],
        )
        one.call("", {"N": len(points)}, y=points)
    one = program.function(
        "at_ties",
        "x: f64[N]; y: f64[N]",
        [
            ("of_maximum", "grad(maximum(x, y).sum(), x)", lambda x, y: (x > y) + 0.5 * (x == y)),
            ("of_minimum", "grad(minimum(x, y).sum(), y)", lambda x, y: (y < x) + 0.5 * (x == y)),
            (
                "of_power_y",
                "grad((x**y).sum(), y)",
                lambda x, y: np.where(x > 0, x**y * np.log(np.where(x > 0, x, 1)), 0),
                ulp(8),
            ),
        ],
    )
    one.call("", {"N": 4}, x=[1, 2, 3, 0], y=[1, 3, 2, 2])
    one = program.function(
        "at_rows",
        "z: f64[N, 3]",
        [
            (
                "of_max",
                "grad(z.max(axis=1).sum(), z)",
                lambda z: (z == z.max(1, keepdims=True))
                / (z == z.max(1, keepdims=True)).sum(1, keepdims=True),
                ulp(2),
            ),
            (
                "of_norms",
                "grad(norm(z, axis=1).sum(), z)",
                lambda z: np.where(
                    z == 0, 0, z / np.maximum(np.sqrt((z * z).sum(1, keepdims=True)), 1e-300)
                ),
                ulp(4),
            ),
            (
                "of_prods",
                "grad(z.prod(axis=1).sum(), z)",
                lambda z: np.stack([z[:, 1] * z[:, 2], z[:, 0] * z[:, 2], z[:, 0] * z[:, 1]], 1)
                + 0.0,
                ulp(2),
            ),
        ],
    )
    one.call("", {"N": 4}, z=[[1, 1, 0], [2, 2, 2], [0, 0, 0], [3, 0, 4]])
    one.call("none", {"N": 0}, z=np.zeros((0, 3)))
