// SPDX-License-Identifier: Apache-2.0
// The checks that generated entry points share: hooks, options, pointers, workspace, overlap.
#include <thx/object.h>

static int is_aligned(const void* p, uint32_t align) { return ((uintptr_t)p & (align - 1u)) == 0; }

// A struct that starts with its own size, then flags that must be clear.
static thx_status check_sized(const void* p, uint32_t least) {
  const uint32_t* words = (const uint32_t*)p;
  if (p == NULL) return THX_OK;
  if (!is_aligned(p, (uint32_t)sizeof(void*))) return THX_E_ALIGN;
  return words[0] >= least && words[1] == 0 ? THX_OK : THX_E_ABI;
}

thx_status thx_check_exec(const thx_exec* ex) { return check_sized(ex, (uint32_t)sizeof *ex); }

thx_status thx_check_init(const thx_init* opts) {
  return check_sized(opts, (uint32_t)sizeof *opts);
}

thx_status thx_fail(const thx_exec* ex, thx_status status, int32_t argument, int32_t line,
                    int64_t index) {
  return thx_fail_value(ex, status, argument, line, index, 0);
}

thx_status thx_fail_value(const thx_exec* ex, thx_status status, int32_t argument, int32_t line,
                          int64_t index, int32_t value) {
  if (ex != NULL && thx_check_exec(ex) == THX_OK && ex->err != NULL) {
    ex->err->status = status;
    ex->err->argument = argument;
    ex->err->line = line;
    ex->err->value = value;
    ex->err->index = index;
  }
  return status;
}

// Differences of addresses cannot overflow, their sums with an extent can.
static int overlap(const thx_range* a, const thx_range* b) {
  const uintptr_t p = (uintptr_t)a->begin;
  const uintptr_t q = (uintptr_t)b->begin;
  if (a->bytes == 0 || b->bytes == 0 || a->begin == NULL || b->begin == NULL) return 0;
  return p <= q ? q - p < a->bytes : p - q < b->bytes;
}

int32_t thx_alias_check(const thx_range* ranges, int32_t n) {
  for (int32_t i = 1; i < n; ++i) {
    for (int32_t j = 0; j < i; ++j) {
      if (((ranges[i].flags | ranges[j].flags) & THX_RANGE_WRITTEN) != 0 &&
          overlap(&ranges[i], &ranges[j])) {
        return ranges[i].argument;
      }
    }
  }
  return 0;
}

thx_status thx_check_ranges(const thx_range* ranges, int32_t n, const thx_exec* ex, int32_t line) {
  int32_t aliased;
  for (int32_t i = 0; i < n; ++i) {
    const thx_range* r = &ranges[i];
    if (r->begin == NULL && r->bytes != 0 && (r->flags & THX_RANGE_OPTIONAL) == 0) {
      return thx_fail(ex, THX_E_NULL, r->argument, line, 0);
    }
  }
  for (int32_t i = 0; i < n; ++i) {
    const thx_range* r = &ranges[i];
    if (r->bytes != 0 && !is_aligned(r->begin, r->align)) {
      return thx_fail(ex, THX_E_ALIGN, r->argument, line, 0);
    }
  }
  for (int32_t i = 0; i < n; ++i) {
    const thx_range* r = &ranges[i];
    if ((r->flags & THX_RANGE_WORKSPACE) != 0 && r->bytes > r->given) {
      return thx_fail(ex, THX_E_WORKSPACE, r->argument, line, (int64_t)r->bytes);
    }
  }
  aliased = thx_alias_check(ranges, n);
  return aliased == 0 ? THX_OK : thx_fail(ex, THX_E_ALIAS, aliased, line, 0);
}
