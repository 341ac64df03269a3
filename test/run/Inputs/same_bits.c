// SPDX-License-Identifier: Apache-2.0
// Five steps of logistic regression through the object; outputs and state go to files.
#include <thx/hosted.h>

#include "logreg.h"
#include "npy.h"

static float* floats(const char* folder, const char* name, npy_array* array) {
  char path[4096];
  float* values;
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  if (!npy_read(path, array)) exit(1);
  values = malloc((size_t)array->count * sizeof *values);
  if (values == NULL) exit(1);
  for (int64_t i = 0; i < array->count; ++i) values[i] = (float)npy_at(array, i);
  npy_free(array);
  return values;
}

static void write_file(const char* folder, const char* name, const void* bytes, size_t n) {
  char path[4096];
  FILE* file;
  snprintf(path, sizeof path, "%s/app.%s", folder, name);
  file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) exit(1);
}

static thx_status save(const void* model, thx_write_fn write, void* user, const thx_exec* ex) {
  return logreg_save((const logreg*)model, write, user, ex);
}

int main(int argc, char** argv) {
  npy_array x_array, y_array;
  if (argc != 3) return 2;
  float* x = floats(argv[1], "data", &x_array);
  float* y = floats(argv[1], "target", &y_array);
  const int64_t n = x_array.shape[0], f = x_array.shape[1];
  const size_t state_bytes = LOGREG_STATE_BYTES(f), ws_bytes = LOGREG_TRAIN_WS_BYTES(n, f);
  void* state = malloc(state_bytes);
  void* ws = aligned_alloc(LOGREG_ALIGN, (ws_bytes + LOGREG_ALIGN) / LOGREG_ALIGN * LOGREG_ALIGN);
  uint8_t* prediction = malloc((size_t)n);
  float* xent = malloc((size_t)n * sizeof *xent);
  char path[4096];
  logreg* m = NULL;
  if (state == NULL || ws == NULL || prediction == NULL || xent == NULL) return 1;
  if (logreg_init(state, state_bytes, f, NULL, &m) != THX_OK) return 1;
  for (int step = 0; step < 5; ++step)
    if (logreg_train(m, n, x, y, prediction, xent, ws, ws_bytes, NULL) != THX_OK) return 1;
  write_file(argv[2], "prediction", prediction, (size_t)n);
  write_file(argv[2], "xent", xent, (size_t)n * sizeof *xent);
  snprintf(path, sizeof path, "%s/app.safetensors", argv[2]);
  if (thx_file_save(path, save, m, NULL) != THX_OK) return 1;
  free(x), free(y), free(state), free(ws), free(prediction), free(xent);
  return 0;
}
