// SPDX-License-Identifier: Apache-2.0
// What the command line asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/dtype.h"
#include "support/fp_mode.h"

namespace thx {

/// Files that a build can write.
enum class Artifact : uint8_t {
  object,
  library,
  shared,
  header,
  wrapper,
  manifest,
  tensor_ir,
  loop_ir,
  llvm,
  assembly
};

struct ArtifactInfo {
  Artifact artifact;
  std::string_view name;       // in --emit
  std::string_view extension;  // of the file: <module><extension>
};
inline constexpr ArtifactInfo kArtifacts[] = {
    {Artifact::object, "obj", ".o"},
    {Artifact::library, "lib", ".a"},
    {Artifact::shared, "shared", ".so"},
    {Artifact::header, "header", ".h"},
    {Artifact::wrapper, "hpp", ".hpp"},
    {Artifact::manifest, "json", ".json"},
    {Artifact::tensor_ir, "tensor-ir", ".tensor.ir"},
    {Artifact::loop_ir, "loop-ir", ".loop"},
    {Artifact::llvm, "llvm", ".ll"},
    {Artifact::assembly, "asm", ".s"},
};

struct CompileOptions {
  std::string file;
  std::string output = ".";  // a folder; "-": standard output, for one artifact
  std::set<Artifact> emit = {Artifact::object, Artifact::header, Artifact::wrapper,
                             Artifact::manifest};
  std::vector<std::pair<std::string, std::string>> defines;
  DType float_x = DType::f32;
  FpMode fp = FpMode::standard;
  std::string cpu;                   // empty: the target's default
  std::string prefix;                // empty: the module's name
  std::vector<std::string> include;  // folders of imports, beside that of the source
  std::optional<double> nan_guard;   // the bound of magnitudes
  bool guard_updates = false;
  std::optional<int64_t> max_workspace;  // bytes that no function's workspace may exceed
  std::string depfile;
  bool json = false;  // diagnostics as JSON, one object a line
  bool verify_each = false;
  bool time_passes = false;
  bool print_refusals = false;
  std::vector<std::string> print_after;
};

/// Exit codes: part of the command line's contract.
enum ExitCode : int { kDone = 0, kUserError = 1, kOurError = 2, kBudgetExceeded = 3 };

}  // namespace thx
