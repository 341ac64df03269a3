// SPDX-License-Identifier: Apache-2.0
// A model in a mapped file: attach, use, map again; a file that is short or altered in what attach
// checks is refused. The file's path is the argument.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "logreg.h"

enum { kF = 30, kN = 4 };

static char memory[LOGREG_STATE_BYTES(kF)];
static size_t bytes;
static int file;

static logreg* map(size_t length) {
  void* mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(mapped != MAP_FAILED);
  return (logreg*)mapped;
}

static void use(logreg* m) {
  static float x[kN * kF];
  static char ws[LOGREG_TRAIN_WS_BYTES(kN, kF) + 64];
  const float y[kN] = {0, 1, 0, 1};
  void* aligned = ws + ((0u - (uintptr_t)ws) & 63u);
  for (int i = 0; i < kN * kF; ++i) x[i] = (float)(i % 7) * 0.25f;
  STATUS(THX_OK, logreg_train(m, kN, x, y, NULL, NULL, aligned, sizeof ws - 64, NULL));
}

int main(int argc, char** argv) {
  logreg *m = NULL, *attached = NULL;
  CHECK(argc == 2);
  STATUS(THX_OK, logreg_init(memory, sizeof memory, kF, NULL, &m));
  bytes = logreg_bytes(m);
  file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(file >= 0 && write(file, m, bytes) == (ssize_t)bytes);

  // Train in the file; another mapping of it sees the same model.
  STATUS(THX_OK, logreg_attach(map(bytes), bytes, &attached));
  use(attached);
  use(m);
  CHECK(memcmp(m, attached, bytes) == 0);
  munmap(attached, bytes);
  STATUS(THX_OK, logreg_attach(map(bytes), bytes, &attached));
  CHECK(memcmp(m, attached, bytes) == 0);

  // Any flipped bit of the header, and any shorter length, is refused.
  for (size_t at = 0; at < 32; ++at) {
    for (unsigned bit = 1; bit < 256; bit *= 2) {
      logreg* again = NULL;
      ((unsigned char*)attached)[at] ^= (unsigned char)bit;
      STATUS(THX_E_ABI, logreg_attach(attached, bytes, &again));
      CHECK(again == NULL);
      ((unsigned char*)attached)[at] ^= (unsigned char)bit;
    }
  }
  // A dim that does not fit the bytes, too; one that does is another model.
  for (unsigned bit = 32; bit < 256; bit *= 2) {
    ((unsigned char*)attached)[32] ^= (unsigned char)bit;
    STATUS(THX_E_ABI, logreg_attach(attached, bytes, &m));
    ((unsigned char*)attached)[32] ^= (unsigned char)bit;
  }
  for (size_t length = 0; length < bytes; ++length)
    STATUS(THX_E_ABI, logreg_attach(attached, length, &m));
  STATUS(THX_OK, logreg_attach(attached, bytes, &m));
  munmap(attached, bytes);

  // A shorter file: its length is what attach is told.
  CHECK(ftruncate(file, (off_t)bytes / 2) == 0);
  attached = map(bytes / 2);
  STATUS(THX_E_ABI, logreg_attach(attached, bytes / 2, &m));
  munmap(attached, bytes / 2);
  puts("a mapped file is a model");
  return 0;
}
