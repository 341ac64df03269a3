# SPDX-License-Identifier: Apache-2.0
"""How a table of cases is written: programs, their functions, calls with inputs and expected values."""

import inspect
import json
import math
import pathlib

import numpy as np

DTYPES = {
    "bool": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "f32": np.float32,
    "f64": np.float64,
}
NAMES = {np.dtype(value): key for key, value in DTYPES.items()}
SIGNED = ("i8", "i16", "i32", "i64")
UNSIGNED = ("u8", "u16", "u32", "u64")
INTEGERS = SIGNED + UNSIGNED
FLOATS = ("f32", "f64")

EXACT = {}


def ulp(count):
    """At most `count` floats of the result's type away."""
    return {"ulp": count}


def near(rtol, atol=0.0):
    """Within rtol * |wanted| + atol."""
    return {"rtol": float(rtol), "atol": float(atol)} if atol else {"rtol": float(rtol)}


def close(dtype, terms=1, scale=1.0):
    """What a sum of `terms` numbers of magnitude `scale`, in any order, may be off by."""
    epsilon = float(np.finfo(DTYPES[dtype]).eps)
    return near(8 * epsilon, float(f"{terms * scale * epsilon:.2g}"))


def number(value):
    """The shortest text that reads back to the same bits."""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = (
        np.format_float_scientific(value, trim="-")
        if value and not 1e-4 <= abs(value) < 1e7
        else np.format_float_positional(value, trim="-")
    )
    return text.replace("e+", "e")


def array(values, dtype):
    return np.asarray(values, dtype=DTYPES[dtype])


def encode(value):
    value = np.asarray(value)
    return [NAMES[value.dtype], list(value.shape), " ".join(number(v) for v in value.reshape(-1))]


def operands(function):
    """The inputs that a Python function takes: its parameters without a default."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.default is inspect.Parameter.empty]


def of(function, *inputs):
    """`function`, to be called with the inputs of these names."""

    def call(*values):
        return function(*values)

    call.operands = inputs
    return call


class Function:
    """An entry point whose outputs each are one case of the calls made."""

    def __init__(self, program, name, inputs, outputs):
        self.program, self.name, self.outputs = program, name, outputs
        self.inputs = dict(part.strip().split(": ") for part in inputs.split(";")) if inputs else {}
        for key, type_ in self.inputs.items():
            program.declare(key, type_)
        results = ",\n    ".join(f"{out[0]} = {out[1]}" for out in outputs)
        program.lines.append(f"function {name}({', '.join(self.inputs)}) -> (\n    {results})")

    def call(self, note="", dims=None, only=None, status=None, **arrays):
        """One call: every output is computed by its Python function from the arrays it names."""
        name = self.name + (" " + note if note else "")
        entry = {
            "case": f"{self.program.name}.{name}",
            "program": self.program.name,
            "function": self.name,
        }
        if dims:
            entry["dims"] = dims
        values = {}
        for key, value in arrays.items():
            dtype = self.inputs[key].split("[")[0]
            values[key] = array(value, dtype)
        assert set(values) == set(self.inputs), (name, set(values), set(self.inputs))
        if values:
            entry["in"] = {key: encode(value) for key, value in values.items()}
        if status:
            entry["status"] = status
            self.program.table.lines.append(entry)
            return
        entry["out"] = {}
        for out in self.outputs:
            if only and out[0] not in only:
                continue
            known = values | {"dims": dims or {}}
            names = getattr(out[2], "operands", None) or operands(out[2])
            with np.errstate(all="ignore"):
                wanted = np.asarray(out[2](*(known[key] for key in names)))
            if len(out) > 4:
                wanted = array(wanted, out[4])
            tolerance = out[3] if len(out) > 3 else EXACT
            entry["out"][out[0]] = encode(wanted) + ([tolerance] if tolerance else [])
        self.program.table.lines.append(entry)


class Program:
    def __init__(self, table, name, head):
        self.table, self.name, self.lines, self.inputs = table, name, list(head), {}
        self.entry = {"program": name, "source": self.lines}
        table.lines.append(self.entry)

    def declare(self, key, type_):
        known = self.inputs.setdefault(key, type_)
        assert known == type_, f"{self.name}: input {key} is {known} and {type_}"
        line = f"input {key} : {type_}"
        if line not in self.lines:
            self.lines.append(line)

    def function(self, name, inputs, outputs):
        return Function(self, name, inputs, outputs)


class Table:
    """One file of JSON lines: a program, then calls of its functions, or a source that is refused."""

    def __init__(self, name):
        self.name, self.lines = name, []

    def program(self, name, *head, **settings):
        """A program that starts with the lines `head`; dims are declared by the first of them."""
        made = Program(self, name, head)
        made.entry.update(settings)
        return made

    def refused(self, name, source, *errors):
        self.lines.append(
            {"refused": name, "source": source.strip("\n").split("\n"), "errors": sorted(errors)}
        )

    def write(self, folder):
        path = pathlib.Path(folder) / (self.name + ".jsonl")
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines))
        cases = sum(
            max(len(line.get("out", ())), "status" in line) + ("refused" in line)
            for line in self.lines
        )
        programs = sum("program" in line and "source" in line for line in self.lines)
        print(f"{path.name}: {cases} cases, {programs} programs, {path.stat().st_size // 1024} KiB")
        return cases
