// SPDX-License-Identifier: Apache-2.0
// `thxc grad` on the command line.
#pragma once

#include "driver/command_parts.h"

namespace thx {

void add_grad(CLI::App& app, Words& words, Action& action);

}  // namespace thx
