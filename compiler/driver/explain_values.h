// SPDX-License-Identifier: Apache-2.0
// Values and functions as an explanation names them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "driver/explain.h"

namespace thx {

/// The text of the shortest place, on one line and not too long; empty where there is none.
std::string excerpt(const SpanSet& spans, const Sources& sources);

/// `train(x: f32[N, F]) -> (loss: f32)`; updates of state are not part of it.
std::string signature_of(const Function& function, const std::string& name);

/// The kernel nodes of a grouped body and of the regions inside, by name.
std::map<std::string, Value> kernels_of(const Body& body);

/// What a kernel node computes: everything but constants, positions and views.
std::vector<ExplainedValue> values_of(Value kernel);

}  // namespace thx
