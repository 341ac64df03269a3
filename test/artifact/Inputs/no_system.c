// SPDX-License-Identifier: Apache-2.0
// No call allocates, locks or asks the system: the heap's functions abort while calls run, and a
// child in seccomp's strict mode, where every system call but write and exit kills, runs them all.
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "memory_file.h"
#include "softmax_regression.h"

enum { kF = 9, kC = 4, kN = 65 };

static int forbidden;
void* __real_malloc(size_t n);
void* __real_calloc(size_t n, size_t m);
void* __real_realloc(void* p, size_t n);
void __real_free(void* p);
void* __wrap_malloc(size_t n);
void* __wrap_calloc(size_t n, size_t m);
void* __wrap_realloc(void* p, size_t n);
void __wrap_free(void* p);
void* __wrap_malloc(size_t n) { return forbidden ? abort(), NULL : __real_malloc(n); }
void* __wrap_calloc(size_t n, size_t m) { return forbidden ? abort(), NULL : __real_calloc(n, m); }
void* __wrap_realloc(void* p, size_t n) { return forbidden ? abort(), NULL : __real_realloc(p, n); }
void __wrap_free(void* p) { forbidden ? abort() : __real_free(p); }

static float x[kN * kF], p[kN * kC], w[kF * kC];
static int64_t y[kN];
static char memory[SOFTMAX_REGRESSION_STATE_BYTES(kF, kC)];
static char ws_memory[SOFTMAX_REGRESSION_TRAIN_WS_BYTES(kF, kC, kN) +
                      SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kF, kC, kN) + 64];
static int calls(void) {
  softmax_regression* m = NULL;
  float J = 0;
  void* ws = ws_memory + ((0u - (uintptr_t)ws_memory) & 63u);
  const size_t bytes = sizeof ws_memory - 64;
  thx_status bad = softmax_regression_init(memory, sizeof memory, kF, kC, NULL, &m);
  bad |= softmax_regression_train(m, kN, x, y, 0.5f, &J, ws, bytes, NULL);
  bad |= softmax_regression_predict(m, kN, x, p, ws, bytes, NULL);
  bad |= softmax_regression_get_W(m, w, NULL);
  bad |= softmax_regression_set_W(m, w, NULL);
  bad |= softmax_regression_save(m, write_bytes, NULL, NULL);
  bad |= softmax_regression_load(m, file_bytes, read_bytes, NULL, NULL);
  bad |= softmax_regression_attach(m, softmax_regression_bytes(m), &m);
  if (softmax_regression_train(NULL, kN, x, y, 0.5f, &J, ws, bytes, NULL) != THX_E_NULL) bad = 1;
  y[3] = kC;
  if (softmax_regression_train(m, kN, x, y, 0.5f, &J, ws, bytes, NULL) != THX_E_INDEX) bad = 1;
  y[3] = 0;
  return bad == THX_OK;
}

int main(void) {
  int good, status = 0;
  pid_t child;
  forbidden = 1;
  good = calls();
  forbidden = 0;
  CHECK(good);
  file_bytes = 0;
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) syscall(SYS_exit, 77);
    syscall(SYS_exit, calls() ? 0 : 1);
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    puts("seccomp is not to be had here");
  } else {
    CHECK(WEXITSTATUS(status) == 0);
  }
  puts("no call needs the system");
  return 0;
}
