// SPDX-License-Identifier: Apache-2.0
// Calls both functions of the model and compares what they give with what is known.
#include <math.h>
#include <stdalign.h>
#include <stdio.h>

#include "polynomial.h"

enum { kCount = 6 };

// The functions work in memory of the caller: here one static block that is enough for either.
static alignas(POLYNOMIAL_ALIGN) unsigned char workspace[POLYNOMIAL_F_WS_BYTES(kCount) +
                                                         POLYNOMIAL_BINOMIAL_WS_BYTES(kCount)];

static void show(const char* what, const float* values) {
  printf("%-22s", what);
  for (int i = 0; i < kCount; ++i) printf(" %7g", (double)values[i]);
  printf("\n");
}

int main(void) {
  const float a[kCount] = {0, 1, 2, -2, 0.5f, 3};
  const float b[kCount] = {1, 1, -2, 2, 0.25f, 4};
  float power[kCount], square[kCount];

  thx_status status = polynomial_f(kCount, a, power, workspace, sizeof workspace, NULL);
  if (status == THX_OK)
    status = polynomial_binomial(kCount, a, b, square, workspace, sizeof workspace, NULL);
  if (status != THX_OK) {
    fprintf(stderr, "%s\n", thx_status_text(status));
    return 1;
  }
  show("a + a**10", power);
  show("a**2 + b**2 + 2*a*b", square);
  for (int i = 0; i < kCount; ++i) {
    const double sum = (double)a[i] + (double)b[i];
    const double expected = (double)a[i] + pow((double)a[i], 10);
    if (fabs((double)power[i] - expected) > 1e-6 * fabs(expected)) return 1;
    if (fabs((double)square[i] - sum * sum) > 1e-6 * (1 + sum * sum)) return 1;
  }
  return 0;
}
