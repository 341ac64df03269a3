# SPDX-License-Identifier: Apache-2.0
"""Fails where the command line in a Markdown file names an option that a help text lacks."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    usage = re.search(r"^thxc build FILE.*?^thxc check", file.read(), re.S | re.M).group(0)
with open(sys.argv[2], encoding="utf-8") as file:
    told = file.read()
missing = [option for option in re.findall(r"--[a-z-]+", usage) if option not in told]
if missing:
    sys.exit(f"no such options: {' '.join(missing)}")
