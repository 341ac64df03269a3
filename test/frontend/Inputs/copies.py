# SPDX-License-Identifier: Apache-2.0
# Programs in which bodies, values and functions are copied: in all of them more than there may be.
import sys

shape, count = sys.argv[1], int(sys.argv[2])
terms = " + ".join(f"{i} * x" for i in range(2, 1002))
if shape == "rules":
    print("dim N\nrule r(J, p) {")
    for i in range(100):
        print(f"  let v{i} = {i} * grad(J, p)")
    print("  update p = v0\n}")
    names = [f"w{i}" for i in range(count)]
    for name in names:
        print(f"shared {name} : f32[N]")
    print(f"cost J = ({' + '.join(names)}).sum()")
    print(f"function f() {{ update [{', '.join(names)}] with r(J) }}")
elif shape == "givens":
    print(f"dim N\ninput x : f32[N]\ninput a : f32[3]\nlet y = {terms}")
    for i in range(count):
        print(f"function f{i}(a) given x = a + {i} -> y")
elif shape == "tests":
    print(f"dim N\ninput x : f32[N]\nlet y = {terms}")
    for i in range(count):
        print(f'test "{i}" {{ let x = [1, 2]\nexpect y[0] > 0 }}')
elif shape == "costs":
    print("dim N\ninput x : f32[N]\nlet y0 = x")
    for i in range(count):
        print(f"let y{i + 1} = sin(y{i})")
    print("function f(x) -> (" + ", ".join(f"g{i} = grad(y{i}.sum(), x)" for i in range(count)) + ")")
elif shape == "calls":
    print(f"dim N\ninput x : f32[N]\ndef h(x) = {terms}")
    calls = " + ".join(f"h(x + {i})" for i in range(count))
    print(f"function f(x) -> y = {calls}")
elif shape == "functions":
    print(f"dim N\ninput x : f32[N]\nlet y = {terms}")
    for i in range(count):
        print(f"function f{i}(x) -> y")
else:
    names = [f"x{i}" for i in range(count)]
    for name in names:
        print(f"input {name} : f32")
    print(f"function f() -> y = {' + '.join(names)}")
