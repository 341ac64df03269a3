// SPDX-License-Identifier: Apache-2.0
// The groups of words that draws are made of.
#ifndef THX_CORE_DRAW_H
#define THX_CORE_DRAW_H

#include <thx/object.h>

// The four words of a group: Philox with counter = (group, step).
static inline void draw_group(uint64_t group, uint64_t key, uint64_t step, uint32_t out[4]) {
  const uint32_t counter[4] = {(uint32_t)group, (uint32_t)(group >> 32), (uint32_t)step,
                               (uint32_t)(step >> 32)};
  const uint32_t words[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
  thx_philox(counter, words, out);
}

// The 64 bits of an element that takes two words, the low one first: two elements to a group.
// `words` holds the group of the element before, unless the element is the `first` one asked for.
static inline uint64_t draw_64(uint64_t element, int first, uint64_t key, uint64_t step,
                               uint32_t words[4]) {
  const unsigned at = 2u * (unsigned)(element % 2);
  if (first || element % 2 == 0) draw_group(element / 2, key, step, words);
  return (uint64_t)words[at + 1] << 32 | words[at];
}

#endif
