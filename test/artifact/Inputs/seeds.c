// SPDX-License-Identifier: Apache-2.0
// Initial values: the runtime's own draws, the seed of init where the source names none.
#include "seeds.h"

#include <thx/object.h>

#include "check.h"

enum { kF = 6 };

static unsigned char* make(uint64_t seed, seeds** m) {
  unsigned char* memory = (unsigned char*)aligned_memory(SEEDS_STATE_BYTES(kF));
  thx_init opts;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  opts.seed = seed;
#ifdef SEEDS_INIT_WS_BYTES
  opts.ws_bytes = SEEDS_INIT_WS_BYTES(kF);
  opts.ws = aligned_memory(opts.ws_bytes);
#endif
  STATUS(THX_OK, seeds_init(memory, SEEDS_STATE_BYTES(kF), kF, &opts, m));
  return memory;
}

int main(void) {
  seeds *a = NULL, *b = NULL, *c = NULL;
  float drawn[kF * 3], fixed[kF];
  double wide[kF];
  make(5, &a);
  make(5, &b);
  make(6, &c);
  thx_philox_normal_f32(drawn, 0, kF * 3, thx_draw_key(5, thx_draw_hash("drawn"), 0), 0);
  thx_philox_normal_f32(fixed, 0, kF, thx_draw_key(9, thx_draw_hash("fixed"), 0), 0);
  thx_philox_normal_f64(wide, 0, kF, thx_draw_key(9, thx_draw_hash("wide"), 0), 0);
  CHECK(memcmp(seeds_drawn(a), drawn, sizeof drawn) == 0);
  CHECK(memcmp(seeds_fixed(a), fixed, sizeof fixed) == 0);
  CHECK(memcmp(seeds_wide(a), wide, sizeof wide) == 0);
  thx_philox_normal_f32(fixed, 0, kF, thx_draw_key(9, thx_draw_hash("scaled"), 0), 0);
  for (int i = 0; i < kF; ++i) CHECK(seeds_scaled(a)[i] == 0.5f * fixed[i]);
  CHECK(*seeds_half(a) == 0.5f && *seeds_count(a) == 12 && *seeds_on(a) == 1);
  CHECK(memcmp(a, b, seeds_bytes(a)) == 0);
  CHECK(memcmp(seeds_drawn(a), seeds_drawn(c), sizeof drawn) != 0);
  CHECK(memcmp(seeds_fixed(a), seeds_fixed(c), sizeof fixed) == 0);
#ifdef SEEDS_INIT_WS_BYTES
  if (SEEDS_INIT_WS_BYTES(kF) > 0) {  // its size is checked
    thx_init opts;
    memset(&opts, 0, sizeof opts);
    opts.size = sizeof opts;
    STATUS(THX_E_WORKSPACE, seeds_init(b, SEEDS_STATE_BYTES(kF), kF, &opts, &c));
    STATUS(THX_E_WORKSPACE, seeds_init(b, SEEDS_STATE_BYTES(kF), kF, NULL, &c));
  }
#endif
  {
    float s = 0, r = 0, sum = 0;
    float x[kF] = {1, 1, 1, 1, 1, 1};
    void* ws = aligned_memory(4096);
    STATUS(THX_OK, seeds_touch(a, x, &s, ws, 4096, NULL));
    CHECK(*seeds_count(a) == 13 && *seeds_on(a) == 0);
    STATUS(THX_OK, seeds_touch(a, x, NULL, ws, 4096, NULL));
    CHECK(*seeds_count(a) == 14 && *seeds_on(a) == 1);
    STATUS(THX_OK, seeds_inner(a, x, &r, ws, 4096, NULL));
    for (int i = 0; i < kF; ++i) sum += seeds_fixed(a)[i];
    CHECK(r - 0.5f * sum < 1e-5f && 0.5f * sum - r < 1e-5f);
  }
  puts("initial values are the runtime's");
  return 0;
}
