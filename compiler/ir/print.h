// SPDX-License-Identifier: Apache-2.0
// The text form of tensor IR; ir/parse.h reads it back. docs/ir.md describes it.
#pragma once

#include <string>

#include "ir/function.h"

namespace thx {

struct PrintOptions {
  bool spans = false;  // after each value, as a comment: `// 1:10-14`, file and bytes
};

std::string print(const Program& program, const PrintOptions& options = {});
/// The function alone, as it stands in a program.
std::string print(const Function& function, const PrintOptions& options = {});

/// An attribute's value as the text form writes it.
std::string text(const AttrValue& value);
/// `1.0`, `3`, `true`: without the dtype.
std::string text(const Scalar& scalar);

}  // namespace thx
