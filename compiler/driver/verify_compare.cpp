// SPDX-License-Identifier: Apache-2.0
// Verdicts on single elements, and the words for those that differ.
#include "driver/verify_compare.h"

#include <algorithm>
#include <cmath>

#include "driver/element_place.h"
#include "ir/print.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;
using reference::Bounded;

enum class Verdict : uint8_t { same, within, undecided, different };

struct Judged {
  Verdict verdict;
  double bound = 0;
  double share = 0;  // of the bound
};

Judged by_bound(double distance, double bound) {
  if (!std::isfinite(bound)) return {Verdict::undecided, bound};
  if (!(distance <= bound)) return {Verdict::different, bound};
  return {Verdict::within, bound, bound > 0 ? distance / bound : 0};
}

bool same_float(double a, double b, bool by_sign) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && (!by_sign || std::signbit(a) == std::signbit(b));
}

Judged judge_float(const Scalar& a, double ea, const Scalar& b, double eb, Claim claim, bool sums) {
  if (same_float(a.real, b.real, claim == Claim::bits && !sums)) return {Verdict::same};
  const double distance = std::fabs(a.real - b.real);
  const bool finite = std::isfinite(a.real) && std::isfinite(b.real);
  const double ulp = reference::ulp_of(a.real, a.dtype);
  switch (claim) {
    case Claim::bits:
      if (!finite || !sums) return {Verdict::different, sums ? ulp : 0};
      return by_bound(distance, std::min(ea + eb, 2 * ulp));
    case Claim::more_accurate: {
      constexpr double kSteps = 64;  // roundings that a better formula may have for itself
      if (!std::isfinite(ea)) return {Verdict::undecided, ea};
      if (!finite) return {Verdict::different, ea};
      return by_bound(distance, ea + std::min(eb, ea + kSteps * ulp));
    }
    case Claim::fast:
      if (!std::isfinite(a.real)) return {Verdict::undecided, ea};
      break;
    case Claim::rounding: break;
  }
  if (!std::isfinite(ea + eb)) return {Verdict::undecided, ea + eb};
  return finite ? by_bound(distance, ea + eb) : Judged{Verdict::different, ea + eb};
}

Judged judge(const Bounded& before, const Bounded& after, size_t i, Claim claim, bool sums) {
  const Scalar& a = before.value.elements[i];
  const Scalar& b = after.value.elements[i];
  const double ea = before.error[i], eb = after.error[i];
  if (is_float(a.dtype)) return judge_float(a, ea, b, eb, claim, sums);
  if (a.integer == b.integer) return {Verdict::same};
  if (claim == Claim::bits) return {Verdict::different};
  if (is_bool(a.dtype)) return {ea + eb > 0 ? Verdict::undecided : Verdict::different, ea + eb};
  const double distance =
      std::fabs(static_cast<double>(a.integer) - static_cast<double>(b.integer));
  return by_bound(distance, ea + eb);
}

std::string number(const Scalar& scalar) {
  return is_float(scalar.dtype) && std::isnan(scalar.real) ? "nan" : text(scalar);
}

std::string ending(const RunResult& result) {
  if (!result.broken.empty()) return result.broken;
  return result.why.empty() ? result.status : format("{} ({})", result.status, result.why);
}

// What the runs are said to do before any number is looked at.
std::optional<Difference> compare_endings(const RunResult& left, const RunResult& right) {
  Difference difference;
  difference.left = ending(left);
  difference.right = ending(right);
  if (!left.broken.empty() || !right.broken.empty() || left.status != right.status)
    return difference;
  THX_CHECK(left.values.size() == right.values.size(), "{} values and {}", left.values.size(),
            right.values.size());
  return std::nullopt;
}

void note(std::optional<Difference>& difference, const std::string& name, const Bounded& before,
          const Bounded& after, size_t i, double bound) {
  if (difference) {
    difference->count += difference->value == name ? 1 : 0;
    return;
  }
  difference = Difference{name,
                          element_place(before.value.extents, i),
                          number(before.value.elements[i]),
                          number(after.value.elements[i]),
                          bound,
                          1,
                          before.value.elements.size()};
}

}  // namespace

std::optional<Difference> compare_bits(const RunResult& left, const RunResult& right,
                                       VerifyTally& tally) {
  return compare_bounds(left, right, Claim::bits, false, {}, tally).difference;
}

Judgement compare_bounds(const RunResult& before, const RunResult& after, Claim claim, bool sums,
                         const std::string& label, VerifyTally& tally) {
  Judgement judgement{compare_endings(before, after), {}};
  if (judgement.difference) return judgement;
  for (size_t v = 0; v < before.values.size(); ++v) {
    const auto& [name, left] = before.values[v];
    const Bounded& right = after.values[v].second;
    THX_CHECK(left.value.extents == right.value.extents, "{} has another shape", name);
    for (size_t i = 0; i < left.value.elements.size(); ++i) {
      const Judged judged = judge(left, right, i, claim, sums);
      ++tally.compared;
      if (judged.share > tally.largest) {
        tally.largest = judged.share;
        tally.largest_at = label.empty() ? name : format("{}, {}", label, name);
      }
      if (judged.verdict == Verdict::undecided) judgement.undecided.push_back({v, i});
      if (judged.verdict == Verdict::different)
        note(judgement.difference, name, left, right, i, judged.bound);
    }
  }
  return judgement;
}

Judgement compare_elements(const RunResult& before, const RunResult& after, Claim claim,
                           const std::vector<ElementAt>& which) {
  Judgement judgement{compare_endings(before, after), {}};
  if (judgement.difference) return judgement;
  for (const ElementAt& at : which) {
    const auto& [name, left] = before.values[at.value];
    const Bounded& right = after.values[at.value].second;
    const Judged judged = judge(left, right, at.element, claim, true);
    if (judged.verdict == Verdict::undecided) judgement.undecided.push_back(at);
    if (judged.verdict == Verdict::different)
      note(judgement.difference, name, left, right, at.element, judged.bound);
  }
  return judgement;
}

}  // namespace thx
