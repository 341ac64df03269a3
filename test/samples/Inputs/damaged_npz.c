// SPDX-License-Identifier: Apache-2.0
// Reads an .npz archive whole, cut short, and with single bytes changed: no read leaves the bytes.
#include "../../../samples/npz.h"

static void read_copy(const unsigned char* bytes, size_t count) {
  // A block of its own size, so that a sanitizer sees a read beyond it.
  unsigned char* copy = (unsigned char*)malloc(count != 0 ? count : 1);
  npy_array array;
  if (copy == NULL) exit(3);
  memcpy(copy, bytes, count);
  if (npz_from_bytes(copy, count, "target", &array)) npy_free(&array);
  free(copy);
}

int main(int argc, char** argv) {
  static const unsigned char flips[] = {0x01, 0x80, 0xff};
  size_t count = 0;
  npy_array array;
  unsigned char* bytes = argc == 2 ? npy_file_bytes(argv[1], &count) : NULL;
  if (bytes == NULL) return 2;
  if (!npz_read(argv[1], "target", &array)) return 5;
  printf("%c%d[%d] %g %g\n", array.kind, array.item_bytes, (int)array.shape[0], npy_at(&array, 0),
         npy_at(&array, array.count - 1));
  npy_free(&array);
  if (npz_read(argv[1], "nothing", &array)) return 6;
  for (size_t n = 0; n < count; ++n) read_copy(bytes, n);
  for (size_t i = 0; i < count; ++i) {
    const unsigned char kept = bytes[i];
    for (size_t k = 0; k < sizeof flips; ++k) {
      bytes[i] = (unsigned char)(kept ^ flips[k]);
      read_copy(bytes, count);
    }
    bytes[i] = kept;
  }
  free(bytes);
  return 0;
}
