# SPDX-License-Identifier: Apache-2.0
# Gradients of gradients: 16 by a number, 65, and 40 by an array.
import sys

if sys.argv[1] == "number":
    print("module m\ntest \"exp(2 x) sin(x)\" {\n  let x = f64(0.25)\n  let y0 = exp(2*x) * sin(x)")
    for i in range(16):
        print(f"  let y{i + 1} = grad(y{i}, x)")
    print("  expect close(y16, 632968.5916817286, rtol=1e-9)\n}")
elif sys.argv[1] == "deep":
    print("module m\ninput x : f64\nlet y0 = sin(x)")
    for i in range(65):
        print(f"let y{i + 1} = grad(y{i}, x)")
    print("function f(x) -> r = y65")
else:
    print("module m\ndim N\ninput x : f64[N]\nlet y0 = (exp(x*x) * sin(x)).sum()")
    for i in range(40):
        print(f"let y{i + 1} = (grad(y{i}, x) * tanh(x)).sum()")
    print("function f(x) -> r = y40")
