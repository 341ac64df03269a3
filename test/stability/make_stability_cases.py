#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes cases/*.jsonl: formulas in many spellings, and which floats are right for them.

Needs `pip install mpmath` (gmpy2 makes it faster); the check of the cases needs neither.
"""

import pathlib
import sys

FAMILIES = ("elementwise", "logarithms", "quotients", "pairs", "rows", "row_logarithms", "unchanged", "branches")


def main():
    folder = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(folder))
    import importlib

    for name in sys.argv[1:] or FAMILIES:
        importlib.import_module("formulas." + name).file().write(folder / "cases")


if __name__ == "__main__":
    main()
