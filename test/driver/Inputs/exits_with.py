# SPDX-License-Identifier: Apache-2.0
"""Runs a command: 0 where it exits with exactly the code that stands first."""
import subprocess
import sys

code = subprocess.run(sys.argv[2:], check=False).returncode
if code != int(sys.argv[1]):
    sys.exit(f"exit code {code}, not {sys.argv[1]}")
