// SPDX-License-Identifier: Apache-2.0
// The generated C header.
#pragma once

#include <string>

#include "codegen/interface.h"

namespace thx::codegen {

/// C99 and C++11, without a warning, also under macros of the application's.
std::string emit_header(const Interface& interface, const Program& program);

/// `const float *x` — how a parameter is declared.
std::string declaration(const Parameter& parameter, const Interface& interface,
                        const EntryPoint& entry);
/// `(prediction, xent) = train(x, y); updates w, b.`
std::string call_text(const EntryPoint& entry, const Program& program);
/// `LOGREG_TRAIN_WS_BYTES(N_, F_)` with these arguments, or without parentheses where there are
/// none.
std::string macro_call(const std::string& name, const std::vector<std::string>& arguments);
std::string workspace_macro(const Interface& interface, const EntryPoint& entry);
/// C names of dims.
std::vector<std::string> dim_names(const Interface& interface, const std::vector<int>& dims);

}  // namespace thx::codegen
