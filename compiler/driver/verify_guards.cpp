// SPDX-License-Identifier: Apache-2.0
// Numbers that guards refuse.
#include "driver/verify_guards.h"

#include <algorithm>
#include <cmath>

#include "support/text.h"

namespace thx {
namespace {

using reference::Array;

bool is_refused(const Array& array, double bound) {
  return is_float(array.dtype) && std::ranges::any_of(array.elements, [&](const Scalar& each) {
           return !std::isfinite(each.real) || std::fabs(each.real) > bound;
         });
}

}  // namespace

bool has_guards(const CompileOptions& options) {
  return options.nan_guard.has_value() || options.guard_updates;
}

std::optional<Difference> guard_difference(const CompileOptions& options, const Function& function,
                                           const CallData& data, const RunResult& loops) {
  const double bound = options.nan_guard.value_or(INFINITY);
  if (loops.status == "nonfinite") {
    if (any_number(function, data, [&](const Array& array) { return is_refused(array, bound); }))
      return std::nullopt;
    return Difference{"", "", "no number that a guard refuses", "nonfinite: " + loops.why};
  }
  for (const auto& [name, value] : loops.values) {
    const bool is_state = name.starts_with("state ");
    if (!is_state && !options.nan_guard) continue;
    if (!is_refused(value.value, bound)) continue;
    return Difference{"", "", format("a number in {} that a guard refuses", name), "ok"};
  }
  return std::nullopt;
}

}  // namespace thx
