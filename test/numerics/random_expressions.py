# SPDX-License-Identifier: Apache-2.0
"""Random well-typed programs: expression graphs over symbolic extents that print as .thx text and
evaluate on Tracked arrays."""
import numpy as np

import tracked_arrays as t

FLOATS = t.FLOATS
DIMS = ("N", "F", "K")


class Node:
    def __init__(self, op, args=(), dt=None, shape=(), attr=None, name=None):
        self.op, self.args, self.dt, self.shape = op, tuple(args), dt, tuple(shape)
        self.attr, self.name = attr, name

    def is_weak(self):
        return self.op == "lit"


def type_text(dt, shape):
    return dt + (f"[{', '.join(str(n) for n in shape)}]" if shape else "")


def axes_text(axes):
    return str(axes[0]) if len(axes) == 1 else "(" + ", ".join(map(str, axes)) + ")"


def text(n, top=False):
    """The node as source text; named ones by their names unless `top`."""
    if n.name and not top:
        return n.name
    a = [text(x) for x in n.args]
    op, attr = n.op, n.attr
    if op == "leaf":
        return n.name
    if op == "lit":
        return attr if not attr.startswith("-") else f"({attr})"
    if op == "extent":
        return attr
    if op in ("unary", "fma", "extreme"):
        return f"(-{a[0]})" if attr == "neg" else f"{attr}({', '.join(a)})"
    if op in ("binary", "compare", "power"):
        return f"({a[0]} {attr} {a[1]})"
    if op == "invert":
        return f"(~{a[0]})"
    if op == "where":
        return f"where({', '.join(a)})"
    if op == "cast":
        return f"{n.dt}({a[0]})"
    if op == "reduce":
        function, axes, keep, bare = attr
        named = "" if bare else f", axis={axes_text(axes)}"
        return f"{function}({a[0]}{named}{', keepdims=true' if keep else ''})"
    if op == "composite":
        function, axis, keep = attr
        return f"{function}({a[0]}, axis={axis}{', keepdims=true' if keep else ''})"
    if op == "matmul":
        return f"({a[0]} @ {a[1]})"
    if op == "T":
        return f"{a[0]}.T"
    if op == "arange":
        return f"arange({attr})"
    if op == "gather":
        return f"{a[0]}[{', '.join(a[1:])}]"
    if op == "full":
        shape = ", ".join(str(x) for x in n.shape) + ("," if len(n.shape) == 1 else "")
        return f"full(({shape}), {a[0]})"
    if op == "if":
        return f"({a[1]} if {a[0]} else {a[2]})"
    raise AssertionError(op)


class Scan:
    """h, ys = scan(h = init for x in xs) { next h = ...; yield ... }"""

    def __init__(self, init, sequence, carry, element, steps, yields, reverse, counted):
        self.init, self.sequence, self.carry, self.element = init, sequence, carry, element
        self.next, self.yields, self.reverse, self.counted = steps, yields, reverse, counted
        self.lets = []

    def text(self):
        over = f"arange({self.counted})" if self.counted else text(self.sequence)
        lines = [f"  let {n.name} = {text(n, True)}" for n in self.lets]
        lines.append(f"  next {self.carry.name} = {text(self.next)}")
        lines += [f"  yield {text(y)}" for y in self.yields]
        reverse = ", reverse=true" if self.reverse else ""
        return (f"scan({self.carry.name} = {text(self.init)} for {self.element.name} in "
                f"{over}{reverse}) {{\n" + "\n".join(lines) + "\n}")


class Evaluation:
    """Values of nodes for one binding of dims and leaves."""

    def __init__(self, dims, leaves):
        self.dims, self.leaves, self.known, self.scans = dims, leaves, {}, {}

    def shape(self, node):
        return tuple(self.dims.get(n, n) for n in node.shape)

    def of(self, node):
        if id(node) not in self.known:
            value = self.compute(node)
            # A derivative that reads the result of its function does not read the name it has.
            self.known[id(node)] = t.marked(value) if node.name and node.op != "leaf" else value
        return self.known[id(node)]

    def operands(self, node):
        """Operands; literals take the dtype of what they meet."""
        strong = [self.of(x) for x in node.args if not x.is_weak()]
        rest = strong[1:] if node.op == "where" else strong
        dt = max((x.dt for x in rest), key=t.RANK.get) if rest else "f32"
        out = []
        for x in node.args:
            if not x.is_weak():
                out.append(self.of(x))
                continue
            integral = "." not in x.attr and "e" not in x.attr
            kind = "i64" if node.op == "gather" else dt if dt in FLOATS else "i64" if integral else "f32"
            out.append(t.number(int(x.attr) if kind == "i64" else float(x.attr), kind))
        return out

    def compute(self, n):
        op, attr = n.op, n.attr
        if op == "leaf":
            return self.leaves[n.name]
        if op == "extent":
            return t.data(np.int64(self.dims[attr]), "i64")
        if op == "if":
            c = self.of(n.args[0])
            one, other = n.args[1:]
            taken = self.of(one if c.v else other)
            taken = t.broadcast(t.convert(taken, n.dt), self.shape(n))
            return taken if not c.e.any() else t.Tracked(taken.v, t.LAX, taken.dt)
        if op == "scan":
            return self.scan(attr[0])[attr[1]]
        if op == "grad":
            group, place = attr
            if id(group) not in self.scans:
                self.scans[id(group)] = t.gradients(self.of(group["cost"]),
                                                    [self.of(x) for x in group["targets"]])
            return self.scans[id(group)][place]
        a = self.operands(n)
        if op == "unary":
            x = a[0] if a[0].dt in FLOATS or attr in ("neg", "abs", "sign", "square", "relu") \
                else t.convert(a[0], "f32")
            return t.UNARY[attr](x)
        if op == "fma":
            return t.fma(*a)
        if op == "extreme":
            return t.extreme(*a, attr == "maximum")
        if op == "binary":
            if attr in "&|^":
                return t.bits(attr, *a)
            if attr == "/" and all(x.dt not in FLOATS for x in a):
                a = [t.convert(x, "f32") for x in a]
            return {"+": t.add, "-": t.sub, "*": t.mul, "/": t.div}[attr](*a)
        if op == "power":
            if n.args[1].is_weak():
                literal = n.args[1].attr
                integral = a[0].dt == "i64"
                return t.power(a[0], int(literal) if integral else float(literal))
            return t.power(*a)
        if op == "compare":
            return t.compare(attr, *a)
        if op == "invert":
            return t.invert(a[0])
        if op == "where":
            return t.where(*a)
        if op == "cast":
            return t.convert(a[0], n.dt)
        if op == "reduce":
            return self.reduce(a[0], n)
        if op == "composite":
            function, axis, keep = attr
            out = getattr(t, function)(a[0], axis % len(a[0].shape))
            return t.reshape(out, t.kept(a[0].shape, (axis % len(a[0].shape),))) if keep else out
        if op == "matmul":
            return t.matmul(*a)
        if op == "T":
            return t.transpose(a[0])
        if op == "arange":
            return t.data(np.arange(self.dims[attr]), "i64")
        if op == "gather":
            return t.gather(a[0], a[1:])
        if op == "full":
            return t.broadcast(t.convert(a[0], n.dt), self.shape(n))
        raise AssertionError(op)

    def reduce(self, x, n):
        function, axes, keep, _ = n.attr
        out = {"sum": t.total, "mean": lambda y, b: t.mean(y, b, n.dt), "prod": t.product,
               "max": lambda y, b: t.extremum(y, b, True),
               "min": lambda y, b: t.extremum(y, b, False),
               "any": lambda y, b: t.truth(y, b, False),
               "all": lambda y, b: t.truth(y, b, True)}[function](x, axes)
        return t.reshape(out, t.kept(x.shape, axes)) if keep else out

    def scan(self, scan):
        if id(scan) in self.scans:
            return self.scans[id(scan)]
        xs = t.data(np.arange(self.dims[scan.counted]), "i64") if scan.counted \
            else self.of(scan.sequence)
        h = self.of(scan.init) if not scan.init.is_weak() else t.number(
            float(scan.init.attr), scan.carry.dt)
        count = xs.shape[0]
        yields = [[None] * count for _ in scan.yields]
        for i in reversed(range(count)) if scan.reverse else range(count):
            step = Evaluation(self.dims, dict(self.leaves))
            step.known, step.scans = dict(self.known), self.scans
            step.leaves[scan.carry.name] = h
            step.leaves[scan.element.name] = t.gather(xs, [t.data(np.int64(i), "i64")])
            h = step.of(scan.next)
            for place, y in enumerate(scan.yields):
                yields[place][i] = step.of(y)
        stacked = [t.stack(parts, y.dt, tuple(self.dims.get(n, n) for n in y.shape))
                   for parts, y in zip(yields, scan.yields)]
        self.scans[id(scan)] = [h] + stacked
        return self.scans[id(scan)]


def walk(roots):
    """All nodes below, each once, operands first."""
    seen, out, pending = set(), [], list(reversed(list(roots)))
    while pending:
        n = pending[-1]
        if n in seen:
            pending.pop()
            continue
        below = [x for x in below_of(n) if x not in seen]
        if below:
            pending.extend(below)
        else:
            seen.add(pending.pop())
            out.append(n)
    return out


def below_of(n):
    if n.op == "scan":
        s = n.attr[0]
        return [x for x in (s.init, s.sequence, s.next, *s.yields, *s.lets) if x is not None]
    if n.op == "grad":
        return [n.attr[0]["cost"], *n.attr[0]["targets"]]
    return list(n.args)


CUTS = {"compare", "invert", "arange", "extent", "lit"}


def flows(n):
    """Operands through which a derivative flows."""
    if n.dt not in FLOATS or n.op in CUTS or (n.op == "unary" and n.attr == "sign"):
        return []
    below = below_of(n)
    if n.op in ("where", "if"):
        below = below[1:]
    if n.op == "gather":
        below = below[:1]
    if n.op == "grad":
        return []
    return [x for x in below if x.dt in FLOATS]


def reached(cost):
    seen, pending = {cost}, [cost]
    while pending:
        for x in flows(pending.pop()):
            if x not in seen:
                seen.add(x)
                pending.append(x)
    return seen
