// SPDX-License-Identifier: Apache-2.0
// Dims that are bounded, fixed, or must not be 0; a transient state stays out of checkpoints.
#include "dims.h"

#include "check.h"
#include "memory_file.h"

int main(void) {
  static char memory[DIMS_STATE_BYTES];
  static float x[16] = {3, 1, 5}, z[3] = {7, 8, 9}, out[16], seen[3];
  dims* m = NULL;
  thx_error error;
  thx_exec ex;
  void* ws = aligned_memory(1 << 16);
  memset(&ex, 0, sizeof ex);
  ex.size = sizeof ex;
  ex.err = &error;

  STATUS(THX_OK, dims_first(1, x, out, ws, 1 << 16, &ex));
  CHECK(out[0] == 3);
  STATUS(THX_OK, dims_greatest(3, x, out, ws, 1 << 16, &ex));
  CHECK(out[0] == 5);
  out[0] = -1;
  STATUS(THX_E_DIM, dims_first(0, x, out, ws, 1 << 16, &ex));
  CHECK(error.line == 15 && out[0] == -1);
  STATUS(THX_E_DIM, dims_greatest(0, x, out, ws, 1 << 16, &ex));
  CHECK(error.line == 16 && out[0] == -1);

  STATUS(THX_OK, dims_bounded(8, x, out, ws, 1 << 16, &ex));
  STATUS(THX_E_DIM, dims_bounded(9, x, out, ws, 1 << 16, &ex));
  CHECK(error.argument == 1 && error.index == 9);

  STATUS(THX_OK, dims_init(memory, sizeof memory, NULL, &m));
  STATUS(THX_OK, dims_fixed(m, z, out, ws, 1 << 16, &ex));
  CHECK(out[2] == 18 && dims_scratch(m)[0] == 7 && dims_kept(m)[0] == 3);
  STATUS(THX_OK, dims_save(m, write_bytes, NULL, NULL));
  for (size_t i = 0; i + 7 < file_bytes; ++i) CHECK(memcmp(file + i, "scratch", 7) != 0);
  STATUS(THX_OK, dims_fixed(m, out, NULL, ws, 1 << 16, &ex));
  memcpy(seen, dims_scratch(m), sizeof seen);
  STATUS(THX_OK, dims_load(m, file_bytes, read_bytes, NULL, NULL));
  CHECK(dims_kept(m)[0] == 3 && memcmp(seen, dims_scratch(m), sizeof seen) == 0);
  puts("dims are what they must be");
  return 0;
}
