#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes programs.jsonl: what JAX computes for the programs beside this file, step by step.

Each model states its program a second time, in JAX: dims, data, initial state, and a function of
state and inputs that returns outputs and the next state. Values are computed in f64; for f32 from
the same numbers rounded to f32. Needs `pip install numpy jax`.
"""

import json
import pathlib
import sys

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "tables"))
sys.path.insert(0, str(FOLDER))

from generate.table import encode  # noqa: E402
from models import derivatives, dynamics, factors, networks, regressions  # noqa: E402

STEPS = 3


def rounded(values, floatx):
    kind = {"f32": np.float32, "f64": np.float64}[floatx]
    return {
        key: value.astype(kind) if value.dtype.kind == "f" else value
        for key, value in ((k, np.asarray(v)) for k, v in values.items())
    }


def wide(values):
    return {
        key: value.astype(np.float64) if value.dtype.kind == "f" else value
        for key, value in values.items()
    }


def wanted(value, floatx, loose):
    """A value with what rounding may change, by the magnitude of the whole array."""
    value = np.asarray(value)
    if value.dtype.kind != "f":
        return encode(value if value.dtype == bool else value.astype(np.int64))
    scale = float(np.max(np.abs(value[np.isfinite(value)]), initial=0))
    epsilon = loose * float(np.finfo(np.float32 if floatx == "f32" else np.float64).eps)
    kind = np.float32 if floatx == "f32" else np.float64
    return encode(value.astype(kind)) + [
        {"rtol": float(f"{epsilon:.3g}"), "atol": float(f"{epsilon * scale:.3g}")}
    ]


def calls(model, floatx):
    inputs = rounded(model.inputs, floatx)
    state = rounded(model.state, floatx)
    for number, (function, names) in enumerate(model.plan):
        entry = {
            "case": f"{model.name}_{floatx}.{function} {number + 1}",
            "program": f"{model.name}_{floatx}",
            "function": function,
            "dims": model.dims,
        }
        used = {key: inputs[key] for key in names}
        if used:
            entry["in"] = {key: encode(value) for key, value in used.items()}
        if number == 0 and model.state:
            entry["state"] = {key: encode(value) for key, value in state.items()}
        outputs, after = getattr(model, function)(wide(state), **wide(used))
        # Errors add up over the steps: each may be off by a little more than the one before.
        loose = model.loose * (number + 1)
        entry["out"] = {key: wanted(value, floatx, loose) for key, value in outputs.items()}
        if after:
            entry["after"] = {key: wanted(value, floatx, loose) for key, value in after.items()}
            state = state | {key: np.asarray(value) for key, value in after.items()}
        yield entry


def main():
    lines = []
    models = [model for part in (regressions, factors, networks, dynamics, derivatives) for model in part.MODELS]
    for make in models:
        model = make(np.random.default_rng(len(make.__name__)))
        for floatx in ("f64", "f32"):
            lines.append(
                {"program": f"{model.name}_{floatx}", "file": f"{model.name}.thx", "floatx": floatx}
            )
            lines.extend(calls(model, floatx))
    (FOLDER / "programs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    programs = {path.stem for path in FOLDER.glob("*.thx")}
    modelled = {make.__name__ for make in models}
    assert programs == modelled, programs ^ modelled
    print(f"{len(models)} programs, {len(lines)} lines")


if __name__ == "__main__":
    main()
