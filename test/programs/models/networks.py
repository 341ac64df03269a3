# SPDX-License-Identifier: Apache-2.0
"""Networks and their layers."""

import jax
import jax.numpy as jnp
import numpy as np

from .model import Model, descend, steps


class attention(Model):
    plan = steps("x", "target")

    def __init__(self, rng):
        self.dims = {"T": 5, "D": 4}
        self.inputs = {"x": rng.normal(size=(5, 4)), "target": rng.normal(size=(5, 4))}
        self.state = {key: rng.normal(size=(4, 4)) for key in ("Wq", "Wk", "Wv")}

    def step(self, state, x, target):
        def weights(s):
            scores = (x @ s["Wq"]) @ (x @ s["Wk"]).T / jnp.sqrt(4)
            return jax.nn.softmax(
                jnp.where(jnp.tril(jnp.ones((5, 5))) > 0, scores, -jnp.inf), axis=-1
            )

        cost = lambda s: ((weights(s) @ (x @ s["Wv"]) - target) ** 2).mean()
        J, g, after = descend(cost, state, 0.5)
        return {
            "J": J,
            "weights": weights(state),
            "gq": g["Wq"],
            "gk": g["Wk"],
            "gv": g["Wv"],
        }, after


class layer_norm(Model):
    plan = steps("x", "y")
    loose = 2000

    def __init__(self, rng):
        self.dims = {"N": 6, "D": 5}
        self.inputs = {"x": rng.normal(size=(6, 5)) * 2 + 1, "y": rng.normal(size=6)}
        self.state = {
            "gain": np.ones(5),
            "shift": rng.normal(size=5) * 0.1,
            "w": rng.normal(size=5),
        }

    def step(self, state, x, y):
        def layer(a, s):
            return (a - a.mean(-1, keepdims=True)) / jnp.sqrt(a.var(-1, keepdims=True) + 1e-5) * s[
                "gain"
            ] + s["shift"]

        cost = lambda s, a=x: ((layer(a, s) @ s["w"] - y) ** 2).mean()
        J, g, after = descend(cost, state, 0.1)
        gx = jax.grad(lambda a: cost(state, a))(jnp.asarray(x))
        return {"J": J, "h": layer(jnp.asarray(x), state), "gx": gx}, after


class batch_norm(Model):
    plan = steps("x", "y") + [("use", ("x",))]
    loose = 2000

    def __init__(self, rng):
        self.dims = {"N": 9, "D": 3}
        self.inputs = {"x": rng.normal(size=(9, 3)) * 2 + 1, "y": rng.normal(size=(9, 3))}
        self.state = {
            "gain": np.ones(3),
            "shift": rng.normal(size=3) * 0.1,
            "running_mean": np.zeros(3),
            "running_var": np.ones(3),
        }

    def step(self, state, x, y):
        def cost(s, a=x):
            h = (a - a.mean(0)) / jnp.sqrt(a.var(0) + 1e-3) * s["gain"] + s["shift"]
            return jnp.abs(jnp.tanh(h) - y).mean()

        J, g, after = descend(cost, state, 0.1, ["gain", "shift"])
        gx = jax.grad(lambda a: cost(state, a))(jnp.asarray(x))
        after["running_mean"] = 0.9 * state["running_mean"] + 0.1 * x.mean(0)
        after["running_var"] = 0.9 * state["running_var"] + 0.1 * x.var(0)
        return {"J": J, "gg": g["gain"], "gs": g["shift"], "gx": gx}, after

    def use(self, state, x):
        return {
            "out": (x - state["running_mean"])
            / np.sqrt(state["running_var"] + 1e-3)
            * state["gain"]
            + state["shift"]
        }, {}


class rbf_network(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        self.dims = {"N": 10, "F": 2, "H": 4}
        self.inputs = {"x": rng.normal(size=(10, 2)), "y": rng.normal(size=10)}
        self.state = {
            "centres": rng.normal(size=(4, 2)),
            "log_width": rng.normal(size=4) * 0.3,
            "w": rng.normal(size=4),
        }

    def step(self, state, x, y):
        def cost(s):
            distance = ((x[:, None, :] - s["centres"][None]) ** 2).sum(-1)
            return ((jnp.exp(-distance / jnp.exp(s["log_width"])) @ s["w"] - y) ** 2).mean()

        J, g, after = descend(cost, state, 0.2)
        return {"J": J, "gc": g["centres"], "gl": g["log_width"], "gw": g["w"]}, after


class mlp(Model):
    plan = steps("x", "y") + [("predict", ("x",))]

    def __init__(self, rng):
        self.dims = {"N": 12, "F": 5, "H": 7, "C": 3}
        self.inputs = {"x": rng.normal(size=(12, 5)), "y": rng.integers(0, 3, 12)}
        self.state = {
            "W1": rng.normal(size=(5, 7)) * 0.5,
            "b1": rng.normal(size=7) * 0.1,
            "W2": rng.normal(size=(7, 7)) * 0.5,
            "b2": rng.normal(size=7) * 0.1,
            "W3": rng.normal(size=(7, 3)) * 0.5,
            "b3": np.zeros(3),
        }

    def scores(self, s, x):
        h = jnp.tanh(x @ s["W1"] + s["b1"])
        return jax.nn.relu(h @ s["W2"] + s["b2"]) @ s["W3"] + s["b3"]

    def step(self, state, x, y):
        cost = lambda s: -jax.nn.log_softmax(self.scores(s, x))[jnp.arange(12), y].mean()
        J, _, after = descend(cost, state, 0.3)
        return {"J": J}, after

    def predict(self, state, x):
        return {"scores": self.scores(state, x)}, {}


class autoencoder(Model):
    plan = steps("x", "noise")

    def __init__(self, rng):
        self.dims = {"N": 7, "F": 6, "H": 3}
        self.inputs = {"x": rng.random((7, 6)), "noise": (rng.random((7, 6)) < 0.7) * 1.0}
        self.state = {
            "W": rng.normal(size=(6, 3)),
            "b": rng.normal(size=3),
            "c": rng.normal(size=6),
        }

    def step(self, state, x, noise):
        def cost(s):
            code = jax.nn.sigmoid((x * noise) @ s["W"] + s["b"])
            z = code @ s["W"].T + s["c"]
            return (x * jax.nn.softplus(-z) + (1 - x) * jax.nn.softplus(z)).sum(1).mean()

        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gW": g["W"], "gb": g["b"], "gc": g["c"]}, after


MODELS = [attention, layer_norm, batch_norm, rbf_network, mlp, autoencoder]
