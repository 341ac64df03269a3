// SPDX-License-Identifier: Apache-2.0
// Generated headers where every name of one letter is a macro; C and C++. The macros are as they
// were behind the headers.
// clang-format off: the macros come first
#include "letters.h"
#include "clashes.h"
#include "fallible.h"
#include "logreg.h"
#include "oddities.h"
#include "seeds.h"
#include "softmax_regression.h"
#include <thx/hosted.h>
#include <thx/object.h>
// clang-format on

#if !defined m || !defined n || !defined x || !defined N
#error "a header has taken a macro away"
#endif

static char memory[CLASHES_STATE_BYTES(3, 4)];

thx_status try_all(clashes** model);

thx_status try_all(clashes** model) {
  size_t bytes = 0;
  const thx_status status = clashes_init(memory, sizeof memory, 3, 4, NULL, model);
  if (status != THX_OK) return status;
  return clashes_log_ws_bytes(3, 4, 5, &bytes);
}
