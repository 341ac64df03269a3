// SPDX-License-Identifier: Apache-2.0
// The bounds of one node from those of its operands, by family.
#pragma once

#include <limits>
#include <unordered_map>

#include "reference/array_rules.h"
#include "reference/error_bounds.h"

namespace thx::reference {

inline constexpr double kUnknown = std::numeric_limits<double>::infinity();

/// A node with the values and bounds of its operands, and its own value.
struct BoundedSite {
  const Site& site;
  std::vector<const std::vector<double>*> errors;
  const Array& value;
  BoundOptions options;
};

std::vector<double> elementwise_errors(const BoundedSite& site);
std::vector<double> reduction_errors(const BoundedSite& site);
std::vector<double> cumulative_errors(const BoundedSite& site);
/// Contractions, reads at indices and sources.
std::vector<double> array_errors(const BoundedSite& site);
/// Views and placements: errors move as elements do.
std::vector<double> moved_errors(const BoundedSite& site);

/// What a scatter makes of the bounds of its base, for the elements that it writes alone.
class WrittenErrors {
 public:
  /// Reads the operands as they are before the base is changed.
  WrittenErrors(const Site& site, const std::vector<const std::vector<double>*>& errors,
                const BoundOptions& options);
  /// Puts the bounds beside the values: `result` has the new values and the bounds of the base.
  void put(Bounded& result) const;

 private:
  struct Element {
    double error = 0, magnitude = 0;
    int64_t updates = 0;
    bool has_infinity = false, has_nan = false;
  };
  void add(Element& element, const Scalar& value, double error) const;
  double error_of(const Element& element, const Scalar& value) const;

  bool adds_, limits_;
  bool anywhere_ = false;  // an index may be another one
  std::unordered_map<size_t, Element> elements_;
};

/// Half the distance of 1 to the next float.
double unit_roundoff(DType dtype);
double largest_of(DType dtype);
/// How many additions an element goes through in a sum of `count` terms in `order`; to_scalar as in
/// Fold.
double depth_of(std::string_view order, int64_t count, DType dtype, bool to_scalar);
/// The bound of a float result: infinite where `value` with it may leave the range.
double within_range(double value, double error, DType dtype);

}  // namespace thx::reference
