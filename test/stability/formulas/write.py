# SPDX-License-Identifier: Apache-2.0
"""Writes formulas, their inputs and their values as JSON lines; what is equal is written once."""

import itertools
import json
import re

from . import floats, judge
from .spell import FORMS, spellings

DTYPES = ("f32", "f64")


def shorter(token):
    """The suffixes of a result that lies between two floats, seven of which are admitted."""
    return re.sub(r"~4~3$", "", re.sub(r"~3~4$", "'", token))


def packed(tokens):
    groups = [(token, len(list(same))) for token, same in itertools.groupby(tokens)]
    return " ".join(f"{count}*{token}" if count > 1 else token for token, count in groups)


class File:
    def __init__(self, name):
        self.name, self.lines, self.known = name, [], {}
        self.ways = self.spellings = 0

    def once(self, kind, dtype, values):
        """The name of inputs or of bounds, written where they are new."""
        key = (kind, dtype, json.dumps(values))
        if key not in self.known:
            self.known[key] = f"{self.name}{len(self.known)}"
            self.lines.append({kind: self.known[key], "dtype": dtype, "values": values})
        return self.known[key]

    def inputs(self, dtype, columns):
        """`columns`: the values of every argument, by its name."""
        texts = {name: packed([floats.text(v, dtype) for v in values]) for name, values in columns.items()}
        return self.once("inputs", dtype, texts)

    def bounds(self, dtype, tokens):
        return self.once("bounds", dtype, packed([shorter(t) for t in tokens]))

    def formula(self, name, arguments, tree, known, wanted, limit, forms=FORMS, **more):
        """`wanted`: for each dtype the inputs by argument and the tokens by output."""
        entry = {"formula": name, "arguments": arguments, **more}
        for dtype in DTYPES:
            inputs, outputs = wanted[dtype]
            entry[dtype] = {"inputs": self.inputs(dtype, inputs)}
            entry[dtype] |= {key: self.bounds(dtype, tokens) for key, tokens in outputs.items()}
        found, ways = spellings(tree, known, limit, forms)
        entry["spellings"] = [s["text"] if list(s) == ["text"] else s for s in found]
        self.ways += ways
        self.spellings += len(found)
        self.lines.append(entry)

    def write(self, folder):
        path = folder / (self.name + ".jsonl")
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)
        path.write_text(text)
        count = sum("formula" in line for line in self.lines)
        print(f"{path.name}: {count} formulas, {self.spellings} spellings of {self.ways}, {len(text) // 1024} KiB")


def elementwise(file, formula, columns_of, known=None):
    """A formula of numbers: its tokens on the columns that columns_of(dtype) gives by argument."""
    wanted = {}
    for dtype in DTYPES:
        columns = columns_of(dtype)
        rows = list(zip(*(columns[a] for a in formula.arguments)))
        outputs = {}
        for output, function in formula.outputs.items():
            outputs[output] = [
                judge.elementwise(function, row, dtype, carried(formula, row), formula.terms,
                                  getattr(formula, "conditioned", True),
                                  output == "value" and getattr(formula, "numbers", False)) for row in rows
            ]
        wanted[dtype] = (columns, outputs)
    more = {"contexts": formula.contexts} if getattr(formula, "contexts", "") else {}
    file.formula(formula.name, formula.arguments, formula.tree, known or {}, wanted, formula.limit, **more)


def carried(formula, row):
    finite = all(v == v and abs(v) != float("inf") for v in row)
    return formula.carried(*(floats.real(v) for v in row)) if finite else 1
