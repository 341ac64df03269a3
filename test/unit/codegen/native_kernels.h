// SPDX-License-Identifier: Apache-2.0
// Kernels of loop text, compiled for a target and loaded into this process.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codegen/target.h"
#include "schedule/loop_ir.h"

namespace thx::testing {

/// Every kernel of `program`'s first function, callable by its name.
class NativeKernels {
 public:
  NativeKernels(const loop::Program& program, const codegen::Target& target);
  ~NativeKernels();
  NativeKernels(const NativeKernels&) = delete;

  /// -1, or the index that the kernel failed at.
  int64_t run(const loop::Kernel& kernel, std::vector<void*> buffers,
              const std::map<std::string, int64_t, std::less<>>& dims) const;
  const std::vector<std::string>& undefined() const { return undefined_; }

 private:
  void* library_ = nullptr;
  std::vector<std::string> undefined_;
};

}  // namespace thx::testing
