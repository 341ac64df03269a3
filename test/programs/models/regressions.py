# SPDX-License-Identifier: Apache-2.0
"""Regressions of several kinds."""

import jax
import jax.numpy as jnp

from .model import Model, descend, steps


def data(rng, n, f):
    x = rng.normal(size=(n, f))
    return x, x @ rng.normal(size=f) + 0.3 * rng.normal(size=n)


class linear_regression(Model):
    plan = steps("x", "y") + [("predict", ("x",))]

    def __init__(self, rng):
        x, y = data(rng, 17, 3)
        self.dims = {"N": 17, "F": 3}
        self.inputs, self.state = {"x": x, "y": y}, {"w": rng.normal(size=3), "b": 0.25}

    def step(self, state, x, y):
        cost = lambda s: ((x @ s["w"] + s["b"] - y) ** 2).mean() / 2
        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gw": g["w"], "gb": g["b"]}, after

    def predict(self, state, x):
        return {"fit": x @ state["w"] + state["b"]}, {}


class ridge_regression(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        self.dims = {"N": 12, "F": 5, "K": 2}
        self.inputs = {"x": rng.normal(size=(12, 5)), "y": rng.normal(size=(12, 2))}
        self.state = {"W": rng.normal(size=(5, 2))}

    def step(self, state, x, y):
        cost = lambda s: ((x @ s["W"] - y) ** 2).sum() / 12 + 0.05 * (s["W"] ** 2).sum()
        J, g, after = descend(cost, state, 0.05)
        return {"J": J, "gW": g["W"]}, after


class elastic_net(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        x, y = data(rng, 20, 4)
        self.dims = {"N": 20, "F": 4}
        self.inputs, self.state = {"x": x, "y": y}, {"w": rng.normal(size=4) * [1, 0, 1, 1]}

    def step(self, state, x, y):
        # The derivative of the absolute value at 0 is 0 in Thx; JAX has 1 there.
        size = lambda w: jnp.where(w == 0, 0, jnp.abs(w))
        cost = (
            lambda s: ((y - x @ s["w"]) ** 2).mean()
            + 0.1 * size(s["w"]).sum()
            + 0.2 * (s["w"] ** 2).sum()
        )
        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gw": g["w"]}, after


class logistic_regression(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        x, y = data(rng, 23, 4)
        self.dims = {"N": 23, "F": 4}
        self.inputs, self.state = {"x": x * 3, "y": (y > 0) * 1.0}, {
            "w": rng.normal(size=4),
            "b": 0.1,
        }

    def step(self, state, x, y):
        def cost(s):
            z = x @ s["w"] + s["b"]
            return (y * jax.nn.softplus(-z) + (1 - y) * jax.nn.softplus(z)).mean()

        J, g, after = descend(cost, state, 0.5)
        right = (jax.nn.sigmoid(x @ state["w"] + state["b"]) > 0.5).sum()
        return {"J": J, "gw": g["w"], "gb": g["b"], "right": right}, after


class poisson_regression(Model):
    plan = steps("x", "counts")

    def __init__(self, rng):
        self.dims = {"N": 15, "F": 3}
        x = rng.normal(size=(15, 3)) * 0.7
        self.inputs = {"x": x, "counts": rng.poisson(2, 15).astype("int32")}
        self.state = {"w": rng.normal(size=3)}

    def step(self, state, x, counts):
        def cost(s):
            rate = jnp.exp(x @ s["w"])
            return (rate - counts * (x @ s["w"])).mean()

        J, g, after = descend(cost, state, 0.05)
        return {"J": J, "gw": g["w"]}, after


class softmax_regression(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        self.dims = {"N": 19, "F": 6, "C": 4}
        self.inputs = {"x": rng.normal(size=(19, 6)), "y": rng.integers(0, 4, 19)}
        self.state = {"W": rng.normal(size=(6, 4)), "b": rng.normal(size=4)}

    def step(self, state, x, y):
        scores = lambda s: x @ s["W"] + s["b"]
        cost = lambda s: -jax.nn.log_softmax(scores(s))[jnp.arange(19), y].mean()
        J, g, after = descend(cost, state, 0.3)
        return {"J": J, "gW": g["W"], "guess": scores(state).argmax(1)}, after


class huber_regression(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        x, y = data(rng, 21, 3)
        self.dims = {"N": 21, "F": 3}
        self.inputs, self.state = {"x": x, "y": y}, {"w": rng.normal(size=3)}

    def step(self, state, x, y):
        def cost(s):
            r = y - x @ s["w"]
            return jnp.where(jnp.abs(r) <= 0.5, r**2 / 2, 0.5 * (jnp.abs(r) - 0.25)).mean()

        J, g, after = descend(cost, state, 0.2)
        return {"J": J, "gw": g["w"]}, after


class quantile_regression(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        x, y = data(rng, 18, 3)
        self.dims = {"N": 18, "F": 3}
        self.inputs, self.state = {"x": x, "y": y}, {"W": rng.normal(size=(3, 3))}

    def step(self, state, x, y):
        q = jnp.array([0.1, 0.5, 0.9])

        def cost(s):
            r = y[:, None] - x @ s["W"]
            return jnp.maximum(q * r, (q - 1) * r).mean()

        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gW": g["W"]}, after


class kernel_ridge(Model):
    plan = steps("x", "y", "width")
    loose = 4000

    def __init__(self, rng):
        x, y = data(rng, 11, 2)
        self.dims = {"N": 11, "F": 2}
        self.inputs, self.state = {"x": x, "y": y, "width": 0.8}, {"a": rng.normal(size=11) * 0.3}

    def step(self, state, x, y, width):
        square = (x**2).sum(1)
        # On the diagonal the distance is 0 up to rounding: it has no slope there.
        d = (square[:, None] + square - 2 * x @ x.T) * (1 - jnp.eye(11))

        def cost(a, width):
            K = jnp.exp(-d / (2 * width**2))
            return ((y - K @ a) ** 2).sum() / 2 + 0.05 * (a @ K @ a)

        J, (ga, gwidth) = jax.value_and_grad(cost, (0, 1))(state["a"], jnp.float64(width))
        return {"J": J, "ga": ga, "gwidth": gwidth}, {"a": state["a"] - 0.1 * ga}


class cox_regression(Model):
    plan = steps("x", "seen")

    def __init__(self, rng):
        self.dims = {"N": 14, "F": 3}
        self.inputs = {"x": rng.normal(size=(14, 3)), "seen": rng.random(14) < 0.7}
        self.state = {"w": rng.normal(size=3)}

    def step(self, state, x, seen):
        def cost(s):
            risk = x @ s["w"]
            pool = jnp.log(jnp.cumsum(jnp.exp(risk)))
            return -jnp.where(seen, risk - pool, 0).sum() / seen.sum()

        J, g, after = descend(cost, state, 0.2)
        return {"J": J, "g": g["w"]}, after


MODELS = [
    linear_regression,
    ridge_regression,
    elastic_net,
    logistic_regression,
    poisson_regression,
    softmax_regression,
    huber_regression,
    quantile_regression,
    kernel_ridge,
    cox_regression,
]
