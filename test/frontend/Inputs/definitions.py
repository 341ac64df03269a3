# SPDX-License-Identifier: Apache-2.0
# Programs with many calls of definitions: one after another, inside of each other, or multiplied.
import sys

shape, count = sys.argv[1], int(sys.argv[2])
print("input x : f32")
if shape == "calls":
    print("def f(v, k = 2) { let a = v * k; return a + 1 }\nlet a0 = x")
    for i in range(1, count + 1):
        print(f"let a{i} = f(a{i - 1}, k=3)")
    print(f"function g(x) -> y = a{count}")
else:
    print("def d0(v) = v + 1")
    for i in range(1, count):
        twice = f" + d{i - 1}(v)" if shape == "double" else ""
        print(f"def d{i}(v) = 1 + (d{i - 1}(v * 2)) * 3{twice}")
    print(f"function g(x) -> y = d{count - 1}(x)")
