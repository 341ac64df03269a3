// SPDX-License-Identifier: Apache-2.0
// `thxc verify` on the command line.
#pragma once

#include "driver/command_parts.h"

namespace thx {

void add_verify(CLI::App& app, Words& words, Action& action);

}  // namespace thx
