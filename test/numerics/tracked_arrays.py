# SPDX-License-Identifier: Apache-2.0
"""Reductions, products, softmax and gradients of Tracked arrays."""
import numpy as np

from tracked import *  # noqa: F403


def mean(x, axes, dt):
    x = convert(x, dt)
    n = count_of(x.shape, axes)
    s = total(x, axes)
    return div(s, number(float(n), dt, s.shape))


def product(x, axes):
    axes = tuple(axes)
    if x.dt == "bool":
        x = convert(x, "i64")
    v = x.v.prod(axis=axes)
    size = np.abs(wide(x.v))
    e = (size + x.e).prod(axis=axes) - size.prod(axis=axes) if np.any(x.e > 0) else 0
    out = Tracked(v, e, x.dt, (x,), None, ulps=count_of(x.shape, axes))

    def vjp(g):
        others = div(restore(out, x.shape, axes), x)
        return [mul(restore(g, x.shape, axes), others)]
    out.vjp = vjp
    return out


def extremum(x, axes, largest):
    axes = tuple(axes)
    if not axes:
        return x
    if count_of(x.shape, axes) == 0:
        raise Empty
    v = (x.v.max if largest else x.v.min)(axis=axes)
    full = np.broadcast_to(v.reshape(kept(x.shape, axes)), x.shape)
    e = x.e.max(axis=axes)

    def vjp(g):
        near = np.abs(full - x.v) <= 4 * (x.e + np.broadcast_to(
            e.reshape(kept(x.shape, axes)), x.shape))
        hits = (x.v == full)
        doubt = ((near.sum(axis=axes) > 1) & (e > 0))
        doubt = np.broadcast_to(doubt.reshape(kept(x.shape, axes)), x.shape)
        share = hits / np.broadcast_to(hits.sum(axis=axes).reshape(kept(x.shape, axes)), x.shape)
        mask = Tracked(share, np.where(doubt, LAX, 0), x.dt, ulps=1)
        return [mul(restore(g, x.shape, axes), mask)]
    return Tracked(v, e, x.dt, (x,), vjp)


def truth(x, axes, every):
    axes = tuple(axes)
    v = (x.v.all if every else x.v.any)(axis=axes)
    return Tracked(v, x.e.max(axis=axes, initial=0), "bool")


def outer(a, b):
    return mul(reshape(a, a.shape + (1,)), reshape(b, (1,) + b.shape))


def matmul(a, b):
    dt = max(a.dt, b.dt, key=RANK.get)
    a, b = convert(a, dt), convert(b, dt)
    v = a.v @ b.v
    size = lambda x: np.abs(x).astype(np.float64)
    if dt in FLOATS:
        with np.errstate(invalid="ignore"):
            e = (size(a.v) + a.e) @ (size(b.v) + b.e) - size(a.v) @ size(b.v)
            if not (a.e.any() or b.e.any()):
                e = 0 * e
            e = np.abs(e) + UNIT[dt] * (4 + 4 * np.sqrt(a.shape[-1])) * (size(a.v) @ size(b.v))
    else:
        e = np.where(size(a.e) @ np.ones(b.shape) + np.ones(a.shape) @ size(b.e) > 0, LAX, 0)
    ranks = (len(a.shape), len(b.shape))

    def vjp(g):
        if ranks == (1, 1):
            return [mul(g, b), mul(g, a)]
        if ranks == (2, 1):
            return [outer(g, b), matmul(transpose(a), g)]
        if ranks == (1, 2):
            return [matmul(b, g), outer(a, g)]
        return [matmul(g, transpose(b)), matmul(transpose(a), g)]
    return Tracked(v, e, dt, (a, b), vjp)


# Composites.

def shifted(x, axis):
    m = x.v.max(axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(np.isfinite(m), m, 0)
    p = np.exp(x.v - m)
    return m, p, p.sum(axis=axis, keepdims=True), x.e.max(axis=axis, keepdims=True, initial=0)


def slack(x, axis):
    return 16 + 4 * np.sqrt(x.shape[axis])


def softmax(x, axis):
    m, p, s, worst = shifted(x, axis)
    v = p / s
    e = v * (np.expm1(np.minimum(2 * worst, 700))
             + UNIT[x.dt] * (np.abs(x.v - m) + np.abs(m) + slack(x, axis)))
    out = Tracked(v, e, x.dt, (x,))
    out.vjp = lambda g: [mul(out, sub(g, restore(total(mul(g, out), (axis,)), x.shape, (axis,))))]
    return out


def log_softmax(x, axis):
    m, p, s, worst = shifted(x, axis)
    v = x.v - m - np.log(s)
    e = x.e + worst + UNIT[x.dt] * (4 * np.abs(x.v) + 4 * np.abs(m) + slack(x, axis))
    return Tracked(v, e, x.dt, (x,), lambda g: [sub(g, mul(
        softmax(x, axis), restore(total(g, (axis,)), x.shape, (axis,))))])


def logsumexp(x, axis):
    m, p, s, worst = shifted(x, axis)
    v = np.squeeze(m + np.log(s), axis)
    e = np.squeeze(worst + UNIT[x.dt] * (8 * np.abs(m) + slack(x, axis)), axis)
    return Tracked(v, e, x.dt, (x,),
                   lambda g: [mul(softmax(x, axis), restore(g, x.shape, (axis,)))])


def gradients(cost, targets):
    """The cotangents of `targets`, as Tracked values that can be differentiated again."""
    order, state, pending = [], {}, [cost]
    while pending:
        x = pending[-1]
        if state.get(id(x)) is None:
            state[id(x)] = False
            pending.extend(p for p in x.parents if id(p) not in state)
        else:
            pending.pop()
            if not state[id(x)]:
                state[id(x)] = True
                order.append(x)
    cotangents = {id(cost): number(1, cost.dt)}
    for x in reversed(order):
        g = cotangents.get(id(x))
        if g is None or x.vjp is None:
            continue
        for parent, part in zip(x.parents, x.vjp(g)):
            if part is None or parent.dt not in FLOATS:
                continue
            known = cotangents.get(id(parent))
            cotangents[id(parent)] = part if known is None else add(known, part)
    return [cotangents.get(id(t)) or Tracked(np.zeros(t.shape), 0, t.dt) for t in targets]
