# SPDX-License-Identifier: Apache-2.0
# Writes a program with bytes that no editor shows: a byte order mark and both kinds of line ends,
# which are fine, and a control character, a lone carriage return and bytes that are not UTF-8.
import sys

sys.stdout.buffer.write(b"\xef\xbb\xbf# \xc3\xa4 \x01\r\nlet a = 1\xff\xfe\nlet b = 2 \r+ 1\r\n")
