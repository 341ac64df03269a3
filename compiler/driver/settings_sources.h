// SPDX-License-Identifier: Apache-2.0
// What the readers of thx.toml and THX_FLAGS ask of the table of settings.
#pragma once

#include <string>

#include "driver/settings.h"

namespace thx {

/// Reports a key that is no setting, and one that lacks its value.
void check_known(const std::string& key, const Setting& setting, bool has_value,
                 Diagnostics& diagnostics);

}  // namespace thx
