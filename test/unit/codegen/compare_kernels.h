// SPDX-License-Identifier: Apache-2.0
// Runs kernels by the interpreter and as machine code of every level, and compares the bits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/extent.h"
#include "schedule/loop_ir.h"

namespace thx::testing {

/// The program that a loop text spells.
loop::Program parse_kernels(const std::string& text);

/// Compares all kernels of `program` for each binding of dims, on each level that this machine
/// runs. Inputs are random with special values among them; buffers named idx… hold small numbers.
void compare_kernels(const loop::Program& program, const std::vector<Extent::Values>& dims);

/// The levels to test.
std::vector<std::string> runnable_levels();

}  // namespace thx::testing
