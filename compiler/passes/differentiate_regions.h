// SPDX-License-Identifier: Apache-2.0
// What forward and reverse mode share where they make regions from regions.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ops/control.h"
#include "passes/differentiate_sweep.h"

namespace thx::reverse {

using Values = std::vector<Value>;

Value zeros(Graph& graph, const Type& type);

/// A parameter that is not in the body's list yet.
Value parameter_like(Body& body, const Type& type, std::string_view name);
/// Parameters like `count` of those of `like`, from `first` on, not in the body's list yet.
Values parameters_like(Body& body, const Body& like, size_t first, size_t count);
void append(Values& to, std::span<const Value> values);

/// The finished body without what nobody needs and without marks, with augmented loops in their
/// places.
Region finish(std::shared_ptr<Body> body, Session& session);

/// Where `count` flags from `first` on are set, counted from `first`.
std::vector<size_t> positions(const std::vector<bool>& set, size_t first, size_t count);

/// Which carries, sequences and captures of a loop are differentiated, where `wanted` are its
/// operands that are: a carry also is where, a step earlier, another that is reaches it.
struct Active {
  std::vector<size_t> carries, sequences, captures;

  Active(const Scan& scan, std::vector<bool> wanted);
  bool empty() const { return carries.empty() && sequences.empty() && captures.empty(); }
};

}  // namespace thx::reverse
