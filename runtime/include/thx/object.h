// SPDX-License-Identifier: Apache-2.0
// The contract between generated objects and the freestanding runtime; no application includes it.
//
// THX_ABI_VERSION covers it. Of the outside these functions need memcpy, memmove and memset alone:
// no heap, no libm, no lock, no system call. The layouts, on a 64-bit target:
//
//   thx_exec          64 bytes: size 0, flags 4, user 8, parallel_for 16, team 24, team_run 32,
//                     barrier 40, err 48, device 56
//   thx_error         24 bytes: status 0, argument 4, line 8, index 16
//   thx_init          32 bytes: size 0, flags 4, seed 8, ws 16, ws_bytes 24
//   thx_model_header  32 bytes: magic 0, abi 8, flags 12, program 16, bytes 24
//   thx_range         40 bytes: begin 0, bytes 8, given 16, align 24, flags 28, argument 32
//   thx_state_entry   56 bytes: name 0, extents 8, offset 16, elements 24, file_begin 32, dtype 40,
//                     rank 44, saved 48, seen 52
#ifndef THX_OBJECT_H
#define THX_OBJECT_H

#include <thx/thx.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- failing ----

// Writes ex->err where there is one, and returns status. A faulty ex is not touched.
THX_API thx_status thx_fail(const thx_exec* ex, thx_status status, int32_t argument, int32_t line,
                            int64_t index);

// The same for a guarded value: its number is err->value.
THX_API thx_status thx_fail_value(const thx_exec* ex, thx_status status, int32_t argument,
                                  int32_t line, int64_t index, int32_t value);

// ---- checks at entry, in the order in which a call with two faults answers ----

// THX_OK for NULL; THX_E_ALIGN; THX_E_ABI where size is below version 1's, or a flag is set.
THX_API thx_status thx_check_exec(const thx_exec* ex);
THX_API thx_status thx_check_init(const thx_init* opts);

#define THX_ALIGN 64  // of models and workspaces

// The first bytes of every model. The dims bound at init follow it as int64_t, then the state.
typedef struct thx_model_header {
  uint64_t magic;
  uint32_t abi;
  uint32_t flags;
  uint64_t program;  // hash of the program that made it
  uint64_t bytes;    // of the whole model, this header included
} thx_model_header;

#define THX_MODEL_MAGIC UINT64_C(0x4c45444f4d584854)  // "THXMODEL" in memory
#define THX_MODEL_TORN 1u  // flag: a load failed half way; only init and load go on from here

// The model and ex, for every function that takes a model: _NULL, _ALIGN, _ABI. allowed:
// THX_MODEL_TORN for load, else 0.
THX_API thx_status thx_model_check(const void* model, uint64_t program, uint32_t allowed,
                                   const thx_exec* ex, int32_t line);

// Where a model of that many bytes lies in mem: the first aligned address. _NULL, _WORKSPACE
// (index: the bytes needed, slack included).
THX_API thx_status thx_model_place(void* mem, size_t mem_bytes, uint64_t bytes, void** out);

// The last act of init: the header, by which the bytes become a model.
THX_API void thx_model_seal(void* model, uint64_t program, uint64_t bytes, const int64_t* dims,
                            int32_t n_dims);

// For attach: _NULL, _ALIGN, _ABI (also where count is less than the model says, or a dim is
// negative). The object then compares header.bytes with its own formula in the dims.
THX_API thx_status thx_model_attach(const void* bytes, size_t count, uint64_t program,
                                    int32_t n_dims);

// An array of a call. Overlap counts for `bytes` bytes; an empty one is always right.
typedef struct thx_range {
  const void* begin;
  uint64_t bytes;
  uint64_t given;     // with THX_RANGE_WORKSPACE: what the caller handed over
  uint32_t align;     // a power of two
  uint32_t flags;     // THX_RANGE_...
  int32_t argument;   // place in the C parameter list
  int32_t reserved_;  // 0
} thx_range;

#define THX_RANGE_WRITTEN 1u
#define THX_RANGE_OPTIONAL 2u   // NULL is fine
#define THX_RANGE_WORKSPACE 4u  // checked against `given`

// 0, or the argument of the first range that overlaps an earlier one where one of the two is
// written.
THX_API int32_t thx_alias_check(const thx_range* ranges, int32_t count);

// All of them, in order of arguments: _NULL, _ALIGN, _WORKSPACE (index: the bytes needed), _ALIAS.
THX_API thx_status thx_check_ranges(const thx_range* ranges, int32_t count, const thx_exec* ex,
                                    int32_t line);

// ---- checkpoints ----

// Data types as they stand in thx_state_entry.dtype.
#define THX_BOOL 0
#define THX_I8 1
#define THX_I16 2
#define THX_I32 3
#define THX_I64 4
#define THX_U8 5
#define THX_U16 6
#define THX_U32 7
#define THX_U64 8
#define THX_F32 9
#define THX_F64 10
#define THX_F16 11
#define THX_BF16 12

#define THX_STATE_NAME_MAX 255  // bytes of a state's name; it is not empty and not "__metadata__"

// One state of a model; the object fills an array of these on its stack. The order is that of
// declaration.
typedef struct thx_state_entry {
  const char* name;
  const int64_t* extents;
  uint64_t offset;      // from the model's first byte
  uint64_t elements;    // product of the extents; their bytes fit size_t
  uint64_t file_begin;  // written by thx_state_load
  int32_t dtype;
  int32_t rank;
  int32_t saved;  // 0: transient, neither saved nor loaded
  int32_t seen;   // written by thx_state_load
} thx_state_entry;

// Writes the state in the safetensors format: a header length of 8 bytes, a JSON header padded to a
// multiple of 8, the data in order of declaration. `__metadata__` holds format ("thx"), module, and
// crc32 (8 hexadecimal digits): the CRC-32 of the states' bytes in order of declaration, wherever
// they lie in the file. THX_OK or THX_E_IO.
THX_API thx_status thx_state_save(const void* model, const thx_state_entry* entries, int32_t count,
                                  const char* module, thx_write_fn write, void* user);

// Reads such bytes, from any writer: tensors and keys in any order, no crc32 needed unless the
// format is "thx". What it reads is untrusted. A first pass checks all: malformed, truncated or
// altered is THX_E_IO, other names, dtypes or shapes are THX_E_ABI, and the model stays as it was.
// The second pass reads the data: where that fails the answer is THX_E_IO and the model is marked
// torn. THX_OK takes the mark away. Needs 4 KiB of stack.
THX_API thx_status thx_state_load(void* model, thx_state_entry* entries, int32_t count,
                                  uint64_t size, thx_read_at_fn read, void* user);

// CRC-32 of IEEE 802.3 (zlib's crc32): start with 0, go on with the last result.
THX_API uint32_t thx_crc32(uint32_t crc, const void* bytes, size_t count);

// ---- arithmetic ----

// factor * other + addend rounded once, for levels of processors without the instruction.
THX_API double thx_fma(double factor, double other, double addend);

// ---- random numbers ----

// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
// 2011). A 64-bit number takes two 32-bit words, the low one first.
THX_API void thx_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// The hash of a draw's name: FNV-1a of 64 bits over its UTF-8 bytes.
THX_API uint64_t thx_draw_hash(const char* name);

// The key of a draw: the first two words of Philox with key = seed and counter = (hash, scan_step).
THX_API uint64_t thx_draw_key(uint64_t seed, uint64_t hash, uint64_t scan_step);

// Standard normal numbers, elements first to first + count - 1 of the draw at that step of its
// stream (0 in initial values). Group g is Philox with counter = (g, step). f32: element i takes
// word i mod 4 of group i / 4, u of 32 bits, and p = (u + 0.5) / 2**32. f64: element i takes words
// 2(i mod 2) and the next of group i / 2, low word first, u is its upper 52 bits, and p = (u + 0.5)
// / 2**52. The number is the inverse of the normal distribution at p by Wichura's PPND16 (algorithm
// AS 241, Applied Statistics 37, 1988), in f64, rounded to f32 at the end where that is asked for;
// polynomials by Horner's rule, multiply and add rounded apart. The logarithm in the tails is e ln2
// + 2 atanh((m - 1) / (m + 1)) for m 2**e = min(p, 1 - p) and m in [sqrt(1/2), sqrt(2)), by the
// series to the 21st power. So only + - * / and sqrt are used, each correctly rounded, in one
// order: same bits everywhere.
THX_API void thx_philox_normal_f32(float* dst, uint64_t first, uint64_t count, uint64_t key,
                                   uint64_t step);
THX_API void thx_philox_normal_f64(double* dst, uint64_t first, uint64_t count, uint64_t key,
                                   uint64_t step);

// Uniform numbers in [0, 1): the words of an element as above, u their upper 24 bits of 32 (f32) or
// 53 of 64 (f64), and u / 2**24 or u / 2**53, which is exact.
THX_API void thx_philox_uniform_f32(float* dst, uint64_t first, uint64_t count, uint64_t key,
                                    uint64_t step);
THX_API void thx_philox_uniform_f64(double* dst, uint64_t first, uint64_t count, uint64_t key,
                                    uint64_t step);

// Integers in [low, high): low + (u * (high - low) >> 64) for the 64 bits u of an element as in
// f64. No number comes up more often than another by more than (high - low) / 2**64 of its share.
// low where there is nothing between the two.
THX_API void thx_philox_integers(int64_t* dst, uint64_t first, uint64_t count, uint64_t key,
                                 uint64_t step, int64_t low, int64_t high);

#ifdef __cplusplus
}
#endif

#endif
