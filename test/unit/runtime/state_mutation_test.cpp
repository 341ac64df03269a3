// SPDX-License-Identifier: Apache-2.0
// Checkpoints that were damaged: no value of no byte, no length, leads to wrong state.
#include <gtest/gtest.h>

#include "memory_file.h"

namespace thx::test {
namespace {

// A damaged file is refused and the model stays as it was, or what loads is bit for bit what was
// saved (damage to blanks, or to metadata that is not checked).
thx_status load_damaged(const std::string& bytes) {
  SmallModel m = empty_model();
  const thx_status status = load(m, bytes);
  if (status == THX_OK) {
    EXPECT_TRUE(m == SmallModel());
  } else {
    EXPECT_TRUE(status == THX_E_IO || status == THX_E_ABI) << status;
    EXPECT_TRUE(m == empty_model());
  }
  EXPECT_EQ(m.header.flags, 0u);
  return status;
}

TEST(DamagedCheckpoint, EveryValueOfEveryByte) {
  const std::string bytes = saved(SmallModel());
  const size_t data = bytes.size() - 36;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(value);
      const thx_status status = load_damaged(damaged);
      if (damaged[i] == bytes[i]) {
        ASSERT_EQ(status, THX_OK);
      } else if (i < 8 || i >= data) {
        ASSERT_EQ(status, THX_E_IO) << "byte " << i << " as " << value;
      }
    }
  }
}

TEST(DamagedCheckpoint, EveryShorterAndSomeLongerFiles) {
  const std::string bytes = saved(SmallModel());
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_EQ(load_damaged(bytes.substr(0, n)), THX_E_IO);
  for (size_t n = 1; n < 20; ++n) EXPECT_EQ(load_damaged(bytes + std::string(n, '\0')), THX_E_IO);
}

TEST(DamagedCheckpoint, EveryByteLeftOutOrDoubled) {
  const std::string bytes = saved(SmallModel());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string shorter = bytes, longer = bytes;
    EXPECT_NE(load_damaged(shorter.erase(i, 1)), THX_OK);
    EXPECT_NE(load_damaged(longer.insert(i, 1, bytes[i])), THX_OK);
  }
}

TEST(DamagedCheckpoint, HeaderLengths) {
  const std::string bytes = saved(SmallModel());
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{1}, uint64_t{7}, bytes.size() - 8ul, bytes.size() - 7ul,
        bytes.size() + 0ul, uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX - 7, UINT64_MAX}) {
    std::string damaged = bytes;
    std::memcpy(damaged.data(), &length, 8);
    EXPECT_EQ(load_damaged(damaged), THX_E_IO) << length;
  }
}

// The metadata stay whole here: where format and checksum are both lost, the file counts as another
// writer's, and its data cannot be checked.
TEST(DamagedCheckpoint, SeveralBytesAtOnce) {
  const std::string bytes = saved(SmallModel());
  const size_t first = bytes.find('}');
  uint32_t state = 1;
  const auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  for (int round = 0; round < 100000; ++round) {
    std::string damaged = bytes;
    for (int k = 0; k < 1 + round % 8; ++k) {
      damaged[first + random() % (bytes.size() - first)] = static_cast<char>(random());
    }
    load_damaged(damaged);
  }
}

TEST(DamagedCheckpoint, Garbage) {
  uint32_t state = 7;
  const char alphabet[] = "{}[]\",:\\ \n0129wbF32u";
  for (int round = 0; round < 20000; ++round) {
    std::string header;
    for (int k = 0; k < 40; ++k) {
      state = state * 1664525u + 1013904223u;
      header += alphabet[(state >> 8) % (sizeof alphabet - 1)];
    }
    EXPECT_NE(load_damaged(file_of(header, std::string(36, 'x'))), THX_OK);
  }
}

}  // namespace
}  // namespace thx::test
