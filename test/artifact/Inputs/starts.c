// SPDX-License-Identifier: Apache-2.0
// A start or an index that is out of range is THX_E_INDEX at its argument, before anything is
// written.
#include "starts.h"

#include "check.h"

enum { kN = 16, kB = 4 };

static char memory[STARTS_STATE_BYTES];
static char ws_memory[STARTS_STEP_WS_BYTES(kN) + STARTS_PICK_WS_BYTES(kN) +
                      STARTS_TWICE_WS_BYTES(kN) + STARTS_SCALED_WS_BYTES(kN) + 64];
static unsigned char before[sizeof memory];

int main(void) {
  const int64_t wrong[] = {kN / kB, kN / kB + 1, -1, INT64_MAX, INT64_MAX / kB, INT64_MIN / kB};
  void* ws = ws_memory + ((0u - (uintptr_t)ws_memory) & 63u);
  const size_t ws_bytes = sizeof ws_memory - 64;
  float x[kN], y[kB] = {-3, -3, -3, -3}, z = -3;
  starts* m = NULL;
  thx_error error;
  thx_exec ex;
  memset(&ex, 0, sizeof ex);
  ex.size = sizeof ex;
  ex.err = &error;
  for (int i = 0; i < kN; ++i) x[i] = (float)i;
  STATUS(THX_OK, starts_init(memory, sizeof memory, NULL, &m));
  memcpy(before, m, starts_bytes(m));
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    memset(&error, 0, sizeof error);
    STATUS(THX_E_INDEX, starts_step(m, kN, wrong[i], x, y, ws, ws_bytes, &ex));
    CHECK(error.argument == 3 && error.line == 14);
    CHECK(memcmp(before, m, starts_bytes(m)) == 0 && y[0] == -3);
    // The line is where the start stands, not where the slice is used.
    STATUS(THX_E_INDEX, starts_twice(kN, wrong[i], x, y, ws, ws_bytes, &ex));
    CHECK(error.argument == 2 && error.line == 19 && y[0] == -3);
  }
  // Dims, pointers, the workspace and overlaps come before.
  STATUS(THX_E_DIM, starts_step(m, -1, 99, x, y, ws, ws_bytes, &ex));
  STATUS(THX_E_NULL, starts_step(m, kN, 99, NULL, y, ws, ws_bytes, &ex));
  STATUS(THX_E_WORKSPACE, starts_step(m, kN, 99, x, y, ws, 0, &ex));
  STATUS(THX_E_ALIAS, starts_step(m, kN, 99, x, x, ws, ws_bytes, &ex));
  CHECK(memcmp(before, m, starts_bytes(m)) == 0);
  STATUS(THX_OK, starts_step(m, kN, 3, x, y, ws, ws_bytes, &ex));
  CHECK(y[0] == 12 && starts_w(m)[3] == 16);

  STATUS(THX_E_INDEX, starts_pick(kN, kN, x, &z, ws, ws_bytes, &ex));
  CHECK(error.argument == 2 && error.index == kN && z == -3);
  STATUS(THX_E_INDEX, starts_scaled(kN, kN + 1, x, &z, ws, ws_bytes, &ex));
  CHECK(error.argument == 2 && error.line == 20 && z == -3);
  STATUS(THX_E_INDEX, starts_pick(kN, -kN - 1, x, &z, ws, ws_bytes, &ex));
  STATUS(THX_E_INDEX, starts_pick(0, 0, x, &z, ws, ws_bytes, &ex));
  STATUS(THX_OK, starts_pick(kN, -1, x, &z, ws, ws_bytes, &ex));
  CHECK(z == kN - 1);
  puts("starts are checked at entry");
  return 0;
}
