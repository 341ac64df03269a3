# SPDX-License-Identifier: Apache-2.0
"""Every class of shapes that broadcast, and numbers to fill them with."""

import numpy as np

from .table import DTYPES, FLOATS, SIGNED, of


def some(rng, dtype, shape):
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype in FLOATS:
        return np.round(rng.normal(size=shape) * 8, 3).astype(DTYPES[dtype])
    low = -100 if dtype in SIGNED else 0
    return rng.integers(low, 100, shape).astype(DTYPES[dtype])


CLASSES = [  # name, type of a, type of b
    ("scalars", "", ""),
    ("vector_scalar", "[M]", ""),
    ("scalar_vector", "", "[M]"),
    ("matrix_vector", "[N, M]", "[M]"),
    ("matrix_row", "[N, M]", "[1, M]"),
    ("matrix_column", "[N, M]", "[N, 1]"),
    ("outer", "[N, 1]", "[1, M]"),
    ("cube_matrix", "[K, N, M]", "[N, M]"),
    ("cube_ones", "[K, 1, M]", "[N, 1]"),
    ("rank4", "[K, N, M, 2]", "[N, 1, 2]"),
    ("ones", "[1, 1]", "[M]"),
]


def shape_of(text, dims):
    inside = text.strip("[]")
    return (
        tuple(dims.get(p.strip()) if p.strip() in dims else int(p) for p in inside.split(","))
        if inside
        else ()
    )


def broadcasts(program, rng, dtype):
    """a - b (a ^ b of bool) and a < b over every class of shapes."""
    first = (
        ("xor", "{a} ^ {b}", lambda a, b: a ^ b)
        if dtype == "bool"
        else ("sub", "{a} - {b}", lambda a, b: a - b)
    )
    for number, (name, left, right) in enumerate(CLASSES):
        if dtype not in ("f32", "f64", "i32", "bool", "u8", "i64") and number % 3 != 1:
            continue
        a, b = f"p{number}", f"q{number}"
        outs = [
            (first[0], first[1].format(a=a, b=b), of(first[2], a, b)),
            ("less", f"{a} < {b}", of(np.less, a, b)),
        ]
        made = program.function(name, f"{a}: {dtype}{left}; {b}: {dtype}{right}", outs)
        used = {d for d in ("K", "N", "M") if d in left + right}
        for note, sizes in (
            ("", {"K": 2, "N": 3, "M": 5}),
            ("empty", {"K": 2, "N": 3, "M": 0}),
            ("long", {"K": 1, "N": 1, "M": 37}),
        ):
            if note and not used or note == "long" and number % 2:
                continue
            dims = {d: sizes[d] for d in ("K", "N", "M") if d in used}
            made.call(
                note,
                dims,
                **{
                    a: some(rng, dtype, shape_of(left, dims)),
                    b: some(rng, dtype, shape_of(right, dims)),
                },
            )
