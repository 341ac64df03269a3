// SPDX-License-Identifier: Apache-2.0
// Bounds of combinations of many terms: reductions and running ones.
#include <algorithm>
#include <array>
#include <cmath>

#include "reference/elements.h"
#include "reference/error_rules.h"

namespace thx::reference {

double unit_roundoff(DType dtype) { return dtype == DType::f32 ? 0x1p-24 : 0x1p-53; }

double largest_of(DType dtype) {
  return dtype == DType::f32 ? static_cast<double>(std::numeric_limits<float>::max())
                             : std::numeric_limits<double>::max();
}

double ulp_of(double value, DType dtype) {
  const double least = dtype == DType::f32 ? 0x1p-149 : 0x1p-1074;
  if (value == 0 || !std::isfinite(value)) return least;
  return std::max(least, std::ldexp(2 * unit_roundoff(dtype), std::ilogb(value)));
}

double rounding_of(double units, double value, DType dtype) {
  return units == 0 ? 0 : std::max(units * ulp_of(value, dtype), 0x1p-1074);
}

double within_range(double value, double error, DType dtype) {
  return std::fabs(value) + error <= largest_of(dtype) ? error : kUnknown;
}

double depth_of(std::string_view order, int64_t count, DType dtype, bool to_scalar) {
  const auto terms = static_cast<double>(std::max<int64_t>(count, 1));
  const auto tree = [&](double block) { return std::ceil(std::log2(std::ceil(terms / block))); };
  if (order == "blocks") return std::min(terms, 256.0) + tree(256);
  if (order != "lanes") return terms;
  const double lanes = (dtype == DType::f32 ? 16.0 : 8.0) * (to_scalar ? 4 : 1);
  return std::ceil(std::min(terms, 4096.0) / lanes) + std::log2(lanes) + tree(4096);
}

namespace {

// Terms of floats that are added or multiplied, one after the other, with what is known of all.
class Terms {
 public:
  Terms(DType dtype, bool is_product) : dtype_(dtype), is_product_(is_product) {}

  void add(double x, double error) {
    ++count_;
    unknown_ = unknown_ || error == kUnknown;
    exact_ = exact_ && error == 0;
    if (!std::isfinite(x)) {
      finite_ = false;
      nan_ = nan_ || std::isnan(x);
      return;
    }
    if (is_product_) {
      error_ = product_ * error + std::fabs(x) * error_ + error_ * error;
      product_ *= std::fabs(x);
      largest_ *= std::max(1.0, std::fabs(x));
      smallest_ *= x == 0 ? 1.0 : std::min(1.0, std::fabs(x));
    } else {
      error_ += error;
      magnitude_ += std::fabs(x);
    }
  }

  /// Of the combination `value`, each term having gone through `depth` operations.
  double error(double value, double depth, double roundoff, const BoundOptions& options) const {
    if (unknown_) return kUnknown;
    if (!finite_) return of_infinities(value, options);
    if (!std::isfinite(value)) return kUnknown;
    const double reached = is_product_ ? largest_ : magnitude_;
    if (!(reached + error_ <= largest_of(dtype_))) return kUnknown;
    const double last = rounding_of(0.5, value, dtype_);
    if (!is_product_)
      return within_range(value, error_ + depth * roundoff * magnitude_ + last, dtype_);
    double error = error_ + static_cast<double>(count_) * roundoff * std::fabs(value) + last;
    // What has become a denormal on the way has lost digits, which later factors make larger.
    if (smallest_ < 0x1p-126) error += static_cast<double>(count_) * largest_ * ulp_of(0, dtype_);
    return within_range(value, error, dtype_);
  }

 private:
  double of_infinities(double value, const BoundOptions& options) const {
    // Finite terms that may overflow meet the infinite ones with either sign.
    if (!nan_ && !is_product_ && !(magnitude_ + error_ <= largest_of(dtype_))) return kUnknown;
    if (nan_ || exact_) {
      const bool indeterminate = std::isnan(value) && !nan_;
      return indeterminate && options.limits ? kUnknown : 0;
    }
    return is_product_ ? kUnknown : 0;  // finite terms do not matter beside an infinite one
  }

  DType dtype_;
  bool is_product_;
  int64_t count_ = 0;
  double error_ = 0, magnitude_ = 0, product_ = 1, largest_ = 1, smallest_ = 1;
  bool unknown_ = false, exact_ = true, finite_ = true, nan_ = false;
};

double real_of(const Scalar& scalar) {
  return is_float(scalar.dtype) ? scalar.real : static_cast<double>(scalar.integer);
}

// What `combine` makes of all terms where each is as small, or as large, as its bound allows.
double extreme(const ElementwiseDef& combine, const Array& x, const std::vector<double>& errors,
               const std::vector<size_t>& places, double sign) {
  Scalar acc;
  for (size_t i = 0; i < places.size(); ++i) {
    Scalar term = x.elements[places[i]];
    const double error = errors[places[i]];
    if (is_float(term.dtype)) {
      term.real += error == 0 ? 0 : sign * error;
      term.dtype = DType::f64;
    } else if (error > 0 && is_bool(term.dtype)) {
      term.integer = sign > 0 ? 1 : 0;
    } else {
      term.integer += static_cast<int64_t>(sign * error);
    }
    const std::array<Scalar, 2> both = {acc, term};
    acc = i == 0 ? term : combine.eval(both, term.dtype);
  }
  return real_of(acc);
}

double selection_error(const ElementwiseDef& combine, const BoundedSite& site,
                       const std::vector<size_t>& places, const Scalar& value) {
  const std::vector<double>& errors = *site.errors[0];
  bool exact = true, unknown = false;
  for (const size_t place : places) {
    exact = exact && errors[place] == 0;
    unknown = unknown || errors[place] == kUnknown;
  }
  if (exact || std::isnan(real_of(value))) return unknown ? kUnknown : 0;
  if (unknown) return is_bool(value.dtype) ? 1 : kUnknown;
  const Array& x = *site.site.operands[0];
  double error = 0;
  for (const double sign : {-1.0, 1.0}) {
    const double other = extreme(combine, x, errors, places, sign);
    const double own = real_of(value);
    error = std::max(error, other == own ? 0 : std::fabs(other - own));
  }
  return std::isnan(error) ? kUnknown : error;
}

// Integers wrap, so that only a sum of exact terms is known.
double integer_error(const std::vector<double>& errors, const std::vector<size_t>& places,
                     bool is_product) {
  double sum = 0;
  for (const size_t place : places) sum += errors[place];
  return is_product && sum > 0 ? kUnknown : sum;
}

}  // namespace

std::vector<double> reduction_errors(const BoundedSite& site) {
  const Node& node = site.site.node;
  const ReductionDef& row = reduction(node.op);
  const ElementwiseDef& combine = elementwise(row.combine);
  const bool is_product = (combine.traits & kProduct) != 0;
  const std::string order = node.attrs.has("order") ? node.attrs.word("order") : "any";
  const DType dtype = node.dtype();
  const double roundoff = unit_roundoff(order == "any" ? DType::f64 : dtype);
  const std::vector<double>& errors = *site.errors[0];
  std::vector<double> result;
  for_each_reduced(site.site, [&](const std::vector<size_t>& places) {
    const Scalar& value = site.value.elements[result.size()];
    if (!row.ordered) {
      result.push_back(selection_error(combine, site, places, value));
    } else if (!is_float(dtype)) {
      result.push_back(integer_error(errors, places, is_product));
    } else {
      Terms terms(dtype, is_product);
      for (const size_t place : places)
        terms.add(site.site.operands[0]->elements[place].real, errors[place]);
      const double depth =
          depth_of(order, static_cast<int64_t>(places.size()), dtype, node.shape().empty());
      result.push_back(places.empty() ? 0 : terms.error(value.real, depth, roundoff, site.options));
    }
  });
  return result;
}

std::vector<double> cumulative_errors(const BoundedSite& site) {
  const Node& node = site.site.node;
  const ElementwiseDef& combine = elementwise(cumulative(node.op).combine);
  const bool is_sum = (combine.traits & kSum) != 0, is_product = (combine.traits & kProduct) != 0;
  const auto axis = static_cast<size_t>(node.attrs.integer("axis"));
  const bool reverse = node.attrs.flag("reverse");
  const Array& x = *site.site.operands[0];
  const int64_t length = x.extents[axis];
  std::vector<double> result(x.elements.size());
  Index rows = x.extents;
  rows[axis] = length > 0 ? 1 : 0;
  for_each_place(rows, [&](const Index& row) {
    Index place = row;
    Terms terms(x.dtype, is_product);
    std::vector<size_t> places;
    for (int64_t step = 0; step < length; ++step) {
      place[axis] = reverse ? length - 1 - step : step;
      const size_t at = x.offset(place);
      places.push_back(at);
      const Scalar& value = site.value.elements[at];
      if (!is_sum && !is_product) {
        result[at] = selection_error(combine, site, places, value);
      } else if (!is_float(x.dtype)) {
        result[at] = integer_error(*site.errors[0], places, is_product);
      } else {
        terms.add(x.elements[at].real, (*site.errors[0])[at]);
        result[at] = terms.error(value.real, static_cast<double>(step), unit_roundoff(x.dtype),
                                 site.options);
      }
    }
  });
  return result;
}

}  // namespace thx::reference
