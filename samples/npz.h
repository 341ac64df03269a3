// SPDX-License-Identifier: Apache-2.0
// Reads the arrays of NumPy's .npz archives, stored or deflated, for the samples. C99 and C++11.
#ifndef SAMPLES_NPZ_H
#define SAMPLES_NPZ_H

#include "npy.h"

// ---- Deflate (RFC 1951) -----------------------------------------------------------------------

// Reading stops being good beyond the end of either side, and stays so.
typedef struct npz_stream {
  const unsigned char* in;
  size_t in_bytes, in_at;
  unsigned char* out;
  size_t out_bytes, out_at;
  uint32_t held;  // bits that were read and not used
  int held_bits;
  int good;
} npz_stream;

enum { kNpzLengths = 288, kNpzDistances = 30, kNpzLongest = 15 };

// A canonical Huffman code: how many symbols have each length, and the symbols in their order.
typedef struct npz_code {
  uint16_t count[kNpzLongest + 1];
  uint16_t symbol[kNpzLengths];
} npz_code;

static inline uint32_t npz_bits(npz_stream* s, int n) {
  uint32_t bits;
  while (s->held_bits < n) {
    if (s->in_at == s->in_bytes) {
      s->good = 0;
      return 0;
    }
    s->held |= (uint32_t)s->in[s->in_at++] << s->held_bits;
    s->held_bits += 8;
  }
  bits = s->held & ((UINT32_C(1) << n) - 1);
  s->held >>= n;
  s->held_bits -= n;
  return bits;
}

static inline void npz_make_code(npz_code* code, const unsigned char* lengths, int n) {
  uint16_t next[kNpzLongest + 2] = {0};
  memset(code, 0, sizeof *code);
  for (int i = 0; i < n; ++i) ++code->count[lengths[i]];
  code->count[0] = 0;
  for (int k = 1; k <= kNpzLongest; ++k) next[k + 1] = (uint16_t)(next[k] + code->count[k]);
  for (int i = 0; i < n; ++i) {
    if (lengths[i] != 0) code->symbol[next[lengths[i]]++] = (uint16_t)i;
  }
}

static inline int npz_symbol(npz_stream* s, const npz_code* code) {
  int value = 0, first = 0, index = 0;
  for (int k = 1; k <= kNpzLongest && s->good; ++k) {
    value |= (int)npz_bits(s, 1);
    if (value - first < code->count[k]) return code->symbol[index + value - first];
    index += code->count[k];
    first = (first + code->count[k]) << 1;
    value <<= 1;
  }
  s->good = 0;
  return 0;
}

static inline void npz_put(npz_stream* s, unsigned char byte) {
  if (s->out_at == s->out_bytes) {
    s->good = 0;
  } else {
    s->out[s->out_at++] = byte;
  }
}

// Literals and copies up to the end of a block.
static inline void npz_block(npz_stream* s, const npz_code* lengths, const npz_code* distances) {
  while (s->good) {
    const int symbol = npz_symbol(s, lengths);
    size_t length, distance;
    int code;
    if (!s->good || symbol == 256) return;
    if (symbol < 256) {
      npz_put(s, (unsigned char)symbol);
      continue;
    }
    // Four codes to each number of further bits; the last one has none.
    code = symbol - 257;
    if (code < 8) {
      length = (size_t)code + 3;
    } else if (code == 28) {
      length = 258;
    } else {
      const int more = code / 4 - 1;
      length = ((size_t)(code % 4 + 4) << more) + 3 + npz_bits(s, more);
    }
    code = npz_symbol(s, distances);
    if (code < 4) {
      distance = (size_t)code + 1;
    } else {
      const int more = code / 2 - 1;
      distance = ((size_t)(code % 2 + 2) << more) + 1 + npz_bits(s, more);
    }
    if (symbol > 285 || code >= kNpzDistances || distance > s->out_at) s->good = 0;
    for (; s->good && length > 0; --length) npz_put(s, s->out[s->out_at - distance]);
  }
}

static inline void npz_stored_block(npz_stream* s) {
  uint32_t n;
  s->held = 0;
  s->held_bits = 0;
  n = npz_bits(s, 16);
  if (npz_bits(s, 16) != (n ^ 0xffff)) s->good = 0;
  for (; s->good && n > 0; --n) npz_put(s, (unsigned char)npz_bits(s, 8));
}

static inline void npz_fixed_block(npz_stream* s) {
  unsigned char lengths[kNpzLengths];
  npz_code codes, distances;
  for (int i = 0; i < kNpzLengths; ++i) {
    lengths[i] = (unsigned char)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  }
  npz_make_code(&codes, lengths, kNpzLengths);
  memset(lengths, 5, kNpzDistances);
  npz_make_code(&distances, lengths, kNpzDistances);
  npz_block(s, &codes, &distances);
}

static inline void npz_dynamic_block(npz_stream* s) {
  static const unsigned char order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};
  unsigned char lengths[kNpzLengths + 32] = {0};
  npz_code codes, distances;
  const int n = (int)npz_bits(s, 5) + 257;
  const int m = (int)npz_bits(s, 5) + 1;
  const int few = (int)npz_bits(s, 4) + 4;
  if (n > kNpzLengths || m > kNpzDistances) s->good = 0;
  for (int i = 0; i < few; ++i) lengths[order[i]] = (unsigned char)npz_bits(s, 3);
  npz_make_code(&codes, lengths, 19);
  memset(lengths, 0, sizeof lengths);
  for (int i = 0; s->good && i < n + m;) {
    const int symbol = npz_symbol(s, &codes);
    unsigned char repeated = 0;
    uint32_t times = 1;
    if (symbol < 16) {
      repeated = (unsigned char)symbol;
    } else if (symbol == 16) {
      if (i == 0) s->good = 0;
      repeated = i > 0 ? lengths[i - 1] : 0;
      times = npz_bits(s, 2) + 3;
    } else {
      times = symbol == 17 ? npz_bits(s, 3) + 3 : npz_bits(s, 7) + 11;
    }
    if (times > (uint32_t)(n + m - i)) s->good = 0;
    for (; s->good && times > 0; --times) lengths[i++] = repeated;
  }
  if (!s->good) return;
  npz_make_code(&codes, lengths, n);
  npz_make_code(&distances, lengths + n, m);
  npz_block(s, &codes, &distances);
}

static inline int npz_inflate(npz_stream* s) {
  int last = 0;
  s->good = 1;
  while (s->good && !last) {
    last = (int)npz_bits(s, 1);
    switch (npz_bits(s, 2)) {
      case 0: npz_stored_block(s); break;
      case 1: npz_fixed_block(s); break;
      case 2: npz_dynamic_block(s); break;
      default: s->good = 0;
    }
  }
  return s->good && s->out_at == s->out_bytes;
}

// ---- The archive ------------------------------------------------------------------------------

static inline uint32_t npz_number(const unsigned char* from, int bytes) {
  uint32_t value = 0;
  for (int k = bytes - 1; k >= 0; --k) value = value << 8 | from[k];
  return value;
}

// One member: its entry in the directory is at `entry`.
static inline int npz_member(const unsigned char* bytes, size_t count, size_t entry,
                             npy_array* array) {
  const uint32_t method = npz_number(bytes + entry + 10, 2);
  const size_t packed = npz_number(bytes + entry + 20, 4);
  const size_t plain = npz_number(bytes + entry + 24, 4);
  size_t at = npz_number(bytes + entry + 42, 4);
  npz_stream stream;
  int good;
  if (at > count || count - at < 30 || npz_number(bytes + at, 4) != 0x04034b50) return 0;
  at += 30 + npz_number(bytes + at + 26, 2) + npz_number(bytes + at + 28, 2);
  if (at > count || count - at < packed) return 0;
  if (method == 0) return packed == plain && npy_from_bytes(bytes + at, plain, array);
  if (method != 8 || plain / 1040 > packed) return 0;  // deflate reaches a factor of 1032
  memset(&stream, 0, sizeof stream);
  stream.in = bytes + at;
  stream.in_bytes = packed;
  stream.out = (unsigned char*)malloc(plain != 0 ? plain : 1);
  stream.out_bytes = plain;
  if (stream.out == NULL) return 0;
  good = npz_inflate(&stream) && npy_from_bytes(stream.out, plain, array);
  free(stream.out);
  return good;
}

static inline int npz_from_bytes(const unsigned char* bytes, size_t count, const char* name,
                                 npy_array* array) {
  const size_t letters = strlen(name);
  size_t end = count < 22 ? 0 : count - 22;
  size_t entry;
  if (count < 22) return 0;
  while (npz_number(bytes + end, 4) != 0x06054b50) {
    if (end == 0 || count - end > 70000) return 0;
    --end;
  }
  entry = npz_number(bytes + end + 16, 4);
  while (entry <= end && end - entry >= 46 && npz_number(bytes + entry, 4) == 0x02014b50) {
    const size_t length = npz_number(bytes + entry + 28, 2);
    if (end - entry - 46 < length) return 0;
    if (length == letters + 4 && memcmp(bytes + entry + 46, name, letters) == 0 &&
        memcmp(bytes + entry + 46 + letters, ".npy", 4) == 0) {
      return npz_member(bytes, count, entry, array);
    }
    entry += 46 + length + npz_number(bytes + entry + 30, 2) + npz_number(bytes + entry + 32, 2);
  }
  return 0;
}

// 1: the array `name` of an archive was read. 0: there is none that can be read.
static inline int npz_read(const char* path, const char* name, npy_array* array) {
  size_t count = 0;
  unsigned char* bytes = npy_file_bytes(path, &count);
  int good;
  memset(array, 0, sizeof *array);
  good = bytes != NULL && npz_from_bytes(bytes, count, name, array);
  free(bytes);
  return good;
}

#endif
