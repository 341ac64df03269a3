// SPDX-License-Identifier: Apache-2.0
// No byte before or behind an array is touched: every array lies against a page that traps.
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "softmax_regression.h"

// Memory that ends, or begins, where a page without access begins, or ends.
static void* guarded(size_t bytes, int at_end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t pages = (bytes + page - 1) / page + 2;
  unsigned char* start = (unsigned char*)mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(start != MAP_FAILED);
  CHECK(mprotect(start, page, PROT_NONE) == 0);
  CHECK(mprotect(start + (pages - 1) * page, page, PROT_NONE) == 0);
  return at_end ? start + (pages - 1) * page - bytes : start + page;
}

static void release(void* memory, size_t bytes, int at_end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t pages = (bytes + page - 1) / page + 2;
  unsigned char* first = (unsigned char*)memory - (at_end ? pages * page - page - bytes : page);
  munmap(first, pages * page);
}

static void try_shape(int64_t f, int64_t c, int64_t n, int at_end) {
  const size_t x_bytes = (size_t)(n * f) * sizeof(float), y_bytes = (size_t)n * sizeof(int64_t);
  const size_t p_bytes = (size_t)(n * c) * sizeof(float);
  const size_t state = (SOFTMAX_REGRESSION_STATE_BYTES(f, c) + 63) / 64 * 64;
  size_t train_bytes = 0, predict_bytes = 0, ws_bytes;
  softmax_regression* m = NULL;
  float *x = (float*)guarded(x_bytes, at_end), *p = (float*)guarded(p_bytes, at_end);
  float* J = (float*)guarded(sizeof *J, at_end);
  int64_t* y = (int64_t*)guarded(y_bytes, at_end);
  void *memory = guarded(state, at_end), *ws;
  uint32_t seed = 1;
  STATUS(THX_OK, softmax_regression_train_ws_bytes(f, c, n, &train_bytes));
  STATUS(THX_OK, softmax_regression_predict_ws_bytes(f, c, n, &predict_bytes));
  ws_bytes = ((train_bytes > predict_bytes ? train_bytes : predict_bytes) + 63) / 64 * 64;
  ws = guarded(ws_bytes, at_end);
  for (int64_t i = 0; i < n * f; ++i) x[i] = next_number(&seed);
  for (int64_t i = 0; i < n; ++i) y[i] = (int64_t)next_random(&seed) % c;
  STATUS(THX_OK, softmax_regression_init(memory, state, f, c, NULL, &m));
  STATUS(THX_OK, softmax_regression_train(m, n, x, y, 0.5f, J, ws, train_bytes, NULL));
  STATUS(THX_OK, softmax_regression_predict(m, n, x, p, ws, predict_bytes, NULL));
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int64_t k = 0; k < c; ++k) sum += p[i * c + k];
    CHECK(sum > 0.9999f && sum < 1.0001f);
  }
  release(x, x_bytes, at_end);
  release(p, p_bytes, at_end);
  release(J, sizeof *J, at_end);
  release(y, y_bytes, at_end);
  release(memory, state, at_end);
  release(ws, ws_bytes, at_end);
}

int main(void) {
  static const int64_t extents[] = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67};
  enum { kExtents = sizeof extents / sizeof *extents };
  for (int f = 0; f < kExtents; ++f)
    for (int c = 0; c < kExtents; c += 3)
      for (int n = 0; n < kExtents; n += 2)
        for (int at_end = 0; at_end < 2; ++at_end)
          try_shape(extents[f], extents[(f + c) % kExtents], extents[(f + n) % kExtents], at_end);
  try_shape(3, 2, 0, 1);
  try_shape(0, 2, 5, 1);
  puts("nothing outside the arrays is touched");
  return 0;
}
