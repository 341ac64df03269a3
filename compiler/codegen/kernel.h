// SPDX-License-Identifier: Apache-2.0
// Loop kernels as LLVM functions.
#pragma once

#include <llvm/IR/Module.h>

#include <span>
#include <string>
#include <vector>

#include "codegen/target.h"
#include "schedule/loop_ir.h"

namespace thx::codegen {

/// The dims that a kernel uses, in the order of `dims` (the program's).
std::vector<std::string> kernel_dims(const loop::Kernel& kernel, std::span<const std::string> dims);

/// Every symbol of a kernel's extents that no loop of it binds, sorted by name.
std::vector<std::string> free_symbols(const loop::Kernel& kernel);

/// Adds the internal function `i64 @symbol(ptr buffer…, i64 dim…)`: the kernel's parameters, then
/// `dims`. It returns -1, or the index of the Fail that ended it, less one where negative. A long
/// kernel becomes several functions, which this one calls one after the other. The buffers of one
/// call may overlap only where all of them are read; each is aligned to its elements.
llvm::Function* emit_kernel(llvm::Module& module, const loop::Kernel& kernel,
                            const std::string& symbol, std::span<const std::string> dims,
                            const Target& target);

}  // namespace thx::codegen
