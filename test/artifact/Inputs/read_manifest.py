# SPDX-License-Identifier: Apache-2.0
"""Prints manifests in short; fails where one has a key that the page about them does not name."""
import json
import re
import sys


def keys(value):
    """All keys of a manifest, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def number(formula, **dims):
    """The value of a formula in the dims."""
    return eval(formula, {"__builtins__": {}, "min": min, "max": max, **dims})


def shape(entry):
    return f"[{','.join(entry['shape'])}]" if "shape" in entry else ""


with open(sys.argv[1], encoding="utf-8") as file:
    documented = set(re.findall(r"`(\w+)`", file.read()))

for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    unknown = sorted(set(keys(manifest)) - documented)
    if unknown:
        sys.exit(f"{path}: not documented: {' '.join(unknown)}")
    assert manifest["schema"] == 1 and manifest["abi"] == 1 and manifest["align"] == 64
    assert re.fullmatch("[0-9a-f]{16}", manifest["program"])
    print(manifest["module"], manifest["source"], manifest["prefix"], manifest["floatX"], manifest["fp"],
          manifest["cpu"])
    print("dims", *(f"{d['name']}{'*' if d['of_state'] else ''}={d['value']}" for d in manifest["dims"]))
    print("state", *(f"{s['name']}:{s['dtype']}{shape(s)}" for s in manifest["state"]))
    free = {d["name"]: 30 for d in manifest["dims"] if d["value"] is None}
    print("state_bytes(F=30)", number(manifest["state_bytes"], **free))
    for entry in manifest["state"]:
        offset = number(entry["offset"], **free)
        assert entry["line"] > 0 and (entry["param"] or offset % 64 == 0)
        ends = [number(p["offset"], **free) + 8 * number(p["elements"], **free)
                for p in manifest["params"] if p["dtype"] == entry["dtype"]]
        assert not entry["param"] or offset < ends[0]
    blocks = [f"{p['c_name']}:{p['dtype']} {number(p['elements'], **free)}" for p in manifest["params"]]
    if blocks:
        print("params", *blocks)
    for function in manifest["functions"]:
        assert number(function["workspace_bytes"], **free) >= 0
        what = " const" if function["const"] else " updates " + " ".join(function["updates"])
        parameters = " ".join(p["c_name"] + shape(p) for p in function["parameters"])
        print(f"{function['symbol']}:{function['line']}{what}: {parameters}")
    print("rewrites", *(r["rule"] for r in manifest["rewrites"]))
    assert all(r["count"] > 0 and all(line > 0 for line in r["lines"]) for r in manifest["rewrites"])
