// SPDX-License-Identifier: Apache-2.0
// The values of dims from the shapes of arrays.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "driver/host_array.h"
#include "ir/type.h"
#include "support/diagnostic.h"

namespace thx {

/// An array that is to have a type.
struct Claim {
  std::string name;
  std::string what;   // "input `x`"
  std::string taker;  // "`train` takes"
  const Type& type;
  const HostArray& array;
};

/// Dims bound so far, and by which array.
class DimSolver {
 public:
  explicit DimSolver(Extent::Values given) : values_(std::move(given)) {}

  /// Binds the dims that stand bare in the type and are not bound yet. An error where dtype or rank
  /// is another.
  std::optional<Diagnostic> bind(const Claim& claim);
  /// An error where an axis whose extent is known by now is not that long.
  std::optional<Diagnostic> compare(const Claim& claim) const;

  const Extent::Values& values() const { return values_; }

 private:
  std::string expectation(const Extent& extent, int64_t expected) const;
  std::string origin(const std::string& dim) const;

  Extent::Values values_;
  std::map<std::string, std::string, std::less<>> binders_;
};

}  // namespace thx
