// SPDX-License-Identifier: Apache-2.0
// What `thxc targets` prints.
#pragma once

#include <string>

namespace thx {

/// Every machine that code can be made for, the default, and which of them this one can run.
std::string describe_targets();

}  // namespace thx
