// SPDX-License-Identifier: Apache-2.0
// The reverse sweep: every node hands the cotangent of its result on to its operands, by its row.
// See Note [Masks].
#include "passes/differentiate_sweep.h"

#include <algorithm>

#include "ir/needed.h"
#include "ir/structure.h"
#include "ops/axes.h"
#include "ops/build.h"
#include "ops/contraction.h"
#include "ops/control.h"
#include "passes/differentiate_norm.h"

namespace thx::reverse {
namespace {

/// Whether the product of 0 and the partial is 0 whatever the operands are: constants, and choices
/// between them.
bool is_tame(const Formula& partial) {
  std::vector<bool> tame;
  for (int i = 0; i < partial.count; ++i) {
    const Formula::Step& step = partial.steps[static_cast<size_t>(i)];
    bool all = step.kind == Formula::Kind::constant;
    if (step.kind == Formula::Kind::apply && (traits_of(step.op) & kSelects))
      all = tame[static_cast<size_t>(step.args[1])] && tame[static_cast<size_t>(step.args[2])];
    tame.push_back(all);
  }
  return tame.back();
}

/// Whether the partial is a choice between constants: the slope of an operator that selects.
bool is_chosen(const Formula& partial) {
  const Formula::Step& last = partial.steps[static_cast<size_t>(partial.count) - 1];
  return last.kind == Formula::Kind::apply && is_tame(partial);
}

class Sweep {
 public:
  Sweep(Graph& graph, std::span<const Value> targets, std::span<const Value> constants,
        std::span<const Seed> seeds, Session& session, bool keeps_masks)
      : graph_(graph),
        session_(session),
        keeps_masks_(keeps_masks),
        needed_(graph, values_of(seeds)),
        active_(needed_.in_order().size()),
        constant_(active_.size()),
        pending_(active_.size()),
        arrived_(active_.size()) {
    for (Value value : constants)
      if (needed_.has(value)) constant_[index(value)] = true;
    for (Value value : targets)
      if (needed_.has(value)) active_[index(value)] = true;
    const std::vector<Value>& order = needed_.in_order();
    for (size_t i = 0; i < order.size(); ++i)
      active_[i] = active_[i] ||
                   (!constant_[i] && std::ranges::any_of(order[i]->operands, [&](Value operand) {
                     return active_[index(operand)];
                   }));
    for (const Seed& seed : seeds) send(seed.value, seed.cotangent);
  }

  void run() {
    const std::vector<Value>& order = needed_.in_order();
    for (size_t i = order.size(); i-- > 0;) {
      const int before = graph_.size();
      visit(order[i]);
      SpanSet spans = graph_.spans(order[i]);
      spans.insert(session_.spans);
      for (int id = before; id < graph_.size(); ++id) graph_.add_spans(graph_.at(id), spans);
    }
  }

  Cotangent arrived(Value target) const {
    return needed_.has(target) ? arrived_[index(target)] : Cotangent{};
  }

 private:
  using Values = std::vector<Value>;

  static Values values_of(std::span<const Seed> seeds) {
    Values values;
    for (const Seed& seed : seeds) values.push_back(seed.value);
    return values;
  }

  size_t index(Value value) const { return needed_.place(value); }

  bool wants(Value operand) const { return active_[index(operand)] && is_float(operand->dtype()); }

  /// Adds to what `to` has. Users are visited in descending order, so the newest comes first.
  void send(Value to, Cotangent cotangent) {
    if (!cotangent.value || !wants(to)) return;
    cotangent.value = cast(graph_, cotangent.value, to->dtype());
    pending_[index(to)].push_back(cotangent);
  }

  /// The sum of what users have sent, in the order of their ids.
  Cotangent collect(Value node) {
    std::vector<Cotangent> parts = std::move(pending_[index(node)]);
    pending_[index(node)] = {};
    if (parts.empty()) return {};
    Cotangent total = parts.back();
    for (size_t i = parts.size() - 1; i-- > 0;) {
      total.value = sum_of(graph_, total.value, parts[i].value);
      total.mask = either(graph_, total.mask, parts[i].mask);
      total.reach = either(graph_, total.reach, parts[i].reach);
    }
    return total;
  }

  Value both(Value a, Value b) {
    if (!a || !b) return a ? a : b;
    return a == b ? a : node::bit_and(graph_, a, b);
  }
  Value zero_like(Value value) { return constant_like(graph_, value, 0); }

  void visit(Value node) {
    if (!active_[index(node)]) return;
    if (!node->regions.empty()) return visit_control(node);
    const Cotangent cotangent = collect(node);
    if (!cotangent.value) return;
    arrived_[index(node)] = cotangent;
    if (constant_[index(node)]) return;
    switch (node->family()) {
      case Family::elementwise: return visit_elementwise(node, cotangent);
      case Family::reduction: return visit_reduction(node, cotangent);
      case Family::view: return visit_moves(node, cotangent, view(node->op).adjoint);
      case Family::placement: return visit_placement(node, cotangent);
      case Family::cumulative: return visit_moves(node, cotangent, cumulative(node->op).adjoint);
      case Family::indexing: return visit_moves(node, cotangent, array(node->op).adjoint);
      case Family::contraction: return visit_contraction(node, cotangent);
      case Family::composite: return visit_composite(node, cotangent);
      case Family::control: return visit_transparent(node, cotangent);
      case Family::source: return;
    }
  }

  void visit_elementwise(Value node, const Cotangent& cotangent) {
    const ElementwiseDef& row = elementwise(node->op);
    if (row.grad.kind == Gradient::Kind::piecewise_constant) return;
    if (row.grad.kind == Gradient::Kind::refused)
      return report_refused(node, row.grad.why, session_);
    if (is_choice(node)) return visit_choice(node, cotangent);
    Value variables[4] = {};
    std::ranges::copy(node->operands, variables);
    variables[3] = node;
    for (size_t i = node->operands.size(); i-- > 0;) {
      if (!wants(node->operands[i])) continue;
      const Formula& partial = row.grad.partial[i];
      Value product = scale(graph_, cotangent.value, partial, variables);
      Value mask = both(cotangent.mask, cotangent.reach);
      if (is_norm(node)) mask = both(mask, node::not_equal(graph_, node, zero_like(node)));
      if (mask && !is_tame(partial))
        product = node::where(graph_, mask, product, zero_like(product));
      Value reach = cotangent.reach;
      if (is_chosen(partial)) reach = both(reach, is_nonzero(partial, variables));
      send(node->operands[i], {product, cotangent.mask, reach});
    }
  }

  Value is_nonzero(const Formula& partial, std::span<const Value> variables) {
    const Value slope = build(graph_, partial, variables);
    const auto is = [&](int operand, bool zero) {
      const Scalar* constant = constant_of(slope->operands[static_cast<size_t>(operand)]);
      return constant != nullptr && (constant->as_real() == 0) == zero;
    };
    if (is_choice(slope) && is(1, false) && is(2, true)) return slope->operands[0];
    return node::not_equal(graph_, slope, zero_like(slope));
  }

  /// The operand not taken gets an exact 0, and upstream of it nothing else may come of it.
  void visit_choice(Value node, const Cotangent& cotangent) {
    const Value condition = node->operands[0];
    const Value value = cotangent.value, zero = zero_like(value);
    if (wants(node->operands[2]))
      send(node->operands[2],
           {node::where(graph_, condition, zero, value),
            both(cotangent.mask, node::bit_not(graph_, condition)), cotangent.reach});
    if (wants(node->operands[1]))
      send(node->operands[1], {node::where(graph_, condition, value, zero),
                               both(cotangent.mask, condition), cotangent.reach});
  }

  void visit_reduction(Value node, const Cotangent& cotangent) {
    const Value operand = node->operands[0];
    if (!wants(operand)) return;
    const ReductionDef& row = reduction(node->op);
    Value value = row.adjoint({graph_, node, cotangent.value, 0});
    Value mask;
    if (cotangent.mask) {
      mask =
          broadcast_reduced(graph_, cotangent.mask, operand->shape(), axes_of(node->attrs, "axes"));
      if (row.tangent != linear_tangent) value = node::where(graph_, mask, value, zero_like(value));
    }
    send(operand, {value, mask});
  }

  /// Views and indexing move elements and add them up.
  void visit_moves(Value node, const Cotangent& cotangent, AdjointFn adjoint) {
    for (size_t i = node->operands.size(); i-- > 0;) {
      const Value operand = node->operands[i];
      if (!wants(operand)) continue;
      const auto place = static_cast<int>(i);
      Value mask;
      if (cotangent.mask && (keeps_masks_ || operand->family() != Family::source)) {
        const Value ones = cast(graph_, cotangent.mask, operand->dtype());
        mask = is_counted(adjoint({graph_, node, ones, place}));
      }
      send(operand, {adjoint({graph_, node, cotangent.value, place}), mask});
    }
  }

  /// The adjoint of a mask counts how many elements that matter an element went to.
  Value is_counted(Value count) { return node::not_equal(graph_, count, zero_like(count)); }

  void visit_placement(Value node, const Cotangent& cotangent) {
    const AdjointsFn adjoints = placement(node->op).adjoints;
    std::vector<bool> wanted, masked;
    for (const Value operand : node->operands) {
      wanted.push_back(wants(operand));
      masked.push_back(wanted.back() && cotangent.mask &&
                       (keeps_masks_ || operand->family() != Family::source));
    }
    Values counts(wanted.size());
    if (cotangent.mask)
      counts = adjoints(graph_, node, cast(graph_, cotangent.mask, node->dtype()), masked);
    const Values values = adjoints(graph_, node, cotangent.value, wanted);
    for (size_t i = wanted.size(); i-- > 0;)
      if (wanted[i])
        send(node->operands[i], {values[i], counts[i] ? is_counted(counts[i]) : Value{}});
  }

  /// An element counts where it is a factor of one that does. A factor that is of none takes no
  /// part: 0 * inf is no 0.
  void visit_contraction(Value node, const Cotangent& cotangent) {
    Value factors[2] = {}, operands[2] = {node->operands[0], node->operands[1]};
    for (int i = 0; cotangent.mask && i < 2; ++i) {
      factors[i] = factors_of(graph_, node, cotangent.mask, i);
      operands[i] = node::where(graph_, factors[i], operands[i], zero_like(operands[i]));
    }
    const Value masked = cotangent.mask ? make(graph_, node->op, operands, node->attrs) : node;
    for (int i = 2; i-- > 0;) {
      const Value operand = node->operands[static_cast<size_t>(i)];
      if (!wants(operand)) continue;
      Value value = array(node->op).adjoint({graph_, masked, cotangent.value, i});
      if (factors[i]) value = node::where(graph_, factors[i], value, zero_like(value));
      send(operand, {value, factors[i]});
    }
  }

  /// A row counts as a whole.
  void visit_composite(Value node, const Cotangent& cotangent) {
    for (size_t i = node->operands.size(); i-- > 0;) {
      const Value operand = node->operands[i];
      if (!wants(operand)) continue;
      Value value = array(node->op).adjoint({graph_, node, cotangent.value, static_cast<int>(i)});
      Value mask = cotangent.mask;
      if (mask && value) {
        const int64_t axes[] = {node->attrs.integer("axis")};
        if (mask->shape() == operand->shape()) mask = node::any(graph_, mask, axes);
        mask = broadcast_reduced(graph_, mask, operand->shape(), axes);
        value = node::where(graph_, mask, value, zero_like(value));
      }
      send(operand, {value, mask});
    }
  }

  /// A mark hands on what it gets; a result keeps it for its node.
  void visit_transparent(Value node, const Cotangent& cotangent) {
    const Value operand = node->operands[0];
    if (!is_result(node)) return send(operand, cotangent);
    std::vector<Cotangent>& results = results_[operand.node];
    results.resize(operand->types.size());
    results[result_index(node)] = cotangent;
  }

  void visit_control(Value node) {
    const auto found = results_.find(node.node);
    if (found == results_.end()) return;
    std::vector<bool> wanted;
    for (Value operand : node->operands) wanted.push_back(wants(operand));
    const std::vector<Cotangent> cotangents =
        control_adjoint(graph_, node, found->second, wanted, session_);
    for (size_t i = node->operands.size(); i-- > 0;) send(node->operands[i], cotangents[i]);
  }

  Graph& graph_;
  Session& session_;
  const bool keeps_masks_;      // of targets that are parameters
  const NeededNodes needed_;    // by the seeds: the places of what follows
  std::vector<bool> active_;    // needs a target
  std::vector<bool> constant_;  // nothing flows through
  std::vector<std::vector<Cotangent>> pending_;
  std::vector<Cotangent> arrived_;
  std::unordered_map<const Node*, std::vector<Cotangent>> results_;  // of nodes with several
};

/// Whether the value is 0 but for what is placed in it or scattered to it; `first`: its base.
bool is_part_of_zeros(Value value) {
  const bool places = value->family() == Family::placement && value->operands.size() == 2 &&
                      value->operands[0]->shape() == value->shape() && value->attrs.has("starts");
  if (!places && !(is_scatter(*value) && adds(*value))) return false;
  const Scalar* base = constant_of(value->operands[0]);
  return base != nullptr && base->as_real() == 0;
}

/// `base` with the part of `part` added where it is.
Value added_to_part(Graph& graph, Value base, Value part) {
  std::vector<Value> operands = part->operands;
  operands[0] = base;
  if (part->family() == Family::placement) {
    const Value there = slice(graph, base, part->attrs.shape("starts"), part->attrs.ints("steps"),
                              part->operands[1]->shape());
    operands[1] = node::add(graph, there, part->operands[1]);
  }
  return make(graph, part->op, operands, part->attrs);
}

}  // namespace

Value sum_of(Graph& graph, Value a, Value b) {
  if (is_part_of_zeros(b)) return added_to_part(graph, a, b);
  if (is_part_of_zeros(a)) return added_to_part(graph, b, a);
  return node::add(graph, a, b);
}

Value either(Graph& graph, Value a, Value b) {
  if (!a || !b) return {};
  return a == b ? a : node::bit_or(graph, a, b);
}

void report_refused(Value node, std::string_view why, Session& session) {
  session.failed = true;
  session.diagnostics
      .report({Err::grad_undefined, session.spans.first(),
               format("{} has no derivative: {}", name_of(node->op), why)})
      .label(node->graph->spans(node).first(), "the gradient goes through here");
}

std::vector<bool> dependents(const Graph& graph, std::span<const Value> sources,
                             std::span<const Value> constants) {
  std::vector<bool> depends(static_cast<size_t>(graph.size()));
  std::vector<bool> fixed(constants.empty() ? 0 : depends.size());
  for (Value constant : constants) fixed[static_cast<size_t>(constant->id)] = true;
  for (Value source : sources) depends[static_cast<size_t>(source->id)] = true;
  int first = graph.size();  // users come later
  for (Value source : sources) first = std::min(first, source->id);
  for (int id = first; id < graph.size(); ++id) {
    if (!fixed.empty() && fixed[static_cast<size_t>(id)]) continue;
    for (Value operand : graph.at(id)->operands)
      if (depends[static_cast<size_t>(operand->id)]) depends[static_cast<size_t>(id)] = true;
  }
  return depends;
}

std::vector<Value> sweep(Graph& graph, std::span<const Seed> seeds, std::span<const Value> targets,
                         Session& session, std::span<const Value> constants) {
  Sweep reverse(graph, targets, constants, seeds, session, false);
  reverse.run();
  std::vector<Value> cotangents;
  for (Value target : targets) cotangents.push_back(reverse.arrived(target).value);
  return cotangents;
}

std::vector<Cotangent> sweep_masked(Graph& graph, std::span<const Seed> seeds,
                                    std::span<const Value> targets, Session& session) {
  Sweep reverse(graph, targets, {}, seeds, session, true);
  reverse.run();
  std::vector<Cotangent> cotangents;
  for (Value target : targets) cotangents.push_back(reverse.arrived(target));
  return cotangents;
}

// Note [Masks]
// `where(x > 0, log(x), 0)` has the cotangent 0 at the log where x is 0, and 0 * (1 / 0) is NaN:
// the branch not taken would leak. So a cotangent carries the mask outside which it is exactly 0,
// and a product with a partial that may be infinite is chosen by the mask.
// - maximum, minimum, clip and relu choose too, by a slope of 0: minimum(exp(x), 5) has no slope
//   where exp overflows. What they do not reach is known to the elementwise operators right above,
//   and to no others: a mask on the products of a dense layer with relu would cost more than it.
// - Views, indexing, reductions keep elements apart, or count which ones an element goes to.
// - A row of a composite counts as a whole.
// - A contraction has no element of its own for each product: an element counts where it is a
// factor
//   of a result that counts, and other factors are 0 instead of what they are. A factor that is inf
//   or NaN and belongs to a result that counts and to one that does not still spoils both. But then
//   a result that counts is inf or NaN itself: it is not the branch not taken that leaks.
// - Nodes with regions take masks along as further parameters and results. A loop carries masks
//   where one arrives from outside or a choice within makes one, see differentiate_scan.cpp.
// - A call's own gradient keeps masks where it takes each element for itself; otherwise all that
//   comes of it counts, or nothing where nothing of the cotangents does.
// Masks that nothing reads cost nothing.

}  // namespace thx::reverse
