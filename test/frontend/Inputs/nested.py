# SPDX-License-Identifier: Apache-2.0
# Writes a program with a long sum, which is fine, and with brackets nested too deep, which is not.
print("let sum = 1" + " + 1" * 100000)
print("let deep = " + "(" * 300 + "1" + ")" * 300)
