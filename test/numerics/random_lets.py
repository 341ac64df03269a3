# SPDX-License-Identifier: Apache-2.0
"""Random scans and gradients: expressions that need names of their own."""
from random_expressions import DIMS, FLOATS, Node, Scan, reached
from random_growth import Growth


class NamedGrowth(Growth):
    """Growth that also makes scans and gradients."""

    def gen_scan(self, dt, shape, depth):
        r = self.r
        steps = r.choice(DIMS)
        carry_shape = shape
        made_from_yield = bool(shape) and shape[0] == steps and r.random() < 0.8
        if made_from_yield:
            carry_shape = r.choice([(), shape[1:]])
        counted = steps if r.random() < 0.15 else None
        rest = () if counted else r.choice([(), carry_shape[-1:], carry_shape])
        if len(rest) + 1 > max(self.ranks, 1):
            rest = ()
        sequence = None if counted else self.gen(dt, (steps,) + rest, depth - 1)
        init = self.literal(dt) if not carry_shape and dt == "f32" and r.random() < 0.3 else self.gen(
            dt, carry_shape, depth - 1)
        carry = Node("leaf", dt=dt, shape=carry_shape, name=self.fresh("h"))
        element = Node("leaf", dt="i64" if counted else dt, shape=rest, name=self.fresh("t"))
        self.in_scan, self.scope = carry, [carry, element]
        body = self.gen(dt, carry_shape, 2)
        if r.random() < 0.6:
            body = Node("unary", [body], dt, carry_shape, "tanh")
        body = Node("binary", [Node("binary", [carry, Node("lit", attr="0.5")], dt, carry_shape,
                                    "*"), body], dt, carry_shape, "+") if r.random() < .8 else body
        yields = []
        if made_from_yield or r.random() < 0.5:
            yields.append(self.gen(dt, shape[1:] if made_from_yield else carry_shape, 2))
        self.in_scan, self.scope = None, []
        scan = Scan(init, sequence, carry, element, body, yields, r.random() < 0.25, counted)
        results = [Node("scan", dt=dt, shape=carry_shape, attr=(scan, 0), name=self.fresh("c"))]
        results += [Node("scan", dt=dt, shape=(steps,) + y.shape, attr=(scan, 1),
                         name=self.fresh("y")) for y in yields]
        self.lets.append((results, scan))
        return results[1] if made_from_yield else results[0]

    def gen_gradient(self, dt, shape, depth):
        """A gradient of a new cost by something of this type."""
        r = self.r
        cost_dt = r.choice(self.dts)
        full = self.some_shape(2)
        inner = self.gen(cost_dt, full, depth)
        cost = Node("reduce", [inner], cost_dt, (), (r.choice(["sum", "mean"]),
                    tuple(range(len(full))), False, True)) if full else inner
        own = [*self.inputs, *self.states, *self.values()]
        pool = {n for n in reached(cost) if n.dt in FLOATS and n in own}
        pool = sorted(pool, key=lambda n: n.name)
        wanted = [n for n in pool if n.dt == dt and n.shape == tuple(shape)]
        if not pool or (not wanted and (shape or len(pool) == 0)):
            return None
        if cost.op == "leaf" or not cost.name:
            if cost.op == "leaf":
                return None
            cost.name = self.fresh("J")
            self.lets.append(cost)
        wanted = [n for n in wanted if n is not cost]
        targets = r.sample(wanted, min(1, len(wanted)))
        others = [n for n in pool if n not in targets and n is not cost]
        targets += r.sample(others, min(len(others), r.randint(0 if targets else 1, 2)))
        if not targets:
            return None
        group = {"cost": cost, "targets": targets}
        results = [Node("grad", dt=x.dt, shape=x.shape, attr=(group, i), name=self.fresh("g"))
                   for i, x in enumerate(targets)]
        self.lets.append((results, group))
        first = results[0]
        if first.dt == dt and first.shape == tuple(shape):
            return first
        total = Node("reduce", [first], first.dt, (), ("sum", tuple(range(len(first.shape))),
                     False, True)) if first.shape else first
        return total if first.dt == dt else Node("cast", [total], dt, ())
