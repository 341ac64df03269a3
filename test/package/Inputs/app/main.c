// SPDX-License-Identifier: Apache-2.0
// Trains two builds of one program for a few steps.
#include <stdio.h>

#include "logreg.h"
#ifndef ONE_PROGRAM
#include "narrow.h"
#endif

enum { kN = 4, kF = 30 };

#ifdef ONE_PROGRAM
static char memory[LOGREG_STATE_BYTES(kF)];
static _Alignas(LOGREG_ALIGN) char ws[LOGREG_TRAIN_WS_BYTES(kN, kF)];
#else
static char memory[LOGREG_STATE_BYTES];
static _Alignas(LOGREG_ALIGN) char ws[LOGREG_TRAIN_WS_BYTES(kN)];
static char narrow_memory[NARROW_STATE_BYTES];
static _Alignas(NARROW_ALIGN) char narrow_ws[NARROW_TRAIN_WS_BYTES];
#endif

int main(void) {
  static float x[kN * kF];
  const float y[kN] = {0, 1, 0, 1};
  float xent[kN];
  logreg* m = NULL;
  thx_status status;
  for (int i = 0; i < kN * kF; ++i) x[i] = (float)(i % 5) - 2.0f;
#ifdef ONE_PROGRAM
  status = logreg_init(memory, sizeof memory, kF, NULL, &m);
#else
  status = logreg_init(memory, sizeof memory, NULL, &m);
  {
    static double xd[kN * kF], yd[kN];
    narrow* n = NULL;
    if (status == THX_OK) status = narrow_init(narrow_memory, sizeof narrow_memory, NULL, &n);
    if (status == THX_OK)
      status = narrow_train(n, xd, yd, NULL, NULL, narrow_ws, sizeof narrow_ws, NULL);
  }
#endif
  for (int step = 0; step < 10 && status == THX_OK; ++step)
    status = logreg_train(m, kN, x, y, NULL, xent, ws, sizeof ws, NULL);
  puts(status == THX_OK ? "the application works" : thx_status_text(status));
  return status;
}
