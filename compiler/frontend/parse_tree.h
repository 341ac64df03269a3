// SPDX-License-Identifier: Apache-2.0
// From ANTLR's parse tree to the tree of frontend/ast.h.
#pragma once

#include <cstdint>
#include <vector>

#include "ThxParser.h"
#include "frontend/ast.h"
#include "frontend/parse_text.h"
#include "support/diagnostic.h"

namespace thx {

// `errors` are the sorted places of all errors so far: a statement around one of them is Broken.
ast::Module build_tree(grammar::ThxParser::FileContext& file, const CleanText& text,
                       const Sources& sources, const std::vector<uint32_t>& errors,
                       Diagnostics& diagnostics);

}  // namespace thx
