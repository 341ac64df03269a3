# SPDX-License-Identifier: Apache-2.0
"""Compares what `thxc run` prints with what NumPy prints, for arrays of many kinds."""
import subprocess
import sys

import numpy as np

thxc, program, folder = sys.argv[1:]
np.set_printoptions(threshold=200)
random = np.random.default_rng(1)
inf, nan = np.inf, np.nan
arrays = [
    np.float32([1, 2, 3]), np.float32([0.1, -2.25, 1e-3]), np.float32([1e-5, 1]), np.float32([1e8, 1]),
    np.float32([0, 0]), np.float32([nan, 1]), np.float32([inf, -inf, 0.5]), np.float32([nan, nan]),
    np.float32([3.4e38, 1e-45]), np.float32([16777216, 1 / 3]), np.float32([-0.0]),
    np.float64([1 / 3, 2 / 3]), np.float64([1e300, 1e-300]), np.float64([123456.789, 0.5]),
    np.float64([0.1 + 0.2, 100]), np.float64([99999999.5]), np.float64([1e16, nan, -inf]),
    np.float64([0.000123456789123, 0.1]), np.float64([12345678.123456789]),
    np.array([1, -1, 1000]), np.array([-2**63, 2**63 - 1]), np.array([True, False]),
    np.arange(201), np.arange(200), np.arange(7.) * 1000.5, np.zeros(1000, bool),
    random.normal(size=150).astype(np.float32), random.normal(size=190),
    random.normal(size=(5, 7)).astype(np.float32), random.normal(size=(2, 150)).astype(np.float32),
    np.zeros((20, 20), np.float32), np.zeros((300, 1), np.float32), np.zeros((0, 3), np.float32),
    random.normal(size=(2, 3, 4)), random.normal(size=(10, 10, 10)) * 1e6, np.zeros((1, 1, 1)),
    random.integers(-99, 99, size=(3, 2, 5)), random.integers(0, 9, size=(8, 8, 8)),
]
wrong = 0
for array in arrays:
    names = {"float32": "f32", "float64": "f64", "int64": "i64", "bool": "bool"}
    name = f"{names[array.dtype.name]}_{array.ndim}"
    path = f"{folder}/array.npy"
    np.save(path, array)
    result = subprocess.run([thxc, "run", f"{program}:{name}_", f"--{name}={path}"],
                            capture_output=True, text=True)
    shape = ", ".join(map(str, array.shape))
    separator = "\n" if array.size else " "
    expected = f"r: {name[:-2]}[{shape}] ={separator}{array}\n"
    if result.stdout != expected:
        wrong += 1
        print(f"expected:\n{expected}got:\n{result.stdout}{result.stderr}")
sys.exit(1 if wrong else 0)
