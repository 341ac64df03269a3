// SPDX-License-Identifier: Apache-2.0
// The derivatives of a test's functions, and the data that tests draw.
#pragma once

#include <vector>

#include "driver/host_array.h"
#include "driver/options.h"
#include "frontend/tests.h"
#include "reference/array.h"

namespace thx {

/// Runs the passes up to where nothing is left to differentiate. False after a report.
bool differentiate(Program& program, const CompileOptions& options, Diagnostics& diagnostics);

/// The same, and then replaces what overflows or loses digits on the way to a value, as it is done
/// in objects. False after a report.
bool stabilize(Program& program, const CompileOptions& options, Diagnostics& diagnostics);

/// The numbers of a draw, by the generator of the runtime.
HostArray draw(const TestDraw& wanted, const Extent::Values& dims);

reference::Array to_reference(const HostArray& array, bool wide);
reference::Array to_reference(const HostArray& array);
HostArray to_host(const reference::Array& array);

}  // namespace thx
