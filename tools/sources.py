# SPDX-License-Identifier: Apache-2.0
"""Which files of the repository are sources: what the checks and the formatter walk over."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("compiler", "runtime", "grammar", "stdlib", "test", "samples", "tools", "benchmarks")
SKIPPED = {"Inputs", "data", "build", "__pycache__"}


def find(root, suffixes, folders=FOLDERS):
    """Paths below `root`, relative to it and sorted, whose name ends in one of `suffixes`."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and path.suffix in suffixes and not SKIPPED & set(relative.parts):
                yield relative
