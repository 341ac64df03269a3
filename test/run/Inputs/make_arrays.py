# SPDX-License-Identifier: Apache-2.0
"""Writes arrays with NumPy into a folder: good files for runs, and bad ones."""
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
a = np.array([[1.5, 2.0, -3.0], [4.0, 0.25, 6.0]])
np.save(folder / "a32.npy", a.astype(np.float32))
np.save(folder / "a64.npy", a)
np.save(folder / "a_big_endian.npy", a.astype(">f4"))
np.save(folder / "a_fortran.npy", np.asfortranarray(a.astype(np.float32)))
np.save(folder / "a_ints.npy", (a * 4).astype(np.int16))
np.save(folder / "a_bools.npy", a > 1)
np.save(folder / "half.npy", a.astype(np.float16))
np.save(folder / "objects.npy", np.array([{}, []], dtype=object))
np.save(folder / "records.npy", np.zeros(2, dtype=[("x", "f4"), ("y", "i4")]))
np.save(folder / "v.npy", np.array([1, 10, 100], dtype=np.float32))
np.save(folder / "long_ids.npy", np.array([1, 2**40]))
np.savez(folder / "stored.npz", data=a, target=np.array([True, False]))
np.savez_compressed(folder / "packed.npz", data=a, target=np.array([3, 4]))
np.savez_compressed(folder / "alone.npz", a.astype(np.float32))
(folder / "text.npy").write_text("1, 2, 3\n")
whole = (folder / "a32.npy").read_bytes()
(folder / "short.npy").write_bytes(whole[:-3])
(folder / "header.npy").write_bytes(whole[:40])
packed = bytearray((folder / "packed.npz").read_bytes())
(folder / "short.npz").write_bytes(packed[:-1])
place = packed.index(b"data.npy") + 60
packed[place] ^= 0xff
(folder / "altered.npz").write_bytes(packed)
