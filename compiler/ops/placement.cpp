// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the placements: where each operand's elements go, and gradients.
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

/// The tangents of a linear operator's operands, zeros where there are none; empty without any.
std::vector<Value> whole_tangents(const Tangent& t) {
  bool any = false;
  std::vector<Value> tangents;
  for (size_t i = 0; i < t.tangents.size(); ++i) {
    any |= static_cast<bool>(t.tangents[i]);
    tangents.push_back(t.tangents[i] ? t.tangents[i]
                                     : constant_like(t.graph, t.node->operands[i], 0));
  }
  if (!any) tangents.clear();
  return tangents;
}

Value linear_tangents(const Tangent& t) {
  const std::vector<Value> tangents = whole_tangents(t);
  if (tangents.empty()) return {};
  return make(t.graph, t.node->op, tangents, t.node->attrs);
}

// concat {axis}

Result<Type> concat_type(std::span<const Type> operands, const Attrs& attrs) {
  if (operands.empty()) return refuse(Err::wrong_count, "concat needs an array");
  const int64_t axis = attrs.integer("axis");
  Type result = operands[0];
  if (axis < 0 || axis >= result.rank())
    return refuse(Err::bad_axis, format("{} has no axis {}", text(result), axis));
  const auto along = static_cast<size_t>(axis);
  Extent extent = 0;
  for (const Type& operand : operands) {
    if (operand.dtype != result.dtype)
      return refuse(Err::dtype_mismatch,
                    format("concat of {} and {}", text(operands[0]), text(operand)));
    if (operand.rank() != result.rank())
      return refuse(Err::shape_mismatch,
                    format("concat of {} and {}", text(operands[0]), text(operand)));
    extent += operand.shape[along];
    Type rest = operand;
    rest.shape[along] = operands[0].shape[along];
    if (rest != operands[0])
      return refuse(Err::shape_mismatch, format("{} and {} differ beside axis {}",
                                                text(operands[0]), text(operand), axis));
  }
  result.shape[along] = extent;
  return result;
}

/// Where the parts of operands start along the axis, one after the other. Known extents are summed
/// as numbers: array literals have thousands of operands.
class ConcatStart {
 public:
  explicit ConcatStart(const Node& node)
      : node_(node), along_(static_cast<size_t>(node.attrs.integer("axis"))) {}

  Extent operator()() const { return start_ + known_; }
  void advance() {
    const Extent& extent = node_.operands[next_++]->shape()[along_];
    if (extent.is_known())
      known_ += extent.known();
    else
      start_ += extent;
  }

 private:
  const Node& node_;
  size_t along_;
  size_t next_ = 0;
  Extent start_ = 0;
  int64_t known_ = 0;
};

std::vector<Extent> concat_place(const Node& node, int operand, std::span<const Extent> index) {
  std::vector<Extent> placed(index.begin(), index.end());
  ConcatStart start(node);
  for (int i = 0; i < operand; ++i) start.advance();
  placed[static_cast<size_t>(node.attrs.integer("axis"))] += start();
  return placed;
}

std::vector<Value> concat_adjoints(Graph& graph, Value node, Value cotangent,
                                   const std::vector<bool>& wanted) {
  const auto along = static_cast<size_t>(node->attrs.integer("axis"));
  const AxisList steps(node->shape().size(), 1);
  Shape starts(steps.size(), Extent(0));
  std::vector<Extent> all;
  for (ConcatStart start(*node); all.size() < wanted.size(); start.advance())
    all.push_back(start());
  std::vector<Value> cotangents(wanted.size());
  for (size_t i = wanted.size(); i-- > 0;) {
    if (!wanted[i]) continue;
    starts[along] = all[i];
    cotangents[i] = slice(graph, cotangent, starts, steps, node->operands[i]->shape());
  }
  return cotangents;
}

Value concat_batch(const Batch& b) {
  std::vector<Value> operands;
  for (size_t i = 0; i < b.operands.size(); ++i) operands.push_back(batched_operand(b, i));
  return make(b.graph, Op::concat, operands, {{"axis", b.node->attrs.integer("axis") + 1}});
}

// place {starts, steps}: base, part

Result<Type> place_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type& base = operands[0];
  const Type& part = operands[1];
  const std::vector<int64_t>& steps = attrs.ints("steps");
  const auto rank = static_cast<size_t>(base.rank());
  if (part.dtype != base.dtype)
    return refuse(Err::dtype_mismatch, format("{} is placed in {}", text(part), text(base)));
  if (part.rank() != base.rank() || attrs.shape("starts").size() != rank || steps.size() != rank)
    return refuse(Err::bad_axis, format("{} is placed in {} with a start and a step for each axis",
                                        text(part), text(base)));
  for (const int64_t step : steps)
    if (step < 1) return refuse(Err::bad_axis, "the steps of a placement are at least 1");
  for (size_t i = 0; i < rank; ++i)
    if (!may_lie_on(attrs.shape("starts")[i], steps[i], part.shape[i], base.shape[i]))
      return refuse(Err::bad_axis,
                    format("{} is placed beyond axis {} of {}", text(part), i, text(base)));
  return base;
}

std::vector<Extent> place_place(const Node& node, int operand, std::span<const Extent> index) {
  std::vector<Extent> placed(index.begin(), index.end());
  if (operand == 0) return placed;
  const Shape& starts = node.attrs.shape("starts");
  const std::vector<int64_t>& steps = node.attrs.ints("steps");
  for (size_t i = 0; i < placed.size(); ++i) placed[i] = starts[i] + placed[i] * steps[i];
  return placed;
}

std::vector<Value> place_adjoints(Graph& graph, Value node, Value cotangent,
                                  const std::vector<bool>& wanted) {
  const Value part = node->operands[1];
  const Shape& starts = node->attrs.shape("starts");
  const std::vector<int64_t>& steps = node->attrs.ints("steps");
  std::vector<Value> cotangents(2);
  if (wanted[1]) cotangents[1] = slice(graph, cotangent, starts, steps, part->shape());
  if (wanted[0])
    cotangents[0] = place(graph, cotangent, constant_like(graph, part, 0), starts, steps);
  return cotangents;
}

Value place_batch(const Batch& b) {
  AxisList steps = b.node->attrs.ints("steps");
  steps.insert(steps.begin(), 1);
  return place(b.graph, batched_operand(b, 0), batched_operand(b, 1),
               with_leading(0, b.node->attrs.shape("starts")), steps);
}

// clang-format off
constexpr PlacementDef kPlacements[] = {
    {.op = Op::concat, .doc = "the operands one after the other along `axis`",
     .type = concat_type, .place = concat_place,
     .adjoints = concat_adjoints, .tangent = linear_tangents, .batch = concat_batch},
    {.op = Op::place, .doc = "x with the elements of y from `starts`, `steps` apart, along each axis",
     .type = place_type, .place = place_place,
     .adjoints = place_adjoints, .tangent = linear_tangents, .batch = place_batch},
};
// clang-format on
static_assert(covers(kPlacements, Family::placement),
              "one row for each placement line of ops.def, in the same order");

}  // namespace

std::span<const PlacementDef> placement_rows() { return kPlacements; }

}  // namespace thx
