// SPDX-License-Identifier: Apache-2.0
// The runtime's functions, from the library that is linked into this program: a table, because
// nothing else would keep the linker from dropping those that only objects call.
#include "driver/runtime_symbols.h"

#include <thx/object.h>

#include <cstring>

namespace thx {

namespace {

template <class Result, class... Arguments>
const void* place(Result (*function)(Arguments...)) {
  return reinterpret_cast<const void*>(function);
}

}  // namespace

#define THX_SYMBOL(name) {#name, place(name)}

codegen::Symbols runtime_symbols() {
  using Copy = void* (*)(void*, const void*, size_t);
  return {
      {"memcpy", place(static_cast<Copy>(std::memcpy))},
      {"memmove", place(static_cast<Copy>(std::memmove))},
      {"memset", place(static_cast<void* (*)(void*, int, size_t)>(std::memset))},
      THX_SYMBOL(thx_alias_check),
      THX_SYMBOL(thx_check_exec),
      THX_SYMBOL(thx_check_init),
      THX_SYMBOL(thx_check_ranges),
      THX_SYMBOL(thx_cpu_level),
      THX_SYMBOL(thx_crc32),
      THX_SYMBOL(thx_draw_hash),
      THX_SYMBOL(thx_draw_key),
      THX_SYMBOL(thx_fail),
      THX_SYMBOL(thx_fail_value),
      THX_SYMBOL(thx_fma),
      THX_SYMBOL(thx_model_attach),
      THX_SYMBOL(thx_model_check),
      THX_SYMBOL(thx_model_place),
      THX_SYMBOL(thx_model_seal),
      THX_SYMBOL(thx_philox),
      THX_SYMBOL(thx_philox_integers),
      THX_SYMBOL(thx_philox_normal_f32),
      THX_SYMBOL(thx_philox_normal_f64),
      THX_SYMBOL(thx_philox_uniform_f32),
      THX_SYMBOL(thx_philox_uniform_f64),
      THX_SYMBOL(thx_state_load),
      THX_SYMBOL(thx_state_save),
      THX_SYMBOL(thx_status_name),
      THX_SYMBOL(thx_status_text),
  };
}

}  // namespace thx
