// SPDX-License-Identifier: Apache-2.0
// What was probably meant by a statement that does not follow the grammar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "antlr4-runtime.h"

namespace thx {

/// The token that does not fit and the statement around it.
struct BrokenStatement {
  std::vector<const antlr4::Token*> before;  // from the start of the statement
  const antlr4::Token* at;
  std::vector<const antlr4::Token*> after;  // to its end
};

std::optional<std::string> help_for(const BrokenStatement& statement);

/// Words that are reserved wherever they stand.
bool is_reserved(size_t type);

}  // namespace thx
