# SPDX-License-Identifier: Apache-2.0
"""Fails where a file holds the name of this machine, unless that is too short to tell."""
import socket
import sys

host = socket.gethostname().encode()
with open(sys.argv[1], "rb") as file:
    if len(host) > 4 and host in file.read():
        sys.exit(f"{sys.argv[1]} names the host")
