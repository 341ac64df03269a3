// SPDX-License-Identifier: Apache-2.0
// Two programs, two models of one, and one program twice under two prefixes, in one executable.
#include "check.h"
#include "logreg.h"
#include "newer.h"
#include "softmax_regression.h"

enum { kF = 4, kN = 6 };

static float x[kN * kF], y[kN];
static char a_memory[LOGREG_STATE_BYTES(kF)], b_memory[LOGREG_STATE_BYTES(kF)],
    c_memory[NEWER_STATE_BYTES(kF)], s_memory[SOFTMAX_REGRESSION_STATE_BYTES(kF, 2)];

int main(void) {
  logreg *a = NULL, *b = NULL;
  newer* c = NULL;
  softmax_regression* s = NULL;
  void* ws = aligned_memory(LOGREG_TRAIN_WS_BYTES(kN, kF) + NEWER_TRAIN_WS_BYTES(kN, kF));
  const size_t bytes = LOGREG_TRAIN_WS_BYTES(kN, kF);
  uint32_t seed = 1;
  for (int i = 0; i < kN * kF; ++i) x[i] = next_number(&seed);
  for (int i = 0; i < kN; ++i) y[i] = (float)(i % 2);
  STATUS(THX_OK, logreg_init(a_memory, sizeof a_memory, kF, NULL, &a));
  STATUS(THX_OK, logreg_init(b_memory, sizeof b_memory, kF, NULL, &b));
  STATUS(THX_OK, newer_init(c_memory, sizeof c_memory, kF, NULL, &c));
  STATUS(THX_OK, softmax_regression_init(s_memory, sizeof s_memory, kF, 2, NULL, &s));
  STATUS(THX_OK, logreg_train(a, kN, x, y, NULL, NULL, ws, bytes, NULL));
  STATUS(THX_OK, logreg_train(a, kN, x, y, NULL, NULL, ws, bytes, NULL));
  CHECK(memcmp(a, b, logreg_bytes(a)) != 0);  // b knows nothing of a's steps
  STATUS(THX_OK, logreg_train(b, kN, x, y, NULL, NULL, ws, bytes, NULL));
  STATUS(THX_OK, logreg_train(b, kN, x, y, NULL, NULL, ws, bytes, NULL));
  CHECK(memcmp(a, b, logreg_bytes(a)) == 0);
  // The same program under another prefix computes the same; its models are of the same program.
  STATUS(THX_OK, newer_train(c, kN, x, y, NULL, NULL, ws, NEWER_TRAIN_WS_BYTES(kN, kF), NULL));
  STATUS(THX_OK, newer_train(c, kN, x, y, NULL, NULL, ws, NEWER_TRAIN_WS_BYTES(kN, kF), NULL));
  CHECK(memcmp(logreg_w(a), newer_w(c), kF * sizeof(float)) == 0);
  // A model of another program is refused.
  STATUS(THX_E_ABI, softmax_regression_predict((const softmax_regression*)(const void*)a, 1, x,
                                               NULL, ws, bytes, NULL));
  puts("nothing is shared");
  return 0;
}
