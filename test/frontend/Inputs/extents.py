# SPDX-License-Identifier: Apache-2.0
# Extents that double with every line, in width and in depth.
print("dim A\ndim B\ndim C")
print("let a = A + B + C + 1\nlet b = a*a\nlet c = b*b\nlet d = c*c")
print("let h0 = A//2")
for i in range(1, 12):
    print(f"let h{i} = (h{i - 1}//3)*(h{i - 1}//5)")
print("input x : f32[a, a, a, a, a]")
