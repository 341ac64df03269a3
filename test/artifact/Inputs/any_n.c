// SPDX-License-Identifier: Apache-2.0
// One binary for every N, 0 and 1 included; an output that is NULL changes nothing else.
#include <math.h>

#include "check.h"
#include "logreg.h"

enum { kF = 13, kMost = 261 };

static float x[kMost * kF], y[kMost], xent[kMost], exact_w[kF];
static uint8_t prediction[kMost];
static char memory[LOGREG_STATE_BYTES(kF)], second[LOGREG_STATE_BYTES(kF)];
static unsigned char* ws;
static size_t ws_bytes;

static int near(double a, double b, double tolerance) {
  return fabs(a - b) <= tolerance * (1.0 + fabs(b));
}

static double softplus(double z) { return (z > 0 ? z : 0) + log1p(exp(-fabs(z))); }

// One step in f64, beside the object.
static void check_step(const float* w0, float b0, int64_t n, const logreg* after) {
  double gw[kF] = {0}, gb = 0;
  for (int64_t i = 0; i < n; ++i) {
    double z = b0, p;
    for (int f = 0; f < kF; ++f) z += (double)x[i * kF + f] * w0[f];
    p = 1 / (1 + exp(-z));
    CHECK(near(xent[i], softplus(z) - y[i] * z, 2e-6));
    if (fabs(p - 0.5) > 1e-5) CHECK(prediction[i] == (p > 0.5));
    for (int f = 0; f < kF; ++f) gw[f] += (p - y[i]) * x[i * kF + f] / (double)n;
    gb += (p - y[i]) / (double)n;
  }
  for (int f = 0; f < kF; ++f)
    CHECK(near(logreg_w_const(after)[f], w0[f] - 0.1 * (gw[f] + 0.02 * w0[f]), 2e-6));
  CHECK(near(*logreg_b_const(after), b0 - 0.1 * gb, 2e-6));
}

static void try_n(int64_t n) {
  logreg *m = NULL, *quiet = NULL;
  static uint8_t alone[kMost];
  static float costs[kMost];
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  STATUS(THX_OK, logreg_init(second, sizeof second, kF, NULL, &quiet));
  *logreg_b(m) = *logreg_b(quiet) = 0.25f;
  memcpy(exact_w, logreg_w(m), sizeof exact_w);
  memset(prediction, 7, sizeof prediction);
  for (int i = 0; i < kMost; ++i) xent[i] = -5.0f;
  STATUS(THX_OK, logreg_train_ws_bytes(n, kF, &ws_bytes));
  STATUS(THX_OK, logreg_predict(m, n, x, alone, ws, LOGREG_PREDICT_WS_BYTES(n, kF), NULL));
  STATUS(THX_OK, logreg_train(m, n, x, y, prediction, xent, ws, ws_bytes, NULL));
  CHECK(memcmp(alone, prediction, (size_t)n) == 0);
  CHECK(n == kMost || (prediction[n] == 7 && xent[n] == -5.0f));  // nothing behind the outputs
  check_step(exact_w, 0.25f, n, m);
  // Without outputs, with one, with the other: the same state, the same values.
  STATUS(THX_OK, logreg_train(quiet, n, x, y, NULL, NULL, ws, ws_bytes, NULL));
  CHECK(memcmp(m, quiet, logreg_bytes(m)) == 0);
  STATUS(THX_OK, logreg_init(second, sizeof second, kF, NULL, &quiet));
  *logreg_b(quiet) = 0.25f;
  STATUS(THX_OK, logreg_train(quiet, n, x, y, NULL, costs, ws, ws_bytes, NULL));
  CHECK(memcmp(m, quiet, logreg_bytes(m)) == 0);
  CHECK(memcmp(costs, xent, (size_t)n * sizeof *costs) == 0);
}

// The control bits of the floating-point unit: rounding, denormals, traps.
static unsigned environment(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3Fu;
#else
  return 0;
#endif
}

int main(void) {
  uint32_t seed = 3;
  const unsigned before = environment();
  for (int i = 0; i < kMost * kF; ++i) x[i] = next_number(&seed);
  for (int i = 0; i < kMost; ++i) y[i] = (float)(next_random(&seed) % 2u);
  ws = (unsigned char*)aligned_memory(LOGREG_TRAIN_WS_BYTES(kMost, kF));
  for (int64_t n = 0; n <= kMost; ++n) try_n(n);
  CHECK(environment() == before);
  puts("every N is right");
  return 0;
}
