// SPDX-License-Identifier: Apache-2.0
// Reads and writes at index arrays.
#include "reference/indexing_rules.h"

#include <algorithm>
#include <array>

#include "ir/structure.h"
#include "ops/op_def.h"

namespace thx::reference {
namespace {

using Axes = std::vector<int64_t>;

// Where place `place` of what is gathered lies in the indexed array.
struct Indexing {
  const Node& node;
  std::vector<const Array*> indices;
  const Index& extents;  // of the indexed array
  int64_t batch = node.attrs.has("batch") ? node.attrs.integer("batch") : 0;
  Axes axes = node.attrs.ints("axes");

  /// An index outside its axis is one also where nothing would be read with it.
  bool all_inside() const {
    for (size_t i = 0; i < axes.size(); ++i) {
      const int64_t extent = extents[static_cast<size_t>(axes[i])];
      for (const Scalar& index : indices[i]->elements)
        if (index.integer < -extent || index.integer >= extent) return false;
    }
    return true;
  }

  // The axes of the indexed array that are neither shared nor indexed, upwards.
  Axes rest() const {
    Axes result;
    for (int64_t axis = batch; axis < static_cast<int64_t>(extents.size()); ++axis)
      if (std::ranges::count(axes, axis) == 0) result.push_back(axis);
    return result;
  }

  size_t source(const Index& place, const Axes& rest) const {
    const size_t places = indices[0]->extents.size();
    const Index at(place.begin(), place.begin() + static_cast<long>(places));
    Index result(extents.size());
    for (size_t axis = 0; axis < static_cast<size_t>(batch); ++axis) result[axis] = place[axis];
    for (size_t i = 0; i < axes.size(); ++i) {
      const int64_t extent = extents[static_cast<size_t>(axes[i])];
      const int64_t index = indices[i]->at(at).integer;
      result[static_cast<size_t>(axes[i])] = index < 0 ? index + extent : index;
    }
    for (size_t i = 0; i < rest.size(); ++i)
      result[static_cast<size_t>(rest[i])] = place[places + i];
    return offset_in(extents, result);
  }

  bool for_each(const Index& gathered, const VisitPlaces& visit) const {
    if (!all_inside()) return false;
    const Axes rest = this->rest();
    size_t other = 0;
    for_each_place(gathered, [&](const Index& place) { visit(source(place, rest), other++); });
    return true;
  }
};

bool for_each_sliced(const Site& site, const VisitPlaces& visit) {
  const Index& extents = site.operands[0]->extents;
  const Axes axes = site.node.attrs.has("axes") ? site.node.attrs.ints("axes") : Axes();
  Index first(extents.size(), 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    first[axis] = site.operands[i + 1]->elements[0].integer;
    if (first[axis] < 0 || first[axis] > extents[axis] - site.extents[axis]) return false;
  }
  size_t other = 0;
  Index source(extents.size());
  for_each_place(site.extents, [&](const Index& place) {
    for (size_t i = 0; i < source.size(); ++i) source[i] = place[i] + first[i];
    visit(offset_in(extents, source), other++);
  });
  return true;
}

void fail_index(const Site& site) {
  site.status = Status::index;
  site.why = "an index is outside its axis";
}

// The base with each update put at its place by `put(element, update)`, in index order.
template <class Put>
Array scattered(const Site& site, Put&& put) {
  Array result;
  const Array& updates = *site.operands[1];
  std::vector<std::pair<size_t, size_t>> places;
  const bool inside = for_each_written(
      site, [&](size_t indexed, size_t other) { places.emplace_back(indexed, other); });
  result = site.taken();
  if (!inside) fail_index(site);
  for (const auto& [indexed, other] : places)
    put(result.elements[indexed], updates.elements[other]);
  return result;
}

}  // namespace

bool for_each_read(const Site& site, const VisitPlaces& visit) {
  if (is_dynamic_slice(site.node)) return for_each_sliced(site, visit);
  const Indexing indexing{
      site.node, {site.operands.begin() + 1, site.operands.end()}, site.operands[0]->extents};
  return indexing.for_each(site.extents, visit);
}

bool for_each_written(const Site& site, const VisitPlaces& visit) {
  const Indexing indexing{
      site.node, {site.operands.begin() + 2, site.operands.end()}, site.operands[0]->extents};
  return indexing.for_each(site.operands[1]->extents, visit);
}

Array evaluate_read(const Site& site) {
  const Array& x = *site.operands[0];
  Array result{x.dtype, site.extents, {}};
  if (!for_each_read(
          site, [&](size_t indexed, size_t) { result.elements.push_back(x.elements[indexed]); }))
    fail_index(site);
  return result;
}

Array evaluate_scatter_add(const Site& site) {
  const ElementwiseDef& add = elementwise(Op::add);
  return scattered(site, [&](Scalar& element, const Scalar& update) {
    element = add.eval(std::array<Scalar, 2>{element, update}, element.dtype);
  });
}

Array evaluate_scatter_set(const Site& site) {
  return scattered(site, [](Scalar& element, const Scalar& update) { element = update; });
}

}  // namespace thx::reference
