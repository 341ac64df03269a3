// SPDX-License-Identifier: Apache-2.0
// What writing and reading of checkpoints share: the names and widths of data types.
#ifndef THX_CORE_STATE_H
#define THX_CORE_STATE_H

#include <thx/object.h>

typedef struct thx_dtype {
  char name[8];  // in safetensors; in place, so that the table needs no relocation
  uint32_t bytes;
} thx_dtype;

// By THX_BOOL, THX_I8, ...
static const thx_dtype kDtypes[] = {
    {"BOOL", 1}, {"I8", 1},  {"I16", 2}, {"I32", 4}, {"I64", 8}, {"U8", 1},   {"U16", 2},
    {"U32", 4},  {"U64", 8}, {"F32", 4}, {"F64", 8}, {"F16", 2}, {"BF16", 2},
};

static inline uint64_t entry_bytes(const thx_state_entry* entry) {
  return entry->elements * kDtypes[entry->dtype].bytes;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "checkpoints hold little-endian data, and this target is big-endian"
#endif

#endif
