#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds random programs, calls them, and compares with NumPy: values and gradients within bounds
of what rounding can do, and bit for bit between two runs, with dims fixed by -D, with outputs left
out, and in strict mode between CPU levels; what a failing call must leave alone is checked too.

  random_programs.py --thxc build/dev/bin/thxc --runtime build/dev/runtime --seeds 0-99

A program that fails is left in --work. Needs NumPy, clang and the built runtime.
"""
import argparse
import collections
import ctypes
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

import numpy as np

import tracked_arrays as t
from random_calls import NUMPY, Call, Model, Object, Wrong, canonical, check, difference, same
from random_expressions import DIMS, Evaluation, walk
from random_modules import Module

SLACK = 8.0          # how far beyond the bound of its errors a value may be
SMALL, MIDDLE = [0, 1, 1, 2, 3, 4, 5], [1, 2, 3, 7, 8, 13, 15, 16, 17, 31, 33]
LARGE = [64, 67, 128, 256, 257, 300, 1021, 4099, 65537, 66000]
MOST = 150_000       # elements of the largest array


def some_data(r, dt, shape, style):
    count = int(np.prod(shape, dtype=np.int64))
    if dt == "bool":
        return (r.random(count) < 0.5).reshape(shape)
    if dt == "i64":
        return r.integers(-4, 6, count).reshape(shape)
    v = r.normal(size=count)
    if style == "grid":            # ties and zeros
        v = np.round(v * 2) / 2
    elif style == "wide":
        v = v * 10.0**r.integers(-2, 3, count)
    elif style == "edge":
        special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 3e38, -3e38, 1e-30,
                            1.0, -1.0, 88.8, -104.0, 1000.0, -1000.0, 0.5, 1e19, 2.0**62])
        pick = r.random(count) < 0.3
        v = np.where(pick, special[r.integers(0, len(special), count)], v)
    with np.errstate(over="ignore"):
        return v.astype(NUMPY[dt]).reshape(shape)


class Program:
    def __init__(self, seed, options, counts):
        self.module = Module(seed, functions=2, depth=3) if options.quick else Module(seed)
        self.options, self.counts = options, counts
        self.r = np.random.default_rng(seed)
        self.work = pathlib.Path(options.work) / self.module.name
        self.work.mkdir(parents=True, exist_ok=True)
        self.source = self.work / f"{self.module.name}.thx"
        self.source.write_text(self.module.text())

    def bindings(self):
        r = random.Random(self.module.name)
        nodes = [n for f in self.module.functions for n in walk(f.roots())]
        nodes += self.module.inputs + self.module.states
        indexed = {x.attr for x in self.module.inputs if x.attr}
        indexed |= {n.args[0].shape[0] for n in nodes
                    if n.op == "gather" and n.args[1].op == "lit"}
        loops = {n.attr[0].counted or n.attr[0].sequence.shape[0]
                 for n in nodes if n.op == "scan"}
        styles = [("normal", SMALL), ("normal", MIDDLE), ("grid", MIDDLE), ("wide", SMALL + MIDDLE)]
        large = r.choice(DIMS)
        for style, pool in styles + [("normal", LARGE), ("edge", MIDDLE)]:
            dims = {d: r.choice(SMALL[1:] + [7, 16] if pool is LARGE and d != large else pool)
                    for d in DIMS}
            for d in indexed:
                dims[d] = max(dims[d], 1)
            for d in loops:
                dims[d] = min(dims[d], 17)
            size = lambda: max(int(np.prod([dims.get(n, n) for n in x.shape])) for x in nodes)
            while nodes and size() > MOST:
                biggest = max(dims, key=dims.get)
                dims[biggest] //= 2
            yield style, dims

    def build(self):
        options = [("a", []), ("b", []), ("s2", ["--fp=strict", "--cpu=x86-64-v2"]),
                   ("s3", ["--fp=strict", "--cpu=x86-64-v3"])]
        if self.options.v4:
            options.append(("s4", ["--fp=strict", "--cpu=x86-64-v4"]))
        options.append(("v2", ["--cpu=x86-64-v2"]))
        self.all_bindings = list(self.bindings())
        if self.options.quick:
            del options[1], options[3:]
            self.all_bindings = self.all_bindings[self.module.seed % 2::2]
        self.fixed = self.r.integers(0, len(self.all_bindings))
        options.append(("fixed", [f"-D{d}={n}" for d, n in self.all_bindings[self.fixed][1].items()]))
        self.objects = {}
        for place, (name, flags) in enumerate(options):
            prefix = "a" if name == "b" else name
            each = Object(self.work / name, prefix, flags + (["--verify-each"] if not place else []))
            each.path.mkdir(exist_ok=True)
            failed = each.build(self.options.thxc, self.source)
            if failed:
                first = (failed.stderr or "no message").strip().splitlines()
                raise Wrong(f"thxc {' '.join(flags)} answers {failed.returncode}: "
                            + " | ".join(first[:6])[:600])
            self.objects[name] = each
        if "b" in self.objects:
            check(self.objects["a"].file.read_bytes() == self.objects.pop("b").file.read_bytes(),
                  "two builds differ")
        library = self.work / "all.so"
        command = [self.options.ld, "-shared", "-o", str(library),
                   *[str(o.file) for o in self.objects.values()],
                   "--whole-archive", str(pathlib.Path(self.options.runtime) / "libthx_core.a"),
                   "--allow-shlib-undefined"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        loaded = ctypes.CDLL(str(library))
        for o in self.objects.values():
            o.library = loaded

    def make_data(self, style, dims):
        make = lambda x: (some_data(self.r, x.dt, tuple(dims.get(n, n) for n in x.shape), style)
                          if not x.attr else self.indices(x, dims))
        inputs = {x.name: make(x) for x in self.module.inputs}
        return inputs, {s.name: make(s) for s in self.module.states}

    def indices(self, x, dims):
        shape = tuple(dims.get(n, n) for n in x.shape)
        return self.r.integers(-dims[x.attr], dims[x.attr], shape)

    def check_values(self, function, call, outputs, states):
        wide = any(n.dt == "f64" for n in walk(function.roots()))
        t.Reals.dtype = np.longdouble if wide else np.float64
        leaves = {x.name: t.data(call.inputs[x.name], x.dt) for x in self.module.inputs}
        leaves.update({s.name: t.data(call.states[s.name], s.dt) for s in self.module.states})
        reference = Evaluation(call.dims, leaves)
        named = [(n, x, outputs[n]) for n, x in function.outputs]
        named += [("update of " + n, x, np.frombuffer(states[n], NUMPY[x.dt]))
                  for n, x in function.updates]
        for name, node, got in named:
            want = reference.of(node)
            check(want.dt == node.dt or node.dt is None, f"{name}: reference of {want.dt}")
            v, e = want.v.reshape(-1), want.e.reshape(-1)
            check(v.size == got.size, f"{function.name}: {name} has {got.size} elements, not {v.size}")
            if want.dt in t.FLOATS:
                sure = np.isfinite(e)
                gap = np.abs(v - got.astype(v.dtype))
                wrong = sure & ~(gap <= SLACK * e + 4 * t.TINY[want.dt])
            elif want.dt == "bool":
                sure = e == 0
                wrong = sure & (v != (got != 0)) | (got > 1)
            else:
                sure = e == 0
                wrong = sure & (v != got)
            self.counts["elements"] += v.size
            self.counts["sure"] += int(sure.sum())
            if wrong.any():
                at = int(np.flatnonzero(wrong)[0])
                raise Wrong(f"{function.name}: {name}[{at}] of {v.size} is {got[at]!r}, not "
                            f"{v[at]!r} ± {e[at]:.3g}; {int(wrong.sum())} wrong")

    def check_call(self, function, style, dims, place):
        inputs, states = self.make_data(style, dims)
        call = Call(function.name, dims, inputs, states)
        main = self.objects["a"]
        model = Model(main, dims)
        status, outputs, after = call.run(main, model)
        with np.errstate(all="ignore"):
            try:
                if style != "edge" and status == 0:
                    self.check_values(function, call, outputs, after)
            except t.Empty:
                # Only a branch that the reference takes counts.
                raise Wrong(f"{function.name}: status 0, but a largest element of nothing is asked")
        if status != 0:
            # Formulas that are softmax or logsumexp become these, which need an element.
            empties = any(n.op == "reduce" and n.attr[0] in ("max", "min")
                          or n.op == "composite" or n.attr == "exp"
                          for n in walk(function.roots()))
            check(status == 1 and empties and 0 in dims.values(),
                  f"{function.name}: status {status}")
            self.counts["refused calls"] += 1
            before = {n: canonical(v.reshape(-1).astype(model.fields[n].dtype)).tobytes()
                      for n, v in states.items()}
            own = any(p["kind"] == "model" for p in main.function(function.name)["parameters"])
            check(not own or after == before, f"{function.name}: a failing call changes state")
            return
        again = call.run(main, model, fill=0xFF)
        check(again[0] == 0 and same(outputs, again[1]) and same(after, again[2]),
              f"{function.name}: a second run differs: {difference(outputs, again[1])}; "
              f"{difference(after, again[2])}")
        for name in outputs:
            status, rest, state = call.run(main, model, null=name, fill=0x01)
            expected = {n: v for n, v in outputs.items() if n != name}
            check(status == 0 and same(expected, rest) and same(after, state),
                  f"{function.name}: without {name} ({status}): {difference(expected, rest)}; "
                  f"{difference(after, state)}")
        if place == self.fixed:
            fixed = self.objects["fixed"]
            status, rest, state = call.run(fixed, Model(fixed, dims))
            check(status == 0 and same(outputs, rest) and same(after, state),
                  f"{function.name}: with -D ({status}): {difference(outputs, rest)}; "
                  f"{difference(after, state)}")
        self.check_strict(function, call, style, dims)
        self.check_failures(function, call, model, states)
        self.counts["calls"] += 1

    def check_strict(self, function, call, style, dims):
        names = [n for n in self.objects if n.startswith("s")]
        results = []
        for name in names:
            built = self.objects[name]
            results.append(call.run(built, Model(built, dims)))
        for name, result in zip(names, results):
            check(result[0] == 0 and same(result[1], results[0][1]) and
                  same(result[2], results[0][2]),
                  f"{function.name}: strict {name} ({result[0]}) differs from {names[0]}: "
                  f"{difference(results[0][1], result[1])}; {difference(results[0][2], result[2])}")
        compared = [("strict", results[0])]
        if "v2" in self.objects:
            compared.append(("v2", call.run(self.objects["v2"], Model(self.objects["v2"], dims))))
        if style != "edge":
            with np.errstate(all="ignore"):
                for how, (status, outputs, after) in compared:
                    try:
                        self.check_values(function, call, outputs, after)
                    except Wrong as wrong:
                        raise Wrong(f"{how}: {wrong}") from None

    def check_failures(self, function, call, model, states):
        main = self.objects["a"]
        before = {n: canonical(v.reshape(-1).astype(model.fields[n].dtype)).tobytes()
                  for n, v in states.items() if model.handle}
        entry = main.function(function.name)
        has_model = any(p["kind"] == "model" for p in entry["parameters"])

        def refused(status, wanted, state, written, words):
            check(status in wanted, f"{function.name}: {words}: status {status}")
            check(status == 0 or not has_model or state == before,
                  f"{function.name}: {words}: state changes")
            if status != 0 and not entry["fallible"]:
                for name, array in written.items():
                    check(np.all(array.view(np.uint8) == 0x5A),
                          f"{function.name}: {words}: {name} is written")
        if eval(entry["workspace_bytes"], {"min": min, "max": max}, dict(call.dims)) > 0:
            status, written, state = call.run(main, model, short=1)
            refused(status, (4,), state, written, "workspace too small")
        for p in entry["parameters"]:
            if p["kind"] == "input" and p["shape"] and np.prod(call.shape(p)) > 0:
                status, written, state = call.run(main, model, missing=p["name"])
                refused(status, (2,), state, written, f"{p['name']} is NULL")
        for x in self.module.needed(function):
            if not x.attr or call.inputs[x.name].size == 0:
                continue
            bad = dict(call.inputs)
            bad[x.name] = call.inputs[x.name].copy()
            extent = call.dims[x.attr]
            bad[x.name].reshape(-1)[-1] = extent if self.r.random() < 0.5 else -extent - 1
            wrong = Call(function.name, call.dims, bad, call.states)
            status, written, state = wrong.run(main, model)
            refused(status, (7, 0), state, written, f"{x.name} is out of range")
            self.counts["bad indices " + ("refused" if status else "accepted")] += 1

    def run(self):
        self.build()
        for place, (style, dims) in enumerate(self.all_bindings):
            for function in self.module.functions:
                try:
                    self.check_call(function, style, dims, place)
                except Wrong as wrong:
                    raise Wrong(f"{wrong} [{style} {dims}]") from None


def run_seed(seed, options):
    """In a process of its own: a program may crash."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.alarm(options.seconds)
        counts, failure = collections.Counter(), None
        try:
            program = Program(seed, options, counts)
            program.run()
        except Wrong as wrong:
            failure = str(wrong)
        except BaseException:
            failure = "checker: " + traceback.format_exc()[-900:]
        with os.fdopen(write, "w") as out:
            json.dump([failure, counts], out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as source:
        said = source.read()
    status = os.waitpid(child, 0)[1]
    if not said:
        name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else status
        return f"dies with {name}", {}
    return json.loads(said)


def has_avx512():
    needed = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    try:
        line = next(x for x in open("/proc/cpuinfo") if x.startswith("flags"))
    except (OSError, StopIteration):
        return False
    return needed <= set(line.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--thxc", default=str(root / "build/dev/bin/thxc"))
    parser.add_argument("--runtime", default=str(root / "build/dev/runtime"))
    parser.add_argument("--ld", default=shutil.which("ld.lld-19") or "ld.lld")
    parser.add_argument("--seeds", default="0-59", help="A-B")
    parser.add_argument("--count", type=int, help="that many seeds from the first")
    parser.add_argument("--work", help="where programs are built and failing ones stay")
    parser.add_argument("--quick", action="store_true", help="smaller programs, fewer objects")
    parser.add_argument("--seconds", type=int, default=120, help="limit for each program")
    options = parser.parse_args()
    options.v4 = has_avx512()
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    seeds = range(seeds[0], seeds[0] + options.count) if options.count else seeds
    kept = options.work is not None
    options.work = options.work or tempfile.mkdtemp(prefix="random_programs.")
    counts, failures = collections.Counter(), 0
    for seed in seeds:
        failure, part = run_seed(seed, options)
        counts.update(part)
        if failure:
            failures += 1
            print(f"seed {seed}: {failure}", flush=True)
        else:
            shutil.rmtree(pathlib.Path(options.work) / f"m{seed}", ignore_errors=True)
    if not kept and not failures:
        shutil.rmtree(options.work, ignore_errors=True)
    elif failures:
        print(f"failing programs are in {options.work}")
    print(f"{len(seeds) - failures} of {len(seeds)} programs are right; "
          + ", ".join(f"{k}: {v}" for k, v in sorted(counts.items())))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
