# SPDX-License-Identifier: Apache-2.0
"""Switches on one wrong rule after the other; prints what verification blames, a line each."""
import json
import os
import pathlib
import re
import subprocess
import sys

thxc, program, folder = sys.argv[1:]
root = pathlib.Path(__file__).parents[3]
table = (root / "compiler/passes/wrong_rules.cpp").read_text()
for name in sorted(re.findall(r'\.name = "([\w-]+)"', table)):
    done = subprocess.run(
        [thxc, "verify", program, "--json", "--rounds", "25", "-o", folder],
        env={**os.environ, "THX_WRONG_RULES": name}, capture_output=True, text=True, check=False)
    blamed = []
    for line in done.stderr.splitlines():
        message = json.loads(line)
        found = re.fullmatch(r"`(\w+)`: \w+ is wrong, by its rule `([\w-]+)`", message["message"])
        blamed.append(f"{found[2]}: {found[1]} at {message['line']}" if found
                      else message["message"])
    print("\n".join(blamed) if done.returncode == 1 and blamed
          else f"{name}: exit {done.returncode} {done.stderr}")
