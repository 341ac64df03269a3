// SPDX-License-Identifier: Apache-2.0
// Reads zip archives, as NumPy's .npz files are: stored and deflated members, zip64 sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/result.h"

namespace thx {

struct ZipMember {
  std::string name;
  uint64_t offset = 0;  // of its local header
  uint64_t stored = 0;  // bytes in the archive
  uint64_t size = 0;    // bytes of the member itself
  uint32_t crc32 = 0;
  uint16_t method = 0;
  uint16_t flags = 0;
};

/// The archive's directory. The archive is untrusted.
Result<std::vector<ZipMember>> zip_members(std::span<const std::byte> archive);

/// A member's bytes, whose CRC is checked. Never takes more memory than the declared size, which
/// must be one that this many stored bytes can give.
Result<std::vector<std::byte>> zip_read(std::span<const std::byte> archive,
                                        const ZipMember& member);

}  // namespace thx
