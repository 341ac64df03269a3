// SPDX-License-Identifier: Apache-2.0
// The index of an element from its number, last axis first.
#include "driver/element_place.h"

#include "support/text.h"

namespace thx {

std::string element_place(const std::vector<int64_t>& extents, size_t element) {
  if (extents.empty()) return {};
  std::vector<std::string> index(extents.size());
  for (size_t i = index.size(); i-- > 0;) {
    const auto extent = static_cast<size_t>(extents[i]);
    index[i] = std::to_string(element % extent);
    element /= extent;
  }
  return format("[{}]", join(index, ", "));
}

}  // namespace thx
