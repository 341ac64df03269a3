// SPDX-License-Identifier: Apache-2.0
// Long kernels in parts: what LLVM does in a function, and in a block of it, grows faster than the
// block.
#pragma once

#include <vector>

#include "schedule/loop_ir.h"

namespace thx::codegen {

/// The statements of one part, in order; each belongs to the kernel's body.
using KernelPart = std::vector<const loop::Statement*>;

/// The kernel's body, cut where no register is read that an earlier part computes: what is computed
/// from constants and extents alone is computed again. One part where it is short, where it has
/// memory of its own, or where it cannot be cut.
std::vector<KernelPart> parts_of(const loop::Kernel& kernel);

}  // namespace thx::codegen
