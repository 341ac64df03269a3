# SPDX-License-Identifier: Apache-2.0
"""Reads a safetensors file with nothing but NumPy, prints it, and writes another."""
import json
import sys

import numpy as np

with open(sys.argv[1], "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))
    data = file.read()
for name, tensor in header.items():
    if name == "__metadata__":
        continue
    begin, end = tensor["data_offsets"]
    values = np.frombuffer(data[begin:end], {"F32": "<f4", "I64": "<i8"}[tensor["dtype"]])
    print(name, tensor["dtype"], tensor["shape"], *(values.tolist() if name == "n" else []))

written = {"n": np.array(40), "v": np.zeros(3, np.float32), "w": np.float32([0.5, 1.5, 2.5])}
header, data = {}, b""
for name, array in written.items():
    header[name] = {"dtype": {"f": "F32", "i": "I64"}[array.dtype.kind],
                    "shape": list(array.shape),
                    "data_offsets": [len(data), len(data) + array.nbytes]}
    data += array.tobytes()
text = json.dumps(header).encode()
with open(sys.argv[2], "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data)
