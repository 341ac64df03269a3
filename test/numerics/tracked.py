# SPDX-License-Identifier: Apache-2.0
"""Arrays for reference values: each knows its value in extended precision, a bound of the error
that a computation in its own dtype may have there (inf: anything goes), and how to differentiate."""
import numpy as np

UNIT = {"f32": 2.0**-24, "f64": 2.0**-53}
TINY = {"f32": 1e-36, "f64": 1e-300}
HUGE = {"f32": 1e36, "f64": 1e300}
FLOATS = ("f32", "f64")
RANK = {"bool": 0, "i64": 1, "f32": 2, "f64": 3}
LAX = np.inf


class Empty(Exception):
    """A largest or smallest element of nothing."""


class Reals:
    """The precision in which references are computed."""
    dtype = np.float64


def wide(v):
    return np.asarray(v, dtype=Reals.dtype)


class Tracked:
    __slots__ = ("v", "e", "dt", "parents", "vjp")

    def __init__(self, v, e, dt, parents=(), vjp=None, ulps=0.0):
        v = np.asarray(v, dtype={"i64": np.int64, "bool": np.bool_}.get(dt, Reals.dtype))
        e = np.array(np.broadcast_to(np.asarray(e, dtype=np.float64), v.shape))
        if dt in FLOATS:
            size = np.abs(v).astype(np.float64)
            e = e + ulps * UNIT[dt] * size
            e = np.where((size < TINY[dt]) & (v != 0), e + TINY[dt], e)
            e = np.where(~np.isfinite(size) | (size > HUGE[dt]) | np.isnan(e), LAX, e)
        else:
            e = np.where(np.isnan(e), LAX, e)
        self.v, self.e, self.dt, self.parents, self.vjp = v, e, dt, parents, vjp

    @property
    def shape(self):
        return self.v.shape


def number(value, dt, shape=()):
    """A literal: exact where its dtype has it."""
    v = np.broadcast_to(np.asarray(value), shape)
    exact = dt not in FLOATS or dt == "f64" or float(np.float32(value)) == float(value)
    return Tracked(v, 0, dt, ulps=0 if exact else 1)


def data(array, dt):
    return Tracked(array, 0, dt)


def constant_like(x, value):
    return number(value, x.dt, x.shape)


def marked(x):
    return Tracked(x.v, x.e, x.dt, (x,), lambda g: [g])


# Shapes.

def kept(shape, axes):
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def count_of(shape, axes):
    return int(np.prod([shape[a] for a in axes], dtype=np.int64))


def restore(x, shape, axes):
    return broadcast(reshape(x, kept(shape, axes)), shape)


def total(x, axes):
    if not axes:
        return x
    axes = tuple(axes)
    if x.dt == "bool":
        x = convert(x, "i64")
    e = x.e.sum(axis=axes)
    if x.dt in FLOATS:
        slack = 4 + 4 * np.sqrt(count_of(x.shape, axes))
        e = e + UNIT[x.dt] * slack * np.abs(x.v).sum(axis=axes).astype(np.float64)
    return Tracked(x.v.sum(axis=axes), e, x.dt, (x,), lambda g: [restore(g, x.shape, axes)])


def unbroadcast(g, shape):
    lead = len(g.shape) - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1)
    return reshape(total(g, axes), shape) if axes else reshape(g, shape)


def broadcast(x, shape):
    if x.shape == tuple(shape):
        return x
    return Tracked(np.broadcast_to(x.v, shape), np.broadcast_to(x.e, shape), x.dt, (x,),
                   lambda g: [unbroadcast(g, x.shape)])


def reshape(x, shape):
    if x.shape == tuple(shape):
        return x
    return Tracked(x.v.reshape(shape), x.e.reshape(shape), x.dt, (x,),
                   lambda g: [reshape(g, x.shape)])


def transpose(x):
    return Tracked(x.v.T, x.e.T, x.dt, (x,), lambda g: [transpose(g)])


def stack(parts, like, shape):
    if not parts:
        return Tracked(np.zeros((0,) + shape), np.zeros((0,) + shape), like)
    rows = [data(np.int64(i), "i64") for i in range(len(parts))]
    return Tracked(np.stack([p.v for p in parts]), np.stack([p.e for p in parts]), like,
                   tuple(parts), lambda g: [gather(g, [row]) for row in rows])


def gather(x, indices):
    at = tuple(np.broadcast_arrays(*[i.v for i in indices]))
    for axis, i in enumerate(at):
        if i.size and (i.min() < -x.shape[axis] or i.max() >= x.shape[axis]):
            raise IndexError
    return Tracked(x.v[at], x.e[at], x.dt, (x,) + tuple(indices),
                   lambda g: [scatter(g, indices, x.shape)] + [None] * len(indices))


def scatter(g, indices, shape):
    at = tuple(np.broadcast_arrays(*[i.v for i in indices]))
    v, e, size = (np.zeros(shape, dtype=t) for t in (Reals.dtype, np.float64, np.float64))
    np.add.at(v, at, g.v)
    np.add.at(e, at, g.e)
    np.add.at(size, at, np.abs(g.v).astype(np.float64))
    e = e + 8 * UNIT[g.dt] * size
    return Tracked(v, e, g.dt, (g,), lambda h: [gather(h, indices)])


# Elementwise.

def convert(x, dt):
    if x.dt == dt:
        return x
    grad = (lambda g: [convert(g, x.dt)]) if dt in FLOATS and x.dt in FLOATS else None
    if dt == "bool":
        return Tracked(x.v != 0, (np.abs(x.v) <= x.e) & (x.e > 0), dt)
    if dt == "i64":
        if x.dt == "bool":
            return Tracked(x.v, x.e, dt)
        v = np.clip(np.nan_to_num(x.v, nan=0.0), -9e18, 9e18)
        e = np.minimum(x.e, 1e30)
        certain = (np.trunc(v - e) == np.trunc(v + e)) & (np.abs(v) < 9e15) & np.isfinite(x.v)
        return Tracked(np.trunc(v).astype(np.int64), np.where(certain, 0, LAX), dt)
    narrower = x.dt == "i64" or RANK[x.dt] > RANK[dt]
    return Tracked(wide(x.v), np.where(x.e > 0, LAX, 0) if x.dt == "bool" else x.e, dt, (x,), grad,
                   ulps=1 if narrower else 0)


def meet(*xs):
    dt = max((x.dt for x in xs), key=RANK.get)
    shape = np.broadcast_shapes(*[x.shape for x in xs])
    return [broadcast(convert(x, dt), shape) for x in xs]


def add(a, b):
    a, b = meet(a, b)
    return Tracked(a.v + b.v, a.e + b.e, a.dt, (a, b), lambda g: [g, g], ulps=1)


def neg(a):
    return Tracked(-a.v, a.e, a.dt, (a,), lambda g: [neg(g)])


def sub(a, b):
    a, b = meet(a, b)
    return add(a, neg(b))


def mul(a, b):
    a, b = meet(a, b)
    e = np.abs(a.v) * b.e + np.abs(b.v) * a.e + a.e * b.e
    e = np.where((a.e == 0) & (b.e == 0), 0, e)
    return Tracked(a.v * b.v, e, a.dt, (a, b), lambda g: [mul(g, b), mul(g, a)], ulps=1)


def fma(a, b, c):
    return add(mul(a, b), c)


def div(a, b):
    a, b = meet(a, b)
    size = np.abs(b.v)
    v = a.v / b.v
    left = size - b.e
    e = np.where(left > 0, (a.e + np.abs(v) * b.e) / np.where(left > 0, left, 1), LAX)
    out = Tracked(v, e, a.dt, (a, b), None, ulps=1)
    out.vjp = lambda g: [div(g, b), neg(div(mul(g, out), b))]
    return out


def curve(function, slope, ulps=4):
    """An elementwise function; slope(x, y, e) bounds the error of y from the error e of x."""
    def apply(x, derivative):
        y = function(x.v)
        e = np.where(x.e == 0, 0, np.where(np.isfinite(x.e), slope(x.v, y, x.e), LAX))
        out = Tracked(y, e, x.dt, (x,), None, ulps=ulps)
        out.vjp = lambda g: [mul(g, derivative(x, out))]
        return out
    return apply


def inside(x, e, value):
    return np.where(np.abs(x) > e, value, LAX)


EXP = curve(np.exp, lambda x, y, e: y * np.expm1(np.minimum(e, 700)))
EXPM1 = curve(np.expm1, lambda x, y, e: (y + 1) * np.expm1(np.minimum(e, 700)))
LOG = curve(np.log, lambda x, y, e: inside(x, e, -np.log1p(-np.minimum(e / np.abs(x), 0.999))))
LOG1P = curve(np.log1p, lambda x, y, e: inside(
    1 + x, e, -np.log1p(-np.minimum(e / np.abs(1 + x), 0.999))))
TANH = curve(np.tanh, lambda x, y, e: np.minimum(e, 2))
SQRT = curve(np.sqrt, lambda x, y, e: inside(x, e, np.sqrt(x) - np.sqrt(np.maximum(x - e, 0))),
             ulps=1)
SIGMOID = curve(lambda x: np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))),
                                   np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))),
                lambda x, y, e: np.minimum(e / 4, y * np.expm1(np.minimum(e, 700))))
SOFTPLUS = curve(lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
                 lambda x, y, e: np.minimum(e, np.exp(np.minimum(x, 0)) * np.expm1(
                     np.minimum(e, 700))))


def one(x):
    return constant_like(x, 1)


def sign(x):
    return Tracked(np.sign(x.v), np.where((np.abs(x.v) <= x.e) & (x.e > 0), LAX, 0), x.dt, (x,),
                   lambda g: [None])


UNARY = {
    "exp": lambda x: EXP(x, lambda x, y: y),
    "expm1": lambda x: EXPM1(x, lambda x, y: UNARY["exp"](x)),
    "log": lambda x: LOG(x, lambda x, y: div(one(x), x)),
    "log1p": lambda x: LOG1P(x, lambda x, y: div(one(x), add(one(x), x))),
    "tanh": lambda x: TANH(x, lambda x, y: mul(sub(one(x), y), add(one(x), y))),
    "sqrt": lambda x: SQRT(x, lambda x, y: div(constant_like(x, 0.5), y)),
    "sigmoid": lambda x: SIGMOID(x, lambda x, y: mul(y, UNARY["sigmoid"](neg(x)))),
    "softplus": lambda x: SOFTPLUS(x, lambda x, y: UNARY["sigmoid"](x)),
    "neg": neg,
    "sign": sign,
    "abs": lambda x: Tracked(np.abs(x.v), x.e, x.dt, (x,), lambda g: [mul(g, sign(x))]),
    "square": lambda x: mul(x, x),
    "reciprocal": lambda x: div(one(x), x),
    "relu": lambda x: Tracked(np.maximum(x.v, 0), x.e, x.dt, (x,), lambda g: [
        mul(g, convert(compare(">", x, constant_like(x, 0)), g.dt))]),
}


def compare(symbol, a, b):
    a, b = meet(a, b)
    function = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
                "==": np.equal, "!=": np.not_equal}[symbol]
    with_error = (a.e + b.e > 0) if a.dt != "bool" else (a.e + b.e > 0)
    gap = np.abs(wide(a.v) - wide(b.v))
    doubt = with_error & ((gap <= 4 * (a.e + b.e)) | np.isnan(gap))
    return Tracked(function(a.v, b.v), doubt, "bool")


def bits(symbol, a, b):
    function = {"&": np.bitwise_and, "|": np.bitwise_or, "^": np.bitwise_xor}[symbol]
    a, b = meet(a, b)
    return Tracked(function(a.v, b.v), np.where(a.e + b.e > 0, LAX, 0), a.dt)


def invert(a):
    return Tracked(~a.v, a.e, a.dt)


def where(c, a, b):
    a, b = meet(a, b)
    shape = np.broadcast_shapes(c.shape, a.shape)
    c, a, b = (broadcast(x, shape) for x in (c, a, b))
    e = np.where(c.v, a.e, b.e)
    e = np.where(c.e > 0, np.where((a.v == b.v), np.maximum(a.e, b.e), LAX), e)
    zero = lambda g: constant_like(g, 0)
    return Tracked(np.where(c.v, a.v, b.v), e, a.dt, (c, a, b),
                   lambda g: [None, where(c, g, zero(g)), where(c, zero(g), g)])


def extreme(a, b, largest):
    a, b = meet(a, b)
    v = np.maximum(a.v, b.v) if largest else np.minimum(a.v, b.v)

    def vjp(g):
        half = constant_like(g, 0.5)
        tie = mul(half, convert(compare("==", a, b), g.dt))
        above = compare(">" if largest else "<", a, b)
        below = compare("<" if largest else ">", a, b)
        return [mul(g, add(convert(above, g.dt), tie)), mul(g, add(convert(below, g.dt), tie))]
    return Tracked(v, np.maximum(a.e, b.e), a.dt, (a, b), vjp)


def power(x, y):
    """y is a Tracked, or a number written in the program."""
    if not isinstance(y, Tracked):
        if x.dt == "i64":
            return Tracked(x.v**int(y), np.where(x.e > 0, LAX, 0), x.dt)
        c = wide(y)
        v = np.power(x.v, c)
        rel = np.abs(c) * -np.log1p(-np.minimum(x.e / np.abs(x.v), 0.999))
        e = np.where(x.e == 0, 0, inside(x.v, x.e, np.abs(v) * np.expm1(np.minimum(rel, 700))))
        return Tracked(v, e, x.dt, (x,),
                       lambda g: [mul(g, mul(number(y, x.dt), power(x, y - 1)))],
                       ulps=4 + 2 * abs(float(y)))
    x, y = meet(x, y)
    v = np.power(x.v, y.v)
    rel = (np.abs(y.v) * -np.log1p(-np.minimum(x.e / np.abs(x.v), 0.999))
           + np.abs(np.log(np.abs(x.v))) * y.e)
    e = np.where((x.e == 0) & (y.e == 0), 0,
                 inside(x.v, x.e, np.abs(v) * np.expm1(np.minimum(rel, 700))))
    out = Tracked(v, e, x.dt, (x, y), None, ulps=16)
    out.vjp = lambda g: [mul(g, mul(y, power(x, sub(y, one(y))))),
                         mul(g, mul(out, UNARY["log"](x)))]
    return out
