// SPDX-License-Identifier: Apache-2.0
// Save and load through callbacks: what is truncated, altered or another program's is refused and
// changes nothing; a reader that fails half way leaves a model that only init and load accept.
#include "check.h"
#include "logreg.h"
#include "softmax_regression.h"

enum { kF = 5, kMost = 1 << 16 };

typedef struct file {
  unsigned char bytes[kMost];
  size_t size;
  int writes_left, reads_left;  // -1: as many as are asked for
} file;

static file good, bad;
static char memory[LOGREG_STATE_BYTES(kF)], second[LOGREG_STATE_BYTES(kF)],
    wider[LOGREG_STATE_BYTES(kF + 1)], digits[SOFTMAX_REGRESSION_STATE_BYTES(2, 3)];
static logreg *m, *n;

static int write_bytes(void* user, const void* bytes, size_t count) {
  file* f = (file*)user;
  if (f->writes_left == 0 || f->size + count > kMost) return 1;
  if (f->writes_left > 0) --f->writes_left;
  memcpy(f->bytes + f->size, bytes, count);
  f->size += count;
  return 0;
}

static int read_bytes(void* user, uint64_t offset, void* dst, size_t count) {
  file* f = (file*)user;
  if (f->reads_left == 0 || offset > f->size || count > f->size - offset) return 1;
  if (f->reads_left > 0) --f->reads_left;
  memcpy(dst, f->bytes + offset, count);
  return 0;
}

static void copy(file* to, const file* from) {
  memcpy(to, from, sizeof *to);
  to->reads_left = to->writes_left = -1;
}

static thx_status load(logreg* model, file* f) {
  return logreg_load(model, f->size, read_bytes, f, NULL);
}

static void round_trip(void) {
  good.writes_left = good.reads_left = -1;
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  STATUS(THX_OK, logreg_init(second, sizeof second, kF, NULL, &n));
  for (int i = 0; i < kF; ++i) logreg_w(m)[i] = (float)i * 0.1f;
  *logreg_b(m) = -7.0f;
  STATUS(THX_OK, logreg_save(m, write_bytes, &good, NULL));
  CHECK(memcmp(m, n, logreg_bytes(m)) != 0);
  STATUS(THX_OK, load(n, &good));
  CHECK(memcmp(m, n, logreg_bytes(m)) == 0);
}

// The loads that must leave n as it is.
static void refused(thx_status expected, file* f) {
  static unsigned char before[sizeof second];
  memcpy(before, n, logreg_bytes(n));
  STATUS(expected, load(n, f));
  CHECK(memcmp(before, n, logreg_bytes(n)) == 0);
}

static void truncated(void) {
  *logreg_b(n) = 3.0f;
  for (size_t size = 0; size < good.size; ++size) {
    copy(&bad, &good);
    bad.size = size;
    refused(THX_E_IO, &bad);
  }
  copy(&bad, &good);
  bad.bytes[bad.size++] = 0;  // and one byte too many
  refused(THX_E_IO, &bad);
}

// Every byte matters: what loads in spite of a flipped bit has the same values.
static void altered(void) {
  for (size_t at = 0; at < good.size; ++at) {
    for (unsigned bit = 1; bit < 256; bit *= 2) {
      static unsigned char before[sizeof second];
      thx_status status;
      copy(&bad, &good);
      bad.bytes[at] = (unsigned char)(bad.bytes[at] ^ bit);
      *logreg_b(n) = 3.0f;
      memcpy(before, n, logreg_bytes(n));
      status = load(n, &bad);
      CHECK(status == THX_OK || status == THX_E_IO || status == THX_E_ABI);
      CHECK(memcmp(status == THX_OK ? (const void*)m : before, n, logreg_bytes(n)) == 0);
      if (at + 4u * (kF + 1) >= good.size) CHECK(status == THX_E_IO);  // the data: by its CRC
    }
  }
}

static void another_program(void) {
  softmax_regression* s = NULL;
  logreg* w = NULL;
  bad.size = 0;
  bad.writes_left = bad.reads_left = -1;
  STATUS(THX_OK, softmax_regression_init(digits, sizeof digits, 2, 3, NULL, &s));
  STATUS(THX_OK, softmax_regression_save(s, write_bytes, &bad, NULL));
  refused(THX_E_ABI, &bad);
  bad.size = 0;
  STATUS(THX_OK, logreg_init(wider, sizeof wider, kF + 1, NULL, &w));
  STATUS(THX_OK, logreg_save(w, write_bytes, &bad, NULL));
  refused(THX_E_ABI, &bad);
}

static void writer_fails(void) {
  for (int writes = 0;; ++writes) {
    bad.size = 0;
    bad.writes_left = writes;
    if (logreg_save(m, write_bytes, &bad, NULL) == THX_OK) {
      CHECK(writes > 0 && bad.size == good.size);
      break;
    }
    CHECK(writes < 100);
  }
  STATUS(THX_E_NULL, logreg_save(m, NULL, &bad, NULL));
}

static void torn(void) {
  int seen = 0;
  float x[kF] = {0}, b = 0;
  uint8_t prediction[1];
  logreg* attached = NULL;
  static char ws[LOGREG_PREDICT_WS_BYTES(1, kF) + 64];
  for (int reads = 0;; ++reads) {
    static unsigned char before[sizeof second];
    thx_status status;
    copy(&bad, &good);
    bad.reads_left = reads;
    *logreg_b(n) = 3.0f;
    memcpy(before, n, logreg_bytes(n));
    status = load(n, &bad);
    if (status == THX_OK) break;
    CHECK(status == THX_E_IO && reads < 1000);
    if (memcmp(before, n, logreg_bytes(n)) == 0) continue;
    ++seen;  // torn
    STATUS(THX_E_ABI, logreg_get_b(n, &b, NULL));
    STATUS(THX_E_ABI, logreg_set_b(n, &b, NULL));
    STATUS(THX_E_ABI, logreg_predict(n, 1, x, prediction, ws, sizeof ws, NULL));
    STATUS(THX_E_ABI, logreg_attach(n, logreg_bytes(n), &attached));
    bad.size = 0;
    STATUS(THX_E_ABI, logreg_save(n, write_bytes, &bad, NULL));
    copy(&bad, &good);
    STATUS(THX_OK, load(n, &bad));
    CHECK(memcmp(m, n, logreg_bytes(m)) == 0);
  }
  CHECK(seen > 0);
  STATUS(THX_E_NULL, logreg_load(n, good.size, NULL, &good, NULL));
}

int main(void) {
  round_trip();
  truncated();
  altered();
  another_program();
  writer_fails();
  torn();
  puts("checkpoints are whole or refused");
  return 0;
}
