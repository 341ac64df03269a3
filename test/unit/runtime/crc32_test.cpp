// SPDX-License-Identifier: Apache-2.0
// CRC-32 against zlib's values and against the definition, bit by bit.
#include <gtest/gtest.h>
#include <thx/object.h>

#include <string>
#include <vector>

namespace thx {
namespace {

uint32_t by_definition(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1u ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

TEST(Crc32, ValuesOfZlib) {
  EXPECT_EQ(thx_crc32(0, "", 0), 0u);
  EXPECT_EQ(thx_crc32(0, "123456789", 9), 0xcbf43926u);
  std::string bytes;
  for (int i = 0; i < 3 * 256; ++i) bytes += static_cast<char>(i);
  bytes += "xyz";
  EXPECT_EQ(thx_crc32(0, bytes.data(), bytes.size()), 0x43906281u);
}

TEST(Crc32, EveryByteAtEveryPlace) {
  for (size_t place = 0; place < 19; ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes(19, '\x5a');
      bytes[place] = static_cast<char>(value);
      ASSERT_EQ(thx_crc32(0, bytes.data(), bytes.size()), by_definition(bytes)) << place;
    }
  }
}

TEST(Crc32, GoesOnFromParts) {
  const std::string bytes = "a checkpoint is untrusted input; strict and bounded";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const uint32_t first = thx_crc32(0, bytes.data(), cut);
    EXPECT_EQ(thx_crc32(first, bytes.data() + cut, bytes.size() - cut), by_definition(bytes));
  }
}

}  // namespace
}  // namespace thx
