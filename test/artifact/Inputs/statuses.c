// SPDX-License-Identifier: Apache-2.0
// Every status of an entry point by argument and in the documented order; a failing call changes
// no bit of state and outputs.
#include "check.h"
#include "logreg.h"

enum { kF = 5, kN = 7 };

static float x[kN * kF + 1], y[kN + 1], xent[kN + 1];
static uint8_t prediction[kN];
static logreg *m, *untouched;
static unsigned char *ws, *memory;
static size_t ws_bytes, model_bytes;
static thx_error error;
static thx_exec ex;

// A call that has to fail: with this status, at this argument, and without a trace.
#define FAILS(expected, place, call)                                                 \
  do {                                                                               \
    memset(&error, 0x77, sizeof error);                                              \
    STATUS(expected, call);                                                          \
    CHECK(error.status == (expected));                                               \
    CHECK(error.argument == (place));                                                \
    CHECK(error.line == 19 || error.line == 24);                                     \
    CHECK(memcmp(m, untouched, model_bytes) == 0);                                   \
    for (int at = 0; at < kN; ++at) CHECK(prediction[at] == 9 && xent[at] == -3.0f); \
  } while (0)

// A fault that ex itself may carry: nothing is written through it.
#define FAILS_SILENTLY(expected, call)             \
  do {                                             \
    STATUS(expected, call);                        \
    CHECK(memcmp(m, untouched, model_bytes) == 0); \
  } while (0)

static thx_status train(logreg* model, int64_t n, const float* px, const float* py, void* pp,
                        float* pc, void* pws, size_t bytes) {
  return logreg_train(model, n, px, py, (uint8_t*)pp, pc, pws, bytes, &ex);
}

static void* misaligned(void* p) { return (unsigned char*)p + 1; }

static void set_up(void) {
  uint32_t seed = 1;
  for (int i = 0; i < kN * kF; ++i) x[i] = next_number(&seed);
  for (int i = 0; i < kN; ++i) y[i] = (float)(i % 2);
  for (int i = 0; i < kN; ++i) prediction[i] = 9, xent[i] = -3.0f;
  memory = aligned_memory(LOGREG_STATE_BYTES(kF));
  STATUS(THX_OK, logreg_init(memory, LOGREG_STATE_BYTES(kF), kF, NULL, &m));
  model_bytes = logreg_bytes(m);
  untouched = (logreg*)aligned_memory(model_bytes);
  memcpy(untouched, m, model_bytes);
  STATUS(THX_OK, logreg_train_ws_bytes(kN, kF, &ws_bytes));
  CHECK(ws_bytes > 0);
  ws = (unsigned char*)aligned_memory(ws_bytes + 64);
  ex.size = sizeof ex;
  ex.err = &error;
}

static void models_and_hooks(void) {
  logreg* other = (logreg*)aligned_memory(model_bytes);
  FAILS(THX_E_NULL, 1, train(NULL, kN, x, y, prediction, xent, ws, ws_bytes));
  FAILS(THX_E_ALIGN, 1, train((logreg*)misaligned(m), kN, x, y, prediction, xent, ws, ws_bytes));
  memset(other, 0, model_bytes);
  FAILS(THX_E_ABI, 1, train(other, kN, x, y, prediction, xent, ws, ws_bytes));
  for (int byte = 0; byte < 24; ++byte) {  // magic, version, flags, program
    memcpy(other, m, model_bytes);
    ((unsigned char*)other)[byte] ^= 1u;
    FAILS(THX_E_ABI, 1, train(other, kN, x, y, prediction, xent, ws, ws_bytes));
  }
  ex.size = (uint32_t)sizeof ex - 1;
  FAILS_SILENTLY(THX_E_ABI, train(m, kN, x, y, prediction, xent, ws, ws_bytes));
  FAILS_SILENTLY(THX_E_NULL, train(NULL, kN, x, y, prediction, xent, ws, ws_bytes));
  ex.size = sizeof ex + 64;  // a later version's
  STATUS(THX_OK, logreg_predict(m, kN, x, NULL, ws, ws_bytes, &ex));
  ex.size = sizeof ex;
  ex.flags = 1;
  FAILS_SILENTLY(THX_E_ABI, train(m, kN, x, y, prediction, xent, ws, ws_bytes));
  ex.flags = 0;
  {
    union {
      thx_exec ex;
      unsigned char bytes[sizeof(thx_exec) + 8];
    } shifted;
    memcpy(shifted.bytes + 4, &ex, sizeof ex);
    FAILS_SILENTLY(THX_E_ALIGN, logreg_train(m, kN, x, y, prediction, xent, ws, ws_bytes,
                                             (const thx_exec*)(const void*)(shifted.bytes + 4)));
  }
  free(other);
}

static void dims_and_pointers(void) {
  FAILS(THX_E_DIM, 2, train(m, -1, x, y, prediction, xent, ws, ws_bytes));
  CHECK(error.index == -1);
  FAILS(THX_E_DIM, 2, train(m, INT64_MIN, x, y, prediction, xent, ws, ws_bytes));
  for (int shift = 0; shift < 5; ++shift) {  // sizes that overflow
    STATUS(THX_E_DIM, train(m, INT64_MAX >> shift, x, y, prediction, xent, ws, ws_bytes));
    CHECK(memcmp(m, untouched, model_bytes) == 0);
  }
  FAILS(THX_E_NULL, 3, train(m, kN, NULL, y, prediction, xent, ws, ws_bytes));
  FAILS(THX_E_NULL, 4, train(m, kN, x, NULL, prediction, xent, ws, ws_bytes));
  FAILS(THX_E_NULL, 7, train(m, kN, x, y, prediction, xent, NULL, ws_bytes));
  FAILS(THX_E_ALIGN, 3, train(m, kN, (float*)misaligned(x), y, prediction, xent, ws, ws_bytes));
  FAILS(THX_E_ALIGN, 4, train(m, kN, x, (float*)misaligned(y), prediction, xent, ws, ws_bytes));
  FAILS(THX_E_ALIGN, 6, train(m, kN, x, y, prediction, (float*)misaligned(xent), ws, ws_bytes));
  FAILS(THX_E_ALIGN, 7, train(m, kN, x, y, prediction, xent, ws + 32, ws_bytes));
  FAILS(THX_E_WORKSPACE, 7, train(m, kN, x, y, prediction, xent, ws, ws_bytes - 1));
  CHECK(error.index == (int64_t)ws_bytes);
  FAILS(THX_E_WORKSPACE, 7, train(m, kN, x, y, prediction, xent, ws, 0));
}

static void overlaps(void) {
  float* w = logreg_w(m);
  // An output over an input, another output, the state, the workspace.
  FAILS(THX_E_ALIAS, 6, train(m, kN, x, y, prediction, x + kN, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 6, train(m, kN, x, y, prediction, y, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 6, train(m, kN, x, y, xent, xent, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 5, train(m, kN, x, y, x, NULL, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 6, train(m, 1, x, y, prediction, w, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 7, train(m, kN, x, y, prediction, (float*)(void*)ws, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 5, train(m, 1, x, y, m, xent, ws, ws_bytes));  // even the model's header
  // An input over the state that is updated, and over the workspace.
  FAILS(THX_E_ALIAS, 3, train(m, 1, w, y, prediction, xent, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 4, train(m, 1, x, logreg_b(m), prediction, xent, ws, ws_bytes));
  FAILS(THX_E_ALIAS, 7, train(m, kN, x, (float*)(void*)ws, prediction, xent, ws, ws_bytes));
  // The workspace over the model.
  if (ws_bytes <= model_bytes) {
    FAILS(THX_E_ALIAS, 7, train(m, kN, x, y, prediction, xent, m, ws_bytes));
  }
  // What is only read may overlap: x and y, and a state that a const function reads.
  STATUS(THX_OK, train((logreg*)memcpy(aligned_memory(model_bytes), m, model_bytes), kN, x, x, NULL,
                       NULL, ws, ws_bytes));
  STATUS(THX_OK, logreg_predict(m, 1, w, NULL, ws, ws_bytes, &ex));
}

// Where a call has two faults, the earlier of the order answers.
static void order(void) {
  FAILS(THX_E_NULL, 1, train(NULL, -1, NULL, y, prediction, xent, ws, 0));
  FAILS(THX_E_ALIGN, 1, train((logreg*)misaligned(m), -1, NULL, y, prediction, xent, ws, 0));
  FAILS(THX_E_DIM, 2, train(m, -1, NULL, NULL, prediction, xent, NULL, 0));
  FAILS(THX_E_NULL, 3, train(m, kN, NULL, NULL, prediction, xent, ws, 0));
  FAILS(THX_E_NULL, 4, train(m, kN, (float*)misaligned(x), NULL, prediction, xent, ws, 0));
  FAILS(THX_E_ALIGN, 3, train(m, kN, (float*)misaligned(x), y, prediction, xent, ws, 0));
  FAILS(THX_E_WORKSPACE, 7, train(m, kN, x, y, prediction, y, ws, 0));
  ex.size = 8;
  FAILS_SILENTLY(THX_E_ABI, train(m, -1, x, y, prediction, xent, ws, ws_bytes));
  ex.size = sizeof ex;
}

static void empty_calls(void) {
  STATUS(THX_OK, logreg_predict(m, 0, NULL, NULL, ws, ws_bytes, NULL));
  STATUS(THX_OK, logreg_predict(m, 0, (float*)misaligned(x), misaligned(y), ws, ws_bytes, NULL));
  STATUS(THX_E_DIM, logreg_predict(m, -1, NULL, NULL, ws, ws_bytes, NULL));  // without hooks too
}

// ex->err is written on failure alone, and may be missing.
static void error_records(void) {
  memset(&error, 0x55, sizeof error);
  STATUS(THX_OK, logreg_predict(m, kN, x, NULL, ws, ws_bytes, &ex));
  CHECK(error.status == 0x55555555 && error.argument == 0x55555555 && error.line == 0x55555555);
  ex.err = NULL;
  STATUS(THX_E_NULL, train(m, kN, NULL, y, prediction, xent, ws, ws_bytes));
  ex.err = &error;
}

static void workspace_sizes(void) {
  size_t bytes = 1;
  STATUS(THX_E_DIM, logreg_train_ws_bytes(-1, kF, &bytes));
  STATUS(THX_E_DIM, logreg_train_ws_bytes(kN, -1, &bytes));
  STATUS(THX_E_DIM, logreg_train_ws_bytes(INT64_MAX, kF, &bytes));
  STATUS(THX_E_DIM, logreg_train_ws_bytes(INT64_MAX / 2, INT64_MAX / 2, &bytes));
  CHECK(bytes == 1);
  STATUS(THX_E_NULL, logreg_train_ws_bytes(kN, kF, NULL));
  for (int64_t n = 0; n < 300; n += 7) {
    for (int64_t f = 0; f < 100; f += 9) {
      STATUS(THX_OK, logreg_train_ws_bytes(n, f, &bytes));
      CHECK(bytes <= LOGREG_TRAIN_WS_BYTES(n, f));
      STATUS(THX_OK, logreg_predict_ws_bytes(n, f, &bytes));
      CHECK(bytes <= LOGREG_PREDICT_WS_BYTES(n, f));
    }
  }
}

int main(void) {
  set_up();
  models_and_hooks();
  dims_and_pointers();
  overlaps();
  order();
  empty_calls();
  error_records();
  workspace_sizes();
  STATUS(THX_OK, train(m, kN, x, y, prediction, xent, ws, ws_bytes));
  CHECK(prediction[0] <= 1 && xent[kN - 1] > 0.0f);
  puts("every status answered");
  return 0;
}
