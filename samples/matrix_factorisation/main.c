// SPDX-License-Identifier: Apache-2.0
// Hides a tenth of the elements of a matrix, trains on the others and tells the hidden ones.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../npy.h"
#include "matrix_factorisation.h"

enum { kRank = 16, kSteps = 150 };

typedef struct elements {
  int64_t count;
  int64_t* row;
  int64_t* column;
  float* value;
} elements;

static thx_error error;
static const thx_exec serial = {.size = sizeof(thx_exec), .err = &error};

static void* get(size_t bytes) {
  // The size that aligned_alloc takes is a multiple of the alignment.
  const size_t whole = (bytes + MATRIX_FACTORISATION_ALIGN) / MATRIX_FACTORISATION_ALIGN;
  void* memory = aligned_alloc(MATRIX_FACTORISATION_ALIGN, whole * MATRIX_FACTORISATION_ALIGN);
  if (memory == NULL) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return memory;
}

static void check(const char* what, thx_status status) {
  if (status == THX_OK) return;
  fprintf(stderr, "%s: %s (argument %d)\n", what, thx_status_text(status), error.argument);
  exit(1);
}

static elements make_elements(int64_t most) {
  const elements made = {0, (int64_t*)get((size_t)most * sizeof(int64_t)),
                         (int64_t*)get((size_t)most * sizeof(int64_t)),
                         (float*)get((size_t)most * sizeof(float))};
  return made;
}

static void free_elements(elements* part) {
  free(part->row);
  free(part->column);
  free(part->value);
}

static void add(elements* part, int64_t row, int64_t column, double value) {
  part->row[part->count] = row;
  part->column[part->count] = column;
  part->value[part->count++] = (float)value;
}

// Scattered, the same ones in every run: about a tenth.
static int is_hidden(int64_t place) {
  return ((uint64_t)place * UINT64_C(2654435761) >> 16) % 10 == 0;
}

static double root_mean_square(const elements* part, const float* told) {
  double sum = 0;
  for (int64_t i = 0; i < part->count; ++i) {
    const double d = (double)told[i] - (double)part->value[i];
    sum += d * d;
  }
  return sqrt(sum / (double)part->count);
}

// What is off where each element is told as the mean of its column.
static double by_column_means(const elements* known, const elements* hidden, int64_t columns) {
  double* sum = (double*)calloc((size_t)columns * 2, sizeof(double));
  float* told = (float*)get((size_t)hidden->count * sizeof(float));
  double off;
  if (sum == NULL) exit(1);
  for (int64_t i = 0; i < known->count; ++i) {
    sum[known->column[i]] += (double)known->value[i];
    sum[columns + known->column[i]] += 1;
  }
  for (int64_t i = 0; i < hidden->count; ++i) {
    told[i] = (float)(sum[hidden->column[i]] / sum[columns + hidden->column[i]]);
  }
  off = root_mean_square(hidden, told);
  free(told);
  free(sum);
  return off;
}

static matrix_factorisation* make_model(void* memory, size_t bytes, int64_t rows, int64_t columns) {
  matrix_factorisation* model = NULL;
  thx_init options = {.size = sizeof(thx_init)};
  options.ws_bytes = MATRIX_FACTORISATION_INIT_WS_BYTES(rows, columns, kRank);
  options.ws = get(options.ws_bytes);
  check("init", matrix_factorisation_init(memory, bytes, rows, columns, kRank, &options, &model));
  free(options.ws);
  return model;
}

static void train(matrix_factorisation* model, const elements* known) {
  const int64_t rows = matrix_factorisation_dim_M(model),
                columns = matrix_factorisation_dim_N(model);
  size_t bytes;
  check("train_ws_bytes",
        matrix_factorisation_train_ws_bytes(rows, columns, kRank, known->count, &bytes));
  void* workspace = get(bytes);
  for (int step = 1; step <= kSteps; ++step) {
    float rms;
    check("train",
          matrix_factorisation_train(model, known->count, known->row, known->column, known->value,
                                     0.1f, 10.0f, &rms, workspace, bytes, &serial));
    if (step % 25 == 0) printf("step %3d   off by %.3f on the known elements\n", step, (double)rms);
  }
  free(workspace);
}

static double test(const matrix_factorisation* model, const elements* hidden) {
  const int64_t rows = matrix_factorisation_dim_M(model),
                columns = matrix_factorisation_dim_N(model);
  size_t bytes;
  check("predict_ws_bytes",
        matrix_factorisation_predict_ws_bytes(rows, columns, kRank, hidden->count, &bytes));
  void* workspace = get(bytes);
  float* told = (float*)get((size_t)hidden->count * sizeof(float));
  double off;
  check("predict", matrix_factorisation_predict(model, hidden->count, hidden->row, hidden->column,
                                                told, workspace, bytes, &serial));
  off = root_mean_square(hidden, told);
  free(told);
  free(workspace);
  return off;
}

int main(int argc, char** argv) {
  npy_array matrix;
  if (argc != 2) {
    fprintf(stderr, "usage: matrix_factorisation MATRIX.npy\n");
    return 2;
  }
  if (!npy_read(argv[1], &matrix) || matrix.rank != 2) {
    fprintf(stderr, "cannot read a matrix from %s\n", argv[1]);
    return 1;
  }
  const int64_t rows = matrix.shape[0], columns = matrix.shape[1];
  elements known = make_elements(matrix.count), hidden = make_elements(matrix.count);
  for (int64_t i = 0; i < matrix.count; ++i) {
    add(is_hidden(i) ? &hidden : &known, i / columns, i % columns, npy_at(&matrix, i));
  }
  npy_free(&matrix);
  printf("%d x %d: %d elements known, %d hidden\n", (int)rows, (int)columns, (int)known.count,
         (int)hidden.count);

  const size_t bytes = MATRIX_FACTORISATION_STATE_BYTES(rows, columns, kRank);
  void* memory = get(bytes);
  matrix_factorisation* model = make_model(memory, bytes, rows, columns);
  train(model, &known);
  const double off = test(model, &hidden);
  const double means = by_column_means(&known, &hidden, columns);
  printf("off by %.3f on the hidden elements, the means of the columns by %.3f\n", off, means);
  free(memory);
  free_elements(&known);
  free_elements(&hidden);
  return off < 0.7 * means ? 0 : 1;
}
