// SPDX-License-Identifier: Apache-2.0
// Saves a large file of one letter again and again in a child, kills it, and looks at what is left.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <thx/hosted.h>
#include <unistd.h>

enum { kBytes = 1 << 20 };

static thx_status save(const void* model, thx_write_fn write, void* user, const thx_exec* ex) {
  const char* bytes = (const char*)model;
  (void)ex;
  for (size_t at = 0; at < kBytes; at += 4096) {
    if (write(user, bytes + at, 4096) != 0) return THX_E_IO;
  }
  return THX_OK;
}

static thx_status load(void* model, uint64_t size, thx_read_at_fn read, void* user,
                       const thx_exec* ex) {
  (void)ex;
  if (size != kBytes) return THX_E_ABI;
  return read(user, 0, model, kBytes) == 0 ? THX_OK : THX_E_IO;
}

int main(int argc, char** argv) {
  static char bytes[kBytes];
  if (argc != 2) return 2;
  memset(bytes, 'a', sizeof bytes);
  if (thx_file_save(argv[1], save, bytes, NULL) != THX_OK) return 3;
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (char letter = 'a';; letter = letter == 'z' ? 'a' : (char)(letter + 1)) {
        memset(bytes, letter, sizeof bytes);
        thx_file_save(argv[1], save, bytes, NULL);
      }
    }
    usleep((useconds_t)(1000 + 700 * round));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    if (thx_file_load(argv[1], load, bytes, NULL) != THX_OK) return 4;
    for (size_t at = 1; at < kBytes; ++at) {
      if (bytes[at] != bytes[0]) return 5;
    }
  }
  return 0;
}
