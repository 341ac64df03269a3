// SPDX-License-Identifier: Apache-2.0
// Names that exist without a declaration; functions.h has those of functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/dtype.h"

namespace thx {

// Whether a name means something without a declaration: functions, constants, dtypes, namespaces,
// and also what the language has but this compiler cannot do yet.
bool is_builtin(std::string_view name);
const std::vector<std::string>& builtin_names();

// pi, inf, nan.
std::optional<double> builtin_constant(std::string_view name);

// Where `name` is of the language but cannot be compiled yet: what to write instead.
std::optional<std::string_view> instead_of(std::string_view name);

// Types that can be declared. f16, bf16 and complex ones are of the language, and unsupported.
bool is_dtype_name(std::string_view name);
std::optional<DType> supported_dtype(std::string_view name, DType float_x);

// What people mean by `float32`, `int` and the like.
std::optional<std::string> dtype_meant_by(std::string_view name);

// What to write for a name that other array languages have: `None`, `len`, `np`.
std::optional<std::string_view> known_elsewhere(std::string_view name);

bool is_namespace(std::string_view name);  // random, linalg

}  // namespace thx
