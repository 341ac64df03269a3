# SPDX-License-Identifier: Apache-2.0
"""Writes archives with one .npy file in each way that zip has to hold it."""
import sys
import zipfile
import zlib

with open(sys.argv[1], "rb") as file:
    content = file.read()


def write(name, method, strategy=None):
    make = zlib.compressobj
    if strategy is not None:
        zlib.compressobj = lambda level, kind, bits: make(level, kind, bits, 8, strategy)
    try:
        with zipfile.ZipFile(f"{sys.argv[2]}/{name}.npz", "w", method) as archive:
            archive.writestr(zipfile.ZipInfo("first.npy"), content[:200], method)
            archive.writestr(zipfile.ZipInfo("target.npy"), content, method)
    finally:
        zlib.compressobj = make


write("stored", zipfile.ZIP_STORED)
write("deflated", zipfile.ZIP_DEFLATED)
write("fixed", zipfile.ZIP_DEFLATED, zlib.Z_FIXED)
