// SPDX-License-Identifier: Apache-2.0
// Every dtype through the wrapper.
#include "dtypes.hpp"

#include <cstdio>
#include <vector>

int main() {
  Dtypes model;
  std::uint8_t truth = 0, byte = 0;
  std::int8_t small = 0;
  std::int16_t half = 0;
  std::int32_t word = 0;
  std::int64_t wide = 0;
  std::uint16_t unsigned_half = 0;
  std::uint32_t unsigned_word = 0;
  std::uint64_t unsigned_wide = 0;
  float single = 0;
  double real = 0;
  const thx_status status =
      model.scalars(1, -8, -16, -32, -64, 8, 16, 32, 64, 0.5f, 0.25, &truth, &small, &half, &word,
                    &wide, &byte, &unsigned_half, &unsigned_word, &unsigned_wide, &single, &real);
  const bool right = status == THX_OK && truth == 1 && small == -8 && half == -16 && word == -32 &&
                     wide == -64 && byte == 8 && unsigned_half == 16 && unsigned_word == 32 &&
                     unsigned_wide == 64 && single == 0.5f && real == 0.25 && model.sa()[0] == -8 &&
                     model.sg()[2] == 4000000000u;
  std::puts(right ? "the wrapper has every dtype" : "wrong");
  return right ? 0 : 1;
}
