// SPDX-License-Identifier: Apache-2.0
// From the text of a file to its tree. The files parse*.cpp are the only ones that see ANTLR.
#pragma once

#include <cstdint>

#include "frontend/ast.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace thx {

// Reads a whole file and reports all of its errors; statements that cannot be read are
// ast::Broken, so that later steps go on without follow-up errors. The tree points into the text
// of `sources`.
ast::Module parse(const Sources& sources, uint32_t file, Diagnostics& diagnostics);

}  // namespace thx
