// SPDX-License-Identifier: Apache-2.0
// The life of a model: init in static memory, accessors, get and set, copies that are attached.
#include <thx/object.h>  // the runtime's draws, to compare initial values with

#include "check.h"
#include "logreg.h"

enum { kF = 30 };

// Constant expressions of the header, as an application without a heap uses them.
static char memory[LOGREG_STATE_BYTES(kF)];
static char elsewhere[LOGREG_STATE_BYTES(kF) + 128];
static char again[LOGREG_STATE_BYTES(kF)];

static void* aligned(char* p) { return p + ((0u - (uintptr_t)p) & (LOGREG_ALIGN - 1u)); }

static void initial_values(void) {
  logreg *m = NULL, *n = NULL;
  float expected[kF];
  thx_init opts;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  opts.seed = 77;
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  CHECK((uintptr_t)m % LOGREG_ALIGN == 0);
  CHECK(logreg_bytes(m) <= sizeof memory && logreg_bytes(m) + 63 == sizeof memory);
  CHECK(logreg_dim_F(m) == kF);
  thx_philox_normal_f32(expected, 0, kF, thx_draw_key(1, thx_draw_hash("w"), 0), 0);
  CHECK(memcmp(logreg_w(m), expected, sizeof expected) == 0);
  CHECK(*logreg_b(m) == 0.0f);
  // The source names the seed, so that of init changes nothing; nor does the place in memory.
  STATUS(THX_OK, logreg_init(again, sizeof again, kF, &opts, &n));
  CHECK(logreg_bytes(n) == logreg_bytes(m) && memcmp(n, m, logreg_bytes(m)) == 0);
}

static void init_refuses(void) {
  logreg* m = NULL;
  thx_init opts;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  STATUS(THX_E_NULL, logreg_init(NULL, sizeof memory, kF, NULL, &m));
  STATUS(THX_E_NULL, logreg_init(memory, sizeof memory, kF, NULL, NULL));
  STATUS(THX_E_DIM, logreg_init(memory, sizeof memory, -1, NULL, &m));
  STATUS(THX_E_DIM, logreg_init(memory, sizeof memory, INT64_MAX, NULL, &m));
  STATUS(THX_E_DIM, logreg_init(memory, sizeof memory, INT64_MAX / 4, NULL, &m));
  STATUS(THX_E_WORKSPACE, logreg_init(memory, sizeof memory, kF + 64, NULL, &m));
  STATUS(THX_E_WORKSPACE, logreg_init(memory, 0, kF, NULL, &m));
  STATUS(THX_E_WORKSPACE, logreg_init(memory, 1, kF, NULL, &m));
  opts.size = 4;
  STATUS(THX_E_ABI, logreg_init(memory, sizeof memory, kF, &opts, &m));
  opts.size = sizeof opts;
  opts.flags = 2;
  STATUS(THX_E_ABI, logreg_init(memory, sizeof memory, kF, &opts, &m));
  CHECK(m == NULL);
}

static void every_dim(void) {
  logreg* m = NULL;
  STATUS(THX_OK, logreg_init(memory, sizeof memory, 0, NULL, &m));
  CHECK(logreg_dim_F(m) == 0 && *logreg_b(m) == 0.0f);
  // Enough for any start: the slack in STATE_BYTES covers alignment.
  for (size_t shift = 0; shift < 64; ++shift)
    STATUS(THX_OK, logreg_init(elsewhere + shift, LOGREG_STATE_BYTES(kF), kF, NULL, &m));
}

static void get_and_set(void) {
  logreg* m = NULL;
  float w[kF], back[kF], b = 2.5f;
  thx_error error;
  thx_exec ex;
  memset(&ex, 0, sizeof ex);
  ex.size = sizeof ex;
  ex.err = &error;
  for (int i = 0; i < kF; ++i) w[i] = (float)i - 3.5f;
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  STATUS(THX_OK, logreg_set_w(m, w, NULL));
  STATUS(THX_OK, logreg_set_b(m, &b, &ex));
  STATUS(THX_OK, logreg_get_w(m, back, &ex));
  CHECK(memcmp(w, back, sizeof w) == 0 && memcmp(logreg_w_const(m), w, sizeof w) == 0);
  CHECK(*logreg_b_const(m) == 2.5f && logreg_w_const(m) == logreg_w(m));
  STATUS(THX_E_NULL, logreg_set_w(m, NULL, &ex));
  CHECK(error.status == THX_E_NULL && error.argument == 2);
  STATUS(THX_E_NULL, logreg_get_w(NULL, back, &ex));
  CHECK(error.argument == 1);
  STATUS(THX_E_ALIGN, logreg_get_w(m, (float*)(void*)((char*)back + 1), &ex));
  CHECK(error.argument == 2);
  ex.flags = 4;
  STATUS(THX_E_ABI, logreg_get_w(m, back, &ex));
}

static void attach(void) {
  logreg *m = NULL, *copy = NULL;
  char* place = (char*)aligned(elsewhere);
  size_t bytes;
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  bytes = logreg_bytes(m);
  memcpy(place, m, bytes);
  STATUS(THX_OK, logreg_attach(place, bytes, &copy));
  CHECK((char*)copy == place && memcmp(logreg_w(copy), logreg_w(m), kF * sizeof(float)) == 0);
  STATUS(THX_OK, logreg_attach(place, bytes + 1, &copy));
  *logreg_b(copy) = 1.0f;
  CHECK(*logreg_b(m) == 0.0f);
  copy = NULL;
  STATUS(THX_E_NULL, logreg_attach(NULL, bytes, &copy));
  STATUS(THX_E_ABI, logreg_attach(place, bytes - 1, &copy));
  STATUS(THX_E_ABI, logreg_attach(place, 0, &copy));
  memmove(place + 32, place, bytes);
  STATUS(THX_E_ALIGN, logreg_attach(place + 32, bytes, &copy));
  for (int byte = 0; byte < 40; ++byte) {  // magic, version, flags, program, bytes, the dim
    memcpy(place, m, bytes);
    place[byte] = (char)(place[byte] ^ 0x10);
    STATUS(THX_E_ABI, logreg_attach(place, bytes, &copy));
  }
  CHECK(copy == NULL);
}

int main(void) {
  initial_values();
  init_refuses();
  every_dim();
  get_and_set();
  attach();
  puts("the model's functions keep their word");
  return 0;
}
