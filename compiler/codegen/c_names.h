// SPDX-License-Identifier: Apache-2.0
// Which names C and C++ leave to a program, and the spellings of one name that C code uses.
#pragma once

#include <string>
#include <string_view>

namespace thx::codegen {

/// Whether `name` is a word of C or C++, or a name that the generated text uses as one.
bool is_reserved_word(std::string_view name);
/// Whether the C library or POSIX has a function or an object of this name.
bool is_library_name(std::string_view name);
/// Whether `name`.h is a header of the C library.
bool is_library_header(std::string_view name);
/// Whether `name` has no small letter: applications have macros of such names.
bool is_capital(std::string_view name);

/// logreg: LOGREG
std::string in_capitals(std::string_view name);
/// softmax_regression: SoftmaxRegression
std::string as_class(std::string_view name);

}  // namespace thx::codegen
