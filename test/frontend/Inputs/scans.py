# SPDX-License-Identifier: Apache-2.0
# Scans in each other: how many, and the first carry of each.
import sys

count, first = int(sys.argv[1]), sys.argv[2]
print("input x : f32[3]")
print("let a = " + f"scan(h = {first} for r in x) {{ next h = h + r + " * count + "r0" + " }" * count)
print("input r0 : f32")
print("function f(x, r0) -> a")
