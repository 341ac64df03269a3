// SPDX-License-Identifier: Apache-2.0
// The manifest of a build: a JSON file that says what was compiled and to what.
#pragma once

#include <string>
#include <vector>

#include "codegen/interface.h"
#include "support/fp_mode.h"

namespace thx::codegen {

struct ManifestFacts {
  std::string cpu;
  FpMode fp = FpMode::standard;
  bool fused = false;  // fused multiply-adds are in use
  DType float_x = DType::f32;
  std::vector<std::string> undefined_symbols;
  struct Rewrite {
    std::string rule;
    std::vector<int> lines;  // of the source
    int count = 0;
  };
  std::vector<Rewrite> rewrites;
};

/// docs/manifest.md describes the schema; `schema` in the text is its version.
std::string emit_manifest(const Interface& interface, const Program& program,
                          const loop::Program& loops, const ManifestFacts& facts);

}  // namespace thx::codegen
