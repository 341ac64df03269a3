#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes operators/*.jsonl: operator cases with the values that NumPy, mpmath and JAX give.

Needs `pip install numpy mpmath jax`; the check of the cases (check_tables.cpp) needs none of them.
"""

import importlib
import pathlib
import sys

MODULES = (
    "arithmetic",
    "functions",
    "conversion",
    "reductions",
    "views",
    "indexing",
    "products",
    "compositions",
    "gradients",
    "refusals",
)


def main():
    folder = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(folder))
    wanted = sys.argv[1:] or MODULES
    cases = 0
    for name in wanted:
        for table in importlib.import_module("generate." + name).tables():
            cases += table.write(folder / "operators")
    print(f"{cases} cases")


if __name__ == "__main__":
    main()
