# SPDX-License-Identifier: Apache-2.0
"""Fails where a manifest's undefined symbols are not those that the linker's tools see."""
import json
import sys

with open(sys.argv[1]) as file:
    told = json.load(file)["undefined_symbols"]
with open(sys.argv[2]) as file:
    seen = file.read().split()
if sorted(told) != sorted(seen):
    sys.exit(f"{sys.argv[1]} tells of {sorted(told)}, there are {sorted(seen)}")
