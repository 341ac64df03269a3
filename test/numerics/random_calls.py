# SPDX-License-Identifier: Apache-2.0
"""Objects that thxc built, called through ctypes, with guards around all memory."""
import ctypes
import json
import subprocess

import numpy as np

NUMPY = {"f32": np.float32, "f64": np.float64, "i64": np.int64, "bool": np.uint8}
C_TYPES = {"f32": ctypes.c_float, "f64": ctypes.c_double, "i64": ctypes.c_int64,
           "bool": ctypes.c_uint8}
GUARD = 192


class Wrong(Exception):
    pass


def check(condition, words):
    if not condition:
        raise Wrong(words)


class Buffer:
    """Memory with a guard on both sides that says whether it was overrun."""

    def __init__(self, count, dtype, fill=0xAA):
        size = count * np.dtype(dtype).itemsize
        self.whole = np.full(size + 2 * GUARD + 64, fill, np.uint8)
        start = -(self.whole.ctypes.data + GUARD) % 64 + GUARD
        self.start, self.size, self.fill = start, size, fill
        self.array = self.whole[start:start + size].view(dtype)

    def at(self):
        return ctypes.c_void_p(self.whole.ctypes.data + self.start)

    def intact(self):
        return (np.all(self.whole[:self.start] == self.fill)
                and np.all(self.whole[self.start + self.size:] == self.fill))


def holding(values, dtype):
    values = np.ascontiguousarray(values).astype(dtype)
    buffer = Buffer(values.size, dtype)
    buffer.array[:] = values.reshape(-1)
    return buffer


class Object:
    """One way of building the module, with its manifest."""

    def __init__(self, path, prefix, options):
        self.path, self.prefix, self.options = path, prefix, options
        self.library = None

    def build(self, thxc, source):
        command = [thxc, "build", str(source), "-o", str(self.path), "--emit", "obj,json",
                   "--prefix", self.prefix, *self.options]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            return run
        self.manifest = json.loads((self.path / f"{self.prefix}.json").read_text())
        self.file = self.path / f"{self.prefix}.o"
        return None

    def call(self, name, *arguments):
        return getattr(self.library, f"{self.prefix}_{name}")(*arguments)

    def function(self, name):
        return next(f for f in self.manifest["functions"] if f["name"] == name)


class Init(ctypes.Structure):
    """thx_init"""
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("seed", ctypes.c_uint64),
                ("ws", ctypes.c_void_p), ("ws_bytes", ctypes.c_size_t)]


class Model:
    """State of one object for one binding of dims."""

    def __init__(self, built, dims):
        self.built, self.dims, self.handle, self.fields = built, dims, None, {}
        if not built.manifest["state"]:
            return
        free = [d["name"] for d in built.manifest["dims"] if d["of_state"] and d["value"] is None]
        formula = built.manifest["state_bytes"]
        size = eval(formula, {"min": min, "max": max}, dict(dims)) + 64
        self.memory = Buffer(size, np.uint8)
        handle = ctypes.c_void_p()
        needs = eval(built.manifest["init_workspace_bytes"], {"min": min, "max": max}, dict(dims))
        workspace = Buffer(needs, np.uint8)
        init = Init(32, 0, 1, workspace.at(), needs)
        status = built.call("init", self.memory.at(), ctypes.c_size_t(size),
                            *[ctypes.c_int64(dims[d]) for d in free], ctypes.byref(init), ctypes.byref(handle))
        check(status == 0, f"init answers {status}")
        self.handle = handle
        for s in built.manifest["state"]:
            getter = getattr(built.library, f"{built.prefix}_{s['name']}")
            getter.restype = ctypes.c_void_p
            shape = [dims[n] if n in dims else int(n) for n in s["shape"]]
            count = int(np.prod(shape, dtype=np.int64))
            at = getter(handle)
            offset = at - self.memory.at().value
            raw = self.memory.array[offset:offset + count * np.dtype(NUMPY[s["dtype"]]).itemsize]
            self.fields[s["name"]] = raw.view(NUMPY[s["dtype"]])

    def set(self, values):
        for name, field in self.fields.items():
            field[:] = values[name].reshape(-1).astype(field.dtype)

    def bits(self):
        return {name: canonical(field).tobytes() for name, field in self.fields.items()}


class Call:
    """One function with its data."""

    def __init__(self, function, dims, inputs, states):
        self.function, self.dims, self.inputs, self.states = function, dims, inputs, states

    def shape(self, parameter):
        return [self.dims[n] if n in self.dims else int(n) for n in parameter["shape"]]

    def run(self, built, model, fill=0x5A, null=None, short=0, missing=None):
        """Status and what was written: {output: bytes}, {state: bytes}."""
        entry = built.function(self.function)
        size = ctypes.c_size_t()
        order = [d["name"] for d in built.manifest["dims"] if d["value"] is None]
        used = {p["name"] for p in entry["parameters"] if p["kind"] == "dim"}
        of_state = {d["name"] for d in built.manifest["dims"] if d["of_state"]}
        has_model = any(p["kind"] == "model" for p in entry["parameters"])
        formula = entry["workspace_bytes"]
        bytes_ = eval(formula, {"min": min, "max": max}, dict(self.dims))
        workspace = Buffer(max(0, bytes_ - short), np.uint8, fill)
        keep, arguments, outputs = [], [], {}
        if has_model:
            model.set(self.states)
        for p in entry["parameters"]:
            kind = p["kind"]
            if kind == "model":
                arguments.append(model.handle)
            elif kind == "dim":
                arguments.append(ctypes.c_int64(self.dims[p["name"]]))
            elif kind == "input":
                values = self.inputs[p["name"]]
                if not p["shape"]:
                    arguments.append(C_TYPES[p["dtype"]](values.reshape(()).item()))
                    continue
                buffer = holding(values, NUMPY[p["dtype"]])
                keep.append((buffer, buffer.whole.copy()))
                arguments.append(None if missing == p["name"] else buffer.at())
            elif kind == "output":
                if p["name"] == null:
                    arguments.append(None)
                    continue
                count = int(np.prod(self.shape(p), dtype=np.int64))
                buffer = Buffer(count, NUMPY[p["dtype"]], fill)
                outputs[p["name"]] = buffer
                arguments.append(buffer.at())
            elif kind == "workspace":
                arguments.append(workspace.at())
            elif kind == "workspace_bytes":
                arguments.append(ctypes.c_size_t(workspace.size))
            else:
                arguments.append(None)
        status = built.call(self.function, *arguments)
        check(workspace.intact(), f"{self.function} writes outside of its workspace")
        for buffer, before in keep:
            check(np.array_equal(buffer.whole, before), f"{self.function} changes an input")
        for name, buffer in outputs.items():
            check(buffer.intact(), f"{self.function} writes outside of {name}")
        if model.handle:
            check(model.memory.intact(), f"{self.function} writes outside of the model")
        return status, {n: canonical(b.array) for n, b in outputs.items()}, model.bits()


def canonical(array):
    """NaNs in one form: which of two NaNs an operation hands on is not defined."""
    array = array.copy()
    if array.dtype.kind == "f":
        array[np.isnan(array)] = np.nan
    return array


def same(a, b):
    return a.keys() == b.keys() and all(
        (x.tobytes() if hasattr(x, "tobytes") else x)
        == (b[n].tobytes() if hasattr(b[n], "tobytes") else b[n]) for n, x in a.items())


def difference(a, b):
    for n, x in a.items():
        y = b.get(n)
        if y is None:
            return f"{n} is missing"
        x, y = (np.frombuffer(z, np.uint8) if isinstance(z, bytes) else z for z in (x, y))
        place = np.flatnonzero(x.view(np.uint8).reshape(len(x), -1) !=
                               y.view(np.uint8).reshape(len(y), -1)) if len(x) else []
        if len(place):
            at = place[0] // (x.itemsize)
            return f"{n}[{at}] is {x[at]!r} and {y[at]!r}"
    return "nothing"
