// SPDX-License-Identifier: Apache-2.0
// Indices: those of inputs are checked before anything is written; a computed one that is wrong
// leaves the state as it was.
#include "check.h"
#include "fallible.h"
#include "softmax_regression.h"

enum { kF = 4, kC = 3, kN = 37 };

static float x[kN * kF], p[kN * kC], picked[kN];
static int64_t y[kN];
static char memory[SOFTMAX_REGRESSION_STATE_BYTES(kF, kC)], small[FALLIBLE_STATE_BYTES(kF)];
static unsigned char before[sizeof memory];
static thx_error error;
static thx_exec ex;
static unsigned char* ws;

static thx_status train(softmax_regression* m, float* J) {
  return softmax_regression_train(m, kN, x, y, 0.5f, J, ws,
                                  SOFTMAX_REGRESSION_TRAIN_WS_BYTES(kF, kC, kN), &ex);
}

static void index_inputs(void) {
  softmax_regression* m = NULL;
  const int64_t wrong[] = {kC, kC + 1, -kC - 1, INT64_MAX, INT64_MIN};
  float J = -3.0f;
  STATUS(THX_OK, softmax_regression_init(memory, sizeof memory, kF, kC, NULL, &m));
  memcpy(before, m, softmax_regression_bytes(m));
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    for (int64_t at = 0; at < kN; at += 6) {
      y[at] = wrong[i];
      memset(&error, 0, sizeof error);
      STATUS(THX_E_INDEX, train(m, &J));
      CHECK(error.status == THX_E_INDEX && error.argument == 4);
      CHECK(error.index == (wrong[i] == INT64_MIN ? INT64_MIN + 1 : wrong[i]));
      CHECK(error.line == 18);  // of `[arange(N), y]`
      CHECK(memcmp(before, m, softmax_regression_bytes(m)) == 0 && J == -3.0f);
      // An overlap comes before an index.
      STATUS(THX_E_ALIAS,
             softmax_regression_train(m, kN, x, y, 0.5f, x, ws,
                                      SOFTMAX_REGRESSION_TRAIN_WS_BYTES(kF, kC, kN), &ex));
      y[at] = at % kC;
    }
  }
  STATUS(THX_OK, train(m, &J));
  CHECK(J > 0.0f && memcmp(before, m, softmax_regression_bytes(m)) != 0);
}

// Negative indices count from the end.
static void negative_indices(void) {
  softmax_regression* m = NULL;
  float J[2];
  static char models[2][sizeof memory];
  for (int round = 0; round < 2; ++round) {
    STATUS(THX_OK, softmax_regression_init(memory, sizeof memory, kF, kC, NULL, &m));
    for (int64_t i = 0; i < kN; ++i) y[i] = i % kC - (round == 1 && i % 2 == 0 ? kC : 0);
    STATUS(THX_OK, train(m, &J[round]));
    memcpy(models[round], m, softmax_regression_bytes(m));
  }
  CHECK(J[0] == J[1] && memcmp(models[0], models[1], softmax_regression_bytes(m)) == 0);
}

static void computed_indices(void) {
  fallible* m = NULL;
  float J = 0.0f, last = 0.0f;
  STATUS(THX_OK, fallible_init(small, sizeof small, kF, NULL, &m));
  memcpy(before, m, fallible_bytes(m));
  for (int64_t i = 0; i < kN; ++i) y[i] = i % (kF - 1);
  for (int64_t k = 2; k < 4; ++k) {
    memset(&error, 0, sizeof error);
    STATUS(THX_E_INDEX,
           fallible_step(m, kN, x, y, k, &J, picked, ws, FALLIBLE_STEP_WS_BYTES(kN, kF), &ex));
    CHECK(error.status == THX_E_INDEX && error.line == 13);
    CHECK(memcmp(before, m, fallible_bytes(m)) == 0);
  }
  STATUS(THX_OK,
         fallible_step(m, kN, x, y, 1, &J, picked, ws, FALLIBLE_STEP_WS_BYTES(kN, kF), &ex));
  for (int64_t i = 0; i < kN; ++i) {
    CHECK(picked[i] == x[i * kF + y[i] + 1]);
    last += picked[i];
  }
  CHECK(J - last / kN < 1e-5f && last / kN - J < 1e-5f);
  CHECK(memcmp(before, m, fallible_bytes(m)) != 0);
  for (int64_t k = 0; k < kF; ++k) {  // w = 1 - 0.5 * (the sum of what was picked from k) / N
    float sum = 0.0f, difference;
    for (int64_t i = 0; i < kN; ++i) sum += y[i] + 1 == k ? x[i * kF + k] : 0.0f;
    difference = fallible_w(m)[k] - (1.0f - 0.5f * sum / kN);
    CHECK(difference < 1e-6f && difference > -1e-6f);
  }
}

int main(void) {
  uint32_t seed = 5;
  for (int i = 0; i < kN * kF; ++i) x[i] = next_number(&seed);
  for (int64_t i = 0; i < kN; ++i) y[i] = i % kC;
  ex.size = sizeof ex;
  ex.err = &error;
  ws = (unsigned char*)aligned_memory(1 << 20);
  index_inputs();
  negative_indices();
  computed_indices();
  (void)p;
  puts("indices are checked");
  return 0;
}
