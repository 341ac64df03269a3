# SPDX-License-Identifier: Apache-2.0
"""Products with Jacobians and Hessians, maps, gradients that are held back or replaced."""

import jax
import jax.numpy as jnp
import numpy as np

from .model import Model, steps


class gauss_newton(Model):
    plan = steps("t", "y")
    loose = 4000

    def __init__(self, rng):
        self.dims = {"N": 7}
        t = np.linspace(0, 2, 7)
        self.inputs = {"t": t, "y": 2 * np.exp(-1.3 * t) + 0.02 * rng.normal(size=7)}
        self.state = {"p": np.array([1.5, 0.8])}

    def step(self, state, t, y):
        def residual(p):
            return p[0] * jnp.exp(-p[1] * t) - y

        p = jnp.asarray(state["p"])
        r = residual(p)
        B = jax.jacobian(residual)(p)
        A = B.T @ B + 0.1 * jnp.eye(2)
        downhill = -B.T @ r
        move = jnp.linalg.solve(A, downhill)
        return (
            {"J": (r**2).sum(), "downhill": downhill, "move": move, "residual": r},
            {"p": p + move},
        )


class newton(Model):
    plan = steps("x", "y")
    loose = 4000

    def __init__(self, rng):
        self.dims = {"N": 9}
        x = rng.normal(size=(9, 2))
        self.inputs = {"x": x, "y": (x[:, 0] + 0.5 * rng.normal(size=9) > 0).astype(float)}
        self.state = {"w": np.array([0.3, -0.2])}

    def step(self, state, x, y):
        def cost(w):
            z = x @ w
            return -(
                y * jax.nn.log_sigmoid(z) + (1 - y) * jax.nn.log_sigmoid(-z)
            ).mean() + 0.05 * (w**2).sum()

        w = jnp.asarray(state["w"])
        J, g = jax.value_and_grad(cost)(w)
        H = jax.hessian(cost)(w)
        v, size = jnp.full(2, 0.6), 1.0
        for _ in range(8):
            size = jnp.linalg.norm(H @ v)
            v = H @ v / size
        return {"J": J, "g": g, "H": H, "size": size}, {"w": w - jnp.linalg.solve(H, g)}


class q_learning(Model):
    plan = [("learn", ("s", "a", "reward", "after"))] * 3

    def __init__(self, rng):
        self.dims = {"N": 6, "F": 3, "A": 4}
        self.inputs = {
            "s": rng.normal(size=(6, 3)),
            "a": rng.integers(0, 4, 6),
            "reward": rng.normal(size=6) * 2,
            "after": rng.normal(size=(6, 3)),
        }
        self.state = {"W": rng.normal(size=(3, 4)), "slow": rng.normal(size=(3, 4))}

    def learn(self, state, s, a, reward, after):
        W, slow = jnp.asarray(state["W"]), jnp.asarray(state["slow"])
        next_values = jnp.tanh(after) @ W
        best = jnp.argmax(next_values, 1)
        target = (
            reward
            + 0.9 * (jnp.tanh(after) @ slow)[jnp.arange(6), best]
            + 0.1 * next_values.max(1)
        )

        def error(W):
            return (jnp.tanh(s) @ W)[jnp.arange(6), a] - target

        def huber(W):
            e = error(W)
            return jnp.where(abs(e) < 1, e * e / 2, abs(e) - 0.5).mean()

        J, g = jax.value_and_grad(huber)(W)
        e, pull = jax.vjp(error, W)
        (clipped,) = pull(jnp.clip(e / 6, -0.5 / 6, 0.5 / 6))
        return (
            {"J": J, "gJ": g, "gK": clipped, "held": g, "g_slow": jnp.zeros((3, 4))},
            {"W": W - 0.5 * g, "slow": 0.9 * slow + 0.1 * W},
        )


class meta_learning(Model):
    plan = [("train", ("x", "y"))] * 3
    loose = 400

    def __init__(self, rng):
        self.dims = {"T": 4, "N": 5}
        x = rng.normal(size=(4, 5))
        self.inputs = {"x": x, "y": np.sin(x + rng.normal(size=(4, 1)))}
        self.state = {"start": rng.normal(size=3) * 0.3}

    def train(self, state, x, y):
        def loss(p, x, y):
            return ((p[0] + p[1] * x + p[2] * jnp.tanh(x) - y) ** 2).mean()

        def adapted(p, x, y):
            for _ in range(3):
                p = p - 0.1 * jax.grad(loss)(p, x, y)
            return p

        def losses(p):
            return jnp.stack([loss(adapted(p, u, v), u, v) for u, v in zip(x, y)])

        def fits(p):
            return jnp.stack([adapted(p, u, v) for u, v in zip(x, y)])

        p = jnp.asarray(state["start"])
        J, g = jax.value_and_grad(lambda p: losses(p).mean())(p)
        plain = jnp.stack([loss(p, u, v) for u, v in zip(x, y)])
        return (
            {
                "J": J,
                "losses": losses(p),
                "g": g,
                "fits": fits(p),
                "chosen": jnp.where(x.mean(1) > 0, losses(p), plain),
                "sensitivity": jax.jacobian(fits)(p),
            },
            {"start": p - 0.3 * g},
        )


class straight_through(Model):
    plan = [("train", ("x", "y", "group"))] * 3
    loose = 400

    def __init__(self, rng):
        self.dims = {"N": 6, "F": 4}
        self.inputs = {
            "x": rng.normal(size=(6, 4)),
            "y": rng.normal(size=6),
            "group": rng.choice([-1.0, 1.0], 6),
        }
        self.state = {
            "W": rng.normal(size=(4, 3)),
            "v": rng.normal(size=3),
            "u": rng.normal(size=3),
        }

    def train(self, state, x, y, group):
        def log_cosh(e):
            return jnp.logaddexp(e, -e) - jnp.log(2)

        def code(W):
            h = jnp.tanh(x @ W)
            return h + jax.lax.stop_gradient(jnp.round(h * 2) / 2 - h)

        def reversed_by(c, k):
            return k * c + jax.lax.stop_gradient(c - k * c)

        def cost(parts):
            W, v, u = parts
            c = code(W)
            return (
                log_cosh(c @ v - y).mean()
                + log_cosh(reversed_by(c, -0.3) @ u - group).mean()
            )

        parts = tuple(jnp.asarray(state[key]) for key in ("W", "v", "u"))
        J, (gW, gv, gu) = jax.value_and_grad(cost)(parts)
        W, v, u = parts

        def other(v):
            return log_cosh(y * x.sum(1) * v.sum()).mean()

        curve = jax.jvp(jax.grad(other), (v,), (u,))[1]
        return (
            {"J": J, "gW": gW, "gv": gv, "gu": gu, "curve": curve},
            {"W": W - 0.2 * gW, "v": v - 0.2 * gv, "u": u - 0.2 * gu},
        )


class flow(Model):
    plan = [("evaluate", ("start", "rates", "along"))]
    loose = 400

    def __init__(self, rng):
        self.dims = {}
        self.inputs = {
            "start": np.array([1.2, 0.7]),
            "rates": np.array([1.1, 0.6, 0.5, 0.9]),
            "along": rng.normal(size=2),
        }

    def evaluate(self, state, start, rates, along):
        def end(s, k):
            for _ in range(20):
                s = s + 0.05 * jnp.stack(
                    [k[0] * s[0] - k[1] * s[0] * s[1], k[2] * s[0] * s[1] - k[3] * s[1]]
                )
            return s

        def cost(s):
            e = end(s, rates)
            return (e**2).sum() if e_larger else e.sum()

        def bundle(s):
            return jnp.stack([end(each, rates) for each in (s, 2 * s, s[::-1])])

        s, k = jnp.asarray(start), jnp.asarray(rates)
        e = end(s, k)
        e_larger = bool(e[0] > e[1])
        pulled, bend = jax.vjp(end, s, k)[1](jnp.asarray(along))
        return (
            {
                "end": e,
                "by_start": jax.jacobian(end)(s, k),
                "by_rates": jax.jacobian(end, 1)(s, k),
                "pushed": jax.jvp(lambda s: end(s, k), (s,), (jnp.asarray(along),))[1],
                "pulled": pulled,
                "bend": bend,
                "J": cost(s),
                "curvature": jax.hessian(cost)(s),
                "bundle": bundle(s),
                "spread": jax.grad(lambda s: bundle(s).std(0).sum())(s),
            },
            {},
        )


MODELS = [gauss_newton, newton, q_learning, meta_learning, straight_through, flow]
