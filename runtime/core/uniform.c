// SPDX-License-Identifier: Apache-2.0
// Uniform numbers and integers from counters.
#include "draw.h"

void thx_philox_uniform_f32(float* dst, uint64_t first, uint64_t n, uint64_t key, uint64_t step) {
  uint32_t words[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < n; ++i) {
    const uint64_t element = first + i;
    if (i == 0 || element % 4 == 0) draw_group(element / 4, key, step, words);
    dst[i] = (float)(words[element % 4] >> 8) * (1.0f / 16777216.0f);
  }
}

void thx_philox_uniform_f64(double* dst, uint64_t first, uint64_t n, uint64_t key, uint64_t step) {
  uint32_t words[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < n; ++i)
    dst[i] =
        (double)(draw_64(first + i, i == 0, key, step, words) >> 11) * (1.0 / 9007199254740992.0);
}

// The upper 64 bits of a product, by halves: not every target has integers of 128 bits.
static uint64_t multiply_high(uint64_t a, uint64_t b) {
  const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
  const uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (uint32_t)middle) >> 32);
}

void thx_philox_integers(int64_t* dst, uint64_t first, uint64_t n, uint64_t key, uint64_t step,
                         int64_t low, int64_t high) {
  const uint64_t count = high > low ? (uint64_t)high - (uint64_t)low : 0;
  uint32_t words[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < n; ++i)
    dst[i] = (int64_t)((uint64_t)low +
                       multiply_high(draw_64(first + i, i == 0, key, step, words), count));
}
