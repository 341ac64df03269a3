// SPDX-License-Identifier: Apache-2.0
// The machines that code is made for: a triple and a level of CPU.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/loop_ir.h"

namespace thx::codegen {

struct Target {
  std::string triple;    // x86_64-unknown-linux-gnu
  std::string name;      // as --cpu spells it
  std::string cpu;       // LLVM's name: which instructions there are
  std::string tune;      // LLVM's name: which are fast
  std::string features;  // beyond those of the cpu: +fma,-avx512f
  int vector_bits = 256;
  bool fma = true;

  loop::Machine machine() const { return {vector_bits / 8, fma}; }
};

/// What `--cpu` takes, the default first.
std::vector<std::string> cpu_names();
/// The target of that name; nothing where there is none.
std::optional<Target> find_target(std::string_view cpu);
Target default_target();
/// The one triple that code is made for.
std::string native_triple();
/// Whether this machine can run the target's code.
bool host_runs(const Target& target);

}  // namespace thx::codegen
