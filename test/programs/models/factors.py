# SPDX-License-Identifier: Apache-2.0
"""Mixtures, factorisations, components and kernels."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from .model import Model, descend, steps


class soft_kmeans(Model):
    plan = steps("x")

    def __init__(self, rng):
        self.dims = {"N": 20, "F": 2, "K": 3}
        self.inputs, self.state = {"x": rng.normal(size=(20, 2))}, {
            "centres": rng.normal(size=(3, 2))
        }

    def step(self, state, x):
        distance = lambda c: ((x[:, None, :] - c) ** 2).sum(2)
        cost = lambda c: -logsumexp(-2 * distance(c), 1).mean()
        c = jnp.asarray(state["centres"])
        share = jax.nn.softmax(-2 * distance(c), 1)
        J, g = jax.value_and_grad(cost)(c)
        return (
            {"J": J, "g": g, "nearest": distance(c).argmin(1)},
            {"centres": share.T @ x / share.sum(0)[:, None]},
        )


class gaussian_mixture(Model):
    plan = steps("x")

    def __init__(self, rng):
        self.dims = {"N": 16, "F": 3, "K": 4}
        self.inputs = {"x": rng.normal(size=(16, 3))}
        self.state = {
            "logits": rng.normal(size=4),
            "mean_": rng.normal(size=(4, 3)),
            "log_scale": rng.normal(size=(4, 3)) * 0.3,
        }

    def step(self, state, x):
        def cost(s):
            z = (x[:, None, :] - s["mean_"]) * jnp.exp(-s["log_scale"])
            each = -0.5 * (z**2 + np.log(2 * np.pi)).sum(2) - s["log_scale"].sum(1)
            return -logsumexp(each + jax.nn.log_softmax(s["logits"]), axis=1).mean()

        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gm": g["mean_"], "gs": g["log_scale"]}, after


class matrix_factorisation(Model):
    plan = steps("ratings", "known")

    def __init__(self, rng):
        self.dims = {"N": 6, "M": 5, "R": 2}
        self.inputs = {"ratings": rng.normal(size=(6, 5)) * 2, "known": rng.random((6, 5)) < 0.6}
        self.state = {"U": rng.normal(size=(6, 2)), "V": rng.normal(size=(5, 2))}

    def step(self, state, ratings, known):
        def cost(s):
            error = jnp.where(known, s["U"] @ s["V"].T - ratings, 0)
            return (error**2).sum() / known.sum() + 0.02 * (
                (s["U"] ** 2).mean() + (s["V"] ** 2).mean()
            )

        J, g, after = descend(cost, state, 0.3)
        return {"J": J, "gU": g["U"], "gV": g["V"]}, after


class power_iteration(Model):
    plan = [("component", ("x", "start"))]
    loose = 2000

    def __init__(self, rng):
        self.dims = {"N": 13, "F": 4}
        self.inputs = {"x": rng.normal(size=(13, 4)) * [3, 1, 1, 0.5], "start": np.ones(4)}

    def component(self, state, x, start):
        c = x - x.mean(0)
        C = c.T @ c / 13
        v = start
        for _ in range(15):
            v = C @ v
            v = v / np.sqrt((v * v).sum())
        variance = v @ C @ v
        return {"variance": variance, "part": variance / np.trace(C), "up": np.abs(v)}, {}


class oja(Model):
    plan = [("learn", ("x",)), ("quality", ("batch",)), ("learn", ("x",))]

    def __init__(self, rng):
        self.dims = {"F": 4, "N": 7}
        self.inputs = {"x": rng.normal(size=4), "batch": rng.normal(size=(7, 4))}
        self.state = {"W": rng.normal(size=(2, 4)) * 0.5}

    def learn(self, state, x):
        W = state["W"]
        y = W @ x
        return {"y": y}, {"W": W + 0.05 * (np.outer(y, x) - np.tril(np.outer(y, y)) @ W)}

    def quality(self, state, batch):
        J, g = jax.value_and_grad(lambda W: ((batch - batch @ W.T @ W) ** 2).sum(1).mean())(
            jnp.asarray(state["W"])
        )
        return {"J": J, "g": g}, {}


class kernel_energy(Model):
    plan = steps("x", "y")

    def __init__(self, rng):
        self.dims = {"N": 9, "F": 2}
        self.inputs = {"x": rng.normal(size=(9, 2)), "y": rng.normal(size=9)}
        self.state = {"log_scale": rng.normal(size=2) * 0.2, "log_noise": -1.0}

    def step(self, state, x, y):
        def cost(s):
            scaled = x * jnp.exp(-s["log_scale"])
            d = scaled[:, None, :] - scaled[None, :, :]
            K = jnp.exp(-0.5 * (d**2).sum(2)) + jnp.exp(s["log_noise"]) * jnp.eye(9)
            return (
                (K * jnp.outer(y, y)).sum() / 9
                + 0.1 * jnp.log(jnp.trace(K @ K))
                + (s["log_scale"] ** 2).sum()
            )

        J, g, after = descend(cost, state, 0.05)
        return {"J": J, "gs": g["log_scale"], "gn": g["log_noise"]}, after


class moments(Model):
    plan = [("describe", ("x",))]

    def __init__(self, rng):
        self.dims = {"N": 8, "F": 3}
        self.inputs = {"x": rng.normal(size=(8, 3)) * [1, 5, 0.1] + [0, 2, 1]}

    def describe(self, state, x):
        z = (x - x.mean(0)) / x.std(0, ddof=1)
        return {
            "z": z,
            "correlation": z.T @ z / 7,
            "running": np.cumsum(x, 0) / np.arange(1, 9)[:, None],
            "smooth": (x[2:] + x[1:-1] + x[:-2]) / 3,
            "range_": x.max(0) - x.min(0),
            "worst": np.abs(z).max(0),
            "where_worst": np.abs(z).argmax(0),
        }, {}


class word2vec(Model):
    plan = steps("centre", "context", "negative")

    def __init__(self, rng):
        self.dims = {"V": 8, "D": 5, "B": 6, "K": 3}
        self.inputs = {
            "centre": rng.integers(0, 8, 6),
            "context": rng.integers(0, 8, 6),
            "negative": rng.integers(0, 8, (6, 3)).astype("int32"),
        }
        self.state = {"inner": rng.normal(size=(8, 5)), "outer_": rng.normal(size=(8, 5))}

    def step(self, state, centre, context, negative):
        def cost(s):
            c = s["inner"][centre]
            positive = (c * s["outer_"][context]).sum(1)
            wrong = (c[:, None, :] * s["outer_"][negative]).sum(2)
            return -jax.nn.log_sigmoid(positive).mean() - jax.nn.log_sigmoid(-wrong).sum(1).mean()

        J, g, after = descend(cost, state, 0.5)
        return {"J": J, "gi": g["inner"]}, after


MODELS = [
    soft_kmeans,
    gaussian_mixture,
    matrix_factorisation,
    power_iteration,
    oja,
    kernel_energy,
    moments,
    word2vec,
]
