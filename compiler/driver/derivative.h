// SPDX-License-Identifier: Apache-2.0
// `thxc grad`: the derivative of a value as the passes make it, in the language.
#pragma once

#include <string>

#include "driver/options.h"
#include "frontend/lower.h"
#include "support/diagnostic.h"

namespace thx {

/// A file whose function `evaluate` computes the derivatives; empty after a report.
std::string derivative_text(const CompileOptions& options, const DerivativeRequest& request,
                            Sources& sources, Diagnostics& diagnostics);

}  // namespace thx
