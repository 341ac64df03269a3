// SPDX-License-Identifier: Apache-2.0
// Loads a shared library of the logistic regression by its path and trains a step.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logreg.h"

enum { kF = 2, kN = 3 };

static char memory[LOGREG_STATE_BYTES(kF)], ws[LOGREG_TRAIN_WS_BYTES(kN, kF) + 64];

// dlsym answers an object pointer, which C does not convert to one of a function.
static void find(void* library, const char* name, void* into) {
  void* found = dlsym(library, name);
  if (found == NULL) exit(2);
  memcpy(into, &found, sizeof found);
}

int main(int argc, char** argv) {
  thx_status (*init)(void*, size_t, int64_t, const thx_init*, logreg**);
  thx_status (*train)(logreg*, int64_t, const float*, const float*, uint8_t*, float*, void*, size_t,
                      const thx_exec*);
  const float x[kN * kF] = {1, 2, 3, 4, 5, 6}, y[kN] = {0, 1, 1};
  float xent[kN];
  logreg* m = NULL;
  void* library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  find(library, "logreg_init", &init);
  find(library, "logreg_train", &train);
  if (dlsym(library, "thx_model_check") != NULL) return 3;
  if (init(memory, sizeof memory, kF, NULL, &m) != THX_OK) return 4;
  if (train(m, kN, x, y, NULL, xent, ws + ((0u - (uintptr_t)ws) & 63u), sizeof ws - 64, NULL))
    return 5;
  if (train(m, -1, x, y, NULL, xent, ws, sizeof ws, NULL) != THX_E_DIM) return 6;
  puts(xent[0] > 0 ? "the library works" : "wrong");
  return dlclose(library);
}
