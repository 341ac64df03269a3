// SPDX-License-Identifier: Apache-2.0
// Arrays as text for people.
#pragma once

#include <string>

#include "driver/host_array.h"

namespace thx {

/// The array as NumPy's str() prints it: at most 8 digits behind the point, columns aligned, lines
/// of 75 characters, and of more than 200 elements only the outer three along each axis. A
/// scalar is printed with all its digits.
std::string array_text(const HostArray& array);

}  // namespace thx
