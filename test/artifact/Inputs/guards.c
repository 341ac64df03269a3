// SPDX-License-Identifier: Apache-2.0
// Guards of values and of updates: what the error record says, and that the state stays.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "guarded.h"

enum { kElements = 5, kWeights = 3 };

static char memory[GUARDED_STATE_BYTES(kWeights)];
static _Alignas(64) char workspace[1 << 16];
static guarded *model;
static thx_error error;

static thx_status step(const float *x, float s) {
  thx_exec ex;
  float m;
  memset(&ex, 0, sizeof ex);
  ex.size = sizeof ex;
  ex.err = &error;
  memset(&error, 0, sizeof error);
  return guarded_step(model, kElements, x, s, &m, workspace, sizeof workspace, &ex);
}

// After a failure the state is as it was, bit for bit.
static void unchanged(thx_status got, const char *what) {
  static char before[sizeof memory];
  static int is_known;
  if (is_known && got != THX_OK) CHECK(memcmp(before, memory, sizeof memory) == 0);
  memcpy(before, memory, sizeof memory);
  is_known = 1;
  printf("%s: %s, line %d, argument %d, index %d, value %s\n", what, thx_status_name(got),
         (int)error.line, (int)error.argument, (int)error.index,
         got == THX_OK ? "none" : guarded_value_name(error.value));
}

int main(void) {
  float x[kElements] = {1, 2, 3, 4, 5};
  CHECK(guarded_init(memory, sizeof memory, kWeights, NULL, &model) == THX_OK);
  unchanged(THX_OK, "before");
  x[3] = NAN;
  unchanged(step(x, 1), "an input");
  x[3] = INFINITY;
  unchanged(step(x, 1), "an infinity");
  x[3] = 2e10f;
  unchanged(step(x, 1), "a large input");
  x[3] = 4;
  unchanged(step(x, NAN), "a scalar");
  x[2] = 0;
  unchanged(step(x, 1), "a value");
  unchanged(step(x, 0), "its cause");
  x[2] = 3;
  guarded_w(model)[1] = -INFINITY;
  {
    char broken[sizeof memory];
    memcpy(broken, memory, sizeof memory);
    const thx_status got = step(x, 1);
    CHECK(memcmp(broken, memory, sizeof memory) == 0);
    printf("a state: %s, line %d, value %s\n", thx_status_name(got), (int)error.line,
           got == THX_OK ? "none" : guarded_value_name(error.value));
  }
  guarded_w(model)[1] = 1;
  {
    const int64_t count = *guarded_n(model);
    CHECK(step(x, 1) == THX_OK);
    CHECK(*guarded_n(model) == count + 1);
  }
  CHECK(guarded_value_name(0) == NULL && guarded_value_name(99) == NULL);
  return 0;
}
