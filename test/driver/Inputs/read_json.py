# SPDX-License-Identifier: Apache-2.0
"""Prints what matters of diagnostics in JSON, one object a line."""
import json
import os
import sys

with open(sys.argv[1]) as file:
    for line in file:
        entry = json.loads(line)
        assert isinstance(entry["message"], str) and entry["message"]
        for key in ("labels", "notes", "help"):
            assert isinstance(entry[key], list), key
        for label in entry["labels"]:
            assert label["line"] >= 1 and label["column"] >= 1 and label["text"]
        place = ""
        if "file" in entry:
            assert (entry["end_line"], entry["end_column"]) > (entry["line"], entry["column"])
            place = f" {os.path.basename(entry['file'])} {entry['line']} {entry['column']}"
        print(f"{entry['severity']} {entry['id']}{place}")
