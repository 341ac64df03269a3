// SPDX-License-Identifier: Apache-2.0
// Checkpoint files from strangers: damaged by a fixed sequence of mutations, renamed, with headers
// that are deep or huge. Each loads as it was saved or is refused, and then changes nothing. The
// argument is a folder to write in.
#include <thx/hosted.h>

#include "check.h"
#include "packed.h"

enum { kF = 2, kH = 3, kMost = 1 << 12, kRounds = 2500 };

static char memory[PACKED_STATE_BYTES(kF, kH)], other[PACKED_STATE_BYTES(kF, kH)];
static unsigned char before[sizeof memory], good[kMost], bad[2 * kMost];
static size_t good_bytes, bad_bytes;
static char path[4096];
static packed *m, *n;
static int loaded, refused_io, refused_abi;

static thx_status save_model(const void* model, thx_write_fn write, void* user,
                             const thx_exec* ex) {
  return packed_save((const packed*)model, write, user, ex);
}
static thx_status load_model(void* model, uint64_t size, thx_read_at_fn read, void* user,
                             const thx_exec* ex) {
  return packed_load((packed*)model, size, read, user, ex);
}

static void write_file(const void* bytes, size_t count) {
  FILE* file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(bytes, 1, count, file) == count && fclose(file) == 0);
}

// What saved state is loaded; the transient one is nobody's business.
static int same_state(void) {
  return memcmp(packed_params_f32(m), packed_params_f32(n),
                PACKED_N_PARAMS_F32(kF, kH) * sizeof(float)) == 0 &&
         memcmp(packed_params_f64(m), packed_params_f64(n),
                PACKED_N_PARAMS_F64(kF, kH) * sizeof(double)) == 0 &&
         *packed_steps(m) == *packed_steps(n);
}

static thx_status load_bad(void) {
  thx_status status;
  *packed_c(n) = 3.0f;
  memcpy(before, n, packed_bytes(n));
  write_file(bad, bad_bytes);
  status = thx_file_load(path, load_model, n, NULL);
  CHECK(status == THX_OK || status == THX_E_IO || status == THX_E_ABI);
  if (status != THX_OK) CHECK(memcmp(before, n, packed_bytes(n)) == 0);
  loaded += status == THX_OK;
  refused_io += status == THX_E_IO;
  refused_abi += status == THX_E_ABI;
  return status;
}

static size_t within(uint32_t* random, size_t count) {
  return count == 0 ? 0 : next_random(random) % count;
}

static void insert(size_t at, const unsigned char* bytes, size_t count) {
  if (bad_bytes + count > sizeof bad) return;
  memmove(bad + at + count, bad + at, bad_bytes - at);
  memmove(bad + at, bytes, count);
  bad_bytes += count;
}

// One of: a flipped bit, another byte, a part left out, doubled, swapped with its neighbour, moved
// in from elsewhere, a number or a bracket put in, the end cut off.
static void mutate(uint32_t* random) {
  static const char kWords[][20] = {
      "0",  "18446744073709551615", "-1", "{", "}", "[", "]", "\"", ",", "\\u", "\"W\":", "null",
      "1e9"};
  const size_t at = within(random, bad_bytes), count = within(random, 24);
  const size_t part = count < bad_bytes - at ? count : bad_bytes - at;
  switch (next_random(random) % 8) {
    case 0: bad[at] ^= (unsigned char)(1u << within(random, 8)); break;
    case 1: bad[at] = (unsigned char)next_random(random); break;
    case 2:
      memmove(bad + at, bad + at + part, bad_bytes - at - part);
      bad_bytes -= part;
      break;
    case 3: {
      unsigned char copy[24];
      memcpy(copy, bad + at, part);
      insert(at, copy, part);
      break;
    }
    case 4:
      for (size_t i = 0; i < part / 2; ++i) {
        const unsigned char byte = bad[at + i];
        bad[at + i] = bad[at + part - 1 - i];
        bad[at + part - 1 - i] = byte;
      }
      break;
    case 5: insert(at, good + within(random, good_bytes - 24), 24); break;
    case 6: {
      const char* word = kWords[within(random, sizeof kWords / sizeof *kWords)];
      insert(at, (const unsigned char*)word, strlen(word));
      break;
    }
    default: bad_bytes = at; break;
  }
}

static void mutations(void) {
  uint32_t random = 2024;
  for (int round = 0; round < kRounds; ++round) {
    memcpy(bad, good, good_bytes);
    bad_bytes = good_bytes;
    for (int i = 0; i <= round % 3; ++i)
      if (bad_bytes > 0) mutate(&random);
    // The header's length fits again, so that what is inside is looked at.
    if (round % 2 == 0 && bad_bytes > 8) {
      const uint64_t data = 8 + (PACKED_N_PARAMS_F32(kF, kH) * 4 + PACKED_N_PARAMS_F64(kF, kH) * 8);
      const uint64_t length = bad_bytes > data + 8 ? bad_bytes - data - 8 : 0;
      memcpy(bad, &length, sizeof length);
    }
    // Without its checksum a file counts as another writer's: then the data may differ.
    if (load_bad() == THX_OK && !same_state()) CHECK(strstr((char*)bad + 8, "\"crc32\"") == NULL);
  }
}

// A name of the same length in its place: another program's file.
static void renamed(void) {
  static const char* const kNames[] = {"\"W\"", "\"b\"", "\"t\"", "\"steps\""};
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; ++i) {
    char* name;
    memcpy(bad, good, good_bytes);
    bad_bytes = good_bytes;
    bad[bad_bytes] = 0;
    name = strstr((char*)bad + 8, kNames[i]);
    CHECK(name != NULL);
    name[1] = 'z';
    STATUS(THX_E_ABI, load_bad());
  }
}

// A file whose header is one byte over and over, or nested without an end, of 64 MiB; and one that
// says so and is short. It is read in small parts.
typedef struct endless {
  const char* pattern;
  uint64_t size, header;
} endless;

static int read_endless(void* user, uint64_t offset, void* dst, size_t count) {
  const endless* file = (const endless*)user;
  const size_t period = strlen(file->pattern);
  unsigned char prefix[8];
  memcpy(prefix, &file->header, 8);
  if (offset > file->size || count > file->size - offset) return 1;
  for (size_t i = 0; i < count; ++i)
    ((unsigned char*)dst)[i] = offset + i < 8 ? prefix[offset + i]
                               : offset + i == 8
                                   ? (unsigned char)'{'
                                   : (unsigned char)file->pattern[(offset + i) % period];
  return 0;
}

static void headers(void) {
  static const char kTensor[] = "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]},";
  static const char* const kPatterns[] = {"[",       "{",       " ",       "\"",
                                          "{\"a\":", "\"W\":{", "\\u0041", kTensor};
  for (size_t i = 0; i < sizeof kPatterns / sizeof *kPatterns; ++i) {
    for (int whole = 0; whole < 2; ++whole) {
      endless file = {kPatterns[i], whole ? (UINT64_C(8) << 20) + 8 : 64, UINT64_C(8) << 20};
      memcpy(before, n, packed_bytes(n));
      CHECK(packed_load(n, file.size, read_endless, &file, NULL) != THX_OK);
      CHECK(memcmp(before, n, packed_bytes(n)) == 0);
    }
  }
}

int main(int argc, char** argv) {
  FILE* file;
  CHECK(argc == 2);
  snprintf(path, sizeof path, "%s/model.safetensors", argv[1]);
  STATUS(THX_OK, packed_init(memory, sizeof memory, kF, kH, NULL, &m));
  STATUS(THX_OK, packed_init(other, sizeof other, kF, kH, NULL, &n));
  *packed_steps(m) = 41;
  STATUS(THX_OK, thx_file_save(path, save_model, m, NULL));
  file = fopen(path, "rb");
  CHECK(file != NULL);
  good_bytes = fread(good, 1, sizeof good, file);
  fclose(file);
  CHECK(good_bytes > 100 && good_bytes < sizeof good);
  STATUS(THX_OK, thx_file_load(path, load_model, n, NULL));
  CHECK(same_state());
  renamed();
  mutations();
  headers();
  CHECK(loaded > 0 && refused_io > 0 && refused_abi > 0);
  CHECK(remove(path) == 0);
  STATUS(THX_E_IO, thx_file_load(path, load_model, n, NULL));
  puts("files of strangers are loaded or refused");
  return 0;
}
