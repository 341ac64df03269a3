// SPDX-License-Identifier: Apache-2.0
// From loop IR and interface to machine code.
#pragma once

#include <string>
#include <vector>

#include "codegen/interface.h"
#include "codegen/target.h"

namespace thx::codegen {

struct CodeRequest {
  bool object = false, assembly = false, llvm = false;
};

struct Code {
  std::string object;                          // a relocatable object file
  std::string assembly;                        // text
  std::string llvm;                            // text
  std::vector<std::string> undefined_symbols;  // of the object, sorted
};

/// Emits every kernel and entry point. Deterministic: no path, time or host name.
Code emit_code(const Interface& interface, const Program& program, const loop::Program& loops,
               const Target& target, const Sources& sources, const CodeRequest& request);

}  // namespace thx::codegen
