// SPDX-License-Identifier: Apache-2.0
// What is read from the headers of checkpoints, whole and damaged.
#include "driver/checkpoint_shapes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "support/text.h"
#include "unit/driver/own_folder.h"

namespace thx {
namespace {

std::string shapes(const std::string& bytes) {
  const std::string path = own_folder() / "shapes.safetensors";
  std::ofstream(path, std::ios::binary) << bytes;
  return join(checkpoint_shapes(path), " ",
              [](const auto& each) { return each.first + ":" + type_text(each.second); });
}

std::string with_length(const std::string& header) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header;
}

constexpr const char* kHeader = R"({"__metadata__":{"format":"thx","crc32":"00000000"}, )"
                                R"("w":{"dtype":"F32","shape":[2, 3],"data_offsets":[0,24]},)"
                                R"("n.m" : {"shape":[],"data_offsets":[24,32],"dtype":"I64"} } )";

TEST(CheckpointShapes, AreRead) {
  EXPECT_EQ(shapes(with_length(kHeader) + "data"), "n.m:i64 w:f32[2, 3]");
  EXPECT_EQ(shapes(with_length("{}")), "");
}

TEST(CheckpointShapes, OfAnythingElseAreNone) {
  EXPECT_EQ(shapes(""), "");
  EXPECT_EQ(shapes(std::string(8, '\xff')), "");
  EXPECT_EQ(shapes(with_length(kHeader).substr(0, 60)), "");
  EXPECT_EQ(shapes(with_length(R"({"w":{"dtype":"F16","shape":[2]}})")), "");
  EXPECT_EQ(shapes(with_length(R"({"w":{"dtype":"F32"}})")), "");
  EXPECT_EQ(shapes(with_length(R"({"w":{"dtype":"F32","shape":[-2]}})")), "");
  EXPECT_EQ(shapes(with_length(R"({"w":{"dtype":"F32","shape":[99999999999999999999]}})")), "");
  EXPECT_EQ(shapes(with_length(R"({"w":[[[[)")), "");
  EXPECT_TRUE(checkpoint_shapes("/no/such/file").empty());
  EXPECT_TRUE(checkpoint_shapes("/").empty());
  EXPECT_TRUE(checkpoint_shapes("/dev/zero").empty());
}

TEST(CheckpointShapes, MutationsAreHarmless) {
  std::mt19937 random(3);
  const std::string whole = with_length(kHeader);
  for (int round = 0; round < 300; ++round) {
    std::string mutated = whole;
    for (uint32_t n = 1 + random() % 3; n > 0; --n)
      mutated[random() % mutated.size()] = static_cast<char>(random() % 2 == 0 ? '"' : random());
    shapes(mutated);
  }
}

}  // namespace
}  // namespace thx
