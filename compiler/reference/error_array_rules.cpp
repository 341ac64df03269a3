// SPDX-License-Identifier: Apache-2.0
// Bounds of contractions and indexing: the oracle's own rules, applied to magnitudes and bounds.
#include <algorithm>
#include <cmath>

#include "ir/structure.h"
#include "reference/elements.h"
#include "reference/error_rules.h"
#include "reference/indexing_rules.h"
#include "reference/moves.h"

namespace thx::reference {
namespace {

// Arrays of f64 in place of the operands of a site, and what its operator makes of them upwards.
class Stand {
 public:
  explicit Stand(const BoundedSite& site) : site_(site), node_(site.site.node) {
    node_.types = node_.type().with(DType::f64);
    node_.attrs.erase("order");
    node_.attrs.erase("fused");
  }

  std::vector<double> run(std::vector<const Array*> operands) const {
    Status status = Status::ok;
    std::string why;
    const Site site{node_, std::move(operands), site_.site.extents, site_.site.arguments, status,
                    why};
    const Array made = evaluate_node(site);
    if (status != Status::ok) {  // it took too long
      site_.site.status = status;
      site_.site.why = why;
      return std::vector<double>(site_.value.elements.size(), kUnknown);
    }
    std::vector<double> result;
    for (const Scalar& element : made.elements) result.push_back(element.real);
    return result;
  }

  const Array& operand(size_t i) const { return *site_.site.operands[i]; }

  /// By element, of operand `i`.
  template <class F>
  Array array(size_t i, F&& f) const {
    const Array& x = operand(i);
    Array result{DType::f64, x.extents, {}};
    for (size_t k = 0; k < x.elements.size(); ++k)
      result.elements.push_back(Scalar::of(DType::f64, f(x.elements[k], (*site_.errors[i])[k])));
    return result;
  }

 private:
  const BoundedSite& site_;
  Node node_;
};

double finite_magnitude(const Scalar& x, double) {
  if (!is_float(x.dtype)) return std::fabs(static_cast<double>(x.integer));
  return std::isfinite(x.real) ? std::fabs(x.real) : 0;
}
double known_error(const Scalar&, double error) { return error == kUnknown ? 0 : error; }
double is_unknown(const Scalar&, double error) { return error == kUnknown ? 1 : 0; }
double is_inexact(const Scalar&, double error) { return error > 0 ? 1 : 0; }
double is_infinite(const Scalar& x, double) {
  return is_float(x.dtype) && !std::isfinite(x.real) ? 1 : 0;
}
double is_nan(const Scalar& x, double) { return is_float(x.dtype) && std::isnan(x.real) ? 1 : 0; }
double one(const Scalar&, double) { return 1; }

// How many of the products behind each element have a factor of which `f` is 1.
template <class F>
std::vector<double> touched(const Stand& stand, F&& f) {
  const Array a = stand.array(0, f), b = stand.array(1, f);
  const Array ones_a = stand.array(0, one), ones_b = stand.array(1, one);
  std::vector<double> counts = stand.run({&a, &ones_b});
  const std::vector<double> more = stand.run({&ones_a, &b});
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += more[i];
  return counts;
}

bool any_of(const BoundedSite& site, double (*f)(const Scalar&, double)) {
  for (size_t i = 0; i < site.errors.size(); ++i)
    for (size_t k = 0; k < site.errors[i]->size(); ++k)
      if (f(site.site.operands[i]->elements[k], (*site.errors[i])[k]) != 0) return true;
  return false;
}

// |a b - exact| <= |a| eb + |b| ea + ea eb + depth u |a| |b|, summed.
std::vector<double> dot_errors(const BoundedSite& site) {
  const Node& node = site.site.node;
  const Stand stand(site);
  const DType dtype = node.dtype();
  if (!is_float(dtype)) {
    std::vector<double> errors(site.value.elements.size(), 0);
    if (any_of(site, is_inexact)) errors = touched(stand, is_inexact);
    for (double& error : errors) error = error > 0 ? kUnknown : 0;
    return errors;
  }
  const Array a = stand.array(0, finite_magnitude), b = stand.array(1, finite_magnitude);
  const std::vector<double> magnitude = stand.run({&a, &b});
  std::vector<double> moved(magnitude.size(), 0);
  if (any_of(site, is_inexact)) {
    const Array ea = stand.array(0, known_error), eb = stand.array(1, known_error);
    const auto both = stand.run({&ea, &eb}), left = stand.run({&ea, &b}),
               right = stand.run({&a, &eb});
    for (size_t i = 0; i < moved.size(); ++i) moved[i] = both[i] + left[i] + right[i];
  }
  std::vector<double> unknown(moved.size(), 0), infinite = unknown, nan = unknown;
  if (any_of(site, is_unknown)) unknown = touched(stand, is_unknown);
  if (any_of(site, is_infinite)) infinite = touched(stand, is_infinite);
  if (any_of(site, is_nan)) nan = touched(stand, is_nan);
  int64_t terms = 1;
  for (const int64_t axis : node.attrs.ints("lhs_contract"))
    terms *= stand.operand(0).extents[static_cast<size_t>(axis)];
  const std::string order = node.attrs.has("order") ? node.attrs.word("order") : "any";
  const double gamma = (depth_of(order, terms, dtype, node.shape().empty()) + 1) *
                       unit_roundoff(order == "any" ? DType::f64 : dtype);
  for (size_t i = 0; i < moved.size(); ++i) {
    const double value = site.value.elements[i].real;
    if (unknown[i] > 0) {
      moved[i] = kUnknown;
    } else if (nan[i] > 0) {
      moved[i] = 0;
    } else if (!(magnitude[i] + moved[i] <= largest_of(dtype))) {
      moved[i] = kUnknown;
    } else if (infinite[i] > 0) {
      // An infinite factor beside an inexact one, which may be 0, says little.
      const bool limit = std::isnan(value) && site.options.limits;
      moved[i] = moved[i] == 0 && !limit && !any_of(site, is_inexact) ? 0 : kUnknown;
    } else if (terms > 0) {
      // Products below the normal numbers round by a denormal each.
      moved[i] += gamma * magnitude[i] + static_cast<double>(terms) * ulp_of(0, dtype) +
                  rounding_of(0.5, value, dtype);
    }
  }
  return moved;
}

// Index arrays and starts of which one may be another lead anywhere.
bool is_index_inexact(const std::vector<const std::vector<double>*>& errors, size_t first) {
  for (size_t i = first; i < errors.size(); ++i)
    if (std::ranges::any_of(*errors[i], [](double error) { return error > 0; })) return true;
  return false;
}

double plain_error(const Scalar&, double error) { return error; }

std::vector<double> read_errors(const BoundedSite& site) {
  std::vector<double> errors;
  if (is_index_inexact(site.errors, 1)) {
    errors.assign(site.value.elements.size(), kUnknown);
    return errors;
  }
  for_each_read(site.site,
                [&](size_t indexed, size_t) { errors.push_back((*site.errors[0])[indexed]); });
  return errors;
}

// A number that is no short sum of powers of two is one that was rounded to its dtype: rules make
// their own from exact ones.
std::vector<double> constant_errors(const BoundedSite& site) {
  const Scalar& value = site.value.elements[0];
  if (!is_float(value.dtype) || !std::isfinite(value.real)) return {0};
  const double scaled = value.real * 0x1p10;
  const bool is_short = scaled == std::nearbyint(scaled) && std::fabs(value.real) < 0x1p20;
  return {is_short ? 0 : rounding_of(0.5, value.real, value.dtype)};
}

struct ErrorRule {
  Op op;
  std::vector<double> (*errors)(const BoundedSite& site);
};

constexpr ErrorRule kErrorRules[] = {
    {Op::dot, dot_errors},
    {Op::gather, read_errors},
    {Op::dynamic_slice, read_errors},
    {Op::constant, constant_errors},
    {Op::mark, [](const BoundedSite& site) { return *site.errors[0]; }},
};

}  // namespace

std::vector<double> array_errors(const BoundedSite& site) {
  for (const ErrorRule& rule : kErrorRules)
    if (rule.op == site.site.node.op) return rule.errors(site);
  // Sources without operands are exact.
  return std::vector<double>(site.value.elements.size(), 0);
}

WrittenErrors::WrittenErrors(const Site& site,
                             const std::vector<const std::vector<double>*>& errors,
                             const BoundOptions& options)
    : adds_(adds(site.node)), limits_(options.limits) {
  if (is_index_inexact(errors, 2)) {
    anywhere_ = true;
    return;
  }
  for_each_written(site, [&](size_t indexed, size_t other) {
    const auto [place, is_new] = elements_.try_emplace(indexed);
    Element& element = place->second;
    if (is_new) add(element, site.operands[0]->elements[indexed], (*errors[0])[indexed]);
    if (!adds_) element = {};
    add(element, site.operands[1]->elements[other], (*errors[1])[other]);
    ++element.updates;
  });
}

void WrittenErrors::add(Element& element, const Scalar& value, double error) const {
  element.error += error;
  element.magnitude += finite_magnitude(value, 0);
  element.has_infinity = element.has_infinity || is_infinite(value, 0) != 0;
  element.has_nan = element.has_nan || is_nan(value, 0) != 0;
}

double WrittenErrors::error_of(const Element& element, const Scalar& value) const {
  if (!adds_ || !is_float(value.dtype)) return element.error;
  if (!std::isfinite(value.real)) {
    const bool given = element.has_infinity && (element.has_nan || !limits_);
    return given && element.error == 0 ? 0 : kUnknown;
  }
  const double rounding = unit_roundoff(value.dtype) * element.magnitude + ulp_of(0, value.dtype);
  return within_range(element.magnitude,
                      element.error + static_cast<double>(element.updates) * rounding, value.dtype);
}

void WrittenErrors::put(Bounded& result) const {
  if (anywhere_) std::ranges::fill(result.error, kUnknown);
  for (const auto& [place, element] : elements_)
    result.error[place] = error_of(element, result.value.elements[place]);
}

std::vector<double> moved_errors(const BoundedSite& site) {
  if (site.site.node.family() == Family::view) {
    std::vector<double> errors;
    for_each_viewed(site.site, [&](size_t from) { errors.push_back((*site.errors[0])[from]); });
    return errors;
  }
  const Stand stand(site);
  std::vector<Array> arrays;
  for (size_t i = 0; i < site.errors.size(); ++i) arrays.push_back(stand.array(i, plain_error));
  std::vector<const Array*> operands;
  for (const Array& array : arrays) operands.push_back(&array);
  return stand.run(std::move(operands));
}

}  // namespace thx::reference
