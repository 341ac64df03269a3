// SPDX-License-Identifier: Apache-2.0
// Types and status codes shared by every generated header and the runtime; freestanding, C99 and
// C++11.
#ifndef THX_THX_H
#define THX_THX_H

#include <stddef.h>
#include <stdint.h>

// Functions of the runtime are visible where they are linked; define THX_API to decide otherwise.
#ifndef THX_API
#if defined(__GNUC__) && !defined(_WIN32)
#define THX_API __attribute__((visibility("default")))
#else
#define THX_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Version of everything in this header and in thx/object.h; an object answers THX_E_ABI to another
// one.
#define THX_ABI_VERSION 1

// What a call answers. Which argument is at fault stands in thx_exec.err, so that `== THX_OK`
// works.
typedef int32_t thx_status;

#define THX_OK 0
#define THX_E_DIM 1    // a dim is negative, does not fit another, or a size overflows
#define THX_E_NULL 2   // a pointer to a non-empty array is NULL
#define THX_E_ALIGN 3  // a pointer is not aligned to its elements, or to 64 for state and workspace
#define THX_E_WORKSPACE 4  // the memory handed over is too small
#define THX_E_ALIAS 5      // a written range overlaps another range
#define THX_E_ABI 6        // a model, struct or checkpoint of another program or version
#define THX_E_INDEX 7      // an index is outside its extent
#define THX_E_DOMAIN 8     // an operation has no result for this operand
#define THX_E_NONFINITE 9  // a guarded value is NaN, infinite or beyond its bound
#define THX_E_DEVICE 10    // the device is missing or failed
#define THX_E_IO 11        // a reader or writer failed, or the bytes are truncated or altered

// "THX_E_DIM", and a sentence about it. Never NULL, also for a number that is no status.
THX_API const char* thx_status_name(thx_status status);
THX_API const char* thx_status_text(thx_status status);

// Where a call failed. Written on failure alone.
typedef struct thx_error {
  thx_status status;
  int32_t argument;  // place in the C parameter list, from 1; 0: none
  int32_t line;      // of the .thx source; 0: none
  int32_t value;     // THX_E_NONFINITE: what <prefix>_value_name names; 0: none
  int64_t index;     // the value or element at fault, where there is one
} thx_error;

struct thx_device;

// Who runs the work of a call: NULL, or one with no hooks, runs it in the calling thread. Hooks
// must not throw. `size` is sizeof(thx_exec) and `flags` is 0; a later version only adds fields at
// the end.
typedef struct thx_exec {
  uint32_t size;
  uint32_t flags;
  void* user;  // handed to every hook
  // Runs body(ctx, 0) to body(ctx, chunks - 1), in any order and on any threads, and returns when
  // all are done.
  void (*parallel_for)(void* user, int64_t chunks, void (*body)(void* ctx, int64_t chunk),
                       void* ctx);
  int32_t team;  // members that really run at once
  // Optional: runs all members at once, and lets a member wait for the others.
  void (*team_run)(void* user, int32_t members, void (*member)(void* ctx, int32_t place),
                   void* ctx);
  void (*barrier)(void* user);
  thx_error* err;  // NULL, or where a failing call writes
  struct thx_device* device;
} thx_exec;

// Options of an init function. `size` is sizeof(thx_init) and `flags` is 0.
typedef struct thx_init {
  uint32_t size;
  uint32_t flags;
  uint64_t seed;  // for the draws in initial values that name no seed of their own
  void* ws;       // workspace, where the program's initial values need one
  size_t ws_bytes;
} thx_init;

// Takes the next `count` bytes; 0: all of them are taken.
typedef int (*thx_write_fn)(void* user, const void* bytes, size_t count);
// Fills dst with the `count` bytes at offset; 0: all of them are there.
typedef int (*thx_read_at_fn)(void* user, uint64_t offset, void* dst, size_t count);

// The level of this processor: on x86-64 the 1 to 4 of x86-64-v1 to x86-64-v4 (what the system has
// switched on counts), 0 on every other architecture.
THX_API int32_t thx_cpu_level(void);

#ifdef __cplusplus
}
#endif

#endif
