// SPDX-License-Identifier: Apache-2.0
// Reads NumPy's .npy files of numbers in C order, for the samples. C99 and C++11.
#ifndef SAMPLES_NPY_H
#define SAMPLES_NPY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kNpyMaxRank = 8 };

typedef struct npy_array {
  char kind;       // 'f' float, 'i' signed, 'u' unsigned, 'b' bool
  int item_bytes;  // 1, 2, 4 or 8
  int rank;
  int64_t shape[kNpyMaxRank];
  int64_t count;  // product of the shape
  unsigned char* data;
} npy_array;

// The part of the header that is still to be read.
typedef struct npy_text {
  const char* at;
  const char* end;
} npy_text;

static inline int npy_take(npy_text* text, const char* word) {
  const size_t n = strlen(word);
  while (text->at < text->end && *text->at == ' ') ++text->at;
  if ((size_t)(text->end - text->at) < n || memcmp(text->at, word, n) != 0) return 0;
  text->at += n;
  return 1;
}

static inline int npy_take_descr(npy_text* text, npy_array* array) {
  if (text->end - text->at < 6 || !npy_take(text, "'")) return 0;
  if (!npy_take(text, "<") && !npy_take(text, "|")) return 0;
  if (text->end - text->at < 3) return 0;
  array->kind = text->at[0];
  array->item_bytes = text->at[1] - '0';
  text->at += 2;
  if (!npy_take(text, "'")) return 0;
  if (array->kind == 'f') return array->item_bytes == 4 || array->item_bytes == 8;
  if (array->kind == 'b') return array->item_bytes == 1;
  if (array->kind != 'i' && array->kind != 'u') return 0;
  return array->item_bytes == 1 || array->item_bytes == 2 || array->item_bytes == 4 ||
         array->item_bytes == 8;
}

static inline int npy_take_shape(npy_text* text, npy_array* array) {
  const int64_t most = INT64_C(1) << 40;  // elements; far from any overflow
  if (!npy_take(text, "(")) return 0;
  array->rank = 0;
  array->count = 1;
  while (!npy_take(text, ")")) {
    int64_t extent = 0;
    const char* first;
    npy_take(text, "");  // blanks
    first = text->at;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; ++text->at) {
      extent = extent * 10 + (*text->at - '0');
      if (extent > most) return 0;
    }
    if (text->at == first || array->rank == kNpyMaxRank) return 0;
    if (extent != 0 && array->count > most / extent) return 0;
    array->shape[array->rank++] = extent;
    array->count *= extent;
    if (!npy_take(text, ",") && (text->at == text->end || *text->at != ')')) return 0;
  }
  return 1;
}

// The header is a Python dictionary of three entries, in any order.
static inline int npy_take_header(npy_text* text, npy_array* array) {
  int seen = 0;
  if (!npy_take(text, "{")) return 0;
  while (!npy_take(text, "}")) {
    if (npy_take(text, "'descr':")) {
      if (!npy_take_descr(text, array)) return 0;
      seen |= 1;
    } else if (npy_take(text, "'fortran_order':")) {
      if (!npy_take(text, "False")) return 0;
      seen |= 2;
    } else if (npy_take(text, "'shape':")) {
      if (!npy_take_shape(text, array)) return 0;
      seen |= 4;
    } else {
      return 0;
    }
    if (!npy_take(text, ",") && (text->at == text->end || *text->at != '}')) return 0;
  }
  return seen == 7;
}

static inline int npy_read_open(FILE* file, npy_array* array) {
  unsigned char prefix[12];
  char header[4096];
  size_t length, bytes;
  npy_text text;
  if (fread(prefix, 1, 10, file) != 10 || memcmp(prefix, "\x93NUMPY", 6) != 0) return 0;
  length = (size_t)prefix[8] | (size_t)prefix[9] << 8;
  if (prefix[6] >= 2) {
    if (fread(prefix + 10, 1, 2, file) != 2) return 0;
    length |= (size_t)prefix[10] << 16 | (size_t)prefix[11] << 24;
  }
  if (length > sizeof header || fread(header, 1, length, file) != length) return 0;
  text.at = header;
  text.end = header + length;
  if (!npy_take_header(&text, array)) return 0;
  bytes = (size_t)array->count * (size_t)array->item_bytes;
  array->data = (unsigned char*)malloc(bytes != 0 ? bytes : 1);
  return array->data != NULL && fread(array->data, 1, bytes, file) == bytes && fgetc(file) == EOF;
}

// 1: read. 0: no such file, or no .npy file of numbers in C order and little-endian bytes.
static inline int npy_read(const char* path, npy_array* array) {
  FILE* file = fopen(path, "rb");
  int good;
  memset(array, 0, sizeof *array);
  if (file == NULL) return 0;
  good = npy_read_open(file, array);
  fclose(file);
  if (!good) {
    free(array->data);
    array->data = NULL;
  }
  return good;
}

static inline void npy_free(npy_array* array) {
  free(array->data);
  array->data = NULL;
}

// Element i, 0 <= i < count, in C order.
static inline double npy_at(const npy_array* array, int64_t i) {
  const unsigned char* from = array->data + i * array->item_bytes;
  uint64_t bits = 0;
  for (int k = array->item_bytes - 1; k >= 0; --k) bits = bits << 8 | from[k];
  if (array->kind == 'f' && array->item_bytes == 8) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (array->kind == 'f') {
    const uint32_t half = (uint32_t)bits;
    float value;
    memcpy(&value, &half, sizeof value);
    return (double)value;
  }
  if (array->kind == 'i') {
    const int unused = 64 - 8 * array->item_bytes;
    return (double)((int64_t)(bits << unused) >> unused);
  }
  return (double)bits;
}

#endif
