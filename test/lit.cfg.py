# SPDX-License-Identifier: Apache-2.0
# How lit finds and runs the tests: `lit.py --param build=<dir> test[/folder]`.
import ctypes.util
import json
import os
import platform
import shutil

import lit.formats

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = os.path.abspath(lit_config.params.get("build", os.path.join(root, "build", "dev")))

# Written when the build is configured; the defaults serve a build folder that is not there yet.
site = {"cc": "clang-19", "cxx": "clang++-19", "sanitizers": "", "llvm": "/usr/lib/llvm-19"}
site_path = os.path.join(build, "lit-build.json")
if os.path.exists(site_path):
    with open(site_path) as file:
        site.update(json.load(file))

config.name = "thx"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test", ".thx", ".ir", ".loop"]
config.excludes = ["Inputs", "unit"]
config.test_exec_root = os.path.join(build, "test")

bin_dir = os.path.join(build, "bin")
path = [bin_dir, os.path.join(site["llvm"], "bin"), config.environment.get("PATH", "")]
if "record" in lit_config.params:
    # tools/update-checks puts a FileCheck of its own in front, which writes down what it is fed.
    path.insert(0, lit_config.params["record"])
    config.environment["THX_RECORD"] = lit_config.params["record"]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["FILECHECK_OPTS"] = "--dump-input=fail"
for name in ("HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "CCACHE_DIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

warnings = "-Wall -Wextra -Werror"
# Order matters: lit replaces in turn, so no key may be a prefix of a later one.
config.substitutions += [
    ("%thxc", os.path.join(bin_dir, "thxc")),
    ("%thx-opt", os.path.join(bin_dir, "thx-opt")),
    ("%thx-random", os.path.join(bin_dir, "thx-random")),
    ("%thx_include", os.path.join(root, "runtime", "include")),
    ("%runtime", os.path.join(build, "runtime")),
    # A C or C++ compiler as a user has it, instrumented where the build is.
    # The same without instruments, for what an object and the runtime are by themselves.
    ("%plain_cc", f"{site['cc']} -std=c11 {warnings}"),
    ("%cc", f"{site['cc']} -std=c11 {warnings} {site['sanitizers']}"),
    ("%cxx", f"{site['cxx']} -std=c++20 {warnings} {site['sanitizers']}"),
    # Whether a file of the compiler's own compiles.
    ("%syntax", f"{site['cxx']} -std=c++20 -fsyntax-only {warnings} "
                f"-Werror=missing-field-initializers -I{root}/compiler"),
    ("%sanitizers", site["sanitizers"]),
    ("%llvm", os.path.join(site["llvm"], "bin")),
    # Debian's, which has Debian's NumPy; another may come first in PATH.
    ("%python", "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else "python3"),
    ("%build", build),
    ("%root", root),
]


def cpu_flags():
    """The instruction sets this machine's first CPU names."""
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith(("flags", "Features")):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


flags = cpu_flags()
present = {
    "x86_64": platform.machine() == "x86_64",
    "avx2": {"avx2", "fma", "bmi2"} <= flags,
    "avx512": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags,
    "ptxas": shutil.which("ptxas", path="/usr/local/cuda/bin:" + os.environ.get("PATH", "")),
    "gpu": os.path.exists("/dev/nvidiactl") and ctypes.util.find_library("cuda"),
    "gcc": shutil.which("gcc-12"),
    "sanitizers": site["sanitizers"],
    "plain": not site["sanitizers"],
}
config.available_features.update(name for name, there in present.items() if there)
