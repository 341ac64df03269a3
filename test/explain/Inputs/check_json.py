# SPDX-License-Identifier: Apache-2.0
"""Holds a report of `thxc explain --json` against its file and the page that documents it."""
import json
import re
import sys

report_path, source_path, page_path = sys.argv[1:]
report = json.load(open(report_path))
source = open(source_path, "rb").read()
documented = set(re.findall(r"`([a-z_]+)`", open(page_path).read()))
spans = 0


def visit(value):
    """Every object: its keys are documented, its spans lie in the file, its formulas have values."""
    global spans
    if isinstance(value, list):
        for each in value:
            visit(each)
    if not isinstance(value, dict):
        return
    for key, each in value.items():
        assert key in documented, f"{key} is not documented"
        visit(each)
    if "begin" in value:
        spans += 1
        assert value["file"] == source_path
        assert 0 <= value["begin"] <= value["end"] <= len(source), value
        before = source[:value["begin"]]
        assert value["line"] == before.count(b"\n") + 1, value
        assert value["column"] == len(before.decode().split("\n")[-1]) + 1, value
    if "formula" in value:
        assert value["formula"], value
        if re.fullmatch(r"\d+", value["formula"]):
            assert value["value"] == int(value["formula"]), value


visit(report)
assert report["schema"] == 1 and spans > 20, spans
for function in report["functions"]:
    names = {kernel["name"] for kernel in function["kernels"]}
    for buffer in function["buffers"]:
        assert set(buffer["writers"] + buffer["readers"]) - {"copy"} <= names, buffer
    rules = sorted({rewrite["rule"] for rewrite in function["rewrites"] if rewrite["from"]})
    refused = sorted({refusal["rule"] for refusal in function["refused_rewrites"]})
    print(function["name"], "rewrites:", ", ".join(rules))
    print(function["name"], "refused:", ", ".join(refused))
    print(function["name"], "kernels:", ", ".join(k["name"] + " " + k["kind"] for k in function["kernels"]))
    print(function["name"], "flops:", function["total"]["flops"]["formula"])
