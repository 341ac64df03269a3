// SPDX-License-Identifier: Apache-2.0
// Calls of compiled cases, and the judgement of what they give.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "contexts.h"
#include "driver/loaded.h"

namespace thx::stability {

/// What one output of one case gave.
struct Verdict {
  std::string output;   // "value", "also", or the argument that the gradient is by
  std::string failure;  // the first element that is wrong, in words; empty: all are right
};

/// Calls the function of a case on its formula's inputs and judges every output.
std::vector<Verdict> run(const LoadedProgram& program, const std::string& function,
                         const Case& each, const std::map<std::string, std::string>& names,
                         const Formulas& formulas);

}  // namespace thx::stability
