// SPDX-License-Identifier: Apache-2.0
// Finds the row of an operator.
#include <array>

#include "ops/rows.h"

namespace thx {
namespace {

constexpr bool in_array_table(Family family) {
  return family == Family::contraction || family == Family::indexing || family == Family::composite;
}

constexpr bool same_table(Family a, Family b) {
  return a == b || (in_array_table(a) && in_array_table(b));
}

/// The place of each operator among those that share its table: tables follow ops.def.
constexpr std::array<uint8_t, kOpCount> places() {
  std::array<uint8_t, kOpCount> places{};
  for (size_t i = 0; i < kOpCount; ++i)
    for (size_t before = 0; before < i; ++before)
      places[i] += same_table(kOps[before].family, kOps[i].family);
  return places;
}
constexpr std::array<uint8_t, kOpCount> kPlaces = places();

template <class Row>
const Row& row_of(Op op, std::span<const Row> rows, bool of_family) {
  THX_CHECK(of_family, "{} has no row of this family", name_of(op));
  return rows[kPlaces[static_cast<size_t>(op)]];
}

}  // namespace

const ElementwiseDef& elementwise(Op op) {
  return row_of(op, elementwise_rows(), family_of(op) == Family::elementwise);
}

const ReductionDef& reduction(Op op) {
  return row_of(op, reduction_rows(), family_of(op) == Family::reduction);
}

const ViewDef& view(Op op) { return row_of(op, view_rows(), family_of(op) == Family::view); }

const PlacementDef& placement(Op op) {
  return row_of(op, placement_rows(), family_of(op) == Family::placement);
}

const CumulativeDef& cumulative(Op op) {
  return row_of(op, cumulative_rows(), family_of(op) == Family::cumulative);
}

const ArrayDef& array(Op op) { return row_of(op, array_rows(), in_array_table(family_of(op))); }

std::span<const ArrayDef> array_rows() {
  static const std::vector<ArrayDef> rows = [] {
    std::vector<ArrayDef> all;
    for (std::span<const ArrayDef> part : {contraction_rows(), indexing_rows(), composite_rows()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return rows;
}

std::string_view doc_of(Op op) {
  const Family family = family_of(op);
  if (family == Family::elementwise) return elementwise(op).doc;
  if (family == Family::reduction) return reduction(op).doc;
  if (family == Family::view) return view(op).doc;
  if (family == Family::placement) return placement(op).doc;
  if (family == Family::cumulative) return cumulative(op).doc;
  if (in_array_table(family)) return array(op).doc;
  return {};
}

// A table of its own: rules ask for each node again and again.
Traits traits_of(Op op) {
  static const std::array<Traits, kOpCount> all = [] {
    std::array<Traits, kOpCount> traits{};
    for (size_t i = 0; i < kOpCount; ++i) {
      const Family family = kOps[i].family;
      if (family == Family::elementwise) traits[i] = elementwise(kOps[i].op).traits;
      if (in_array_table(family)) traits[i] = array(kOps[i].op).traits;
    }
    return traits;
  }();
  return all[static_cast<size_t>(op)];
}

}  // namespace thx
