// SPDX-License-Identifier: Apache-2.0
// Reads an .npy file of which one byte is changed, or the end is missing.
#include "../../../samples/npy.h"

enum { kMost = 4096, kHeader = 128 };

static int read_copy(const char* path, const char* bytes, size_t count) {
  npy_array array;
  FILE* file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, count, file) != count || fclose(file) != 0) exit(3);
  if (!npy_read(path, &array)) return 0;
  if (array.count > 0 && !(npy_at(&array, array.count - 1) < 1e300)) exit(4);
  npy_free(&array);
  return 1;
}

int main(int argc, char** argv) {
  static const char values[] = "0129()[]{}<>|'\",: fiubTF\n\xff\x80";
  char bytes[kMost];
  size_t count;
  npy_array array;
  FILE* file = argc == 3 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) return 2;
  count = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (!npy_read(argv[1], &array) || array.rank != 1 || array.shape[0] != 1797) return 5;
  if (array.kind != 'u' || npy_at(&array, 1) < 0.5 || npy_at(&array, 1) > 1.5) return 6;
  npy_free(&array);
  for (size_t i = 0; i < kHeader; ++i) {
    const char kept = bytes[i];
    for (size_t k = 0; k < sizeof values; ++k) {
      bytes[i] = values[k];
      read_copy(argv[2], bytes, count);
    }
    bytes[i] = kept;
  }
  for (size_t n = 0; n < count; ++n) {
    if (read_copy(argv[2], bytes, n)) return 7;
  }
  return read_copy(argv[2], bytes, count) ? 0 : 8;
}
