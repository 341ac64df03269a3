// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the bytes of a safetensors file, for the driver's reader of shapes and the runtime's
// reader of state.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "../../unit/runtime/memory_file.h"
#include "driver/checkpoint_shapes.h"
#include "support/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace thx::test;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  SmallModel model = empty_model();
  if (load(model, bytes) != THX_OK)
    THX_CHECK(model == empty_model(), "a refused checkpoint has changed the model");
  static const int file = memfd_create("checkpoint", 0);
  THX_CHECK(ftruncate(file, 0) == 0, "no memory for a file");
  THX_CHECK(pwrite(file, data, size, 0) == static_cast<ssize_t>(size), "no memory for a file");
  thx::checkpoint_shapes(thx::format("/proc/self/fd/{}", file));
  return 0;
}
