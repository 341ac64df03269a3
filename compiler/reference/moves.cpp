// SPDX-License-Identifier: Apache-2.0
// Elements that move, and running combinations.
#include "reference/moves.h"

#include <array>

#include "ops/op_def.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::reference {
namespace {

/// Symbols that stand for a place, so that a row's map is asked once.
std::vector<Extent> symbols(size_t count) {
  std::vector<Extent> result;
  for (size_t i = 0; i < count; ++i) result.push_back(Extent::symbol(format("${}", i)));
  return result;
}

/// The map's position for `place`.
class Mapped {
 public:
  Mapped(std::vector<Extent> map, const Extent::Values& dims)
      : map_(std::move(map)), values_(dims) {}

  Index at(const Index& place) {
    for (size_t i = 0; i < place.size(); ++i) values_[format("${}", i)] = place[i];
    return numbers(map_, values_);
  }

 private:
  std::vector<Extent> map_;
  Extent::Values values_;
};

}  // namespace

void for_each_viewed(const Site& site, const std::function<void(size_t from)>& visit) {
  const Index& extents = site.operands[0]->extents;
  Mapped source(view(site.node.op).index_map(site.node, symbols(site.extents.size())),
                site.arguments.dims);
  for_each_place(site.extents,
                 [&](const Index& place) { visit(offset_in(extents, source.at(place))); });
}

Array evaluate_view(const Site& site) {
  const Array& x = *site.operands[0];
  Array result{site.node.dtype(), site.extents, {}};
  for_each_viewed(site, [&](size_t from) { result.elements.push_back(x.elements[from]); });
  return result;
}

Array evaluate_placement(const Site& site) {
  const PlacementDef& row = placement(site.node.op);
  Array result = Array::filled(site.node.dtype(), site.extents, Scalar{site.node.dtype()});
  std::vector<char> written(result.elements.size());
  for (size_t i = 0; i < site.operands.size(); ++i) {
    const Array& part = *site.operands[i];
    Mapped target(row.place(site.node, static_cast<int>(i), symbols(part.extents.size())),
                  site.arguments.dims);
    for_each_place(part.extents, [&](const Index& place) {
      const Index to = target.at(place);
      result.at(to) = part.at(place);
      written[result.offset(to)] = true;
    });
  }
  for (const char one : written)
    THX_CHECK(one != 0, "{} leaves an element without a value", name_of(site.node.op));
  return result;
}

Array evaluate_cumulative(const Site& site) {
  const ElementwiseDef& combine = elementwise(cumulative(site.node.op).combine);
  const auto axis = static_cast<size_t>(site.node.attrs.integer("axis"));
  const bool reverse = site.node.attrs.flag("reverse");
  Array result = site.taken();
  const int64_t count = site.extents[axis];
  Index rows = site.extents;
  rows[axis] = count > 0 ? 1 : 0;
  for_each_place(rows, [&](const Index& row) {
    Index place = row;
    for (int64_t step = 1; step < count; ++step) {
      place[axis] = reverse ? count - step : step - 1;
      const Scalar before = result.at(place);
      place[axis] = reverse ? count - 1 - step : step;
      const std::array<Scalar, 2> operands = {before, result.at(place)};
      result.at(place) = combine.eval(operands, result.dtype);
    }
  });
  return result;
}

}  // namespace thx::reference
