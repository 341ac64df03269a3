// SPDX-License-Identifier: Apache-2.0
// const functions of one model from several threads at once, each with its own workspace: the same
// bits as alone. Two models in two threads do not know of each other.
#include <pthread.h>

#include "check.h"
#include "softmax_regression.h"

#ifndef THREADS
#define THREADS 4
#define ROUNDS 50
#endif
enum { kF = 33, kC = 7, kN = 101, kThreads = THREADS, kRounds = ROUNDS };

static float x[kN * kF], alone[kN * kC];
static int64_t y[kN];
static char memory[kThreads + 1][SOFTMAX_REGRESSION_STATE_BYTES(kF, kC)];
static softmax_regression *shared_model, *trained;

static void* predict(void* unused) {
  float* p = (float*)malloc(sizeof alone);
  void* ws = aligned_memory(SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN));
  (void)unused;
  for (int round = 0; round < kRounds; ++round) {
    STATUS(THX_OK,
           softmax_regression_predict(shared_model, kN, x, p, ws,
                                      SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN), NULL));
    CHECK(memcmp(p, alone, sizeof alone) == 0);
  }
  free(p);
  free(ws);
  return NULL;
}

// A host without threads runs the chunks as a loop, in any order.
static void run_backwards(void* user, int64_t n, void (*body)(void* ctx, int64_t chunk),
                          void* ctx) {
  (void)user;
  while (n-- > 0) body(ctx, n);
}

static void with_hooks(softmax_regression* m) {
  static float p[kN * kC];
  thx_exec ex;
  void* ws = aligned_memory(SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN));
  memset(&ex, 0, sizeof ex);
  ex.size = sizeof ex;
  ex.parallel_for = run_backwards;
  ex.team = 1;
  STATUS(THX_OK, softmax_regression_predict(m, kN, x, p, ws,
                                            SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN), &ex));
  CHECK(memcmp(p, alone, sizeof alone) == 0);
  free(ws);
}

static void train(softmax_regression* m) {
  void* ws = aligned_memory(SOFTMAX_REGRESSION_TRAIN_WS_BYTES(kF, kC, kN));
  for (int round = 0; round < kRounds; ++round)
    STATUS(THX_OK, softmax_regression_train(m, kN, x, y, 0.5f, NULL, ws,
                                            SOFTMAX_REGRESSION_TRAIN_WS_BYTES(kF, kC, kN), NULL));
  free(ws);
}

static void* train_own(void* mem) {
  softmax_regression* m = NULL;
  STATUS(THX_OK, softmax_regression_init(mem, sizeof *memory, kF, kC, NULL, &m));
  train(m);
  CHECK(memcmp(m, trained, softmax_regression_bytes(m)) == 0);
  return NULL;
}

#ifdef RACE
static void* train_shared(void* unused) {
  (void)unused;
  train(shared_model);
  return NULL;
}
#endif

static void all(void* (*run)(void*)) {
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) CHECK(pthread_create(&threads[i], NULL, run, memory[i]) == 0);
  for (int i = 0; i < kThreads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
  uint32_t seed = 9;
  static char other[sizeof *memory];
  void* ws = aligned_memory(SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN));
  for (int i = 0; i < kN * kF; ++i) x[i] = next_number(&seed);
  for (int i = 0; i < kN; ++i) y[i] = i % kC;
  STATUS(THX_OK,
         softmax_regression_init(memory[kThreads], sizeof *memory, kF, kC, NULL, &shared_model));
  STATUS(THX_OK, softmax_regression_predict(shared_model, kN, x, alone, ws,
                                            SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN), NULL));
  free(ws);
  with_hooks(shared_model);
  all(predict);
#ifdef RACE
  all(train_shared);
#endif
  STATUS(THX_OK, softmax_regression_init(other, sizeof other, kF, kC, NULL, &trained));
  train(trained);
  CHECK(memcmp(trained, shared_model, softmax_regression_bytes(trained)) != 0);
  all(train_own);
  puts("the same bits in every thread");
  return 0;
}
