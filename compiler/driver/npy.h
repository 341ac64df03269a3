// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files, versions 1 to 3.
#pragma once

#include <string>
#include <vector>

#include "driver/host_array.h"
#include "support/result.h"

namespace thx {

/// The array in the bytes of a .npy file, in row-major order and this machine's byte order. What
/// it reads is untrusted. Arrays of objects, records, strings, complex or half numbers are refused.
Result<HostArray> parse_npy(std::vector<std::byte> bytes);

/// A .npy file of version 1.0.
std::string npy_text(const HostArray& array);

}  // namespace thx
