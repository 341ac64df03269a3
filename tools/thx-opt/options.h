// SPDX-License-Identifier: Apache-2.0
// The command line of thx-opt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/extent.h"
#include "support/diagnostic.h"
#include "support/fp_mode.h"

namespace thx::opt {

struct Options {
  std::string file = "-";
  std::vector<std::string> passes;
  bool spans = false;
  FpMode fp = FpMode::standard;
  std::optional<size_t> rewrite_limit;  // rewrites to be made in all
  bool print_rewrites = false;          // made and refused, on standard error
  bool fma = true;
  int vector_bytes = 32;

  std::string emit;  // a form of the machine code of loop IR's kernels
  std::string cpu = "x86-64-v3";

  std::string run;  // a function or kernel to run instead of printing the program
  std::vector<std::pair<std::string, std::string>> arguments;  // name, value
  Extent::Values dims;
  std::string inputs;      // a file of dims and arguments, a line each
  bool compare = false;    // run before and after the passes
  std::string difference;  // a parameter: print differences of the first output by it
  bool reverse_chunks = false;

  std::string rules;      // a table of the page of rewrites to print, and nothing else
  std::string operators;  // a table of the page of operators to print, and nothing else
};

/// What reads, runs and reports: each returns false after a reported error.
struct Session {
  const Options& options;
  Sources& sources;
  uint32_t file;
  Diagnostics& diagnostics;

  const std::string& text() const { return sources.text(file); }
  bool fail(Diagnostic diagnostic) const {
    diagnostics.report(std::move(diagnostic));
    return false;
  }
};

}  // namespace thx::opt
