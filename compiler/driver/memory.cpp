// SPDX-License-Identifier: Apache-2.0
// Asks the system for the size of its memory.
#include "driver/memory.h"

#include <unistd.h>

#include "support/text.h"

namespace thx {

bool fits_memory(uint64_t bytes) {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages <= 0 || page <= 0 ||
         bytes <= static_cast<uint64_t>(pages) * static_cast<uint64_t>(page);
}

Diagnostic too_large(uint64_t bytes, std::string_view what) {
  return Diagnostic(Err::call_failed, {},
                    format("{} of {} bytes: more than this machine's memory", what, bytes));
}

}  // namespace thx
