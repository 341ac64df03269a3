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

// An .npy file in memory. 1: the array has a copy of its numbers. 0: no array that can be read.
static inline int npy_from_bytes(const unsigned char* bytes, size_t count, npy_array* array) {
  size_t start = 10, length;
  npy_text text;
  memset(array, 0, sizeof *array);
  if (count < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0) return 0;
  length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (bytes[6] >= 2) {
    length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    start = 12;
  }
  if (length > count - start) return 0;
  text.at = (const char*)bytes + start;
  text.end = text.at + length;
  if (!npy_take_header(&text, array)) return 0;
  start += length;
  if (count - start != (size_t)array->count * (size_t)array->item_bytes) return 0;
  array->data = (unsigned char*)malloc(count != start ? count - start : 1);
  if (array->data == NULL) return 0;
  memcpy(array->data, bytes + start, count - start);
  return 1;
}

// All bytes of a file, for free(); NULL where it cannot be read.
static inline unsigned char* npy_file_bytes(const char* path, size_t* count) {
  FILE* file = fopen(path, "rb");
  unsigned char* bytes = NULL;
  long size = -1;
  if (file == NULL) return NULL;
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    *count = (size_t)size;
    bytes = (unsigned char*)malloc(*count != 0 ? *count : 1);
    if (bytes != NULL && fread(bytes, 1, *count, file) != *count) {
      free(bytes);
      bytes = NULL;
    }
  }
  fclose(file);
  return bytes;
}

// 1: read. 0: no such file, or no .npy file of numbers in C order and little-endian bytes.
static inline int npy_read(const char* path, npy_array* array) {
  size_t count = 0;
  unsigned char* bytes = npy_file_bytes(path, &count);
  int good;
  memset(array, 0, sizeof *array);
  good = bytes != NULL && npy_from_bytes(bytes, count, array);
  free(bytes);
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
