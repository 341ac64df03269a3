// SPDX-License-Identifier: Apache-2.0
// Kernels alone, without entry points: what thx-opt and tests look at.
#pragma once

#include <string>

#include "codegen/target.h"
#include "schedule/loop_ir.h"

namespace thx::codegen {

enum class Form { llvm, optimised_llvm, assembly, object };

/// Whether the kernel is one call of the runtime, a draw: made where it is launched, without code.
bool is_call(const loop::Kernel& kernel);

/// Every kernel of the program that has code, exported as `<function>.<kernel>` (`<kernel>` where
/// the function has no name); its dims in order of their names.
std::string emit_kernels(const loop::Program& program, const Target& target, Form form);

}  // namespace thx::codegen
