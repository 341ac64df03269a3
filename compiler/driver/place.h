// SPDX-License-Identifier: Apache-2.0
// Places on the command line: FILE, FILE:FUNCTION, FILE:FUNCTION:LINE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

struct FilePlace {
  std::string file;
  std::string function;  // or value; empty where none is named
  std::optional<uint32_t> line;
};

/// Forms of places, in the words for the user.
inline constexpr std::string_view kFunctionPlace = "FILE or FILE:FUNCTION",
                                  kValuePlace = "FILE:VALUE",
                                  kLinePlace = "FILE:FUNCTION, FILE:FUNCTION:LINE or FILE::LINE";

/// Reads a place of one of these forms; a file may have colons in its name where it exists. What
/// stands behind the file and is no such thing is reported.
FilePlace read_place(const std::string& text, std::string_view form, Diagnostics& diagnostics);

/// Whether the program has the function, or none is named; reports where it has not.
bool check_function(const Program& program, const std::string& function, const std::string& file,
                    Diagnostics& diagnostics);

/// The longest beginning of `text` before a colon that is a file or folder; empty where none is.
std::string existing_file(const std::string& text);

}  // namespace thx
