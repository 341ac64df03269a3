// SPDX-License-Identifier: Apache-2.0
// Lanes, blocks and upward, as the language defines what a sum means.
#include "reference/sums.h"

#include <algorithm>
#include <vector>

#include "support/check.h"

namespace thx::reference {
namespace {

constexpr int64_t kLaneBlock = 4096;
constexpr int64_t kOuterBlock = 256;

int64_t lane_count(DType dtype, bool to_scalar) {
  const int64_t lanes = dtype == DType::f32 ? 16 : 8;
  return to_scalar ? 4 * lanes : lanes;
}

// Terms [begin, end), one accumulator.
Scalar upward(const Fold& fold, int64_t begin, int64_t end) {
  Scalar acc = fold.identity;
  for (int64_t i = begin; i < end; ++i) acc = fold.step(acc, i);
  return acc;
}

// Terms [begin, end): the j-th goes to lane j mod L; lanes fold by halves.
Scalar in_lanes(const Fold& fold, int64_t begin, int64_t end) {
  const int64_t lanes = lane_count(fold.identity.dtype, fold.to_scalar);
  std::vector<Scalar> acc(static_cast<size_t>(lanes), fold.identity);
  for (int64_t i = begin; i < end; ++i) {
    Scalar& lane = acc[static_cast<size_t>((i - begin) % lanes)];
    lane = fold.step(lane, i);
  }
  for (size_t half = acc.size() / 2; half > 0; half /= 2)
    for (size_t l = 0; l < half; ++l) acc[l] = fold.merge(acc[l], acc[l + half]);
  return acc[0];
}

// The balanced tree over the parts: neighbours, then neighbours of these, and so on.
Scalar tree(const Fold& fold, std::vector<Scalar> parts) {
  for (size_t s = 1; s < parts.size(); s *= 2)
    for (size_t i = 0; i + s < parts.size(); i += 2 * s)
      parts[i] = fold.merge(parts[i], parts[i + s]);
  return parts[0];
}

}  // namespace

Scalar fold_upward(const Fold& fold) { return upward(fold, 0, fold.count); }

Scalar fold_in_order(const Fold& fold, std::string_view order) {
  THX_CHECK(fold.count > 0, "nothing is folded");
  if (order == "upward") return fold_upward(fold);
  THX_CHECK(order == "lanes" || order == "blocks", "the order {}", order);
  const int64_t block = order == "lanes" ? kLaneBlock : kOuterBlock;
  std::vector<Scalar> parts;
  for (int64_t begin = 0; begin < fold.count; begin += block) {
    const int64_t end = std::min(begin + block, fold.count);
    parts.push_back(order == "lanes" ? in_lanes(fold, begin, end) : upward(fold, begin, end));
  }
  return tree(fold, std::move(parts));
}

}  // namespace thx::reference
