# SPDX-License-Identifier: Apache-2.0
"""Random programs: what random_lets makes, with functions around it, as text."""
import random

from random_expressions import DIMS, Node, Scan, text, type_text, walk
from random_lets import NamedGrowth


class Function:
    def __init__(self, name, outputs, updates):
        self.name, self.outputs, self.updates = name, outputs, updates

    def roots(self):
        return [n for _, n in self.outputs] + [n for _, n in self.updates]


class Module(NamedGrowth):
    """A random program; `text()` is its source."""

    def __init__(self, seed, functions=4, depth=4):
        super().__init__(random.Random(seed))
        self.seed, self.name, self.functions = seed, f"m{seed}", []
        for _ in range(self.r.randint(0, 3)):
            self.new_leaf(self.r.choice(self.dts), self.some_shape(), state=True)
        for place in range(functions):
            self.add_function(place, depth)

    def add_function(self, place, depth):
        r = self.r
        outputs = []
        for i in range(r.randint(1, 3)):
            dt = r.choice(self.dts * 3 + ["i64", "bool"])
            outputs.append((f"o{place}_{i}", self.gen(dt, self.some_shape(), depth)))
        updates = [(s.name, self.gen(s.dt, s.shape, depth)) for s in self.states
                   if r.random() < 0.5 and 1 not in s.shape]
        self.functions.append(Function(f"f{place}", outputs, updates))

    def let_lines(self):
        """In the order in which they were made; order does not matter to the language."""
        for entry in self.lets:
            if isinstance(entry, Node):
                yield f"let {entry.name} = {text(entry, True)}"
            elif isinstance(entry[1], Scan):
                yield f"let {', '.join(n.name for n in entry[0])} = {entry[1].text()}"
            else:
                group = entry[1]
                names = ", ".join(n.name for n in entry[0])
                targets = ", ".join(n.name for n in group["targets"])
                targets = targets if len(entry[0]) == 1 else f"[{targets}]"
                yield f"let {names} = grad({group['cost'].name}, {targets})"

    def needed(self, function):
        names = {n.name for n in walk(function.roots()) if n.op == "leaf"}
        return [x for x in self.inputs if x.name in names]

    def text(self):
        lines = ["dim " + d for d in DIMS]
        lines += [f"input {x.name} : {type_text(x.dt, x.shape)}" for x in self.inputs]
        zero = {"bool": "false"}
        lines += [f"shared {s.name} : {type_text(s.dt, s.shape)} = {zero.get(s.dt, '0')}"
                  for s in self.states]
        lines += self.let_lines()
        for f in self.functions:
            inputs = ", ".join(x.name for x in self.needed(f))
            outputs = ", ".join(f"{name} = {text(n)}" for name, n in f.outputs)
            block = "".join(f"\n  update {s} = {text(n)}" for s, n in f.updates)
            lines.append(f"function {f.name}({inputs}) -> ({outputs})"
                         + (f" {{{block}\n}}" if block else ""))
        return "\n".join(lines) + "\n"
