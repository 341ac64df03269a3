# SPDX-License-Identifier: Apache-2.0
"""Grows random well-typed expressions, and the declarations and lets that they need."""
from random_expressions import DIMS, FLOATS, Node

SMOOTH = ["exp", "tanh", "sigmoid", "softplus", "expm1", "square", "abs", "relu", "neg", "sqrt",
          "log", "log1p", "reciprocal"]


class Growth:
    """What is declared so far, and makers of expressions by dtype and shape."""

    def __init__(self, r):
        self.r = r
        self.inputs, self.states, self.lets = [], [], []
        self.scope = []          # locals of the scan that grows
        self.in_scan = None
        self.counts = {}
        self.dts = r.choice([["f32"], ["f32"], ["f64"], ["f32", "f64"]])
        self.ranks = r.choice([1, 2, 2, 3])

    # Declarations.

    def fresh(self, letter):
        self.counts[letter] = self.counts.get(letter, 0) + 1
        return f"{letter}{self.counts[letter]}"

    def some_shape(self, most=None):
        rank = self.r.randint(0, self.ranks if most is None else most)
        return tuple(self.r.choice(DIMS) if self.r.random() < 0.93 else 1 for _ in range(rank))

    def new_leaf(self, dt, shape, state=False, index=None):
        letter = "s" if state else "i" if index else "x"
        node = Node("leaf", dt=dt, shape=shape, name=self.fresh(letter), attr=index)
        (self.states if state else self.inputs).append(node)
        return node

    def values(self):
        for entry in self.lets:
            yield from [entry] if isinstance(entry, Node) else entry[0]

    def leaf(self, dt, shape):
        found = [n for n in [*self.inputs, *self.states, *self.values(), *self.scope]
                 if n.dt == dt and n.shape == tuple(shape) and not (n.op == "leaf" and n.attr)]
        local = [n for n in found if n in self.scope]
        if local and self.r.random() < 0.7:
            return self.r.choice(local)
        if found and (self.r.random() < 0.75 or len(self.inputs) > 12):
            return self.r.choice(found)
        if self.in_scan is None or len(self.inputs) < 12 or not found:
            return self.new_leaf(dt, shape, state=self.r.random() < 0.15 and self.in_scan is None
                                 and len(self.states) < 4 and 1 not in shape)
        return self.r.choice(found)

    def index(self, shape, dim):
        found = [n for n in self.inputs if n.attr == dim and n.shape == tuple(shape)]
        return self.r.choice(found) if found else self.new_leaf("i64", shape, index=dim)

    def literal(self, dt):
        if dt == "i64":
            return Node("lit", attr=str(self.r.randint(-3, 7)))
        return Node("lit", attr=self.r.choice(
            ["0.5", "2.0", "0.1", "1.0", "-1.0", "3", "1", "0.25", "0.0", "1.5", "-0.7", "10"]))

    # Expressions.

    def part_shapes(self, shape):
        """Shapes of two operands that broadcast to `shape`."""
        if not shape or self.r.random() < 0.55:
            return shape, shape
        sides = [list(shape), list(shape)]
        for axis in range(len(shape)):
            roll = self.r.random()
            if roll < 0.3:
                sides[0 if roll < 0.08 else 1][axis] = 1
        for side in sides:
            while side and side[0] == 1 and self.r.random() < 0.6:
                side.pop(0)
        if max(map(len, sides)) < len(shape):
            sides[0] = list(shape)
        if any(n != 1 and all(len(s) < len(shape) - i or s[i - len(shape)] == 1 for s in sides)
               for i, n in enumerate(shape)):
            sides[0] = list(shape)
        return tuple(sides[0]), tuple(sides[1])

    def gen(self, dt, shape, depth):
        r = self.r
        if depth <= 0 or r.random() < 0.12:
            return self.leaf(dt, shape)
        node = (self.gen_bool if dt == "bool" else self.gen_int if dt == "i64"
                else self.gen_float)(dt, tuple(shape), depth - 1)
        if self.in_scan is None and node.op != "leaf" and r.random() < 0.2 and not node.name:
            node.name = self.fresh("v")
            self.lets.append(node)
        return node

    def gen_bool(self, dt, shape, depth):
        r = self.r
        roll = r.random()
        if roll < 0.6:
            kind = r.choice(self.dts + ["i64"])
            a, b = self.part_shapes(shape)
            left = self.gen(kind, a, depth - 1)
            literal = r.random() < 0.4 and a == shape
            right = self.literal(kind) if literal else self.gen(kind, b, depth - 1)
            return Node("compare", [left, right], "bool", shape,
                        r.choice(["<", "<=", ">", ">=", "==", "!="]))
        if roll < 0.75:
            a, b = self.part_shapes(shape)
            return Node("binary", [self.gen("bool", a, depth), self.gen("bool", b, depth)],
                        "bool", shape, r.choice("&|^"))
        if roll < 0.83:
            return Node("invert", [self.gen("bool", shape, depth)], "bool", shape)
        if roll < 0.95:
            return self.gen_reduce("bool", shape, depth, ["any", "all"], "bool")
        return self.leaf("bool", shape)

    def gen_int(self, dt, shape, depth):
        r = self.r
        roll = r.random()
        if roll < 0.35:
            a, b = self.part_shapes(shape)
            right = self.literal(dt) if a == shape and r.random() < 0.3 else self.gen(
                r.choice(["i64", "i64", "bool"]), b, depth)
            return Node("binary", [self.gen("i64", a, depth), right], dt, shape, r.choice("+-*"))
        if roll < 0.45:
            return self.gen_reduce(r.choice(["i64", "bool"]), shape, depth, ["sum"], dt)
        if roll < 0.52:
            return self.gen_reduce("i64", shape, depth, ["max", "min"], dt)
        if roll < 0.62:
            return Node("unary", [self.gen("i64", shape, depth)], dt, shape,
                        r.choice(["neg", "abs", "sign", "square", "relu"]))
        if roll < 0.7:
            return Node("cast", [self.gen(r.choice(self.dts + ["bool"]), shape, depth)], dt, shape)
        if roll < 0.78:
            return self.gen_where(dt, shape, depth)
        if roll < 0.85:
            a, b = self.part_shapes(shape)
            return Node("binary", [self.gen("i64", a, depth), self.gen("i64", b, depth)], dt,
                        shape, r.choice("&|^"))
        if roll < 0.9 and not shape:
            return Node("extent", dt=dt, attr=r.choice(DIMS))
        if roll < 0.9 and len(shape) == 1 and shape[0] != 1:
            return Node("arange", dt=dt, shape=shape, attr=shape[0])
        if roll < 0.95:
            return self.gen_product(dt, shape, depth)
        return Node("power", [self.gen("i64", shape, depth), Node("lit", attr="2")], dt, shape,
                    "**")

    def gen_float(self, dt, shape, depth):
        r = self.r
        choices = [(22, self.gen_binary), (22, self.gen_unary), (6, self.gen_where),
                   (12, self.gen_float_reduce), (10, self.gen_product), (4, self.gen_gather),
                   (3, self.gen_cast), (3, self.gen_power), (3, self.gen_extreme),
                   (5, self.gen_composite), (3, self.gen_if), (2, self.gen_fma),
                   (1, self.gen_full), (4, self.gen_spelled)]
        if self.in_scan is None and depth >= 1:
            choices += [(3, self.gen_scan), (7, self.gen_gradient)]
        weights, makers = zip(*choices)
        for _ in range(8):
            node = r.choices(makers, weights)[0](dt, shape, depth)
            if node is not None:
                return node
        return self.leaf(dt, shape)

    def operand_dt(self, dt):
        """A dtype that meets dt in dt."""
        lower = {"f32": ["i64", "bool"], "f64": ["f32", "i64", "bool"]}[dt]
        return self.r.choice(lower) if self.r.random() < 0.12 else dt

    def gen_binary(self, dt, shape, depth):
        r = self.r
        a, b = self.part_shapes(shape)
        left = self.gen(dt, a, depth)
        right = self.literal(dt) if a == shape and r.random() < 0.25 else self.gen(
            self.operand_dt(dt), b, depth)
        symbol = r.choice("++-**/")
        if symbol == "/":
            if right.is_weak():
                right = Node("lit", attr=r.choice(["2.0", "3", "0.1"]))
            elif right.dt not in FLOATS or right.dt != dt:
                symbol = "*"
            elif r.random() < 0.8:
                right = self.positive(right)
        if r.random() < 0.4 and (symbol != "/" or right.is_weak()):
            left, right = right, left
            if symbol == "/":
                right = self.positive(right)
        return Node("binary", [left, right], dt, shape, symbol)

    def positive(self, x):
        r = self.r
        f = lambda name, y: Node("unary", [y], x.dt, x.shape, name)
        plus = lambda y: Node("binary", [y, Node("lit", attr=r.choice(["0.5", "1", "1.0"]))],
                              x.dt, x.shape, "+")
        return r.choice([lambda: plus(f("square", x)), lambda: plus(f("abs", x)),
                         lambda: f("exp", f("tanh", x)), lambda: plus(f("exp", x)),
                         lambda: f("softplus", x), lambda: f("sigmoid", x)])()

    def gen_unary(self, dt, shape, depth):
        name = self.r.choice(SMOOTH)
        x = self.gen(dt, shape, depth)
        if name in ("sqrt", "log", "reciprocal") and self.r.random() < 0.9:
            x = self.positive(x)
        if name == "log1p":
            x = Node("unary", [x], dt, shape, self.r.choice(["exp", "square", "abs"]))
        if name in ("exp", "expm1") and self.r.random() < 0.5:
            x = Node("unary", [x], dt, shape, "tanh")
        return Node("unary", [x], dt, shape, name)

    def gen_where(self, dt, shape, depth):
        a, b = self.part_shapes(shape)
        kind = self.operand_dt(dt) if dt in FLOATS else dt
        plain = a == shape and self.r.random() < 0.3
        other = self.literal(dt) if plain else self.gen(kind, b, depth)
        return Node("where", [self.gen("bool", a, depth), self.gen(dt, a, depth), other], dt,
                    shape) if self.r.random() < 0.5 or a != shape else Node(
            "where", [self.gen("bool", b, depth), self.gen(dt, a, depth),
                      self.gen(dt, b, depth)], dt, shape)

    def gen_reduce(self, from_dt, shape, depth, functions, dt):
        r = self.r
        keep = 1 in shape and r.random() < 0.7
        if keep:
            axes = [i for i, n in enumerate(shape) if n == 1]
            axes = r.sample(axes, r.randint(1, len(axes)))
            full = tuple(r.choice(DIMS) if i in axes else n for i, n in enumerate(shape))
        else:
            room = max(self.ranks, 1) - len(shape)
            if room <= 0:
                return self.leaf(dt, shape)
            extra = r.randint(1, room)
            rank = len(shape) + extra
            axes = r.sample(range(rank), extra)
            rest = iter(shape)
            full = tuple(r.choice(DIMS) if i in axes else next(rest) for i in range(rank))
        axes = tuple(sorted(axes))
        bare = len(axes) == len(full) and r.random() < 0.7
        return Node("reduce", [self.gen(from_dt, full, depth)], dt, shape,
                    (r.choice(functions), axes, keep, bare))

    def gen_float_reduce(self, dt, shape, depth):
        functions = self.r.choice([["sum", "mean"], ["sum", "mean"], ["sum", "mean"],
                                   ["max", "min"], ["prod"]])
        return self.gen_reduce(dt, shape, depth, functions, dt)

    def gen_product(self, dt, shape, depth):
        r = self.r
        if len(shape) > 2 or (self.ranks < 2 and shape):
            return None if dt in FLOATS else self.leaf(dt, shape)
        k = r.choice(DIMS)
        a = (shape[0], k) if len(shape) == 2 else (k,)
        b = (k, shape[1]) if len(shape) == 2 else (k,)
        if len(shape) == 1:
            a, b = ((shape[0], k), (k,)) if r.random() < 0.5 else ((k,), (k, shape[0]))
        sides = []
        for s in (a, b):
            if len(s) == 2 and r.random() < 0.35:
                sides.append(Node("T", [self.gen(dt, s[::-1], depth)], dt, s))
            else:
                sides.append(self.gen(dt, s, depth))
        return Node("matmul", sides, dt, shape)

    def gen_gather(self, dt, shape, depth):
        r = self.r
        if self.ranks < 2 and len(shape) > 0:
            return None
        d = r.choice(DIMS)
        if len(shape) == 1 and shape[0] != 1 and r.random() < 0.5:
            rows = Node("arange", dt="i64", shape=shape, attr=shape[0])
            return Node("gather", [self.gen(dt, (shape[0], d), depth), rows,
                                   self.index(shape, d)], dt, shape)
        if shape and r.random() < 0.6:
            return Node("gather", [self.gen(dt, (d,) + shape[1:], depth),
                                   self.index(shape[:1], d)], dt, shape)
        if len(shape) < self.ranks:
            at = self.index((), d) if r.random() < 0.7 else Node("lit", attr="0")
            return Node("gather", [self.gen(dt, (d,) + shape, depth), at], dt, shape)
        return None

    def gen_cast(self, dt, shape, depth):
        source = self.r.choice([x for x in ("f32", "f64", "i64", "bool") if x != dt])
        return Node("cast", [self.gen(source, shape, depth)], dt, shape)

    def gen_power(self, dt, shape, depth):
        r = self.r
        x = self.gen(dt, shape, depth)
        if r.random() < 0.7:
            e = r.choice(["2", "3", "2.0", "-1", "0.5", "-2", "10", "1.5", "-0.5", "4", "1", "0"])
            return Node("power", [x if float(e) % 1 == 0 and float(e) >= 0 else self.positive(x),
                                  Node("lit", attr=e)], dt, shape, "**")
        _, b = self.part_shapes(shape)
        return Node("power", [self.positive(x), self.gen(dt, b, depth)], dt, shape, "**")

    def gen_extreme(self, dt, shape, depth):
        a, b = self.part_shapes(shape)
        other = self.literal(dt) if a == shape and self.r.random() < 0.4 else self.gen(
            dt, b, depth)
        return Node("extreme", [self.gen(dt, a, depth), other], dt, shape,
                    self.r.choice(["maximum", "minimum"]))

    def gen_composite(self, dt, shape, depth):
        r = self.r
        if shape and r.random() < 0.6:
            axis = r.randrange(len(shape)) if r.random() < 0.3 else -1
            if shape[axis] == 1:
                return None
            return Node("composite", [self.gen(dt, shape, depth)], dt, shape,
                        (r.choice(["softmax", "log_softmax"]), axis, False))
        if len(shape) >= self.ranks:
            return None
        axis = r.randrange(len(shape) + 1)
        full = shape[:axis] + (r.choice(DIMS),) + shape[axis:]
        return Node("composite", [self.gen(dt, full, depth)], dt, shape,
                    ("logsumexp", axis if r.random() < 0.5 else axis - len(full), False))

    def gen_if(self, dt, shape, depth):
        c = self.gen("bool", (), min(depth, 1))
        _, b = self.part_shapes(shape)
        return Node("if", [c, self.gen(dt, shape, depth), self.gen(dt, b, depth)], dt, shape)

    def gen_fma(self, dt, shape, depth):
        _, b = self.part_shapes(shape)
        return Node("fma", [self.gen(dt, shape, depth), self.gen(dt, b, depth),
                            self.gen(dt, shape, depth)], dt, shape, "fma")

    def gen_full(self, dt, shape, depth):
        if not shape:
            return None
        return Node("full", [self.gen(dt, (), depth)], dt, shape)

    def gen_spelled(self, dt, shape, depth):
        """Formulas that the stabilising rewriter knows."""
        r = self.r
        u = lambda name, y: Node("unary", [y], dt, shape, name)
        b = lambda symbol, y, z: Node("binary", [y, z], dt, shape, symbol)
        one = Node("lit", attr="1")
        x = self.gen(dt, shape, depth)
        p = b("/", one, b("+", one, u("exp", u("neg", x))))
        forms = [lambda: p, lambda: u("log", p), lambda: u("log", b("-", one, p)),
                 lambda: u("log", b("+", one, u("exp", x))), lambda: b("-", u("exp", x), one),
                 lambda: u("sqrt", u("square", x)), lambda: b("-", one, u("sigmoid", x)),
                 lambda: b("/", u("exp", x), b("+", one, u("exp", x))),
                 lambda: u("log", b("+", one, u("square", x))),
                 lambda: b("-", x, x), lambda: b("*", x, Node("lit", attr="1.0"))]
        if shape and shape[-1] != 1:
            e = u("exp", x)
            kept = shape[:-1] + (1,)
            s = Node("reduce", [e], dt, kept, ("sum", (len(shape) - 1,), True, False))
            forms += [lambda: b("/", e, s), lambda: u("log", b("/", e, s)),
                      lambda: b("-", x, Node("unary", [s], dt, kept, "log"))] * 2
        return r.choice(forms)()
