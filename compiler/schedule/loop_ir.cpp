// SPDX-License-Identifier: Apache-2.0
// The few functions of the loop IR's data model.
#include "schedule/loop_ir.h"

namespace thx::loop {

int Kernel::parameter_count() const {
  int count = 0;
  for (const Buffer& buffer : buffers)
    count += buffer.scope != Scope::scratch && buffer.scope != Scope::shared;
  return count;
}

}  // namespace thx::loop
