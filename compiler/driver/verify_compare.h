// SPDX-License-Identifier: Apache-2.0
// Whether two runs of one call agree: by bits, or within their bounds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/verify_report.h"
#include "driver/verify_runs.h"

namespace thx {

/// Where two runs differ first.
struct Difference {
  std::string value;            // the output, or the state; empty where the runs end differently
  std::string place;            // `[2, 3]`; empty for a scalar
  std::string left, right;      // the numbers there, or how the runs end
  double bound = 0;             // of their distance; 0: their bits have to be equal
  size_t count = 1, total = 1;  // differing elements among those of the value
};

/// What a step claims of the values that it leaves.
enum class Claim : uint8_t {
  bits,           // the same ones
  more_accurate,  // nearer to exact arithmetic: another value only where the first one has an error
  rounding,       // as near
  fast,           // the same, and anything where there was a NaN or an infinity
};

struct ElementAt {
  size_t value, element;
};

struct Judgement {
  std::optional<Difference> difference;
  std::vector<ElementAt> undecided;
};

/// Statuses, then every element by its bits; NaNs are equal whatever their payload.
std::optional<Difference> compare_bits(const RunResult& left, const RunResult& right,
                                       VerifyTally& tally);
/// Statuses, then every element within the sum of the bounds, as `claim` says. `label` names the
/// step in the tally. With `sums`, Claim::bits lets the last digit differ: the terms of an
/// undecided order may have been told in another one.
Judgement compare_bounds(const RunResult& before, const RunResult& after, Claim claim, bool sums,
                         const std::string& label, VerifyTally& tally);
/// The same for the elements named alone.
Judgement compare_elements(const RunResult& before, const RunResult& after, Claim claim,
                           const std::vector<ElementAt>& which);

}  // namespace thx
