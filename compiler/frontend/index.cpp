// SPDX-License-Identifier: Apache-2.0
// Indexing of leading axes by integers and integer arrays.
#include <algorithm>

#include "frontend/lowering.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

using ast::NodeId;
using ast::NodeKind;

// `x.shape[0]`
Operand pick(Lowering& l, const Operand& base, const std::vector<Operand>& subscripts, Span at) {
  const auto count = static_cast<int64_t>(base.parts.size());
  if (subscripts.size() != 1 || !subscripts[0].is(Operand::Kind::integer) || !subscripts[0].weak) {
    l.report(Err::bad_index, at, "a list is indexed by one integer literal");
    return {};
  }
  int64_t index = subscripts[0].integer;
  if (index < 0) index += count;
  if (index < 0 || index >= count) {
    l.report(Err::bad_index, at, format("index {} of a list of {}", subscripts[0].integer, count));
    return {};
  }
  Operand part = base.parts[static_cast<size_t>(index)];
  part.span = at;
  return part;
}

bool refuse_slices(Lowering& l, NodeId id) {
  for (size_t i = 1; i < l.module()[id].child_count; ++i) {
    const ast::Node& subscript = l.module()[l.module().child(id, i)];
    if (subscript.kind != NodeKind::slice && subscript.kind != NodeKind::ellipsis) continue;
    l.unsupported(subscript.span, "indexing by slices is part",
                  "index leading axes by integers or integer arrays: `x[arange(1, N)]` is `x[1:]`");
    return true;
  }
  return false;
}

bool check_subscripts(Lowering& l, const Operand& base, const std::vector<Operand>& subscripts,
                      Span at) {
  const Shape shape = shape_of(base);
  if (subscripts.size() > shape.size()) {
    l.report(Err::bad_index, at,
             format("{} has {} axes, not {}", spell(base), shape.size(), subscripts.size()))
        .label(base.span, spell(base));
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < subscripts.size(); ++i) {
    const Operand& subscript = subscripts[i];
    if (is_integer(default_dtype(l, subscript))) {
      const bool known = subscript.weak && shape[i].is_known();
      const int64_t extent = known ? shape[i].known() : 0;
      if (!known || (subscript.integer < extent && subscript.integer >= -extent)) continue;
      l.report(Err::bad_index, subscript.span,
               format("index {} of an axis of extent {}", subscript.integer, extent))
          .label(base.span, spell(base));
    } else {
      Diagnostic& error = l.report(Err::bad_index, subscript.span,
                                   format("an index is an integer, not {}", spell(subscript)));
      const bool mask = is_bool(default_dtype(l, subscript));
      error.help(mask ? "a mask makes an extent that depends on data; use `where(mask, x, 0)`"
                      : "convert with `i64(i)`");
    }
    good = false;
  }
  return good;
}

}  // namespace

Operand lower_index(Lowering& l, NodeId id) {
  const ast::Node& node = l.module()[id];
  const Operand base = lower(l, l.module().child(id, 0));
  if (refuse_slices(l, id)) return {};
  std::vector<Operand> subscripts;
  for (size_t i = 1; i < node.child_count; ++i) {
    subscripts.push_back(lower(l, l.module().child(id, i)));
  }
  if (base.poisoned()) return {};
  if (base.is(Operand::Kind::sequence)) return pick(l, base, subscripts, node.span);
  const Place place = {node.mark, node.span, "indexing"};
  if (!all_numbers(l, subscripts, place) || !all_numbers(l, {&base, 1}, place)) return {};
  if (!check_subscripts(l, base, subscripts, node.mark)) return {};
  std::vector<Requirement> checks;
  const std::optional<Shape> shape = common_shape(l, subscripts, place, checks);
  if (!shape) return {};
  std::vector<Value> operands = {to_value(l, base)};
  std::vector<int64_t> axes;
  for (const Operand& subscript : subscripts) {
    const Value index = to_value(l, subscript, DType::i64);
    operands.push_back(index ? stretch(l, index, *shape, subscript.span) : index);
    axes.push_back(static_cast<int64_t>(axes.size()));
  }
  if (std::find(operands.begin(), operands.end(), Value{}) != operands.end()) return {};
  const Value result = make(l.graph(), Op::gather, operands, {{"axes", axes}}, node.span);
  require(l, result, checks);
  return Operand::of(result, node.span);
}

}  // namespace thx
