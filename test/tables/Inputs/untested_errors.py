# SPDX-License-Identifier: Apache-2.0
"""Prints the ids of errors.def whose message no test checks, and those that tests invent."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
definitions = (root / "compiler/support/errors.def").read_text()
ids = re.findall(r"^THX_ERROR\((\w+),", definitions, re.MULTILINE)
tested = set()
for path in sorted((root / "test").rglob("*")):
    if path.suffix in {".thx", ".test", ".ir", ".loop"} and path.parent.name != "tables":
        text = path.read_text(errors="replace")
        tested.update(re.findall(r"(?:error|warning|note)\[(\w+)\]: \S", text))
for name in ids:
    if name not in tested:
        print(f"{name}: no test checks its message")
for name in sorted(tested - set(ids)):
    print(f"{name}: in tests, but not in errors.def")
sys.exit(bool(set(ids) ^ tested))
