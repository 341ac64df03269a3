# SPDX-License-Identifier: Apache-2.0
"""The ways to write a formula, counted and picked by number.

A formula is a tree of Op, Either and Leaf. Op lists the orders in which its operands may stand;
Either lists formulas that mean the same. The number of ways is the product over the tree, and
pick(i) makes way i without making the others.
"""

import random
import re

class Leaf:
    def __init__(self, text):
        self.text = text

    def count(self):
        return 1

    def pick(self, index):
        return self

    def render(self, name=None):
        return self.text


class Either:
    def __init__(self, *options):
        self.options = [as_tree(o) for o in options]

    def count(self):
        return sum(o.count() for o in self.options)

    def pick(self, index):
        for option in self.options:
            if index < option.count():
                return option.pick(index)
            index -= option.count()
        raise IndexError(index)


class Op:
    """`orders` are texts in which &0 is the first operand and $0 the same in parentheses."""

    def __init__(self, orders, *operands):
        self.orders = [orders] if isinstance(orders, str) else list(orders)
        self.operands = [as_tree(o) for o in operands]

    def count(self):
        total = len(self.orders)
        for operand in self.operands:
            total *= operand.count()
        return total

    def pick(self, index):
        index, order = divmod(index, len(self.orders))
        chosen = []
        for operand in self.operands:
            index, part = divmod(index, operand.count())
            chosen.append(operand.pick(part))
        return Op(self.orders[order], *chosen)

    def render(self, name=lambda node: None):
        """The text; where `name` gives a node a name, that stands for it."""
        texts = [name(o) or o.render(name) for o in self.operands]

        def put(match):
            inner = texts[int(match[2])]
            return inner if match[1] == "&" or is_atom(inner) else f"({inner})"

        return re.sub(r"([&$])(\d)", put, self.orders[0])


def is_atom(text):
    """Whether a text needs no parentheses as an operand."""
    if re.fullmatch(r"[\w.]+|\{\w+\}|\w+@\w*", text):
        return True
    head = re.match(r"\w+@?\(", text)
    if not head:
        return False
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == ")" and depth == 0:
            return at == len(text) - 1
    return False


def as_tree(value):
    return value if hasattr(value, "count") and not isinstance(value, str) else Leaf(str(value))


X, Y, Z = Leaf("{x}"), Leaf("{y}"), Leaf("{z}")


def add(a, b):
    return Op(["$0 + $1", "$1 + $0"], a, b)


def total(*terms):
    """A sum of three or more, in two orders and two groupings."""
    numbers = range(len(terms))
    return Op([" + ".join(f"${i}" for i in order) for order in (numbers, reversed(numbers))], *terms)


def sub(a, b):
    return Op(["$0 - $1", "-$1 + $0", "$0 + (-$1)", "-($1 - $0)"], a, b)


def mul(a, b):
    return Op(["$0 * $1", "$1 * $0"], a, b)


def div(a, b):
    return Op(["$0 / $1"], a, b)


def inverse(a):
    return Op(["1 / $0", "reciprocal(&0)", "$0**-1"], a)


def neg(a):
    return Op(["-$0", "-1 * $0", "$0 * -1"], a)


def minus(a):
    """As an argument of a function: the usual minus alone."""
    return Op("-$0", a)


def call(name, *operands):
    return Op(f"{name}({', '.join(f'&{i}' for i in range(len(operands)))})", *operands)


def exp(a):
    return call("exp", a)


def log(a):
    return call("log", a)


def log1(a):
    """log(1 + a): by log and by log1p."""
    return Either(log(add(1, a)), call("log1p", a))


def square(a):
    return Op(["$0**2", "$0 * $0", "square(&0)"], a)


def power(a, exponent):
    return Op([f"$0**{exponent}", f"power(&0, {exponent})"], a)


def sqrt(a):
    return Op(["sqrt(&0)", "$0**0.5"], a)


def sigmoid(a, na=None):
    """Four ways to write it; `na` is -a where that is not written with a minus."""
    na = na or minus(a)
    return Either(
        call("sigmoid", a), inverse(add(1, exp(na))), div(exp(a), add(1, exp(a))),
    )


def nodes(tree):
    """All inner nodes below the root, and the root last."""
    found = []
    for operand in getattr(tree, "operands", ()):
        found += nodes(operand)
    return found + ([tree] if isinstance(tree, Op) else [])


def leaves(tree):
    if isinstance(tree, Leaf):
        return {tree.text} & {"{x}", "{y}", "{z}", "{t}", "{i}"}
    return set().union(*(leaves(o) for o in tree.operands))


def in_lets(tree, chosen):
    """The names and formulas of the chosen nodes, in order, then the root's formula."""
    names = {id(node): f"t{i}@" for i, node in enumerate(chosen)}
    lets = [(names[id(n)], n.render(lambda m: names.get(id(m)) if m is not n else None)) for n in chosen]
    return lets, tree.render(lambda m: names.get(id(m)))


def spelling(tree, form, rng, known):
    """One spelling of a picked tree in a form; None where the tree has not that form."""
    inner = [n for n in nodes(tree) if n is not tree]
    if form == "plain":
        return {"text": tree.render()}
    if not inner:
        return None
    if form == "lets":
        lets, text = in_lets(tree, inner)
        return {"text": text, "lets": lets}
    if form == "some lets":
        lets, text = in_lets(tree, [n for n in inner if rng.random() < 0.5] or inner[:1])
        return {"text": text, "lets": lets}
    if form == "def":
        node = rng.choice(inner)
        if leaves(node) != {"{x}"}:
            return None
        body = node.render().replace("{x}", "u")
        return {"text": tree.render(lambda m: "s@({x})" if m is node else None), "def": f"s@(u) = {body}"}
    if form == "view inside":
        # The inner node is computed in the input's own axes, all else in transposed ones.
        node = rng.choice(inner)
        outside = tree.render(lambda m: "#" if m is node else None)
        outside = re.sub(r"\{(\w)\}", r"{\1}.T", outside)
        return {"text": f"({outside.replace('#', f'({node.render()}).T')}).T", "rank": 2}
    if form == "also":
        outputs = [n for n in inner if n.render() in known]
        if not outputs:
            return None
        node = rng.choice(outputs)
        lets, text = in_lets(tree, [node])
        return {"text": text, "lets": lets, "also": [lets[0][0], known[node.render()]]}
    raise ValueError(form)


FORMS = ("plain", "lets", "some lets", "def", "view inside", "also")


def spellings(tree, known, limit=72, forms=FORMS, seed=1):
    """Ways in every form: all of a form where they are few, a seeded choice where they are many."""
    rng = random.Random(seed)
    tree = as_tree(tree)
    ways = tree.count()
    found = {}
    for form in forms:
        share = limit if form == "plain" else limit // 4
        chosen = range(ways) if ways <= share else sorted(rng.sample(range(ways), share))
        for index in chosen:
            made = spelling(tree.pick(index), form, rng, known)
            if made:
                found.setdefault(repr(made), made)
    return list(found.values()), ways
