// SPDX-License-Identifier: Apache-2.0
// Every dtype crosses the C interface as it is: scalars by value at both ends of their range,
// arrays and outputs by pointer, state through accessors and checkpoints.
#include "dtypes.h"

#include "check.h"
#include "memory_file.h"

enum { kN = 37 };

static char memory[DTYPES_STATE_BYTES], again[DTYPES_STATE_BYTES];
static char ws_memory[DTYPES_SCALARS_WS_BYTES + DTYPES_ARRAYS_WS_BYTES(kN) + 64];

static void* ws(void) { return ws_memory + ((0u - (uintptr_t)ws_memory) & 63u); }

static void initial_values(dtypes* m) {
  CHECK(*dtypes_sp(m) == 1 && *dtypes_sa(m) == -1 && dtypes_sb(m)[1] == -2);
  CHECK(dtypes_sc(m)[2] == -3 && *dtypes_sd(m) == -4 && *dtypes_se(m) == 200);
  CHECK(dtypes_sf(m)[1] == 60000 && dtypes_sg(m)[2] == 4000000000u && *dtypes_sh(m) == 5);
  CHECK(*dtypes_si(m) == 0.5f && *dtypes_sj(m) == 0.25);
}

static void scalars(dtypes* m, int high) {
  const uint8_t p = (uint8_t)high;
  const int8_t a = high ? INT8_MAX : INT8_MIN;
  const int16_t b = high ? INT16_MAX : INT16_MIN;
  const int32_t c = high ? INT32_MAX : INT32_MIN;
  const int64_t d = high ? INT64_MAX : INT64_MIN;
  const uint8_t e = high ? UINT8_MAX : 1;
  const uint16_t f = high ? UINT16_MAX : 2;
  const uint32_t g = high ? UINT32_MAX : 3;
  const uint64_t h = high ? UINT64_MAX : 4;
  const float i = high ? 3.5f : -0.0f;
  const double j = high ? 1e300 : -1e-300;
  uint8_t op = 9, oe = 9;
  int8_t oa = 9;
  int16_t ob = 9;
  int32_t oc = 9;
  int64_t od = 9;
  uint16_t of = 9;
  uint32_t og = 9;
  uint64_t oh = 9;
  float oi = 9;
  double oj = 9;
  STATUS(THX_OK, dtypes_scalars(m, p, a, b, c, d, e, f, g, h, i, j, &op, &oa, &ob, &oc, &od, &oe,
                                &of, &og, &oh, &oi, &oj, ws(), sizeof ws_memory - 64, NULL));
  CHECK(op == p && oa == a && ob == b && oc == c && od == d && oe == e && of == f && og == g);
  CHECK(oh == h && memcmp(&oi, &i, sizeof i) == 0 && memcmp(&oj, &j, sizeof j) == 0);
  CHECK(*dtypes_sp(m) == p && *dtypes_sa(m) == a && *dtypes_sd(m) == d && *dtypes_se(m) == e);
  CHECK(*dtypes_sh(m) == h && memcmp(dtypes_si(m), &i, sizeof i) == 0);
}

// Arrays of random bits, which come out again; a bool is 0 or 1.
#define FILL(type, name)                                            \
  static type name[kN], o##name[kN];                                \
  for (size_t at = 0; at < sizeof name; ++at)                       \
    ((unsigned char*)name)[at] = (unsigned char)next_random(&seed); \
  memset(o##name, 0x5A, sizeof o##name)

static void arrays(const dtypes* m) {
  uint32_t seed = 7;
  (void)m;
  FILL(uint8_t, p);
  FILL(int8_t, a);
  FILL(int16_t, b);
  FILL(int32_t, c);
  FILL(int64_t, d);
  FILL(uint8_t, e);
  FILL(uint16_t, f);
  FILL(uint32_t, g);
  FILL(uint64_t, h);
  FILL(float, i);
  FILL(double, j);
  for (int at = 0; at < kN; ++at) p[at] = (uint8_t)(p[at] & 1);
  STATUS(THX_OK, dtypes_arrays(kN, p, a, b, c, d, e, f, g, h, i, j, op, oa, ob, oc, od, oe, of, og,
                               oh, oi, oj, ws(), sizeof ws_memory - 64, NULL));
  CHECK(memcmp(p, op, sizeof p) == 0 && memcmp(a, oa, sizeof a) == 0);
  CHECK(memcmp(b, ob, sizeof b) == 0 && memcmp(c, oc, sizeof c) == 0);
  CHECK(memcmp(d, od, sizeof d) == 0 && memcmp(e, oe, sizeof e) == 0);
  CHECK(memcmp(f, of, sizeof f) == 0 && memcmp(g, og, sizeof g) == 0);
  CHECK(memcmp(h, oh, sizeof h) == 0 && memcmp(i, oi, sizeof i) == 0);
  CHECK(memcmp(j, oj, sizeof j) == 0);
}

static void checkpoints(dtypes* m) {
  dtypes* n = NULL;
  STATUS(THX_OK, dtypes_save(m, write_bytes, NULL, NULL));
  STATUS(THX_OK, dtypes_init(again, sizeof again, NULL, &n));
  CHECK(memcmp(m, n, dtypes_bytes(m)) != 0);
  STATUS(THX_OK, dtypes_load(n, file_bytes, read_bytes, NULL, NULL));
  CHECK(memcmp(m, n, dtypes_bytes(m)) == 0);
  {
    static const char* const kNames[] = {"BOOL", "I8",  "I16", "I32", "I64", "U8",
                                         "U16",  "U32", "U64", "F32", "F64"};
    file[sizeof file - 1] = 0;
    for (int at = 0; at < 11; ++at) {
      char text[32];
      snprintf(text, sizeof text, "\"dtype\":\"%s\"", kNames[at]);
      CHECK(strstr((const char*)file + 8, text) != NULL);
    }
  }
}

int main(void) {
  dtypes* m = NULL;
  STATUS(THX_OK, dtypes_init(memory, sizeof memory, NULL, &m));
  initial_values(m);
  scalars(m, 0);
  scalars(m, 1);
  arrays(m);
  checkpoints(m);
  puts("every dtype crosses the interface");
  return 0;
}
