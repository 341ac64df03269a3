// SPDX-License-Identifier: Apache-2.0
// Every state of a model of many is where its accessor, get and set and the functions say it is.
#include "distant.h"

#include "check.h"

#define DIMS 7, 14, 1, 8, 15, 2, 9, 16, 3, 10, 17, 4, 11, 18

static char memory[8192], space[4096];
static const int kDims[] = {DIMS};

typedef float* Accessor(distant*);
typedef thx_status Get(const distant*, float*, const thx_exec*);
typedef thx_status Set(distant*, const float*, const thx_exec*);
static Accessor* const accessors[] = {distant_sA, distant_sB, distant_sC, distant_sD, distant_sE,
                                      distant_sG, distant_sH, distant_sI, distant_sJ, distant_sK,
                                      distant_sM, distant_sN, distant_sP, distant_sQ};
static Get* const gets[] = {distant_get_sA, distant_get_sB, distant_get_sC, distant_get_sD,
                            distant_get_sE, distant_get_sG, distant_get_sH, distant_get_sI,
                            distant_get_sJ, distant_get_sK, distant_get_sM, distant_get_sN,
                            distant_get_sP, distant_get_sQ};
static Set* const sets[] = {distant_set_sA, distant_set_sB, distant_set_sC, distant_set_sD,
                            distant_set_sE, distant_set_sG, distant_set_sH, distant_set_sI,
                            distant_set_sJ, distant_set_sK, distant_set_sM, distant_set_sN,
                            distant_set_sP, distant_set_sQ};

enum { kStates = sizeof kDims / sizeof *kDims };

static void all_are(distant* m, const float* wanted) {
  for (int i = 0; i < kStates; ++i) {
    float held[20];
    STATUS(THX_OK, gets[i](m, held, NULL));
    for (int k = 0; k < kDims[i]; ++k) CHECK(held[k] == wanted[i] && accessors[i](m)[k] == held[k]);
  }
}

int main(void) {
  void* aligned = space + ((0u - (uintptr_t)space) & 63u);
  float wanted[kStates], given[20], sum;
  distant* m = NULL;
  STATUS(THX_OK, distant_init(memory, sizeof memory, DIMS, NULL, &m));
  for (int i = 0; i < kStates; ++i) wanted[i] = (float)(i + 1);
  all_are(m, wanted);
  STATUS(THX_OK, distant_middle(m, 3, &sum, aligned, sizeof space - 64, NULL));
  CHECK(sum == 8.0f * (float)kDims[7] + 7.0f * (float)kDims[6]);
  wanted[7] = 8 * 3 + 1;
  all_are(m, wanted);
  STATUS(THX_OK, distant_ends(m, 2, NULL, aligned, sizeof space - 64, NULL));
  wanted[0] -= 2;
  wanted[8] += 2;
  wanted[13] *= 2;
  all_are(m, wanted);
  for (int i = 0; i < kStates; ++i) {
    wanted[i] = given[0] = (float)(100 - i);
    for (int k = 1; k < 20; ++k) given[k] = given[0];
    STATUS(THX_OK, sets[i](m, given, NULL));
    all_are(m, wanted);
  }
  puts("far states are where their accessors say");
  return 0;
}
