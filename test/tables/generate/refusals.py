# SPDX-License-Identifier: Apache-2.0
"""Programs that are refused, with the ids of their errors, and calls that answer a status."""

import numpy as np

from .table import Table

HEAD = """dim N
dim M
input x : f32[N, M]
input v : f32[M]
input w : f32[N]
input d : f64[N]
input i : i32[N]
input l : i64[N, M]
input u : u64[N]
input p : bool[N]
input s : f32
input n : i64
input c : f32[3, 4]
input k : f64[3, 4]
"""

EXPRESSIONS = {
    "shape_mismatch": [
        "x + w",
        "x @ x",
        "x @ w",
        "v @ w",
        "c + [1.0, 2.0, 3.0]",
        "c @ c",
        "x * x.T",
        "w[1:] + w",
        "where(p, v, v)",
        "concatenate([x, w])",
        "stack([x, w])",
        "concatenate([c, c[:, :2]], axis=0)",
        "reshape(c, (5, 3))",
        "dot(v, w)",
        "maximum(x, w)",
        "fma(x, w, x)",
        "c.at[0].set(w)",
        "broadcast_to(c, (4, 3))",
        "c @ c.T @ v",
        "[[1.0, 2.0], [3.0]] + 1",
    ],
    "dtype_mismatch": [
        "p + p",
        "p - p",
        "p * p",
        "-p",
        "x & x",
        "~x",
        "p and s",
        "not i",
        "u + n",
        "u * i",
        "where(w, w, w)",
        "1.0 if p else 2.0",
        "1.0 if s else 2.0",
        "i ** -1",
        "p @ p",
        "s | s",
        "x ^ 1",
        "1.5 & 2",
    ],
    "bad_axis": [
        "x.sum(axis=2)",
        "x.mean(axis=-3)",
        "w.max(axis=1)",
        "x.sum(axis=(0, 0))",
        "x.sum(axis=(0, -2))",
        "softmax(x, axis=2)",
        "x.sum(axis=1.0)",
        "cumsum(x, axis=2)",
        "concatenate([x, x], axis=2)",
        "flip(x, axis=2)",
        "stack([x, x], axis=3)",
        "expand_dims(x, 4)",
        "transpose(x, (0, 0))",
        "swapaxes(x, 0, 2)",
        "x.argmax(axis=5)",
    ],
    "bad_index": [
        "x[0, 0, 0]",
        "c[3]",
        "c[-4]",
        "c[0, 4]",
        "x[1.5]",
        "x[p]",
        "s[0]",
        "c[:, 5]",
        "x[..., ...]",
        "x[w]",
        "c[::0]",
    ],
    "undefined_name": [
        "z + 1",
        "foo(x)",
        "x.foo()",
        "np.exp(x)",
        "math.exp(x)",
        "torch.exp(x)",
        "x.bar",
    ],
    "literal_range": ["u8(i) + 300", "i8(i) * 200", "i + 3000000000", "u8(i) - 256"],
    "bad_argument": [
        "x.sum(axes=0)",
        "exp(x, 2)",
        "exp(base=2)",
        "x.sum(dims=0)",
        "maximum(x, x, x)",
        "softmax(x, dim=1)",
        "zeros((N, M), type=f64)",
    ],
    "missing_argument": ["exp()", "maximum(x)", "where(p)", "full((2, 2))", "clip()", "reshape(x)"],
    "chained_comparison": ["0 < s < 1", "s == s == s"],
    "bad_extent": ["zeros(n)", "zeros((i[0], 2))", "x[:n]", "zeros(-1)", "zeros((2.5,))", "eye(n)"],
    "syntax": ["x[", "(x + 1", "x +", "x ** ", "x ! x", "x ? 1 : 2", "lambda t: t"],
    "grad_not_scalar": [
        "grad(x, x)",
        "grad(x.sum(axis=0), x)",
        "grad(i.sum(), x)",
        "grad(p.any(), x)",
    ],
    "grad_disconnected": ["grad(x.sum(), w)", "grad(s * 2, d)"],
}

PROGRAMS = {
    "duplicate_name": [
        "let a = 1\nlet a = 2",
        "dim N\ndim N",
        "input x : f32\nlet x = 1",
        "input x : f32\nfunction f(x) -> (y = x, y = x)",
    ],
    "cyclic_definition": [
        "let a = b + 1\nlet b = a",
        "let a = a + 1",
        "def f(x) = f(x)\nlet a = f(1)",
        "def f(x) = g(x)\ndef g(x) = f(x)\nlet a = f(1)",
    ],
    "undefined_name": [
        "let a = b",
        "input x : f32[N]",
        "input x : float[3]",
        "function f(x) -> x",
        "from nonsuch import thing",
    ][:2]
    + ["function f(x) -> x"],
    "missing_input": [
        "input x : f32\ninput y : f32\nfunction f(x) -> x + y".replace("-> x + y", "-> z = x + y")
    ],
    "unused_input": ["input x : f32\ninput y : f32\nfunction f(x, y) -> z = x"],
    "duplicate_update": [
        "shared a : f32 = 0\nfunction f() {\n  update a = a + 1\n  update a = a + 2\n}"
    ],
    "update_target": [
        "input x : f32\nfunction f(x) {\n  update x = x + 1\n}",
        "let a = 1\nfunction f() {\n  update a = 2\n}",
    ],
    "update_type": [
        "shared a : f32 = 0\ninput y : f64\nfunction f(y) {\n  update a = a + y\n}",
        "shared a : i32 = 0\ninput y : f32\nfunction f(y) {\n  update a = a + y\n}",
        "dim F\nshared a : f32[F]\nfunction f() {\n  update a = a.sum()\n}",
    ],
    "bad_initial_value": ["input x : f32\nshared a : f32 = x"],
    "cost_not_scalar": [
        "dim N\ninput x : f32[N]\ncost J = x",
        "dim N\ninput x : i32[N]\ncost J = x.sum()",
    ],
    "wrong_count": ["let a, b = 1", "input x : f32\nlet a, b, c = grad(x * x, [x, x])"][:1],
    "bad_type": [
        "input x : float[3]",
        "input x : f33",
        "input x : f32[1, 1, 1, 1, 1, 1, 1]",
        "input x : int",
    ],
    "bad_extent": [
        "input x : f32[-1]",
        "input x : f32[2.5]",
        "input n : i64\ninput x : f32[n]",
        "dim N = -3",
        "dim N = 2.5",
    ],
    "leading_operator": ["let a = 1\n  + 2", "let a = 1\n- 2"][:1] + ["let a = 3\n* 2"],
    "bad_number": ["let a = 3x", "let a = 1__0", "let a = 0b12", "let a = 1.5e"],
    "bad_character": ["let a = 1 − 2", "let a = “b”", "let a = 1 × 2"],
    "unbalanced_bracket": ["let a = (1 + 2", "let a = 1 + 2)", "let a = [1, 2)"],
    "not_a_value": [
        "def f(x) = x\nlet a = f + 1",
        "function f() -> a = 1\nlet b = f",
        "let a = exp + 1",
    ],
    "type_mismatch": ["dim N\ninput x : f32[N]\nshared w : f32 = zeros(3)", "shared w : i32 = 0.5"],
}
# Where the page leaves the id open: either names the fault.
MOVED = {
    "syntax": {
        "x[": "unbalanced_bracket",
        "(x + 1": "unbalanced_bracket",
        "x ! x": "bad_character",
        "x ? 1 : 2": "bad_character",
    }
}


def calls(table):
    program = table.program("requirements", "dim N", "dim M", "dim K")
    made = program.function(
        "joined", "a: f32[N * K]; b: f32[M + 1]", [("sum_ab", "a + b", lambda a, b: a + b)]
    )
    made.call("fits", {"N": 2, "M": 5, "K": 3}, a=np.arange(6), b=np.ones(6))
    made.call("differs", {"N": 2, "M": 4, "K": 3}, a=np.arange(6), b=np.ones(5), status="THX_E_DIM")
    made = program.function(
        "shrunk",
        "c: f32[N]",
        [
            ("inner", "c[1:-1]", lambda c: c[1:-1]),
            ("windows", "c[2:] - c[:-2]", lambda c: c[2:] - c[:-2]),
        ],
    )
    made.call("", {"N": 5}, c=np.arange(5))
    made.call("least", {"N": 2}, c=np.arange(2))
    made.call("short", {"N": 1}, c=np.arange(1), status="THX_E_DIM")
    made = program.function(
        "folded", "m: f32[N]", [("folded", "m.reshape((N // 2, 2))", lambda m: m.reshape(-1, 2))]
    )
    made.call("", {"N": 6}, m=np.arange(6))
    made.call("odd", {"N": 5}, m=np.arange(5), status="THX_E_DIM")
    made = program.function(
        "divided",
        "q: f32[N, K]",
        [
            (
                "groups",
                "zeros((N // K, 2))",
                lambda q: np.zeros((q.shape[0] // q.shape[1], 2), np.float32),
            ),
            ("sum_q", "q.sum()", lambda q: np.asarray(q.sum())),
        ],
    )
    made.call("", {"N": 7, "K": 2}, q=np.ones((7, 2)))
    made.call("by nothing", {"N": 7, "K": 0}, q=np.ones((7, 0)), status="THX_E_DIM")
    made = program.function(
        "less",
        "e: f32[N]; f: f32[K]",
        [
            ("rest", "zeros(N - K) + 1", lambda e, f: np.ones(len(e) - len(f), np.float32)),
            ("sums", "e.sum() + f.sum()", lambda e, f: np.asarray(e.sum() + f.sum())),
        ],
    )
    made.call("", {"N": 4, "K": 2}, e=np.ones(4), f=np.ones(2))
    made.call("same", {"N": 2, "K": 2}, e=np.ones(2), f=np.ones(2))
    made.call("negative", {"N": 1, "K": 2}, e=np.ones(1), f=np.ones(2), status="THX_E_DIM")


def tables():
    table = Table("refusals")
    for error, texts in EXPRESSIONS.items():
        for number, text in enumerate(texts):
            wanted = MOVED.get(error, {}).get(text, error)
            table.refused(f"{error} {number}: {text}", HEAD + f"let result = {text}\n", wanted)
    for error, sources in PROGRAMS.items():
        for number, source in enumerate(sources):
            table.refused(f"{error} program {number}", source, error)
    calls(table)
    yield table
