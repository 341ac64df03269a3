// SPDX-License-Identifier: Apache-2.0
// A sequence whose elements stay where they are.
#include "support/stable_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace thx {
namespace {

TEST(StableVector, GrowsWithoutMovingElements) {
  StableVector<int> numbers;
  std::vector<const int*> places;
  for (int i = 0; i < 1000; ++i) places.push_back(&numbers.emplace_back(i));
  ASSERT_EQ(numbers.size(), 1000u);
  for (size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(&numbers[i], places[i]);
    EXPECT_EQ(numbers[i], static_cast<int>(i));
  }
}

TEST(StableVector, DestroysWhatItHolds) {
  const auto counted = std::make_shared<int>(0);
  for (const size_t size : {0, 1, 8, 9, 24, 25}) {
    StableVector<std::shared_ptr<int>> held;
    for (size_t i = 0; i < size; ++i) held.emplace_back(counted);
    EXPECT_EQ(counted.use_count(), static_cast<long>(size) + 1);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
}  // namespace thx
