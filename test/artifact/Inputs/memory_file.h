// SPDX-License-Identifier: Apache-2.0
// A checkpoint in memory: the writer and the reader that save and load take.
#pragma once

#include <stdint.h>
#include <string.h>

static unsigned char file[8192];
static size_t file_bytes;

static int write_bytes(void* user, const void* bytes, size_t count) {
  (void)user;
  if (count > sizeof file - file_bytes) return 1;
  memcpy(file + file_bytes, bytes, count);
  file_bytes += count;
  return 0;
}

static int read_bytes(void* user, uint64_t offset, void* dst, size_t count) {
  (void)user;
  if (offset > file_bytes || count > file_bytes - offset) return 1;
  memcpy(dst, file + offset, count);
  return 0;
}
