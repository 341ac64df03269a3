// SPDX-License-Identifier: Apache-2.0
// What is wrong about a command line, in words for its user, and the layout of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "support/diagnostic.h"

namespace thx {

/// Reports what stopped the parser of the command line.
void report_usage(const CLI::App& app, int argc, const char* const* argv,
                  const CLI::ParseError& error, Diagnostics& diagnostics);

/// The layout of --help: an option that stands for itself or takes `=VALUE` shows that.
std::shared_ptr<CLI::Formatter> help_layout();

}  // namespace thx
