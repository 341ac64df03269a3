# SPDX-License-Identifier: Apache-2.0
"""Runs what the samples' READMEs say to type `By hand:`, but for the applications themselves.

usage: by_hand.py ROOT BUILD OUT CC CXX [NAME of one to run ...]
"""
import os
import re
import shutil
import subprocess
import sys

root, build, out, cc, cxx = sys.argv[1:6]
words = {"thxc": os.path.join(build, "bin/thxc"), "cc": cc, "c++": cxx}
for name in sorted(os.listdir(os.path.join(root, "samples"))):
    readme = os.path.join(root, "samples", name, "README.md")
    if not os.path.exists(readme):
        continue
    with open(readme, encoding="utf-8") as file:
        text = file.read()
        block = re.search(r"By hand:\n\n((?:    .*\n)+)", text)
    if block is None:
        sys.exit(f"{readme} has nothing to type by hand")
    # Beside samples/*.h, as in the repository.
    for header in ("npy.h", "npz.h"):
        shutil.copy(os.path.join(root, "samples", header), out)
    folder = os.path.join(out, name)
    shutil.copytree(os.path.join(root, "samples", name), folder)
    for line in block.group(1).splitlines() + re.findall(r"^    thxc run .*$", text, re.M):
        line = line.strip().replace("<thx>/build/release", build).replace("<thx>", root)
        first, _, rest = line.partition(" ")
        if first in words:
            line = f"{words[first]} {rest}"
        elif not (first == "./app" and name in sys.argv[6:]):
            continue
        subprocess.run(line, shell=True, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    print(f"{name}: {'an application' if os.path.exists(os.path.join(folder, 'app')) else 'NOTHING'}")
