// SPDX-License-Identifier: Apache-2.0
// What the applications of these tests share: checks that say where they fail, aligned memory.
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thx/thx.h>

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

#define STATUS(expected, call)                                                \
  do {                                                                        \
    const thx_status answered = (call);                                       \
    if (answered != (expected)) {                                             \
      fprintf(stderr, "%s:%d: %s is %s, not %s\n", __FILE__, __LINE__, #call, \
              thx_status_name(answered), thx_status_name(expected));          \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

// Applications here end without freeing what they took.
const char* __asan_default_options(void);
const char* __asan_default_options(void) { return "detect_leaks=0"; }

// 64-byte aligned memory of its own, so that an address sanitizer sees both its ends.
static inline void* aligned_memory(size_t bytes) {
  void* memory = aligned_alloc(64, (bytes / 64 + 1) * 64);
  CHECK(memory != NULL);
  memset(memory, 0xA5, (bytes / 64 + 1) * 64);
  return memory;
}

// Numbers that need no library: the same on every machine, in [-1, 1), multiples of 1/512.
static inline uint32_t next_random(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}
static inline float next_number(uint32_t* state) {
  return (float)((int32_t)(next_random(state) % 1024u) - 512) / 512.0f;
}

#endif
