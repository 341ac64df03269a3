// SPDX-License-Identifier: Apache-2.0
// Keeps an application's macros of one small letter out of a generated header.
#pragma once

#include <set>
#include <string>

#include "codegen/interface.h"

namespace thx::codegen {

/// Every name of a parameter in the generated header or wrapper.
std::set<std::string> parameter_names(const Interface& interface);

/// Text that sets macros of such names aside, and brings them back. Longer names that are known
/// to be macros get a `_` instead; a single letter stays what the user wrote.
class MacroShield {
 public:
  explicit MacroShield(const std::set<std::string>& names);
  std::string begin() const;
  std::string end() const;

 private:
  std::set<std::string> letters_;
};

}  // namespace thx::codegen
