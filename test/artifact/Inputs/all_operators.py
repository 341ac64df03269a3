# SPDX-License-Identifier: Apache-2.0
"""Prints a program with a function for every operator and every dtype that it takes.

all_operators.py THX_OPT [DTYPE...]: the tables of operators come from the tool itself, so that an
operator that is added without a line here fails.
"""
import re
import subprocess
import sys

INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
FLOATS = ["f32", "f64"]
KINDS = {"floats": FLOATS, "integers": INTEGERS, "bool": ["bool"], "all": ["bool"] + INTEGERS + FLOATS}

# Elementwise rows with more operands than one, and what their operands are.
OPERANDS = {2: "add sub mul div pow maximum minimum floor_divide remainder arctan2 logaddexp equal not_equal less "
               "less_equal greater greater_equal bit_and bit_or bit_xor".split(),
            3: "clip fma".split()}

# Everything else: operands, attributes, result, for elements T.
ARRAYS = {
    "sum": ("%x: T[N, M]", "%x", "axes = [1]", "T[N]"),
    "prod": ("%x: T[N, M]", "%x", "axes = [0]", "T[M]"),
    "max": ("%x: T[N, M]", "%x", "axes = [0, 1]", "T"),
    "min": ("%x: T[N, M]", "%x", "axes = [1]", "T[N]"),
    "any": ("%x: T[N, M]", "%x", "axes = [1]", "T[N]"),
    "all": ("%x: T[N, M]", "%x", "axes = [0]", "T[M]"),
    "broadcast": ("%x: T", "%x", "axes = [], shape = [N, M]", "T[N, M]"),
    "transpose": ("%x: T[N, M]", "%x", "permutation = [1, 0]", "T[M, N]"),
    "reshape": ("%x: T[N, M]", "%x", "shape = [N*M]", "T[N*M]"),
    "slice": ("%x: T[N, M]", "%x", "shape = [N, M], starts = [N-1, 0], steps = [-1, 1]", "T[N, M]"),
    "diagonal": ("%x: T[N, N]", "%x", "axes = [0, 1]", "T[N]"),
    "concat": ("%x: T[N], %y: T[M]", "%x, %y", "axis = 0", "T[N+M]"),
    "place": ("%x: T[N+M], %y: T[M]", "%x, %y", "starts = [N], steps = [1]", "T[N+M]"),
    "cumsum": ("%x: T[N, M]", "%x", "axis = 0", "T[N, M]"),
    "dot": ("%x: T[N, M], %y: T[M, N]", "%x, %y", "lhs_contract = [1], rhs_contract = [0]", "T[N, N]"),
    "gather": ("%x: T[N, M], %i: i64[K]", "%x, %i", "axes = [0]", "T[K, M]"),
    "scatter_add": ("%x: T[N, M], %y: T[K, M], %i: i64[K]", "%x, %y, %i", "axes = [0]", "T[N, M]"),
    "scatter_set": ("%x: T[N, M], %y: T[K, M], %i: i64[K]", "%x, %y, %i", "axes = [0]", "T[N, M]"),
    "dynamic_slice": ("%x: T[N, M], %i: i64", "%x, %i", "axes = [0], shape = [3, M]", "T[3, M]"),
    "softmax": ("%x: T[N, M]", "%x", "axis = 1", "T[N, M]"),
    "log_softmax": ("%x: T[N, M]", "%x", "axis = 1", "T[N, M]"),
    "weighted_softmax": ("%x: T[N, M], %y: T[N, M], %z: T[N, M]", "%x, %y, %z", "axis = 1", "T[N, M]"),
    "weighted_logsumexp": ("%x: T[N, M], %y: T[N, M]", "%x, %y", "axis = 1", "T[N]"),
    "logsumexp": ("%x: T[N, M]", "%x", "axis = 0", "T[M]"),
    "argmax": ("%x: T[N, M]", "%x", "axis = 1", "i64[N]"),
    "argmin": ("%x: T[N, M]", "%x", "axis = 0", "i64[M]"),
}


def rows(thx_opt, page):
    """(operator, dtypes, result) of a printed table."""
    text = subprocess.run([thx_opt, f"--operators={page}"], capture_output=True, check=True,
                          text=True).stdout
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) < 3 or not cells[0].startswith("`"):
            continue
        # A meaning may hold a bar; dtypes are the first cell that names kinds alone.
        kinds = next(i for i, cell in enumerate(cells[1:], 1)
                     if cell and set(cell.split(", ")) <= set(KINDS))
        yield cells[0].strip("`"), cells[kinds].split(", "), cells[kinds + 1:]


def function(name, dtype, operands, arguments, attributes, result):
    attributes = f" {{{attributes}}}" if attributes else ""
    operands, result = (re.sub(r"\bT\b", dtype, text) for text in (operands, result))
    return (f"  func @{name}_{dtype}({operands}) {{\n"
            f"    %r = {name} {arguments}{attributes} : {result}\n    return r = %r\n  }}\n")


def elementwise(name, dtype, result):
    if name == "cast":
        return "".join(function(name, other, f"%x: {dtype}[N]", "%x", "", f"{other}[N]")
                       .replace(f"cast_{other}", f"cast_{dtype}_{other}")
                       for other in KINDS["all"] if other != dtype)
    if name == "where":
        return function(name, dtype, "%c: bool[N], %x: T[N], %y: T[N]", "%c, %x, %y", "", "T[N]")
    count = next((n for n, names in OPERANDS.items() if name in names), 1)
    names = ["%x", "%y", "%z"][:count]
    return function(name, dtype, ", ".join(f"{n}: T[N]" for n in names), ", ".join(names), "",
                    "bool[N]" if result and result[0] == "bool" else "T[N]")


def main():
    thx_opt, wanted = sys.argv[1], sys.argv[2:] or KINDS["all"]
    out, count = "program all_operators {\n  dim N\n  dim M\n  dim K\n", 0
    for name, kinds, result in rows(thx_opt, "elementwise"):
        for dtype in (d for kind in kinds for d in KINDS[kind] if d in wanted):
            out += elementwise(name, dtype, result)
            count += 1
    for name, kinds, _ in rows(thx_opt, "arrays"):
        if name not in ARRAYS:
            sys.exit(f"{name} has no line in all_operators.py")
        for dtype in (d for kind in kinds for d in KINDS[kind] if d in wanted):
            out += function(name, dtype, *ARRAYS[name])
            count += 1
    if count < 25 * len(wanted):
        sys.exit(f"only {count} operators and dtypes: the tables are not read")
    print(out + "}")


if __name__ == "__main__":
    main()
