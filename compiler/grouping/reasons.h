// SPDX-License-Identifier: Apache-2.0
// Why two values do not share a kernel: every refusal of the grouping has one of these reasons.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/source.h"

namespace thx {

// THX_REASON(id, text)
#define THX_REASONS(THX_REASON)                                                           \
  THX_REASON(other_shape, "they run over different shapes")                               \
  THX_REASON(other_place, "it is read at other places than where it is computed")         \
  THX_REASON(other_rows, "the sum runs across the rows of the other's loop")              \
  THX_REASON(costly_row, "a costly value per row runs on vectors in a kernel of its own") \
  THX_REASON(costly_repeat, "it is costly and would be computed more than once")          \
  THX_REASON(too_many_operations, "a kernel has at most 256 operations")                  \
  THX_REASON(later_operand, "another operand is ready only after the kernel")             \
  THX_REASON(product_operand, "a product reads its operands from memory")                 \
  THX_REASON(product_tile, "the tiles of a product are not what the reader runs over")    \
  THX_REASON(column_sum, "a sum over an outer axis is complete only after its loop")      \
  THX_REASON(nothing_shared, "they share no operand")                                     \
  THX_REASON(own_kernel, "the operation has a kernel of its own")

enum class Reason : uint8_t {
#define THX_REASON(id, text) id,
  THX_REASONS(THX_REASON)
#undef THX_REASON
};

constexpr std::string_view to_string(Reason reason) {
  constexpr std::string_view kTexts[] = {
#define THX_REASON(id, text) text,
      THX_REASONS(THX_REASON)
#undef THX_REASON
  };
  return kTexts[static_cast<size_t>(reason)];
}

/// `consumer` does not join the kernel of `producer`.
struct Refusal {
  Reason reason;
  std::string function;
  std::string producer, consumer;  // names of values, or what they are
  SpanSet producer_spans = {}, consumer_spans = {};
};

/// `@train: p -> d: they run over different shapes`
std::string text(const Refusal& refusal);

}  // namespace thx
