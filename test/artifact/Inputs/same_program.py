# SPDX-License-Identifier: Apache-2.0
"""Fails where two programs differ in more than comments and blanks."""
import sys


def words(path):
    with open(path, encoding="utf-8") as file:
        return [line.split("#")[0].split() for line in file if line.split("#")[0].split()]


if words(sys.argv[1]) != words(sys.argv[2]):
    sys.exit(f"{sys.argv[1]} and {sys.argv[2]} are different programs")
