# SPDX-License-Identifier: Apache-2.0
"""What a model gives: dims, inputs, state, and its functions on them in JAX."""

import jax
import jax.numpy as jnp


class Model:
    """`plan` lists the calls that are made: a function and the inputs it takes."""

    loose = 400
    state = {}

    @property
    def name(self):
        return type(self).__name__


def steps(*inputs, function="step", count=3):
    return [(function, inputs)] * count


def descend(cost, state, rate, names=None):
    """Cost, gradients by state, and the state after one step of gradient descent."""
    names = names or list(state)
    value, slopes = jax.value_and_grad(lambda part: cost(state | part))(
        {k: jnp.asarray(state[k]) for k in names}
    )
    return value, slopes, {k: state[k] - rate * slopes[k] for k in names}
