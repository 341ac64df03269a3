// SPDX-License-Identifier: Apache-2.0
// THE ROWS of the contractions: sums of products over pairs of axes.
#include "ops/contraction.h"

#include <algorithm>

#include "ops/axes.h"
#include "ops/build.h"
#include "ops/rows.h"

namespace thx {
namespace {

Diagnostic refuse(Err id, std::string message) { return {id, Span{}, std::move(message)}; }

/// One operand's axes by their part in the product.
struct Side {
  AxisList batch, contract, kept;

  Side(const Attrs& attrs, std::string_view batch_key, std::string_view contract_key, int rank) {
    const auto of = [&](std::string_view key) {
      const std::span<const int64_t> axes = axes_of(attrs, key);
      return AxisList(axes.begin(), axes.end());
    };
    batch = of(batch_key);
    contract = of(contract_key);
    AxisList taken = batch;
    taken.insert(taken.end(), contract.begin(), contract.end());
    kept = kept_axes(rank, taken);
  }
  bool valid(int rank) const {
    AxisList all = batch;
    all.insert(all.end(), contract.begin(), contract.end());
    return valid_axes(all, rank);
  }
};

Side lhs_of(const Attrs& attrs, int rank) { return {attrs, "lhs_batch", "lhs_contract", rank}; }
Side rhs_of(const Attrs& attrs, int rank) { return {attrs, "rhs_batch", "rhs_contract", rank}; }

Attrs dot_attrs(const AxisList& lhs_contract, const AxisList& rhs_contract,
                const AxisList& lhs_batch, const AxisList& rhs_batch) {
  return {{"lhs_contract", lhs_contract},
          {"rhs_contract", rhs_contract},
          {"lhs_batch", lhs_batch},
          {"rhs_batch", rhs_batch}};
}

Result<Type> dot_type(std::span<const Type> operands, const Attrs& attrs) {
  const Type &x = operands[0], &y = operands[1];
  const auto both = [&] { return format("{} and {}", text(x), text(y)); };
  const Side lhs = lhs_of(attrs, x.rank()), rhs = rhs_of(attrs, y.rank());
  if (!lhs.valid(x.rank()) || !rhs.valid(y.rank()) || lhs.contract.empty() ||
      lhs.contract.size() != rhs.contract.size() || lhs.batch.size() != rhs.batch.size())
    return refuse(Err::bad_axis, format("no pairs of axes of {} to contract", both()));
  if (x.dtype != y.dtype) return refuse(Err::dtype_mismatch, format("dot of {}", both()));
  if (is_bool(x.dtype)) return refuse(Err::dtype_mismatch, "dot is not defined for bool");
  const Shape batch = select(x.shape, lhs.batch);
  if (batch != select(y.shape, rhs.batch) ||
      select(x.shape, lhs.contract) != select(y.shape, rhs.contract))
    return refuse(Err::shape_mismatch, format("dot of {}", both()));
  Type result{x.dtype, batch};
  for (const Extent& extent : select(x.shape, lhs.kept)) result.shape.push_back(extent);
  for (const Extent& extent : select(y.shape, rhs.kept)) result.shape.push_back(extent);
  return result;
}

/// Where the axes of the product of cotangent and other operand lie in the operand asked for.
struct Places {
  AxisList batch;     // by position among the batch axes
  AxisList kept;      // among the kept axes of the operand asked for
  AxisList contract;  // among the contracted axes of the other operand, ascending there
};

bool ascending(const AxisList& axes) { return std::ranges::is_sorted(axes); }

AxisList concat(std::initializer_list<const AxisList*> lists) {
  AxisList all;
  for (const AxisList* list : lists) all.insert(all.end(), list->begin(), list->end());
  return all;
}

/// cotangent x other, as a contraction over the axes that the other operand keeps. The order of
/// the two is the one whose result needs no transpose, where there is one.
Value contracted(Graph& graph, Value cotangent, const AxisList& cotangent_contract, Value other,
                 const Side& other_side, const Places& places) {
  const AxisList cotangent_batch = axis_run(0, static_cast<int64_t>(places.batch.size()));
  AxisList order = concat({&places.batch, &places.contract, &places.kept});
  Value product;
  if (ascending(order)) {
    product =
        make(graph, Op::dot, {other, cotangent},
             dot_attrs(other_side.kept, cotangent_contract, other_side.batch, cotangent_batch));
  } else {
    order = concat({&places.batch, &places.kept, &places.contract});
    product =
        make(graph, Op::dot, {cotangent, other},
             dot_attrs(cotangent_contract, other_side.kept, cotangent_batch, other_side.batch));
  }
  return transpose(graph, product, inverse(order));
}

Value dot_adjoint(const Adjoint& a) {
  const Value asked = a.node->operands[static_cast<size_t>(a.operand)];
  const Value other = a.node->operands[static_cast<size_t>(1 - a.operand)];
  const Side lhs = lhs_of(a.node->attrs, a.node->operands[0]->type().rank());
  const Side rhs = rhs_of(a.node->attrs, a.node->operands[1]->type().rank());
  const Side& mine = a.operand == 0 ? lhs : rhs;
  const Side& theirs = a.operand == 0 ? rhs : lhs;
  const auto batches = static_cast<int64_t>(lhs.batch.size());
  const auto lhs_kept = static_cast<int64_t>(lhs.kept.size());
  const AxisList of_lhs = axis_run(batches, lhs_kept);
  const AxisList of_rhs = axis_run(batches + lhs_kept, static_cast<int64_t>(rhs.kept.size()));

  if (theirs.kept.empty()) {
    // Nothing to sum over: an outer product.
    AxisList other_places(static_cast<size_t>(other->type().rank()));
    for (size_t i = 0; i < theirs.batch.size(); ++i)
      other_places[static_cast<size_t>(theirs.batch[i])] = mine.batch[i];
    for (size_t i = 0; i < theirs.contract.size(); ++i)
      other_places[static_cast<size_t>(theirs.contract[i])] = mine.contract[i];
    const AxisList cotangent_places = concat({&mine.batch, &mine.kept});
    return make(a.graph, Op::mul,
                {spread(a.graph, a.cotangent, cotangent_places, asked->shape()),
                 spread(a.graph, other, other_places, asked->shape())});
  }
  Places places{mine.batch, mine.kept, {}};
  AxisList pairs = axis_run(0, static_cast<int64_t>(theirs.contract.size()));
  std::ranges::sort(pairs, {}, [&](int64_t i) { return theirs.contract[static_cast<size_t>(i)]; });
  for (int64_t pair : pairs) places.contract.push_back(mine.contract[static_cast<size_t>(pair)]);
  return contracted(a.graph, a.cotangent, a.operand == 0 ? of_rhs : of_lhs, other, theirs, places);
}

Value dot_tangent(const Tangent& t) {
  const Value x = t.node->operands[0], y = t.node->operands[1];
  Value sum;
  if (t.tangents[0]) sum = make(t.graph, Op::dot, {t.tangents[0], y}, t.node->attrs);
  if (t.tangents[1]) {
    const Value second = make(t.graph, Op::dot, {x, t.tangents[1]}, t.node->attrs);
    sum = sum ? make(t.graph, Op::add, {sum, second}) : second;
  }
  return sum;
}

Value dot_batch(const Batch& b) {
  Side lhs = lhs_of(b.node->attrs, b.node->operands[0]->type().rank());
  Side rhs = rhs_of(b.node->attrs, b.node->operands[1]->type().rank());
  const auto shift = [](Side& side) {
    side.batch = shifted(side.batch, 1);
    side.contract = shifted(side.contract, 1);
  };
  if (b.batched[0]) shift(lhs);
  if (b.batched[1]) shift(rhs);
  const auto batches = static_cast<int64_t>(lhs.batch.size());
  int64_t gained = 0;  // where the result has the new axis
  if (b.batched[0] && b.batched[1]) {
    lhs.batch.insert(lhs.batch.begin(), 0);
    rhs.batch.insert(rhs.batch.begin(), 0);
  } else {
    gained = b.batched[0] ? batches : batches + static_cast<int64_t>(lhs.kept.size());
  }
  Attrs attrs = b.node->attrs;
  const Attrs axes = dot_attrs(lhs.contract, rhs.contract, lhs.batch, rhs.batch);
  for (const auto& [key, value] : axes.entries()) attrs.set(key, value);
  const Value product = make(b.graph, Op::dot, {b.operands[0], b.operands[1]}, std::move(attrs));
  return move_to_front(b.graph, product, gained);
}

// clang-format off
constexpr ArrayDef kContractions[] = {
    {.op = Op::dot, .doc = "sums of products over pairs of axes; result axes: batch, kept of x, kept of y",
     .types = DTypes::numbers,
     .type = dot_type,
     .traits = kProduct,
     .adjoint = dot_adjoint, .tangent = dot_tangent, .batch = dot_batch,
     .expansion = nullptr},
};
// clang-format on
static_assert(covers(kContractions, Family::contraction),
              "one row for each contraction line of ops.def, in the same order");

}  // namespace

Value factors_of(Graph& graph, Value node, Value of, int operand) {
  const Value asked = node->operands[static_cast<size_t>(operand)];
  const Side lhs = lhs_of(node->attrs, node->operands[0]->type().rank());
  const Side rhs = rhs_of(node->attrs, node->operands[1]->type().rank());
  const Side& mine = operand == 0 ? lhs : rhs;
  // The result has the batch axes, those that the left operand keeps, then the right one's.
  const auto batches = static_cast<int64_t>(lhs.batch.size());
  const auto lhs_kept = static_cast<int64_t>(lhs.kept.size());
  const AxisList others = operand == 0
                              ? axis_run(batches + lhs_kept, static_cast<int64_t>(rhs.kept.size()))
                              : axis_run(batches, lhs_kept);
  const Value any = reduce(graph, Op::any, of, others);
  return spread(graph, any, concat({&mine.batch, &mine.kept}), asked->shape());
}

std::span<const ArrayDef> contraction_rows() { return kContractions; }

}  // namespace thx
