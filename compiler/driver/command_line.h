// SPDX-License-Identifier: Apache-2.0
// The commands of thxc: build, check, help, and what stands before a command.
#pragma once

namespace thx {

/// Runs one command; returns an ExitCode. Nothing escapes: an internal error is exit 2.
int run_command_line(int argc, char** argv);

}  // namespace thx
