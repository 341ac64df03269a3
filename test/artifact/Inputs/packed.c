// SPDX-License-Identifier: Apache-2.0
// Params lie tightly packed behind one accessor per dtype; updating one touches no other.
#include "packed.h"

#include "check.h"
#include "memory_file.h"

enum { kF = 3, kH = 5, kFloats = kF * kH + kH + 1, kDoubles = 1 + 3 };

static char memory[PACKED_STATE_BYTES(kF, kH)], again[PACKED_STATE_BYTES(kF, kH)];

_Static_assert(PACKED_N_PARAMS_F32(kF, kH) == kFloats, "all f32 params");
_Static_assert(PACKED_N_PARAMS_F64(kF, kH) == kDoubles, "all f64 params");

static void layout(packed* m) {
  float* all = packed_params_f32(m);
  double* doubles = packed_params_f64(m);
  CHECK((uintptr_t)all % PACKED_ALIGN == 0 && (uintptr_t)doubles % PACKED_ALIGN == 0);
  CHECK((uintptr_t)packed_steps(m) % PACKED_ALIGN == 0);
  CHECK((uintptr_t)packed_cache(m) % PACKED_ALIGN == 0);
  CHECK(packed_W(m) == all && packed_b(m) == all + kF * kH && packed_c(m) == all + kF * kH + kH);
  CHECK(packed_s(m) == doubles && packed_t(m) == doubles + 1);
  CHECK(packed_params_f32_const(m) == all && packed_params_f64_const(m) == doubles);
  for (int i = 0; i < kFloats; ++i)
    CHECK(all[i] == (i < kF * kH ? 0.5f : i < kF * kH + kH ? 0.25f : 7.0f));
  for (int i = 0; i < kDoubles; ++i) CHECK(doubles[i] == (i == 0 ? 2.0 : 1.0));
}

static void updates(packed* m) {
  static char ws[PACKED_STEP_WS_BYTES(kF, kH) + PACKED_SHIFT_WS_BYTES(kF, kH) + 64];
  void* aligned = ws + ((0u - (uintptr_t)ws) & 63u);
  const float x[kF] = {1, 2, 3}, k[kH] = {1, 2, 3, 4, 5};
  float y[kH];
  const float* all = packed_params_f32_const(m);
  double sum = 0;
  STATUS(THX_OK, packed_step(m, x, y, aligned, sizeof ws - 64, NULL));
  CHECK(y[0] == 3.0f + 1.75f && *packed_steps(m) == 1);
  for (int i = 0; i < kFloats; ++i)
    CHECK(all[i] == (i < kF * kH ? 1.5f : i < kF * kH + kH ? 0.25f : 7.0f));
  STATUS(THX_OK, packed_shift(m, k, &sum, aligned, sizeof ws - 64, NULL));
  CHECK(sum == 5.0);
  for (int i = 0; i < kH; ++i) CHECK(packed_b(m)[i] == 1.25f + (float)i);
  CHECK(*packed_c(m) == 7.0f && packed_W(m)[kF * kH - 1] == 1.5f);
  CHECK(*packed_s(m) == 2.0 && packed_t(m)[2] == 2.0);
  // What a call only reads may be its input, though its neighbour is written.
  STATUS(THX_OK, packed_step(m, packed_b(m), NULL, aligned, sizeof ws - 64, NULL));
  STATUS(THX_E_ALIAS, packed_step(m, packed_W(m), NULL, aligned, sizeof ws - 64, NULL));
  STATUS(THX_E_ALIAS,
         packed_step(m, packed_W(m) + kF * kH - 1, NULL, aligned, sizeof ws - 64, NULL));
  STATUS(THX_E_ALIAS, packed_shift(m, packed_b(m), &sum, aligned, sizeof ws - 64, NULL));
}

static void copies(packed* m) {
  float all[kFloats];
  packed* n = NULL;
  STATUS(THX_OK, packed_get_params_f32(m, all, NULL));
  CHECK(memcmp(all, packed_params_f32(m), sizeof all) == 0);
  for (int i = 0; i < kFloats; ++i) all[i] = (float)i;
  STATUS(THX_OK, packed_set_params_f32(m, all, NULL));
  CHECK(packed_W(m)[1] == 1.0f && packed_b(m)[0] == (float)(kF * kH) && *packed_s(m) == 2.0);
  STATUS(THX_E_NULL, packed_set_params_f32(m, NULL, NULL));
  // A checkpoint holds each by its name.
  STATUS(THX_OK, packed_save(m, write_bytes, NULL, NULL));
  CHECK(strstr((const char*)file + 8, "\"c\":{\"dtype\":\"F32\",\"shape\":[]") != NULL);
  CHECK(strstr((const char*)file + 8, "params_f32") == NULL);
  STATUS(THX_OK, packed_init(again, sizeof again, kF, kH, NULL, &n));
  STATUS(THX_OK, packed_load(n, file_bytes, read_bytes, NULL, NULL));
  CHECK(memcmp(packed_params_f32(n), all, sizeof all) == 0);
  CHECK(packed_t(n)[1] == packed_t(m)[1] && *packed_steps(n) == *packed_steps(m));
}

static void empty(void) {
  packed* m = NULL;
  STATUS(THX_OK, packed_init(memory, sizeof memory, 0, 0, NULL, &m));
  CHECK(PACKED_N_PARAMS_F32(0, 0) == 1 && packed_c(m) == packed_params_f32(m));
  CHECK(*packed_c(m) == 7.0f && *packed_s(m) == 2.0);
}

int main(void) {
  packed* m = NULL;
  empty();
  STATUS(THX_OK, packed_init(memory, sizeof memory, kF, kH, NULL, &m));
  layout(m);
  updates(m);
  copies(m);
  puts("params are packed");
  return 0;
}
