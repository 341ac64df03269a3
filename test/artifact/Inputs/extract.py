# SPDX-License-Identifier: Apache-2.0
"""Prints the first fenced block of a language in a Markdown file."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    block = re.search(rf"^```{sys.argv[2]}\n(.*?)^```$", file.read(), re.S | re.M)
if block is None:
    sys.exit(f"{sys.argv[1]} has no block in {sys.argv[2]}")
sys.stdout.write(block.group(1))
