// SPDX-License-Identifier: Apache-2.0
// What a checkpoint says of its tensors, before a model is there to load it.
#pragma once

#include <map>
#include <string>

#include "driver/host_array.h"

namespace thx {

/// Dtype and extents of every tensor of a safetensors file, as arrays without elements. Nothing
/// where the file is none: loading it says what is wrong. The file is untrusted.
std::map<std::string, HostArray, std::less<>> checkpoint_shapes(const std::string& path);

}  // namespace thx
