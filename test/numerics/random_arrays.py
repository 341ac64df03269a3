# SPDX-License-Identifier: Apache-2.0
"""Random programs of slices, joins, indices, updates, reductions and casts over symbolic dims, run by
`thxc run` under several bindings of the dims and compared with NumPy.

usage: random_arrays.py THXC FOLDER FIRST LAST [STATEMENTS]

Prints what differs, and ends with the number of programs; a program that is wrong stays in FOLDER.
"""
import os
import random
import re
import shutil
import subprocess
import sys

import numpy as np

BINDINGS = [(5, 7), (3, 2), (1, 1), (0, 4), (2, 0), (17, 33)]  # of N and M
MOST_ELEMENTS = 200_000
NAMES = re.compile(r"\b(?:v\d+|[xywciu])\b")


def promoted(a, b):
    """The dtype of a and b together; None where NumPy's integers would become floats."""
    if a.kind == "f" or b.kind == "f":
        return max((d for d in (a, b) if d.kind == "f"), key=lambda d: d.itemsize)
    both = np.promote_types(a, b)
    return None if both.kind == "f" else both


class Program:
    """Values are lists: one array for each binding."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        draw = np.random.default_rng(seed)
        self.lines, self.values, self.inputs, self.count = [], {}, {}, 0
        self.input("x", "f64[N, M]", lambda n, m: draw.standard_normal((n, m)))
        self.input("y", "f64[M]", lambda n, m: draw.standard_normal(m))
        self.input("w", "f32[N]", lambda n, m: draw.standard_normal(n).astype(np.float32))
        self.input("c", "f64[2, N, 3]", lambda n, m: draw.standard_normal((2, n, 3)))
        self.input("i", "i64[N, M]", lambda n, m: draw.integers(-5, 6, (n, m)))
        self.input("u", "u8[M]", lambda n, m: draw.integers(0, 200, m).astype(np.uint8))

    def input(self, name, declared, make):
        self.inputs[name] = self.values[name] = [make(n, m) for n, m in BINDINGS]
        self.lines.append(f"input {name} : {declared}")

    def let(self, text, function, *operands):
        made = []
        with np.errstate(all="ignore"):
            for k in range(len(BINDINGS)):
                made.append(np.asarray(function(*[self.values[name][k] for name in operands])))
        if any(value.size > MOST_ELEMENTS or value.ndim > 6 for value in made):
            return
        self.count += 1
        self.lines.append(f"let v{self.count} = {text}")
        self.values[f"v{self.count}"] = made

    def pick(self, good=lambda value: True):
        names = [name for name, value in self.values.items() if good(value)]
        return self.random.choice(names) if names else None

    def pick_array(self):
        return self.pick(lambda v: v[0].ndim > 0 and v[0].dtype.kind in "fiu")

    def least(self, name, axis):
        return min(value.shape[axis] for value in self.values[name])

    # ---- One statement of each kind

    def elementwise(self):
        a = self.pick(lambda v: v[0].dtype.kind == "f")
        name = self.random.choice(["tanh", "sin", "cos", "abs", "floor", "square", "arctan"])
        self.let(f"{name}({a})", getattr(np, name), a)

    def binary(self):
        a = self.pick(lambda v: v[0].dtype.kind in "fiu")

        def stretches(value, axis):  # an extent that is 1 whatever the dims are
            return all(each.shape[axis] == 1 for each in value)

        def fits(value):
            if value[0].dtype.kind not in "fiu":
                return False
            for left, right in zip(value, self.values[a]):
                for axis in range(-min(left.ndim, right.ndim), 0):
                    if left.shape[axis] != right.shape[axis] and not (
                            stretches(value, axis) or stretches(self.values[a], axis)):
                        return False
            return True

        b = self.pick(fits)
        dtype = promoted(self.values[a][0].dtype, self.values[b][0].dtype)
        if dtype is None:
            return
        sign, function = self.random.choice([
            ("+", np.add), ("-", np.subtract), ("*", np.multiply), ("maximum", np.maximum),
            ("minimum", np.minimum), ("<", np.less), (">=", np.greater_equal)])
        text = f"{sign}({a}, {b})" if sign[0] == "m" else f"{a} {sign} {b}"
        self.let(text, lambda x, y: function(x.astype(dtype), y.astype(dtype)), a, b)

    def slice(self):
        a = self.pick(lambda v: v[0].ndim > 0)
        texts, index = [], []
        for axis in range(self.values[a][0].ndim):
            least = self.least(a, axis)
            choices = [":", ":", "::-1", "::2", "::3", "::-2"]
            choices += ["1:", ":-1", "0", "-1", "-1:"] if least >= 1 else []
            choices += ["1:-1"] if least >= 2 else []
            texts.append(self.random.choice(choices))
            parts = [int(part) if part else None for part in texts[-1].split(":")]
            index.append(slice(*parts) if ":" in texts[-1] else parts[0])
        if self.random.random() < 0.25 and len(texts) < 5:
            at = self.random.randrange(len(texts) + 1)
            texts.insert(at, "newaxis")
            index.insert(at, None)
        self.let(f"{a}[{', '.join(texts)}]", lambda x: x[tuple(index)], a)

    def reduction(self):
        a = self.pick_array()
        axis = self.random.randrange(self.values[a][0].ndim)
        kinds = ["sum", "sum", "prod", "cumsum", "backwards", "count"]
        if self.least(a, axis) > 0:
            kinds += ["max", "min", "argmax", "argmin"]
        kind = self.random.choice(kinds)
        if kind == "cumsum":
            self.let(f"cumsum({a}, axis={axis})", lambda x: np.cumsum(x, axis=axis), a)
        elif kind == "backwards":
            self.let(f"cumsum({a}, axis={axis}, reverse=true)",
                     lambda x: np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis), a)
        elif kind == "count":
            self.let(f"({a} > 0).sum(axis={axis})", lambda x: (x > 0).sum(axis=axis), a)
        else:
            self.let(f"{a}.{kind}(axis={axis})", lambda x: getattr(np, kind)(x, axis=axis), a)

    def shape(self):
        a = self.pick(lambda v: v[0].ndim > 1)
        axes = list(range(self.values[a][0].ndim))
        self.random.shuffle(axes)
        if self.random.random() < 0.3:
            self.let(f"{a}.ravel()", np.ravel, a)
        else:
            self.let(f"transpose({a}, {tuple(axes)})", lambda x: x.transpose(axes), a)

    def join(self):
        a = self.pick(lambda v: v[0].ndim > 0)
        first = self.values[a]
        axis = self.random.randrange(first[0].ndim)

        def fits(value):
            return value[0].ndim == first[0].ndim and value[0].dtype == first[0].dtype and all(
                x.shape[k] == y.shape[k] for x, y in zip(value, first)
                for k in range(x.ndim) if k != axis)

        b = self.pick(fits)
        same = all(x.shape == y.shape for x, y in zip(first, self.values[b]))
        if same and self.random.random() < 0.5 and first[0].ndim < 5:
            self.let(f"stack([{a}, {b}], axis={axis})", lambda x, y: np.stack([x, y], axis), a, b)
        else:
            self.let(f"concatenate([{a}, {b}], axis={axis})",
                     lambda x, y: np.concatenate([x, y], axis), a, b)

    def move(self):
        a = self.pick(lambda v: v[0].ndim > 0 and v[0].dtype.kind != "b")
        rank = self.values[a][0].ndim
        axis = self.random.randrange(rank)
        widths = [(self.random.randrange(3), self.random.randrange(2)) for _ in range(rank)]
        spelled = ", ".join(map(str, widths))
        options = [
            (f"flip({a}, axis={axis})", lambda x: np.flip(x, axis)),
            (f"repeat({a}, 2, axis={axis})", lambda x: np.repeat(x, 2, axis)),
            (f"pad({a}, ({spelled},))", lambda x: np.pad(x, widths)),
        ]
        if rank == 2:
            options.append((f"tril({a}, {axis})", lambda x: np.tril(x, axis)))
        text, function = self.random.choice(options)
        self.let(text, function, a)

    def update(self):
        a = self.pick_array()

        def changed(index, make):
            def function(x):
                x = x.copy()
                x[index] = make(x)
                return x
            return function

        def pairs(x):
            x = x.copy()
            np.add.at(x, np.arange(x.shape[0]) // 2, x.dtype.type(1))
            return x

        every = slice(None, None, 2)
        options = [
            (f"{a}.at[::2].add(3)", changed(every, lambda x: x[::2] + x.dtype.type(3))),
            (f"{a}.at[arange({a}.shape[0]) // 2].add(1)", pairs),
            (f"{a}[arange({a}.shape[0])[::-1]]", lambda x: x[::-1]),
        ]
        if self.least(a, 0) > 0:
            options += [
                (f"{a}.at[-1].set(7)", changed(-1, lambda x: x.dtype.type(7))),
                (f"{a}.at[1:].set({a}[:-1] * 2)",
                 changed(slice(1, None), lambda x: x[:-1] * x.dtype.type(2))),
            ]
        text, function = self.random.choice(options)
        self.let(text, function, a)

    def choice(self):
        a = self.pick(lambda v: v[0].dtype.kind == "b")
        if a is None:
            return
        b = self.pick(lambda v: v[0].dtype.kind in "fiu" and all(
            x.shape == y.shape for x, y in zip(v, self.values[a])))
        if b is None:
            self.let(f"i64({a})", lambda x: x.astype(np.int64), a)
        else:
            self.let(f"where({a}, {b}, 1)", lambda m, x: np.where(m, x, x.dtype.type(1)), a, b)

    def product(self):
        a = self.pick(lambda v: v[0].ndim in (1, 2) and v[0].dtype.kind == "f")
        b = self.pick(lambda v: v[0].ndim in (1, 2) and v[0].dtype.kind == "f" and all(
            x.shape[max(x.ndim - 2, 0)] == y.shape[-1] for x, y in zip(v, self.values[a])))
        if b is not None:
            dtype = promoted(self.values[a][0].dtype, self.values[b][0].dtype)
            self.let(f"{a} @ {b}", lambda x, y: np.matmul(x.astype(dtype), y.astype(dtype)), a, b)

    def grow(self, statements):
        kinds = [self.elementwise, self.binary, self.binary, self.slice, self.slice, self.reduction,
                 self.reduction, self.shape, self.join, self.move, self.update, self.choice,
                 self.product]
        for _ in range(statements):
            self.random.choice(kinds)()

    def text(self):
        """The program, and the inputs and outputs of its function."""
        outputs = [name for name in self.values if name not in self.inputs]
        used = set(NAMES.findall(" ".join(line.split("=", 1)[1] for line in self.lines if "=" in line)))
        inputs = [name for name in self.inputs if name in used]
        function = f"function f({', '.join(inputs)}) -> ({', '.join(outputs)})"
        return "\n".join(["dim N", "dim M", *self.lines, function, ""]), inputs, outputs


def agree(made, wanted):
    if made.shape != wanted.shape or made.dtype != wanted.dtype:
        return False
    if wanted.dtype.kind in "biu":
        return np.array_equal(made, wanted)
    scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1)
    return np.allclose(made, wanted, rtol=1e-4, atol=1e-4 * scale, equal_nan=True)


def first_fault(program, thxc, stem):
    text, inputs, outputs = program.text()
    with open(f"{stem}.thx", "w", encoding="utf-8") as file:
        file.write(text)
    for k, (n, m) in enumerate(BINDINGS):
        np.savez(f"{stem}.npz", **{name: program.inputs[name][k] for name in inputs})
        words = [f"--{name}={stem}.npz:{name}" for name in inputs]
        dims = ["-D", f"N={n}", "-D", f"M={m}"] if k == len(BINDINGS) - 1 else []
        done = subprocess.run([thxc, "run", f"{stem}.thx", "-o", f"{stem}.out", *words, *dims],
                              capture_output=True, text=True)
        if done.returncode != 0:
            return f"N = {n}, M = {m}: ended with {done.returncode}\n{done.stderr}"
        for name in outputs:
            made, wanted = np.load(f"{stem}.out/{name}.npy"), program.values[name][k]
            if not agree(made, wanted):
                return f"N = {n}, M = {m}: {name} is {made.dtype}{made.shape}\n{made}\nnot {wanted}"
    return None


def main():
    thxc, folder, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    statements = int(sys.argv[5]) if len(sys.argv) > 5 else 25
    os.makedirs(folder, exist_ok=True)
    wrong = 0
    for seed in range(first, last):
        program = Program(seed)
        program.grow(statements)
        stem = os.path.join(folder, f"p{seed}")
        fault = first_fault(program, thxc, stem)
        shutil.rmtree(f"{stem}.out", ignore_errors=True)
        os.remove(f"{stem}.npz")
        if fault is None:
            os.remove(f"{stem}.thx")
        else:
            wrong += 1
            print(f"{stem}.thx: {fault}")
    print(f"{last - first} programs, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
