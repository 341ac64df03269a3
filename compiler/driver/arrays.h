// SPDX-License-Identifier: Apache-2.0
// Arrays in files: .npy, and members of .npz archives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/host_array.h"
#include "support/result.h"

namespace thx {

/// The array in the bytes of a file, which are untrusted; of an archive, the member of that name,
/// or the only one. Which of the two they are, the first bytes say.
Result<HostArray> parse_array(std::vector<std::byte> bytes,
                              const std::optional<std::string>& member);

/// The array at `place`: PATH of a .npy file, PATH:MEMBER of an archive, or PATH of an archive with
/// one member. An error names the place.
Result<HostArray> read_array(const std::string& place);

}  // namespace thx
