# SPDX-License-Identifier: Apache-2.0
# Times `thxc check` on texts of 64 KiB, each a chain of one kind with its gradient.
#
#   chains.py [--seconds S] [--memory MIB] [--only TEXT] [--keep DIR] [THXC]
#
# Prints processor seconds and MiB for each text, the slowest first; exits 1 where one took more than is
# allowed. Seconds differ between machines, so this is run by hand, on a release.
import argparse
import os
import resource
import subprocess
import sys
import tempfile

BYTES = 65536
NUMBER, ROW, MATRIX = "input x : f64\n", "dim N\ninput x : f64[N]\n", "dim N\ninput x : f64[N,N]\n"

# One expression: what is declared, what is appended again and again ({i} is 0 to 89).
EXPRESSIONS = {
    "sum": (NUMBER, "+x"),
    "difference": (NUMBER, "-x"),
    "weighted sum": (NUMBER, "+{i}*x"),
    "product": (NUMBER, "*x"),
    "quotient": (NUMBER, "/x"),
    "quotient of sums": (NUMBER, "/(x+{i})"),
    "remainder": (NUMBER, "%x"),
    "floor division": (NUMBER, "//x"),
    "product of exponentials": (NUMBER, "*exp(x*{i})"),
    "quotient of exponentials": (NUMBER, "/exp(x*{i})"),
    "softplus": (NUMBER, "+log(1+exp(x*{i}))"),
    "sigmoid": (NUMBER, "+sigmoid(x*{i})"),
    "squares": (NUMBER, "+(x-{i})**2"),
    "powers": (NUMBER, "*(x**{i}+1)"),
    "roots": (ROW, "+sqrt(x*x+{i})"),
    "choices": (ROW, "+where(x>{i},x,0)"),
    "reductions": (ROW, "+(x*{i}).sum()"),
    "softmax": (ROW, "+softmax(x*{i})"),
    "elements": (ROW, "+x[{i}]"),
    "matrix product": (MATRIX, "@x"),
    "transposes": (MATRIX, "+x.T"),
}
# A chain of lets: each is made of the one before, y.
LETS = {
    "square of square": (NUMBER, "y*y"),
    "power of number": (NUMBER, "y**2"),
    "power of base": (NUMBER, "y**x"),
    "power of exponent": (NUMBER, "x**y"),
    "power of itself": (NUMBER, "y**y"),
    "polynomial": (NUMBER, "y*x+y"),
    "nested share": (NUMBER, "x/(x+y)"),
    "share of sum": (NUMBER, "y/(x+y)"),
    "nested softplus": (NUMBER, "log(1+exp(y))"),
    "nested tanh": (NUMBER, "(exp(y)-exp(-y))/(exp(y)+exp(-y))"),
    "nested hypot": (NUMBER, "sqrt(x**2+y**2)"),
    "nested choice": (NUMBER, "where(y>0,y,x*y)"),
    "nested erfc": (NUMBER, "1-erf(y)"),
    "unit rows": (ROW, "y/sqrt((y*y).sum())"),
    "standard rows": (ROW, "(y-y.mean())/y.std()"),
    "nested softmax": (ROW, "exp(y)/exp(y).sum()"),
    "layers": (MATRIX, "tanh(x@y+1)"),
}
SECOND = {"second derivative": (NUMBER, "y*sin(y)"), "second derivative of square": (NUMBER, "y*y")}


def expression(head, unit):
    text, end, i = head + "let y = x", "\nfunction f(x) -> r = grad(y.sum(), x)\n", 0
    while len(text) + len(unit) + len(end) < BYTES:
        text += unit.format(i=i % 90)
        i += 1
    return text + end


def lets(head, formula, cost):
    text, i = head + "let y0 = x\n", 0
    while True:
        end = f"function f(x) -> r = {cost.format(y=f'y{i}')}\n"
        line = f"let y{i + 1} = " + formula.replace("y", f"y{i}") + "\n"
        if len(text) + len(line) + len(end) + 8 > BYTES:
            return text + end
        text += line
        i += 1


def texts():
    for name, (head, unit) in EXPRESSIONS.items():
        yield name, expression(head, unit)
    for name, (head, formula) in LETS.items():
        yield name, lets(head, formula, "grad({y}.sum(), x)")
    for name, (head, formula) in SECOND.items():
        yield name, lets(head, formula, "grad(grad({y}, x), x)")


def measure(command):
    """Exit code, processor seconds and MiB of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--memory", type=float, default=1024)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    parser.add_argument("thxc", nargs="?", default="build/release/bin/thxc")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = args.keep or folder
        os.makedirs(folder, exist_ok=True)
        for name, text in texts():
            if args.only not in name:
                continue
            path = os.path.join(folder, name.replace(" ", "-") + ".thx")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            code, seconds, memory = measure([args.thxc, "check", path])
            good = code == 0 and seconds <= args.seconds and memory <= args.memory
            rows.append((seconds, memory, good, name, code))
    for seconds, memory, good, name, code in sorted(rows, reverse=True):
        print(f"{seconds:6.2f} s {memory:6.0f} MiB  {name}" + ("" if good else f"  FAULT (exit {code})"))
    sys.exit(0 if rows and all(row[2] for row in rows) else 1)


if __name__ == "__main__":
    main()
