// SPDX-License-Identifier: Apache-2.0
// A program's derivatives and functions printed as text of the language, read again and compared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "driver/options.h"
#include "ir/function.h"
#include "support/source.h"

namespace thx::texts {

struct Counts {
  int derivatives = 0;  // that were printed, read, and have the same values
  int functions = 0;    // whole ones, of which the same is true
  int rounded = 0;      // of both: with other bits, within the error bounds
  int failed = 0;
  int unreached = 0;                   // called at no point that was tried
  std::map<std::string, int> refused;  // by what has no spelling

  void add(const Counts& other);
};

/// Takes each derivative node of `program`, in regions too, and each function with its updates as
/// outputs: resolves what is to be differentiated, prints the part, reads the text, and compares
/// the values of both: by the interpreter, and as objects of `--fp=strict`. Failures are printed.
Counts check_texts(const Program& program, const CompileOptions& options, bool functions,
                   Sources& sources);

}  // namespace thx::texts
