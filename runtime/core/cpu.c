// SPDX-License-Identifier: Apache-2.0
// Detects the level of the processor, once for each thread that comes first; all find the same.
#include <thx/thx.h>

#if defined(__x86_64__)
#include <cpuid.h>

// The state that the system saves for a program: bits 1 and 2 SSE and AVX, 5 to 7 AVX-512.
static uint32_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

static int32_t detect(void) {
  const uint32_t v2 = bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT;
  const uint32_t v3 = bit_FMA | bit_MOVBE | bit_OSXSAVE | bit_AVX | bit_F16C;
  const uint32_t v3_more = bit_BMI | bit_AVX2 | bit_BMI2;
  const uint32_t v4 = bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
  uint32_t a, b, c, d, features, more, extended, state;
  if (!__get_cpuid(1, &a, &b, &features, &d)) return 1;
  if (!__get_cpuid(0x80000001u, &a, &b, &extended, &d)) return 1;
  if (!has(features, v2) || !has(extended, bit_LAHF_LM)) return 1;
  if (!__get_cpuid_count(7, 0, &a, &more, &c, &d)) return 2;
  if (!has(features, v3) || !has(more, v3_more) || !has(extended, bit_ABM)) return 2;
  state = saved_state();
  if (!has(state, 0x06u)) return 2;
  return has(more, v4) && has(state, 0xe6u) ? 4 : 3;
}
#else
static int32_t detect(void) { return 0; }
#endif

// The only mutable word of the runtime: 0 until known, then the level and one. Threads that race
// write the same.
static int32_t known_level;

int32_t thx_cpu_level(void) {
  int32_t known = __atomic_load_n(&known_level, __ATOMIC_RELAXED);
  if (known == 0) {
    known = detect() + 1;
    __atomic_store_n(&known_level, known, __ATOMIC_RELAXED);
  }
  return known - 1;
}
