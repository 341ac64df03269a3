// SPDX-License-Identifier: Apache-2.0
// What an index expression selects of a value, axis by axis: for reading and for writing.
#pragma once

#include <optional>
#include <vector>

#include "frontend/functions.h"

namespace thx {

/// What is taken along one axis of the indexed value.
struct AxisSelection {
  enum class Kind : uint8_t {
    whole,
    slice,    // start, step, extent; start is an extent
    window,   // from the run-time start on, `extent` elements, of which every step-th is taken
    element,  // the one at start; the axis disappears
    indexed,  // by run-time integers: `index`, a scalar or an array
  };
  Kind kind = Kind::whole;
  Extent start = 0;
  Extent extent = 1;  // of the result
  int64_t step = 1;
  Extent window = 1;     // of a window: its elements before steps
  Value run_time_start;  // of a window: an i64 scalar
  Operand index;
};

struct Selection {
  Operand base;
  Place place;
  std::vector<AxisSelection> axes;  // one per axis of base
  /// The axes of the result as they are written: an axis of base, or -1 for a new one.
  std::vector<int64_t> layout;
  std::vector<Requirement> checks;
  /// Where the axes of the index arrays stand among those of `layout`, as NumPy has it.
  size_t indices_at = 0;

  bool is_indexed() const;
  bool has_window() const;
};

/// Reads the subscripts of an index node; nothing after a report.
std::optional<Selection> read_selection(Lowering& l, ast::NodeId index, const Operand& base);
/// The indices of a selection in one shape, i64; nothing after a report.
struct Indices {
  AxisList axes;  // of base
  std::vector<Value> values;
  Shape shape;
};
std::optional<Indices> read_indices(Lowering& l, Selection& selection);
/// Whether extents of a run-time start and stop differ by an extent, which that is.
std::optional<Extent> run_time_distance(Value start, Value stop);

/// `x[...]`
Operand select_part(Lowering& l, Selection& selection);
/// `x.at[...].set(v)`: `id` is the call.
bool is_at_call(const Lowering& l, ast::NodeId callee);
Operand lower_at(Lowering& l, ast::NodeId id);

}  // namespace thx
