// SPDX-License-Identifier: Apache-2.0
// Run-time starts of slices are checked before anything is written; parts of states are replaced in
// place; initial values are the runtime's draws.
#include "arrays.h"

#include <thx/object.h>

#include "check.h"

enum { kF = 5, kN = 14 };

static float x[kN * kF];
static unsigned char before[4096];
static thx_error error;
static thx_exec ex;
static unsigned char* ws;

static void draws(arrays* m) {
  float buffer[8];
  double wide[3];
  int64_t dice[9];
  thx_philox_uniform_f32(buffer, 0, 8, thx_draw_key(5, thx_draw_hash("buffer"), 0), 0);
  thx_philox_uniform_f64(wide, 0, 3, thx_draw_key(5, thx_draw_hash("wide"), 0), 0);
  thx_philox_integers(dice, 0, 9, thx_draw_key(5, thx_draw_hash("dice"), 0), 0, 1, 7);
  CHECK(memcmp(arrays_buffer(m), buffer, sizeof buffer) == 0);
  CHECK(memcmp(arrays_dice(m), dice, sizeof dice) == 0);
  for (int i = 0; i < 3; ++i) {
    const double d = arrays_wide(m)[i] - (-2 + 4 * wide[i]);
    CHECK(d < 1e-15 && -d < 1e-15);
  }
}

static void steps(arrays* m) {
  const int64_t outside[] = {-1, 3, 4, INT64_MAX / 8, INT64_MIN / 8};
  float total[kF];
  for (size_t k = 0; k < sizeof outside / sizeof *outside; ++k) {
    memcpy(before, m, arrays_bytes(m));
    memset(&error, 0, sizeof error);
    STATUS(THX_E_INDEX, arrays_step(m, kN, x, outside[k], total, ws, 4096, &ex));
    CHECK(error.status == THX_E_INDEX && error.argument == 4 && error.line > 0);
    CHECK(error.index == 4 * outside[k]);
    CHECK(memcmp(before, m, arrays_bytes(m)) == 0);
  }
  for (int64_t i = 0; i < 3; ++i) {
    STATUS(THX_OK, arrays_step(m, kN, x, i, total, ws, 4096, &ex));
    for (int64_t f = 0; f < kF; ++f) {
      float sum = 0;
      for (int64_t r = 4 * i; r < 4 * i + 4; ++r) sum += x[r * kF + f];
      CHECK(sum - total[f] < 1e-5f && total[f] - sum < 1e-5f);
    }
  }
}

static void parts(arrays* m) {
  const float v[3] = {10, 20, 30};
  int64_t at[3] = {-1, 0, -1};
  float old[8];
  memcpy(old, arrays_buffer(m), sizeof old);
  STATUS(THX_OK, arrays_put(m, v, ws, 4096, &ex));
  for (int i = 0; i < 8; ++i) CHECK(arrays_buffer(m)[i] == (i >= 2 && i < 5 ? v[i - 2] : old[i]));
  STATUS(THX_OK, arrays_scatter(m, at, v, ws, 4096, &ex));
  CHECK(arrays_buffer(m)[7] == 30 && arrays_buffer(m)[0] == 20 && arrays_buffer(m)[2] == 10);
  at[1] = 8;
  memcpy(before, m, arrays_bytes(m));
  STATUS(THX_E_INDEX, arrays_scatter(m, at, v, ws, 4096, &ex));
  CHECK(memcmp(before, m, arrays_bytes(m)) == 0);
}

static void turns(arrays* m) {
  float taken[3], old[8];
  for (int64_t turn = 0; turn < 3; ++turn) {
    memcpy(old, arrays_buffer(m), sizeof old);
    STATUS(THX_OK, arrays_turn(m, taken, ws, 4096, &ex));
    CHECK(memcmp(taken, old + 2 * turn, sizeof taken) == 0);
    CHECK(arrays_buffer(m)[7] == 2 * old[7] && *arrays_turns(m) == 2 * turn + 2);
  }
  memcpy(before, m, arrays_bytes(m));
  STATUS(THX_E_INDEX, arrays_turn(m, taken, ws, 4096, &ex));
  CHECK(memcmp(before, m, arrays_bytes(m)) == 0);
}

int main(void) {
  arrays* m = NULL;
  uint32_t seed = 3;
  static char memory[ARRAYS_STATE_BYTES(kF)];
  const float v[3] = {1, 3, 2}, expected[8] = {1, 3, 2, 1, 2, 2, 3, 1};
  float all[8], sums[3];
  int64_t where = -1;
  thx_init opts;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  ws = (unsigned char*)aligned_memory(4096);
  opts.ws = ws;
  opts.ws_bytes = 4096;
  ex.size = sizeof ex;
  ex.err = &error;
  for (int i = 0; i < kN * kF; ++i) x[i] = next_number(&seed);
  STATUS(THX_OK, arrays_init(memory, sizeof memory, kF, &opts, &m));
  draws(m);
  steps(m);
  parts(m);
  turns(m);
  STATUS(THX_OK, arrays_joined(v, all, sums, &where, ws, 4096, &ex));
  CHECK(memcmp(all, expected, sizeof all) == 0 && where == 1);
  CHECK(sums[0] == 1 && sums[1] == 4 && sums[2] == 6);
  puts("arrays are read and written in place");
  return 0;
}
