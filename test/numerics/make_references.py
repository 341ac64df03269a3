# SPDX-License-Identifier: Apache-2.0
"""Computes what the programs of Inputs/ should give, with NumPy in long double, and writes it to
Inputs/references.inc. Needs NumPy; only run when a program or its data change. Gradients are written
by hand here and compared with central differences first."""
import pathlib

import numpy as np

L = np.longdouble


def numbers(seed, *shape):
    """Multiples of 1/256 in [-2, 2): exact in every float type."""
    rng = np.random.default_rng(seed)
    return rng.integers(-512, 512, shape).astype(L) / L(256)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def logistic(x, y, w, b):
    z = x @ w + b
    p = sigmoid(z)
    xent = y * softplus(-z) + (1 - y) * softplus(z)
    J = xent.mean() + L("0.01") * (w**2).sum()
    # p - y without cancellation: one of its two factors is small where z is large.
    r = (1 - y) * p - y * sigmoid(-z)
    return {"p": p, "xent": xent, "J": J, "gw": x.T @ r / L(len(y)) + L("0.02") * w, "gb": r.mean()}


def beside_largest(a):
    """The sum of exp(a - max(a)) of each row without one of the largest, where it is 1."""
    e = np.exp(a - a.max(axis=1, keepdims=True))
    e[np.arange(len(a)), a.argmax(axis=1)] = 0
    return e.sum(axis=1)


def log_softmax(a):
    return a - a.max(axis=1, keepdims=True) - np.log1p(beside_largest(a))[:, None]


def softmax(x, y, W, b):
    logp = log_softmax(x @ W + b)
    rows = np.arange(len(y))
    nll = -logp[rows, y]
    d = np.exp(logp)
    d[rows, y] = np.expm1(logp[rows, y])
    d = d / L(len(y))
    return {"p": np.exp(logp), "nll": nll, "J": nll.mean() + L("0.001") * (W**2).sum(),
            "gW": x.T @ d + L("0.002") * W, "gb": d.sum(axis=0)}


def branch(c, a):
    if c > 0:
        return {"r": (a * a).sum(), "ga": 2 * a, "gc": L(0)}
    return {"r": np.exp(a).sum() * c, "ga": np.exp(a) * c, "gc": np.exp(a).sum()}


def recurrent(xs, h0, W):
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(x + hs[-1] @ W))
    states = np.array(hs[1:]).reshape(xs.shape)
    gW, gx, dh = np.zeros_like(W), np.zeros_like(xs), np.ones_like(h0)
    for t in reversed(range(len(xs))):
        d = (dh + 2 * hs[t + 1]) * (1 - hs[t + 1] ** 2)
        gx[t] = d
        gW += np.outer(hs[t], d)
        dh = W @ d
    return {"J": (states**2).sum() + hs[-1].sum(), "last": hs[-1], "ys": states**2, "gW": gW,
            "gh": dh, "gx": gx}


def forms(z, a):
    logp = log_softmax(a)
    top = a.max(axis=1)
    return {"sigmoid": sigmoid(z), "softplus": softplus(z), "log_sigmoid": -softplus(-z),
            "log_one_minus": -softplus(z), "lse": top + np.log1p(beside_largest(a)),
            "p": np.exp(logp), "log_p": logp}


def check_gradients(name, f, arguments, pairs, cost):
    """Holds every gradient against central differences."""
    for argument, gradient in pairs.items():
        value = np.asarray(arguments[argument])
        told = np.asarray(f(**arguments)[gradient]).reshape(value.shape)
        for at in np.ndindex(value.shape):
            def moved(step):
                other = value.copy()
                other[at] += step
                return f(**{**arguments, argument: other})[cost]
            step = L("1e-5")
            slope = (moved(step) - moved(-step)) / (2 * step)
            assert abs(slope - told[at]) < 1e-8 * (1 + abs(slope)), (name, gradient, at, slope, told[at])


def text(name, value):
    """A C array of doubles, a row of the text at most 100 columns."""
    flat = np.asarray(value).ravel()
    integer = np.issubdtype(flat.dtype, np.integer)
    words = [str(v) if integer else repr(float(v)) for v in flat]
    lines, line = [], "   "
    for word in words:
        if len(line) + len(word) + 2 > 100:
            lines.append(line)
            line = "   "
        line += f" {word},"
    kind = "int64_t" if integer else "double"
    return f"static const {kind} {name}[{max(1, len(words))}] = {{\n" + "\n".join(lines + [line]) + "\n};\n"


def main():
    out = ["// SPDX-License-Identifier: Apache-2.0\n"
           "// Written by make_references.py: inputs, and the values that the programs should give.\n"
           "// clang-format off\n"
           "#ifndef REFERENCES_H\n#define REFERENCES_H\n\n#include <stdint.h>\n\n"]

    def record(name, f, **arguments):
        out.append("".join(f"#define {name}_{what} {size}\n" for what, size in
                           arguments.pop("sizes").items()))
        for argument, value in arguments.items():
            out.append(text(f"{name}_{argument}", value))
        for result, value in f(**arguments).items():
            out.append(text(f"{name}_{result}", value))
        out.append("\n")

    data = {"x": numbers(1, 37, 21), "w": numbers(2, 21), "b": L("0.25"),
            "y": np.array([0, 1, 1, 0, L("0.25")])[np.arange(37) % 5]}
    check_gradients("logistic", logistic, data, {"w": "gw", "b": "gb"}, "J")
    record("logistic", logistic, sizes={"N": 37, "F": 21}, **data)

    z = np.array([0, 1, 2, 5, 10, 15, 17, 20, 30, 37, 50, 80, 88, 89, 100, 104, 200, 500, 700, 710,
                  745, 1000], dtype=L)
    z = np.concatenate([-z[::-1], z, z[::-1]])
    labels = np.concatenate([np.zeros(22), np.ones(22), np.array([0, 1, L("0.25")])[np.arange(22) % 3]])
    record("extreme", logistic, sizes={"N": 66, "F": 1}, x=z.reshape(-1, 1), y=labels.astype(L),
           w=np.ones(1, L), b=L(0))

    data = {"x": numbers(3, 19, 13), "y": np.arange(19) * 7 % 5, "W": numbers(4, 13, 5), "b": numbers(5, 5)}
    check_gradients("softmax", softmax, data, {"W": "gW", "b": "gb"}, "J")
    record("softmax", softmax, sizes={"N": 19, "F": 13, "C": 5}, **data)
    steep = {"x": np.array([[1], [-1], [L("0.5")], [2], [0], [-2]], L), "y": np.array([0, 1, 2, 1, 2, 0]),
             "W": np.array([[500, 0, -500]], L), "b": np.zeros(3, L)}
    record("steep", softmax, sizes={"N": 6, "F": 1, "C": 3}, **steep)

    small = np.array([0, L(2) ** -30, -(L(2) ** -30), L(2) ** -12, -(L(2) ** -12), L(2) ** -60, L("0.125")])
    rows = np.array([[0, 0, 0], [1000, 999, 0], [-1000, -1000, -1001], [1000, -1000, 0], [88, 89, 90],
                     [-104, -103, 0], [1, 2, 3], [500, 500, 500]], L)
    record("forms", forms, sizes={"N": 66, "C": 3, "ROWS": 8}, z=z, a=rows)
    record("tiny", lambda z: {"expm1": np.expm1(z), "log1p": np.log1p(z)}, sizes={"N": 7}, z=small)

    positive = {"c": L("1.5"), "a": numbers(6, 23)}
    negative = {"c": L("-0.75"), "a": numbers(7, 23)}
    for name, data in (("positive", positive), ("negative", negative)):
        check_gradients(name, branch, data, {"a": "ga", "c": "gc"}, "r")
        record(name, branch, sizes={"N": 23}, **data)

    data = {"xs": numbers(8, 17, 6) / 2, "h0": numbers(9, 6) / 2, "W": numbers(10, 6, 6) / 4}
    check_gradients("recurrent", recurrent, data, {"W": "gW", "h0": "gh", "xs": "gx"}, "J")
    record("recurrent", recurrent, sizes={"T": 17, "K": 6}, **data)

    out.append("#endif\n")
    path = pathlib.Path(__file__).with_name("Inputs") / "references.inc"
    path.write_text("".join(out), encoding="utf-8")


if __name__ == "__main__":
    main()
