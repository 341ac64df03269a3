// SPDX-License-Identifier: Apache-2.0
// Runs a case through the compiler, with every check after every step.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "generate.h"
#include "reference/evaluate.h"
#include "schedule/loop_ir.h"
#include "support/fp_mode.h"

namespace thx::random {

enum class Stage : uint8_t { passes, loops, object, text };

/// The first thing that went wrong.
struct Failure {
  enum class Kind : uint8_t {
    verifier,    // a broken rule
    round_trip,  // printing, reading and printing again gives another text
    repeated,    // a second run of a rewriting pass changes something
    value,       // another result
    thrown,      // an internal error
    refused,     // a diagnostic for a program that keeps all rules
  };
  Kind kind;
  std::string step;       // the pass, or what else was done
  std::string what;       // one line
  std::string before;     // the text before the step; empty where there was none
  std::string function;   // whose result it is; may be empty
  bool odd_dims = false;  // of the case: with which the function was called
};
std::string_view to_string(Failure::Kind kind);

/// How a case is compiled: follows from its seed.
struct Manner {
  FpMode fp = FpMode::standard;
  loop::Machine machine = {};
};
Manner manner_of(uint64_t seed);

/// What was done, for the counts.
struct Tally {
  uint64_t programs = 0, functions = 0;
  uint64_t calls = 0;         // whose results were compared at least once
  uint64_t failed_calls = 0;  // that answer a status
  uint64_t refused = 0;       // programs that differentiation has an error for
  std::array<uint64_t, std::size(kOps)> with = {};  // programs by what stands in them
  uint64_t unspelled = 0;  // functions that hold something without a spelling
};

/// A program after all tensor passes, with what its functions give.
struct Lowered {
  struct Call {
    reference::Arguments arguments;
    reference::Outcome outcome;
  };
  Program program;                         // grouped
  std::vector<std::array<Call, 2>> calls;  // by function: with dims, with odd_dims
  bool refused = false;                    // a diagnostic of differentiation: nothing more was done
};

/// All tensor passes.
std::optional<Failure> check_passes(const Case& source, Lowered& lowered, Tally& tally);
/// The one pass on a program as it stands before it.
std::optional<Failure> check_pass(const Case& source, std::string_view pass);
/// From the grouped program: loop IR as built and as scheduled.
std::optional<Failure> check_loops(const Case& source, const Lowered& lowered,
                                   loop::Program& loops);
/// Each function as text of the language.
std::optional<Failure> check_text(const Case& source, Tally& tally);
/// The functions of all cases in one object; on a failure `culprit` is the case.
std::optional<Failure> check_object(const std::vector<Case>& sources, Tally& tally,
                                    size_t& culprit);

}  // namespace thx::random
