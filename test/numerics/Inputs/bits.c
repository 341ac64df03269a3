// SPDX-License-Identifier: Apache-2.0
// Trains both samples for a few steps and writes every bit of what comes out. FIXED: the dims are
// fixed by -D and are no arguments.
#include "../../artifact/Inputs/check.h"
#include "logreg.h"
#include "softmax_regression.h"

enum { kN = 137, kF = 70, kC = 10 };

#ifdef FIXED
#define N_ARGUMENT
#define F_ARGUMENT
#define FC_ARGUMENTS
#else
#define N_ARGUMENT kN,
#define F_ARGUMENT kF,
#define FC_ARGUMENTS kF, kC,
#endif

#ifdef F64
typedef double real;
#else
typedef float real;
#endif

static real x[kN * kF], y[kN], xent[kN], p[kN * kC];
static int64_t classes[kN];
static uint8_t prediction[kN];

static void write_all(const void* bytes, size_t n) { CHECK(fwrite(bytes, 1, n, stdout) == n); }

int main(void) {
  logreg* m = NULL;
  softmax_regression* s = NULL;
  real J = 0;
  const size_t big = 1 << 22;
  void *ws = aligned_memory(big), *memory = aligned_memory(1 << 16),
       *second = aligned_memory(1 << 16);
  uint32_t seed = 11;
  for (int i = 0; i < kN * kF; ++i) x[i] = (real)next_number(&seed) * (real)1.37;
  for (int i = 0; i < kN; ++i)
    classes[i] = (int64_t)next_random(&seed) % kC, y[i] = (real)(classes[i] % 2);
  STATUS(THX_OK, logreg_init(memory, 1 << 16, F_ARGUMENT NULL, &m));
  STATUS(THX_OK, softmax_regression_init(second, 1 << 16, FC_ARGUMENTS NULL, &s));
  for (int step = 0; step < 5; ++step) {
    STATUS(THX_OK, logreg_train(m, N_ARGUMENT x, y, prediction, xent, ws, big, NULL));
    write_all(prediction, sizeof prediction);
    write_all(xent, sizeof xent);
    STATUS(THX_OK,
           softmax_regression_train(s, N_ARGUMENT x, classes, (real)0.3, &J, ws, big, NULL));
    write_all(&J, sizeof J);
  }
  STATUS(THX_OK, softmax_regression_predict(s, N_ARGUMENT x, p, ws, big, NULL));
  write_all(p, sizeof p);
  write_all(logreg_w(m), kF * sizeof(real));
  write_all(logreg_b(m), sizeof(real));
  write_all(softmax_regression_W(s), kF * kC * sizeof(real));
  write_all(softmax_regression_b(s), kC * sizeof(real));
  return 0;
}
