# SPDX-License-Identifier: Apache-2.0
# Feeds mutated programs to the compiler: whatever the text, it ends in time with a program or a user's error.
#
#   mutate.py [--count N] [--seed S] [--keep DIR] -- COMMAND… @ FILE…
#
# COMMAND is run with a mutated file as its last argument (`{out}` in it is an empty folder); FILEs are
# what is mutated. Inputs follow from the seed and the files alone. Exits 1 and keeps the input of each
# fault: an exit code other than 0 and 1, an error without a message, a message without an error, a
# sanitizer's report, more than the seconds or the memory allowed.
import argparse
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

TOKEN = re.compile(rb"[A-Za-z_%@][A-Za-z_0-9.]*|\d[\d.]*|\s+|->|\*\*|//|[<>=!]=|.", re.DOTALL)
# What programs are rarely written with.
ODD = [b"", b"\0", b"\xff", b"\xe2\x80\x99", b"\xef\xbb\xbf", b"\r\n", b"\t", b"\n", b";", b"{", b"}",
       b"(" * 40, b"[" * 300, b"-" * 300, b"**2" * 300, b"-1", b"0", b"9223372036854775807",
       b"-9223372036854775808", b"18446744073709551616", b"1e308", b"1e-400", b"nan", b"inf",
       b"1_0", b"0x", b"...", b"\"", b"#", b"N*N*N*N*N*N*N*N", b"N//0", b"(N-N)", b"true", b"_"]


def pieces(text):
    return TOKEN.findall(text)


def mutate(text, pool, lines, dice):
    """One to four small changes: by bytes, by tokens or by lines."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        kind = dice.randrange(10)
        if kind < 2:
            at = dice.randrange(len(text) + 1)
            end = min(len(text), at + dice.choice((0, 1, 1, 4)))
            text = text[:at] + dice.choice((bytes([dice.randrange(256)]), dice.choice(ODD))) + text[end:]
        elif kind < 7:
            parts = pieces(text) or [b""]
            at, other = dice.randrange(len(parts)), dice.randrange(len(parts))
            change = dice.randrange(6)
            if change == 0:
                del parts[at]
            elif change == 1:
                parts.insert(at, parts[other])
            elif change == 2:
                parts[at], parts[other] = parts[other], parts[at]
            elif change == 3:
                parts[at] = dice.choice(ODD)
            elif change == 4:
                alike = [part for part in parts if part[:1].isalnum() == parts[at][:1].isalnum()]
                parts[at] = dice.choice(alike)
            else:
                parts[at] = dice.choice(pool)
            text = b"".join(parts)
        else:
            rows = text.splitlines(keepends=True) or [b""]
            at = dice.randrange(len(rows))
            change = dice.randrange(5)
            if change == 0:
                del rows[at]
            elif change == 1:
                rows.insert(at, dice.choice(rows))
            elif change == 2:
                rows.insert(at, dice.choice(lines))
            elif change == 3:
                rows[at] = rows[at].rstrip(b"\r\n")
            else:
                other = dice.randrange(len(rows))
                rows[at], rows[other] = rows[other], rows[at]
            text = b"".join(rows)
    return text[:65536]


def body(path):
    """A file without the lines that lit and FileCheck read."""
    with open(path, "rb") as file:
        rows = file.read().splitlines(keepends=True)
    tests = re.compile(rb"\s*(#|;|//)\s*(RUN|CHECK[-A-Z]*|[A-Z]+(-NEXT|-NOT|-SAME)?):")
    return b"".join(row for row in rows if not tests.match(row))


def run(command, path, out, limit):
    """Runs the command; gives its exit code, its messages, seconds of CPU and KiB of memory."""
    os.makedirs(out, exist_ok=True)
    words = [word.replace("{out}", out) for word in command] + [path]
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=messages, cwd=out,
                                   stdin=subprocess.DEVNULL,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        messages.seek(0)
        said = messages.read(1 << 20).decode("utf-8", "replace")
    return process.returncode, said, used.ru_utime + used.ru_stime, used.ru_maxrss


def fault(code, said, seconds, memory, limits):
    if code not in (0, 1):
        return f"exit code {code}"
    if "Sanitizer" in said or "runtime error:" in said:
        return "a sanitizer's report"
    if (code == 1) != ("error[" in said.replace("error[shadowed_builtin]", "")):
        return f"exit code {code}, but messages say otherwise"
    if seconds > limits.seconds:
        return f"{seconds:.1f} s"
    if memory > limits.memory * 1024:
        return f"{memory // 1024} MiB"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--memory", type=int, default=1024, help="MiB")
    parser.add_argument("--keep", default="faults")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    split = words.index("@")
    command, files = words[:split], sorted(words[split + 1:])
    texts = [body(file) for file in files]
    # Only a hundred thousand tokens of others: more would be slow to draw up and add nothing.
    pool = [piece for text in texts for piece in pieces(text) if not piece.isspace()][:100000]
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    work = tempfile.mkdtemp()
    outcomes = {0: 0, 1: 0}
    faults = 0
    slowest = 0.0
    for i in range(options.count):
        dice = random.Random(options.seed * 1000003 + i)
        which = dice.randrange(len(texts))
        text = mutate(texts[which], pool, lines, dice)
        path = os.path.join(work, "m" + os.path.splitext(files[which])[1])
        with open(path, "wb") as file:
            file.write(text)
        out = os.path.join(work, "out")
        code, said, seconds, memory = run(command, path, out, int(options.seconds) + 10)
        slowest = max(slowest, seconds)
        outcomes[code] = outcomes.get(code, 0) + 1
        wrong = fault(code, said, seconds, memory, options)
        if wrong is None and code == 1 and os.listdir(out):
            wrong = "files beside an error"
        if wrong is not None:
            faults += 1
            os.makedirs(options.keep, exist_ok=True)
            kept = os.path.join(options.keep, f"{options.seed}-{i}{os.path.splitext(path)[1]}")
            shutil.copy(path, kept)
            first = next((row for row in said.splitlines() if row.strip()), "")
            print(f"{kept}: {wrong}: {first[:300]}", flush=True)
        shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)
    print(f"{options.count} inputs: {outcomes[0]} accepted, {outcomes[1]} refused, {faults} faults, "
          f"slowest {slowest:.2f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
