// SPDX-License-Identifier: Apache-2.0
// Draws numbers and arrays for the calls of thxc verify.
#include "driver/verify_inputs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/liveness.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

struct Limits {
  double largest, smallest_normal, smallest;
};
Limits limits_of(DType dtype) {
  if (dtype == DType::f32)
    return {static_cast<double>(std::numeric_limits<float>::max()), 0x1p-126, 0x1p-149};
  return {std::numeric_limits<double>::max(), 0x1p-1022, 0x1p-1074};
}

std::pair<int64_t, int64_t> range_of(DType dtype) {
  const int bits = 8 * bytes_of(dtype);
  if (is_bool(dtype)) return {0, 1};
  if (bits == 64)
    return is_signed(dtype) ? std::pair{INT64_MIN, INT64_MAX} : std::pair{int64_t{0}, INT64_MAX};
  const int64_t half = int64_t{1} << (bits - 1);
  return is_signed(dtype) ? std::pair{-half, half - 1} : std::pair{int64_t{0}, 2 * half - 1};
}

void put(HostArray& array, size_t i, double real, int64_t integer) {
  const auto width = static_cast<size_t>(bytes_of(array.dtype));
  std::byte* to = array.bytes.data() + i * width;
  if (array.dtype == DType::f32) {
    const auto single = static_cast<float>(real);
    std::memcpy(to, &single, width);
  } else if (array.dtype == DType::f64) {
    std::memcpy(to, &real, width);
  } else {
    std::memcpy(to, &integer, width);  // little-endian, as the objects are
  }
}

std::string dims_text(const DimValues& dims) {
  return join(dims, ", ", [](const auto& dim) { return format("{} = {}", dim.first, dim.second); });
}

}  // namespace

double TrialMaker::real(DType dtype, Profile profile) {
  const Limits limits = limits_of(dtype);
  const double sign = below(2) == 0 ? 1 : -1;
  const bool edges = profile == Profile::edges || profile == Profile::finite_edges;
  if (edges && below(3) != 0) {
    const double specials[] = {0,
                               -0.0,
                               sign,
                               sign * limits.smallest,
                               sign * limits.smallest_normal * 0.5,
                               sign * limits.smallest_normal,
                               sign * limits.largest,
                               sign * std::sqrt(limits.largest),
                               sign * std::sqrt(limits.smallest_normal),
                               sign * 0x1p-24,
                               sign * 100,
                               sign * std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()};
    // In turn, so that a few arrays have them all; the last two are not finite.
    return specials[special_++ % (profile == Profile::edges ? 13 : 11)];
  }
  if (profile == Profile::positive) return unit();
  if (profile == Profile::scales) return sign * std::exp2(24 * unit() - 12) * (0.5 + unit());
  return 1.7 * (unit() + unit() + unit() + unit() - 2);
}

int64_t TrialMaker::plain_integer(DType dtype, Profile profile) {
  const auto [low, high] = range_of(dtype);
  if (is_bool(dtype)) return static_cast<int64_t>(below(2));
  const bool edges = profile == Profile::edges || profile == Profile::finite_edges;
  if (edges && below(3) == 0) {
    const int64_t specials[] = {low, high, low + 1, high - 1, 0, 1, is_signed(dtype) ? -1 : 2};
    return specials[below(7)];
  }
  if (profile == Profile::scales)
    return static_cast<int64_t>(random_() >> below(64));  // wraps to the dtype's width
  const auto small = static_cast<int64_t>(below(11));
  return is_signed(dtype) && below(2) == 0 ? -small : small;
}

// kind: 0 to 5 within, 6 also from the end, 7 the first two, 8 one of eight outside.
int64_t TrialMaker::index(const std::vector<Range>& ranges, int kind, const DimValues& dims) {
  int64_t low = INT64_MIN, high = INT64_MAX;
  for (const Range& range : ranges) {
    low = std::max(low, range.low.evaluate(dims).value_or(0));
    high = std::min(high, range.high.evaluate(dims).value_or(0));
  }
  if (high < 0) return 0;  // of nothing: every index is outside
  if (kind == 7) return static_cast<int64_t>(below(2));
  if (kind == 8 && below(8) == 0) {
    const int64_t outside[] = {high + 1, low - 1, INT64_MAX, INT64_MIN};
    return outside[below(4)];
  }
  const int64_t first = kind == 6 ? low : 0;
  return first + static_cast<int64_t>(below(static_cast<uint64_t>(high - first + 1)));
}

HostArray TrialMaker::array(const Type& type, const std::string& name, Profile profile,
                            const DimValues& dims) {
  std::vector<int64_t> extents;
  for (const Extent& extent : type.shape)
    extents.push_back(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
  HostArray result = HostArray::zeros(type.dtype, std::move(extents));
  const auto found = indices_.find(name);
  const auto kind = static_cast<int>(below(9));
  const auto [low, high] = range_of(type.dtype);
  for (size_t i = 0; i < static_cast<size_t>(result.count()); ++i) {
    if (is_float(type.dtype)) {
      put(result, i, real(type.dtype, profile), 0);
    } else if (found != indices_.end()) {
      put(result, i, 0, std::clamp(index(found->second, kind, dims), low, high));
    } else {
      put(result, i, 0, plain_integer(type.dtype, profile));
    }
  }
  return result;
}

std::optional<Trial> TrialMaker::next() {
  std::optional<DimValues> dims = choose_dims();
  if (!dims) {
    refusal_ = "no values of dims were found that the function takes";
    return std::nullopt;
  }
  if (const double held = numbers(*dims); held > reference::kMostNumbers) {
    too_large_ = true;
    refusal_ = reference::too_many_numbers(held) +
               (dims->empty() ? "" : format(", with {}", dims_text(*dims)));
    return std::nullopt;
  }
  constexpr std::pair<Profile, std::string_view> kProfiles[] = {
      {Profile::moderate, "moderate numbers"},       {Profile::scales, "numbers of many sizes"},
      {Profile::positive, "numbers in [0, 1)"},      {Profile::edges, "edge values"},
      {Profile::finite_edges, "finite edge values"},
  };
  const auto& [profile, words] = kProfiles[made_ % std::size(kProfiles)];
  Trial trial;
  trial.seed = random_();
  trial.moderate = profile == Profile::moderate || profile == Profile::positive;
  for (const Input& input : function_.inputs)
    trial.inputs.emplace(input.name, array(input.value->type(), input.name, profile, *dims));
  const bool own_states = made_ % 3 != 1 && !function_.states.empty();
  if (own_states)
    for (const State& state : program_.states)
      trial.states.emplace(state.name, array(state.type, state.name, profile, *dims));
  trial.dims = std::move(*dims);
  trial.words = format("{}{}{}{}", dims_text(trial.dims), trial.dims.empty() ? "" : "; ", words,
                       function_.states.empty() ? ""
                       : own_states             ? ", states too"
                                                : ", initial states");
  ++made_;
  return trial;
}

}  // namespace thx
