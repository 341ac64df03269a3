// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the bytes of a .npy file or of an archive of them.
#include "driver/arrays.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "driver/zip.h"
#include "support/check.h"

namespace {

void check(const thx::Result<thx::HostArray>& array) {
  if (!array) return;
  const std::optional<int64_t> bytes = thx::byte_count(array->dtype, array->extents);
  THX_CHECK(bytes && static_cast<size_t>(*bytes) == array->bytes.size(), "an array of odd size");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const std::vector<std::byte> bytes(begin, begin + size);
  check(thx::parse_array(bytes, std::nullopt));
  const thx::Result<std::vector<thx::ZipMember>> members = thx::zip_members(bytes);
  if (!members) return 0;
  size_t read = 0;
  for (const thx::ZipMember& member : *members)
    if (++read <= 4) check(thx::parse_array(bytes, member.name));
  return 0;
}
