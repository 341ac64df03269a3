// SPDX-License-Identifier: Apache-2.0
// The header at the front of a model's bytes: made by init, checked by every entry point.
#include <thx/object.h>

static int is_misaligned(const void* p) { return ((uintptr_t)p & (THX_ALIGN - 1u)) != 0; }

static int is_model(const thx_model_header* h, uint64_t program, uint32_t allowed) {
  return h->magic == THX_MODEL_MAGIC && h->abi == THX_ABI_VERSION && h->program == program &&
         (h->flags & ~allowed) == 0;
}

thx_status thx_model_check(const void* m, uint64_t program, uint32_t allowed, const thx_exec* ex,
                           int32_t line) {
  const thx_status hooks = thx_check_exec(ex);
  if (m == NULL) return thx_fail(ex, THX_E_NULL, 1, line, 0);
  if (is_misaligned(m)) return thx_fail(ex, THX_E_ALIGN, 1, line, 0);
  if (hooks == THX_E_ALIGN) return hooks;
  if (!is_model((const thx_model_header*)m, program, allowed))
    return thx_fail(ex, THX_E_ABI, 1, line, 0);
  return hooks;
}

thx_status thx_model_place(void* mem, size_t mem_bytes, uint64_t bytes, void** out) {
  const uint64_t skip = (0u - (uintptr_t)mem) & (THX_ALIGN - 1u);
  if (mem == NULL) return THX_E_NULL;
  if (mem_bytes < skip || mem_bytes - skip < bytes) return THX_E_WORKSPACE;
  *out = (unsigned char*)mem + skip;
  return THX_OK;
}

void thx_model_seal(void* m, uint64_t program, uint64_t bytes, const int64_t* dims,
                    int32_t n_dims) {
  thx_model_header* h = (thx_model_header*)m;
  int64_t* place = (int64_t*)(h + 1);
  for (int32_t i = 0; i < n_dims; ++i) place[i] = dims[i];
  h->abi = THX_ABI_VERSION;
  h->flags = 0;
  h->program = program;
  h->bytes = bytes;
  h->magic = THX_MODEL_MAGIC;
}

thx_status thx_model_attach(const void* bytes, size_t n, uint64_t program, int32_t n_dims) {
  const thx_model_header* h = (const thx_model_header*)bytes;
  const uint64_t least = sizeof *h + (uint64_t)n_dims * sizeof(int64_t);
  if (bytes == NULL) return THX_E_NULL;
  if (is_misaligned(bytes)) return THX_E_ALIGN;
  if (n < least || !is_model(h, program, 0) || h->bytes < least || h->bytes > n) return THX_E_ABI;
  for (int32_t i = 0; i < n_dims; ++i) {
    if (((const int64_t*)(h + 1))[i] < 0) return THX_E_ABI;
  }
  return THX_OK;
}
