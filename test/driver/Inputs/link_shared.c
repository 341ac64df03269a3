// SPDX-License-Identifier: Apache-2.0
// Two builds of one program, each a shared library of its own.
#include <stdio.h>

#include "logreg.h"
#include "newer.h"

static char memory[LOGREG_STATE_BYTES(2)], other[NEWER_STATE_BYTES(2)];

int main(void) {
  logreg* m = NULL;
  newer* n = NULL;
  if (logreg_init(memory, sizeof memory, 2, NULL, &m) != THX_OK) return 1;
  if (newer_init(other, sizeof other, 2, NULL, &n) != THX_OK) return 1;
  puts(logreg_w(m)[1] == newer_w(n)[1] ? "both libraries work" : "wrong");
  return 0;
}
