// SPDX-License-Identifier: Apache-2.0
// From the dtype that a file has to the one that a function takes.
#pragma once

#include "driver/host_array.h"
#include "support/result.h"

namespace thx {

/// The array with elements of `to`. Integers and bool become floats and floats other floats, each
/// rounded to nearest; integers become other integers, and bool, where every value fits. A float
/// does not become an integer.
Result<HostArray> convert(HostArray array, DType to);

}  // namespace thx
