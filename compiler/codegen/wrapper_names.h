// SPDX-License-Identifier: Apache-2.0
// The names that a generated C++ class gives to the user's things.
#pragma once

#include <map>
#include <string>

#include "codegen/interface.h"

namespace thx::codegen {

/// The interface with C names of dims and parameters that a class can use beside its own.
Interface for_class(Interface interface);

/// The methods of states, functions and their workspaces ("NAME workspace"), by names in the
/// .thx.
std::map<std::string, std::string> method_names(const Interface& interface);

}  // namespace thx::codegen
