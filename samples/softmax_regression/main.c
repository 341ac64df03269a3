// SPDX-License-Identifier: Apache-2.0
// Trains the softmax regression on images of digits in plain C: all memory is this program's.
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <thx/hosted.h>

#include "../npy.h"
#include "softmax_regression.h"

enum { kFeatures = 64, kClasses = 10, kMostSamples = 1797 };

typedef struct samples {
  int64_t count;
  float x[kMostSamples * kFeatures];
  int64_t y[kMostSamples];
} samples;

static samples train_part, held_back;
static float probabilities[2][kMostSamples * kClasses];

static unsigned char memory[2][SOFTMAX_REGRESSION_STATE_BYTES(kFeatures, kClasses)];
static alignas(SOFTMAX_REGRESSION_ALIGN) unsigned char train_ws[SOFTMAX_REGRESSION_TRAIN_WS_BYTES(
    kFeatures, kClasses, kMostSamples)];
static alignas(SOFTMAX_REGRESSION_ALIGN) unsigned char predict_ws
    [SOFTMAX_REGRESSION_PREDICT_WS_BYTES(kFeatures, kClasses, kMostSamples)];

static thx_error error;
static const thx_exec serial = {.size = sizeof(thx_exec), .err = &error};

static int report(const char* what, thx_status status) {
  fprintf(stderr, "%s: %s", what, thx_status_text(status));
  if (error.argument != 0) fprintf(stderr, " (argument %d)", error.argument);
  fprintf(stderr, "\n");
  return 1;
}

// Every fifth image is held back.
static int read_data(const char* folder) {
  char path[4096];
  npy_array data, target = {0};
  int good;
  snprintf(path, sizeof path, "%s/data.npy", folder);
  good = npy_read(path, &data);
  snprintf(path, sizeof path, "%s/target.npy", folder);
  good = good && npy_read(path, &target);
  good = good && data.rank == 2 && data.shape[0] <= kMostSamples && data.shape[1] == kFeatures &&
         target.rank == 1 && target.shape[0] == data.shape[0];
  for (int64_t row = 0; good && row < data.shape[0]; ++row) {
    samples* part = row % 5 == 0 ? &held_back : &train_part;
    float* x = part->x + part->count * kFeatures;
    for (int64_t f = 0; f < kFeatures; ++f) {
      x[f] = (float)(npy_at(&data, row * kFeatures + f) / 16.0);
    }
    part->y[part->count++] = (int64_t)npy_at(&target, row);
  }
  npy_free(&data);
  npy_free(&target);
  if (!good) fprintf(stderr, "cannot read data.npy and target.npy in %s\n", folder);
  return good;
}

static thx_status predict(const softmax_regression* model, const samples* part, float* p) {
  return softmax_regression_predict(model, part->count, part->x, p, predict_ws, sizeof predict_ws,
                                    &serial);
}

static double accuracy(const samples* part, const float* p) {
  int64_t right = 0;
  for (int64_t i = 0; i < part->count; ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < kClasses; ++c) {
      if (p[i * kClasses + c] > p[i * kClasses + best]) best = c;
    }
    right += best == part->y[i];
  }
  return (double)right / (double)part->count;
}

static thx_status train(softmax_regression* model) {
  const int steps = 500;
  for (int step = 0; step <= steps; ++step) {
    float cost;
    const thx_status status =
        softmax_regression_train(model, train_part.count, train_part.x, train_part.y, 1.0f, &cost,
                                 train_ws, sizeof train_ws, &serial);
    if (status != THX_OK) return status;
    if (step % 50 == 0) printf("step %4d   cost %.4f\n", step, (double)cost);
  }
  return THX_OK;
}

// The generated functions under the types of thx_file_save and thx_file_load.
static thx_status save_model(const void* model, thx_write_fn write, void* user,
                             const thx_exec* ex) {
  return softmax_regression_save((const softmax_regression*)model, write, user, ex);
}

static thx_status load_model(void* model, uint64_t size, thx_read_at_fn read, void* user,
                             const thx_exec* ex) {
  return softmax_regression_load((softmax_regression*)model, size, read, user, ex);
}

int main(int argc, char** argv) {
  char path[4096];
  softmax_regression *model, *loaded;
  thx_status status;
  size_t bytes;
  double held_back_accuracy;
  int same;
  if (argc != 3) {
    fprintf(stderr, "usage: softmax_regression DATA_FOLDER OUT_FOLDER\n");
    return 2;
  }
  if (!read_data(argv[1])) return 1;
  printf("%d images to train on, %d held back\n", (int)train_part.count, (int)held_back.count);

  status = softmax_regression_init(memory[0], sizeof memory[0], kFeatures, kClasses, NULL, &model);
  if (status != THX_OK) return report("init", status);
  status = train(model);
  if (status != THX_OK) return report("train", status);
  status = predict(model, &held_back, probabilities[0]);
  if (status != THX_OK) return report("predict", status);
  held_back_accuracy = accuracy(&held_back, probabilities[0]);
  printf("accuracy on the images held back: %.1f %%\n", 100 * held_back_accuracy);

  snprintf(path, sizeof path, "%s/model.safetensors", argv[2]);
  status = thx_file_save(path, save_model, model, &serial);
  if (status != THX_OK) return report("save", status);
  status = softmax_regression_init(memory[1], sizeof memory[1], kFeatures, kClasses, NULL, &loaded);
  if (status != THX_OK) return report("init", status);
  status = thx_file_load(path, load_model, loaded, &serial);
  if (status != THX_OK) return report("load", status);
  status = predict(loaded, &held_back, probabilities[1]);
  if (status != THX_OK) return report("predict", status);
  bytes = (size_t)held_back.count * kClasses * sizeof(float);
  same = memcmp(probabilities[0], probabilities[1], bytes) == 0;
  printf("saved and loaded: probabilities %s\n", same ? "the same bits" : "DIFFER");
  return same && held_back_accuracy >= 0.9 ? 0 : 1;
}
