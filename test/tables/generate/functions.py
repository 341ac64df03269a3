# SPDX-License-Identifier: Apache-2.0
"""Functions of one argument: values from sixty digits, at usual, tiny, huge and special arguments."""

import numpy as np

from .exact import exactly
from .table import EXACT, FLOATS, Table, array, of, ulp

FAMILIES = {  # family: functions, lowest and highest usual argument
    "exponentials": (("exp", "expm1", "exp2"), -20, 20),
    "logarithms": (("log", "log2", "log10", "log1p"), 1e-3, 50),
    "trigonometric": (("sin", "cos", "tan"), -10, 10),
    "inverse_trigonometric": (("arcsin", "arccos", "arctan"), -1, 1),
    "hyperbolic": (("sinh", "cosh", "tanh"), -8, 8),
    "inverse_hyperbolic": (("arcsinh", "arctanh"), -0.99, 0.99),
    "inverse_cosh": (("arccosh",), 1, 40),
    "logistic": (("sigmoid", "softplus"), -30, 30),
    "error_functions": (("erf", "erfc"), -3, 3),
    "angles": (("deg2rad", "rad2deg"), -400, 400),
    "roots": (("sqrt", "reciprocal"), 1e-3, 90),
}
BUDGET = {"deg2rad": ulp(1), "rad2deg": ulp(1), "sqrt": EXACT, "reciprocal": EXACT}
HUGE = {"exp": 1, "expm1": 1, "exp2": 1, "sinh": 1, "cosh": 1, "sigmoid": 1, "softplus": 1}


def arguments(family, dtype, rng):
    """Notes and arguments of one call each."""
    names, low, high = FAMILIES[family]
    info = np.finfo(dtype_of(dtype))
    yield "usual", np.linspace(low, high, 67)
    yield "random", rng.uniform(low, high, 37)
    yield "special", [0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan]
    tiny = [info.tiny, info.smallest_subnormal, 7 * info.smallest_subnormal, info.eps, 1e-10, 1e-5]
    yield "tiny", tiny + [-v for v in tiny]
    if any(name in HUGE for name in names):
        edge = np.log(float(info.max))
        yield "overflow", [edge * f for f in (0.5, 0.9, 0.99, 0.9999, 1.0001, 1.01, 1.5, 10)] + [
            -edge * f for f in (0.5, 0.9, 0.99, 0.9999, 1.0001, 1.04, 1.5, 10)
        ]
    elif names[0] in ("sin", "arcsinh", "log", "sqrt"):
        yield "huge", [1e3, 12345.678, 1e6, 1e10, 1e20, 1e30, float(info.max), 355, 33, 22]
    if names[0] in ("arcsin", "arcsinh", "arccosh", "log", "sqrt", "erf"):
        yield "border", [1 - 1e-3, 1 - 1e-6, 1 + 1e-6, -1 + 1e-6, -1 - 1e-6, 0.5, 2, -2, 5, 9, 11]
    yield "empty", []


def dtype_of(dtype):
    return {"f32": np.float32, "f64": np.float64}[dtype]


def rounding(table, dtype):
    program = table.program(f"rounding_{dtype}", "dim N")
    values = [
        0.0,
        -0.0,
        0.4,
        0.5,
        0.6,
        1.5,
        2.5,
        3.5,
        -0.4,
        -0.5,
        -0.6,
        -1.5,
        -2.5,
        8388607.5,
        4503599627370495.5,
        1e20,
        -1e20,
        np.inf,
        -np.inf,
        np.nan,
        1e-40,
    ]
    made = program.function(
        "rounding",
        f"a: {dtype}[N]",
        [
            ("floor_a", "floor(a)", np_one(np.floor)),
            ("ceil_a", "ceil(a)", np_one(np.ceil)),
            ("trunc_a", "trunc(a)", np_one(np.trunc)),
            ("round_a", "round(a)", np_one(np.round)),
        ],
    )
    made.call("edges", {"N": len(values)}, a=values)
    made = program.function(
        "signs",
        f"a: {dtype}[N]",
        [
            ("negative", "-a", lambda a: -a),
            ("abs_a", "abs(a)", lambda a: np.abs(a)),
            ("sign_a", "sign(a)", lambda a: np.sign(a)),
            ("square_a", "square(a)", lambda a: a * a),
            (
                "relu_a",
                "relu(a)",
                lambda a: np.where(a > 0, a, np.where(np.isnan(a), a, 0)).astype(a.dtype),
            ),
        ],
    )
    made.call("edges", {"N": len(values)}, a=values)
    program = table.program(f"tests_{dtype}", "dim N")
    made = program.function(
        "tests",
        f"a: {dtype}[N]",
        [
            ("isnan_a", "isnan(a)", lambda a: np.isnan(a)),
            ("isinf_a", "isinf(a)", lambda a: np.isinf(a)),
            ("isfinite_a", "isfinite(a)", lambda a: np.isfinite(a)),
        ],
    )
    made.call("edges", {"N": len(values)}, a=values)
    program = table.program(f"closeness_{dtype}", "dim N")
    made = program.function(
        "closeness",
        f"a: {dtype}[N]; b: {dtype}[N]",
        [
            ("close", "isclose(a, b)", lambda a, b: np.isclose(a, b)),
            ("all_close", "allclose(a, b)", lambda a, b: np.asarray(np.allclose(a, b))),
        ],
    )
    made.call(
        "near",
        {"N": 6},
        a=[1, 1, 0, np.inf, np.nan, 100],
        b=[1.000001, 1.1, 1e-9, np.inf, np.nan, 100.0005],
    )
    made.call("equal", {"N": 3}, a=[1, 2, -np.inf], b=[1, 2, -np.inf])


def np_one(function):
    return lambda a: function(a)


def compositions(table, dtype):
    """Functions of values that are no plain inputs: of every rank, of views, of integers."""
    program = table.program(f"ranks_{dtype}", "dim N", "dim M")
    for rank, shape in enumerate(
        ("", "[N]", "[N, M]", "[N, 2, M]", "[N, 1, M, 2]", "[1, N, 1, M, 1]", "[2, N, 1, M, 1, 2]")
    ):
        name = f"x{rank}"
        sizes = {"N": 3, "M": 4}
        dims = {d: sizes[d] for d in "NM" if d in shape}
        extents = (
            [dims.get(p.strip(), None) or int(p) for p in shape.strip("[]").split(",")]
            if shape
            else []
        )
        made = program.function(
            f"rank{rank}",
            f"{name}: {dtype}{shape}",
            [
                ("exp_x", f"exp({name})", of(exactly("exp"), name), ulp(4)),
                ("log_x", f"{name}.log()", of(exactly("log"), name), ulp(4)),
            ],
        )
        rng = np.random.default_rng(rank)
        made.call("", dims, **{name: rng.uniform(0.1, 4, extents)})


def tables():
    rng = np.random.default_rng(2)
    table = Table("functions")
    for dtype in FLOATS:
        for family, (names, _, _) in FAMILIES.items():
            program = table.program(f"{family}_{dtype}", "dim N")
            made = program.function(
                "values",
                f"a: {dtype}[N]",
                [
                    (f"{name}_a", f"{name}(a)", exactly(name), BUDGET.get(name, ulp(4)))
                    for name in names
                ],
            )
            for note, values in arguments(family, dtype, rng):
                with np.errstate(all="ignore"):
                    values = array(values, dtype)
                made.call(note, {"N": len(values)}, a=values)
        rounding(table, dtype)
        compositions(table, dtype)
    program = table.program("of_integers", "dim N")
    for dtype in ("bool", "i8", "i32", "i64", "u8", "u64"):
        name = f"a_{dtype}"
        made = program.function(
            f"of_{dtype}",
            f"{name}: {dtype}[N]",
            [
                (
                    f"{f}_a",
                    f"{f}({name})",
                    of(lambda x, f=f: exactly(f)(x.astype(np.float32)), name),
                    ulp(4),
                )
                for f in ("exp", "sqrt", "log1p", "tanh")
            ],
        )
        made.call("", {"N": 5}, **{name: [0, 1, 1, 0, 1] if dtype == "bool" else [0, 1, 2, 3, 10]})
    for note, floatx in (("", "f32"), ("_f64", "f64")):
        program = table.program("floatx" + note, "dim N", floatx=floatx)
        kind = dtype_of(floatx)
        made = program.function(
            "weak",
            "i: i32[N]",
            [
                ("half", "i * 0.5", lambda i, kind=kind: i.astype(kind) * kind(0.5)),
                ("ratio", "i / i.shape[0]", lambda i, kind=kind: i.astype(kind) / kind(len(i))),
                ("mean_i", "mean(i)", lambda i, kind=kind: np.asarray(i.mean()).astype(kind)),
                ("alone", "log(2)", lambda kind=kind: np.asarray(np.log(2)).astype(kind)),
                ("made", "zeros(N)", lambda i, kind=kind: np.zeros(len(i), kind)),
            ],
        )
        made.call("", {"N": 4}, i=[1, 2, 3, 6])
    yield table
