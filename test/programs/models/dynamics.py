# SPDX-License-Identifier: Apache-2.0
"""Physical energies, recurrences, and optimisers by hand."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from .model import Model, descend, steps


class lennard_jones(Model):
    plan = [("evaluate", ("r",))]
    loose = 4000

    def __init__(self, rng):
        self.dims = {"N": 4}
        self.inputs = {
            "r": np.array([[0, 0, 0], [1.1, 0, 0], [0, 1.2, 0.1], [1, 1, 1.3]])
            + 0.05 * rng.normal(size=(4, 3))
        }

    def evaluate(self, state, r):
        def energy(r):
            d = r[:, None] - r[None]
            square = (d**2).sum(2) + jnp.eye(4)
            inverse = 1 / square**3
            return (4 * (inverse**2 - inverse) * (1 - jnp.eye(4))).sum() / 2

        value, g = jax.value_and_grad(energy)(jnp.asarray(r))
        return {"energy": value, "force": -g}, {}


class springs(Model):
    plan = steps("stiffness", "mass")

    def __init__(self, rng):
        self.dims = {"N": 5}
        self.inputs = {"stiffness": rng.random((5, 5)) * 10, "mass": rng.random(5) + 0.5}
        self.state = {"position": rng.normal(size=(5, 2)), "velocity": rng.normal(size=(5, 2))}

    def step(self, state, stiffness, mass):
        def potential(p):
            d = p[:, None, :] - p
            length = jnp.sqrt((d**2).sum(-1) + jnp.eye(5))
            return (jnp.triu(stiffness, 1) * (length - 1) ** 2).sum() / 2

        U, g = jax.value_and_grad(potential)(jnp.asarray(state["position"]))
        kinetic = (mass * (state["velocity"] ** 2).sum(1)).sum() / 2
        kicked = state["velocity"] - 0.01 * g / mass[:, None]
        return (
            {"potential": U, "kinetic": kinetic, "force": -g},
            {"velocity": kicked, "position": state["position"] + 0.01 * kicked},
        )


class ising(Model):
    plan = steps("beta", "field")

    def __init__(self, rng):
        self.dims = {"N": 4}
        self.inputs = {"beta": 0.4, "field": rng.normal(size=(4, 4)) * 0.1}
        self.state = {"h": rng.normal(size=(4, 4)) * 0.5}

    def step(self, state, beta, field):
        def parts(h):
            m = jnp.tanh(h)
            near = jnp.roll(m, -1, 0) + jnp.roll(m, -1, 1)
            up = (1 + m) / 2
            return (
                -(m * near).sum() - (field * m).sum(),
                -(up * jnp.log(up) + (1 - up) * jnp.log(1 - up)).sum(),
            )

        cost = lambda s: parts(s["h"])[0] - parts(s["h"])[1] / beta
        F, g, after = descend(cost, state, 0.05)
        energy, entropy = parts(state["h"])
        return {"F": F, "energy": energy, "entropy": entropy, "g": g["h"]}, after


class pendulum(Model):
    plan = [("swing", ("angle", "speed", "length"))]
    loose = 4000

    def __init__(self, rng):
        self.dims = {}
        self.inputs = {"angle": 1.2, "speed": -0.3, "length": 0.8}

    def swing(self, state, angle, speed, length):
        def run(a, v, length):
            path = []
            for _ in range(50):
                path.append(a)
                v = v - 0.02 * 9.81 / length * jnp.sin(a)
                a = a + 0.02 * v
            return a, v, jnp.stack(path)

        def cost(*values):
            a, v, _ = run(*values)
            return a * a + 0.1 * v * v

        values = tuple(jnp.float64(v) for v in (angle, speed, length))
        J, g = jax.value_and_grad(cost, (0, 1, 2))(*values)
        a, v, path = run(*values)
        return {
            "a": a,
            "v": v,
            "path": path,
            "J": J,
            "g_angle": g[0],
            "g_speed": g[1],
            "g_length": g[2],
        }, {}


class momentum(Model):
    plan = steps(count=5)
    loose = 2000

    def __init__(self, rng):
        self.dims = {"N": 5}
        self.inputs, self.state = {}, {"x": rng.normal(size=5) * 0.5, "m": np.zeros(5)}

    def step(self, state):
        def cost(x):
            return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

        J, g = jax.value_and_grad(cost)(jnp.asarray(state["x"]))
        m = 0.9 * state["m"] - 0.0005 * g
        return {"J": J, "g": g}, {"m": m, "x": state["x"] + m}


class adam(Model):
    plan = steps("x", "y", count=5)
    loose = 2000

    def __init__(self, rng):
        self.dims = {"N": 9, "F": 3}
        self.inputs = {"x": rng.normal(size=(9, 3)), "y": rng.normal(size=9)}
        start = rng.normal(size=3)
        self.state = {"w": start, "v": start, "m1": np.zeros(3), "m2": np.zeros(3), "t": 0.0}

    def step(self, state, x, y):
        cost = lambda p: jnp.log(jnp.cosh(x @ p - y)).mean()
        J, g = jax.value_and_grad(cost)(jnp.asarray(state["v"]))
        m, s, t = 0.9 * state["m1"] + 0.1 * g, 0.999 * state["m2"] + 0.001 * g**2, state["t"] + 1
        after = state["v"] - 0.05 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        return {"J": J, "K": J, "g": g}, {
            "w": after,
            "v": after,
            "m1": m,
            "m2": s,
            "t": t,
            "w.m": m,
            "w.s": s,
            "w.n": t,
        }


class hidden_markov(Model):
    plan = steps("observed")

    def __init__(self, rng):
        self.dims = {"T": 7, "S": 3, "O": 4}
        self.inputs = {"observed": rng.integers(0, 4, 7)}
        self.state = {
            "start": rng.normal(size=3),
            "move": rng.normal(size=(3, 3)),
            "emit": rng.normal(size=(3, 4)),
        }

    def step(self, state, observed):
        def cost(s):
            move, emit = jax.nn.log_softmax(s["move"], axis=1), jax.nn.log_softmax(
                s["emit"], axis=1
            )
            alpha = jax.nn.log_softmax(s["start"])
            for o in observed:
                alpha = logsumexp((alpha + emit[:, o])[:, None] + move, axis=0)
            return -logsumexp(alpha)

        J, g, after = descend(cost, state, 0.1)
        return {"J": J, "gs": g["start"], "gm": g["move"], "ge": g["emit"]}, after


MODELS = [lennard_jones, springs, ising, pendulum, momentum, adam, hidden_markov]
