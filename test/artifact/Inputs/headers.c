// SPDX-License-Identifier: Apache-2.0
// Every generated header in one file, behind hostile macros; the sizes are constant expressions.
// clang-format off: the macros come first
#include "hostile.h"
#include <errno.h>
#include "clashes.h"
#include "Clash.h"
#include "fallible.h"
#include "logreg.h"
#include "oddities.h"
#include "seeds.h"
#include "softmax_regression.h"
#include "logreg.h"  // a second time: nothing changes
// clang-format on

#if LOGREG_ABI_VERSION != 1 || LOGREG_ALIGN != 64
#error "the header's numbers are for the preprocessor too"
#endif

static char model_memory[LOGREG_STATE_BYTES(30)];
static char train_memory[LOGREG_TRAIN_WS_BYTES(569, 30) + 1];
static char predict_memory[LOGREG_PREDICT_WS_BYTES(569, 30) + 1];

thx_status try_all(const float* x, const float* y, float* xent, uint8_t* prediction);

thx_status try_all(const float* x, const float* y, float* xent, uint8_t* prediction) {
  logreg* model = NULL;
  const logreg* constant;
  thx_status status = logreg_init(model_memory, sizeof model_memory, 30, NULL, &model);
  if (status == THX_OK)
    status =
        logreg_train(model, 7, x, y, prediction, xent, train_memory, sizeof train_memory, NULL);
  constant = model;
  if (logreg_bytes(constant) < sizeof model_memory)
    status =
        logreg_predict(constant, 7, x, prediction, predict_memory, sizeof predict_memory, NULL);
  return *logreg_w_const(constant) > 0 ? status : THX_E_DOMAIN;
}
