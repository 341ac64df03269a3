# SPDX-License-Identifier: Apache-2.0
"""Prints derivatives as Thx text, compiles the text, and compares values with the file's own.

printed_derivatives.py THXC FILE FOLDER: for each `function d_NAME(...)` of FILE.
"""

import pathlib
import re
import subprocess
import sys

VALUES = {
    "x": "[[0.5, -1.25, 0.75], [1.5, 0.25, -0.5], [-0.75, 2.0, 0.125], [0.3, 0.9, -1.1]]",
    "y": "[0.2, 1.1, 0.4, -0.6]",
    "k": "[2, 0, 1, 2]",
    "i": "1",
    "s": "0.7",
    "w": "[0.6, -0.8, 0.35]",
    "W": "[[0.1, -0.2, 0.3], [0.4, 0.5, -0.6], [-0.7, 0.8, 0.9]]",
}


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(" ".join(words) + "\n" + done.stdout + done.stderr)
    return done.stdout


def values(thxc, file, function, text):
    words = [f"--{n}={VALUES[n]}" for n in re.findall(r"^input (\w+)", text, re.M)]
    for name in re.findall(r"^shared (\w+)", text, re.M):
        words += ["--set", f"{name}={VALUES[name]}"]
    return run(thxc, "run", f"{file}:{function}", "--fp", "strict", *words)


def main():
    thxc, file, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for line in re.findall(r"^function d_.*$", file.read_text(), re.M):
        name = re.match(r"function d_(\w+)", line)[1]
        targets = re.findall(r"d_(\w+) =", line)
        text = run(thxc, "grad", f"{file}:{name}", "--wrt=" + ",".join(targets), "--fp", "strict")
        printed = folder / f"{name}.thx"
        printed.write_text(text)
        again = values(thxc, printed, "evaluate", text)
        inputs = re.search(r"\((.*?)\)", line)[1].replace(" ", "").split(",")
        words = [f"--{each}={VALUES[each]}" for each in inputs if each]
        for state in re.findall(r"^shared (\w+)", text, re.M):
            words += ["--set", f"{state}={VALUES[state]}"]
        own = run(thxc, "run", f"{file}:d_{name}", "--fp", "strict", *words)
        if own != again:
            sys.exit(f"{name}: the file gives\n{own}\nits printed derivative\n{again}\n{text}")
        count += len(targets)
    print(f"{count} derivatives, the same bits")


if __name__ == "__main__":
    main()
