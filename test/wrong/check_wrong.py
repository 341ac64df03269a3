#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the messages for wrong programs against the recorded ones; `--update` records them anew.

A file of programs is a list of

    ==== name: id, id
    the program
    ----
    the messages, to the letter

with the ids of the errors that the language asks for; those are written by hand, and `--update`
refuses a program whose messages have others. `(build)` behind the ids builds instead of checking.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HEAD = re.compile(r"^==== (?P<name>\w+): (?P<ids>[\w, ]+?)(?P<build> \(build\))?$")
ID = re.compile(r"^(?:error|warning)\[(\w+)\]", re.MULTILINE)


class Wrong:
    """One program, the ids that it must get, and its messages."""

    def __init__(self, match):
        self.name = match["name"]
        self.ids = sorted(part.strip() for part in match["ids"].split(","))
        self.build = bool(match["build"])
        self.head = match.string
        self.source, self.wanted, self.got = [], [], ""

    def run(self, thxc, folder):
        """What thxc says about the program, in a folder of its own."""
        path = pathlib.Path(folder, self.name)
        path.mkdir()
        (path / f"{self.name}.thx").write_text("\n".join(self.source) + "\n")
        command = [thxc, "build" if self.build else "check", f"{self.name}.thx"]
        done = subprocess.run(command, cwd=path, capture_output=True, text=True, check=False)
        self.got = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).splitlines())
        if done.returncode != 1:
            self.got += f"\nexit code {done.returncode}"
        return self

    def problem(self):
        """Why this program fails, or nothing."""
        ids = sorted(set(ID.findall(self.got)))
        if ids != self.ids:
            return f"wanted {', '.join(self.ids)}; got {', '.join(ids) or 'no error'}"
        if self.got.split("\n") != self.wanted:
            return "the messages differ"
        return None


def read(path):
    """The programs of one file."""
    programs, part = [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("==== "):
            match = HEAD.match(line)
            if not match:
                sys.exit(f"{path}:{number}: `==== name: id` is expected")
            programs.append(Wrong(match))
            part = programs[-1].source
        elif line == "----":
            part = programs[-1].wanted
        elif part is not None:
            part.append(line)
    for program in programs:
        for lines in (program.source, program.wanted):
            while lines and not lines[-1]:
                lines.pop()
    return programs


def write(path, programs):
    text = "\n\n".join("\n".join([p.head, *p.source, "----", *p.wanted]) for p in programs)
    path.write_text(text + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("thxc")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="record what thxc says now")
    parser.add_argument("--show", action="store_true", help="print every program with its messages")
    options = parser.parse_args()
    thxc = os.path.abspath(options.thxc)
    failed = total = 0
    for path in options.files:
        programs = read(path)
        total += len(programs)
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(
            max_workers=2
        ) as pool:
            list(pool.map(lambda p, folder=folder: p.run(thxc, folder), programs))
        for program in programs:
            problem = program.problem()
            if options.update and (not problem or problem == "the messages differ"):
                program.wanted, problem = program.got.split("\n"), None
            failed += bool(problem)
            if problem or options.show:
                print(
                    f"{path.name} {program.name}: {problem or 'fits'}",
                    *program.source,
                    "---- got",
                    program.got,
                    "",
                    sep="\n",
                )
        if options.update:
            write(path, programs)
    print(f"wrong programs: {total} programs, {total - failed} passed")
    sys.exit(1 if failed or not total else 0)


if __name__ == "__main__":
    main()
