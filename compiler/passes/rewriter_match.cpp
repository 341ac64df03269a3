// SPDX-License-Identifier: Apache-2.0
// Matching of operators, variables, axes and products; sums are in rewriter_match_sum.cpp.
#include "passes/rewriter_match.h"

#include <algorithm>
#include <cmath>

#include "ir/structure.h"
#include "ops/build.h"

namespace thx {
namespace {

/// Whether the squares of both are equal but for the rounding of the numbers that scale them.
bool have_equal_squares(Value a, Value b, double scale_of_b) {
  const Scaled left = without_factor(a), right = without_factor(b);
  if (!same_value(left.base, right.base, 1) && !same_value(left.base, right.base, -1)) return false;
  const double unit = a->dtype() == DType::f32 ? 0x1p-23 : 0x1p-52;
  const double ratio = std::fabs(left.factor / (right.factor * scale_of_b));
  return std::fabs(ratio - 1) <= 2 * unit;
}

/// Whether `value` reads elements of op(u): exp(z)[i] is as good as exp(z[i]).
bool is_read_of(Op op, Value value) {
  return is_gather(*value) && value->operands[0]->op == op &&
         family_of(op) == Family::elementwise && info(op).operands == 1;
}

/// The elements of u that such a value reads.
Value read_below(Graph& graph, Value value) {
  std::vector<Value> operands = value->operands;
  operands[0] = operands[0]->operands[0];
  const Type type = value->type().with(operands[0]->dtype());
  return graph.intern({value->op, {type}, std::move(operands), value->attrs, {}});
}

}  // namespace

std::optional<Match> Matcher::at(Value value, const TermView& view) {
  const Pattern::Part& root = pattern_.root_part();
  if (root.kind == Pattern::Kind::apply) return application(root, value) ? done() : std::nullopt;
  const bool is_sum = root.kind == Pattern::Kind::sum;
  if ((view.ops() & pattern_.needs) != pattern_.needs) return std::nullopt;
  const auto has_one = [&](const OpSet& ops) { return (view.ops() & ops).any(); };
  if (!std::ranges::all_of(pattern_.needs_one_of, has_one)) return std::nullopt;
  const bool partial = pattern_.rule->matching == Matching::algebraic;
  Terms terms{.part = root, .view = view, .partial = partial, .is_root = true};
  terms.taken.resize(view.items().size());
  if (is_sum) {
    if (!start_sum(terms, true) || !sum_terms(terms, 0)) return std::nullopt;
    match_.scale = terms.scale;
    match_.takes_constant = root.number != 0 || terms.constant != 0;
  } else {
    if (!factors(terms, 0)) return std::nullopt;
    if (!partial && view.constant() != root.number) return std::nullopt;
    match_.scale = terms.factor / root.number;
  }
  for (size_t i = 0; i < terms.taken.size(); ++i)
    if (terms.taken[i]) match_.taken.push_back(static_cast<int>(i));
  match_.takes_all = match_.taken.size() == view.leaves().size();
  return done();
}

std::optional<Match> Matcher::below_root(Value operand) {
  return part(pattern_.root_part().operands[0], operand) ? done() : std::nullopt;
}

std::optional<Match> Matcher::done() {
  // 0.3 * square(x) is the square of nothing that the rule could name without rounding.
  const auto is_open = [](double scale) { return scale != 0 && scale != 1; };
  if (std::ranges::any_of(match_.root_scale, is_open)) return std::nullopt;
  failed_guard_ = !is_guarded();
  if (failed_guard_) return std::nullopt;
  return std::move(match_);
}

bool Matcher::part(int index, Value value) {
  const Pattern::Part& part = pattern_.part(index);
  double scale = 1;
  if (is_square(part)) {
    const Scaled square = without_factor(value);
    if (square.factor > 0 && square.base->op == part.op) return scaled_square(part, square);
  }
  if (part.kind == Pattern::Kind::apply && value->op != part.op) {
    // 2 * (0.5 * a) is a.
    const Scaled scaled = without_factor(value);
    if (scaled.factor == 1) value = scaled.base;
  }
  switch (part.kind) {
    case Pattern::Kind::variable: return variable(part, value);
    case Pattern::Kind::constant: {
      const Scalar* constant = constant_of(value);
      return constant != nullptr && constant->as_real() == part.number &&
             std::signbit(constant->as_real()) == std::signbit(part.number);
    }
    case Pattern::Kind::apply: return application(part, value);
    case Pattern::Kind::keep:
      return value->family() == Family::view && kept(part, value, {1, value->operands[0]});
    case Pattern::Kind::sum: return sum(part, value, false, scale);
    case Pattern::Kind::product: return product(part, value, scale) && scale == 1;
  }
  return false;
}

bool Matcher::variable(const Pattern::Part& part, Value value) {
  Value& bound = match_.bound[static_cast<size_t>(part.index)];
  double& root_scale = match_.root_scale[static_cast<size_t>(part.index)];
  // Other orders of a sum round differently, and -(a - b) is -0 where b - a is 0.
  const bool is_exact = pattern_.rule->cls == RuleClass::exact;
  if (bound && root_scale == 0) return is_exact ? bound == value : same_value(bound, value);
  if (bound && !have_equal_squares(value, bound, root_scale)) return false;
  bound = value;
  root_scale = 0;
  return true;
}

bool Matcher::is_square(const Pattern::Part& part) const {
  if (part.kind != Pattern::Kind::apply || part.operands.size() != 1) return false;
  if (family_of(part.op) != Family::elementwise) return false;
  const Traits traits = traits_of(part.op);
  return (traits & kProduct) != 0 && (traits & kEven) != 0 &&
         pattern_.part(part.operands[0]).kind == Pattern::Kind::variable;
}

/// 0.5 * square(u) is the square of sqrt(0.5) * u and of its negative.
bool Matcher::scaled_square(const Pattern::Part& part, const Scaled& square) {
  const auto index = static_cast<size_t>(pattern_.part(part.operands[0]).index);
  const Value root = square.base->operands[0];
  const double scale = std::sqrt(square.factor);
  match_.nodes.push_back(square.base);
  if (match_.bound[index]) return have_equal_squares(match_.bound[index], root, scale);
  match_.bound[index] = root;
  match_.root_scale[index] = scale;
  return true;
}

bool Matcher::application(const Pattern::Part& part, Value value) {
  if (is_read_of(part.op, value)) {
    match_.nodes.push_back(value);
    return this->part(part.operands[0], read_below(graph_, value));
  }
  if (value->op != part.op) return false;
  match_.nodes.push_back(value);
  const bool binds = value->family() == Family::reduction || value->family() == Family::composite;
  if (binds && !bind_axes(value)) return false;
  const bool commutes = value->operands.size() == 2 && (traits_of(value->op) & kCommutative) != 0;
  if (!commutes) return operands(part, value, false);
  const Mark before = mark();
  if (operands(part, value, false)) return true;
  return_to(before);
  return operands(part, value, true);
}

bool Matcher::operands(const Pattern::Part& part, Value value, bool swapped) {
  const size_t count = part.operands.size();
  for (size_t i = 0; i < count; ++i)
    if (!this->part(part.operands[i], value->operands[swapped ? count - 1 - i : i])) return false;
  return true;
}

bool Matcher::bind_axes(Value value) {
  AxisList axes = value->family() == Family::composite ? AxisList{value->attrs.integer("axis")}
                                                       : value->attrs.ints("axes");
  if (value->attrs.has("order") && value->attrs.word("order") != "any") return false;
  if (pattern_.needs_axes && axes.empty()) return false;
  const Shape& shape = value->operands[0]->shape();
  if (match_.has_axes) return match_.axes == axes && match_.reduced_from == shape;
  match_.axes = std::move(axes);
  match_.reduced_from = shape;
  match_.has_axes = true;
  return true;
}

bool Matcher::kept(const Pattern::Part& part, Value value, const Scaled& reduced) {
  if (value->family() != Family::view || !value->attrs.has("axes")) return false;
  if (!this->part(part.operands[0], reduced.base) || !match_.has_axes) return false;
  match_.nodes.push_back(value);
  return value->shape() == match_.reduced_from &&
         value->attrs.ints("axes") == kept_axes(value->type().rank(), match_.axes);
}

bool Matcher::is_possible(const Pattern::Part& part, Value value) const {
  switch (part.kind) {
    case Pattern::Kind::apply: return value->op == part.op || is_read_of(part.op, value);
    case Pattern::Kind::keep: return value->family() == Family::view;
    case Pattern::Kind::sum: return part_of(*value, ViewKind::sum).inner;
    case Pattern::Kind::product: return part_of(*value, ViewKind::product).inner;
    default: return true;
  }
}

// 2 * x where x stands for -u: -2 * u.
bool Matcher::is_multiple_of_bound(const Pattern::Part& part, Value value) const {
  if (part.operands.size() != 1 || part.signs[0] < 0) return false;
  const Pattern::Part& operand = pattern_.part(part.operands[0]);
  if (operand.kind != Pattern::Kind::variable) return false;
  const Value bound = match_.bound[static_cast<size_t>(operand.index)];
  if (!bound) return false;
  const Scaled wanted = without_factor(bound), found = without_factor(value);
  return found.factor == part.number * wanted.factor && same_value(found.base, wanted.base);
}

bool Matcher::product(const Pattern::Part& part, Value value, double& factor) {
  if (is_multiple_of_bound(part, value)) {
    factor = 1;
    return true;
  }
  if (!part_of(*value, ViewKind::product).inner) return false;
  const TermView view(ViewKind::product, value);
  Terms terms{.part = part, .view = view, .partial = false, .is_root = false};
  terms.taken.resize(view.items().size());
  if (!factors(terms, 0)) return false;
  factor = terms.factor * (terms.absorbed ? 1 : view.constant()) / part.number;
  match_.nodes.push_back(value);
  return true;
}

bool Matcher::factors(Terms& terms, size_t next) {
  const auto& leaves = terms.view.leaves();
  if (next == terms.part.operands.size()) {
    return terms.partial || terms.absorbed || std::ranges::all_of(leaves, [&](int leaf) {
             return terms.taken[static_cast<size_t>(leaf)];
           });
  }
  const int index = terms.part.operands[next];
  const Pattern::Part& part = pattern_.part(index);
  if (part.kind == Pattern::Kind::variable) return factor_variable(terms, next);
  for (const int leaf : leaves) {
    if (!may_go_on(1)) return false;
    const TermView::Item& item = terms.view.item(leaf);
    if (terms.taken[static_cast<size_t>(leaf)] || !is_possible(part, item.value)) continue;
    // Signs, numbers and reciprocals move below broadcasts.
    const bool keep = part.kind == Pattern::Kind::keep;
    const Scaled reduced = keep ? without_factor_or_line(item.value->operands[0]) : Scaled{};
    if (item.sign * reduced.exponent != terms.part.signs[next]) continue;
    if (!may_go_on(kStepsOfTrial)) return false;
    const Mark before = mark();
    const double factor_before = terms.factor;
    double scale = reduced.factor;
    if (keep ? kept(part, item.value, reduced) : factor(index, item.value, scale)) {
      terms.taken[static_cast<size_t>(leaf)] = true;
      terms.factor = item.sign > 0 ? terms.factor * scale : terms.factor / scale;
      if (factors(terms, next + 1)) return true;
      terms.taken[static_cast<size_t>(leaf)] = false;
    }
    terms.factor = factor_before;
    return_to(before);
  }
  return false;
}

bool Matcher::factor(int index, Value value, double& scale) {
  const Pattern::Part& part = pattern_.part(index);
  if (part.kind == Pattern::Kind::sum) return sum(part, value, true, scale);
  return this->part(index, value);
}

bool Matcher::factor_variable(Terms& terms, size_t next) {
  const Pattern::Part& part = pattern_.part(terms.part.operands[next]);
  const bool bound = static_cast<bool>(match_.bound[static_cast<size_t>(part.index)]);
  if (!bound && !terms.is_root) {
    return terms.part.signs[next] > 0 && absorb(terms, part.index, false, true) &&
           factors(terms, next + 1);
  }
  for (const int leaf : terms.view.leaves()) {
    const TermView::Item& item = terms.view.item(leaf);
    if (terms.taken[static_cast<size_t>(leaf)] || item.sign != terms.part.signs[next]) continue;
    if (!may_go_on(kStepsOfTrial)) return false;
    const Mark before = mark();
    if (variable(part, item.value)) {
      terms.taken[static_cast<size_t>(leaf)] = true;
      if (factors(terms, next + 1)) return true;
      terms.taken[static_cast<size_t>(leaf)] = false;
    }
    return_to(before);
  }
  return bound && !terms.is_root && terms.part.signs[next] > 0 &&
         take_bound_rest(terms, match_.bound[static_cast<size_t>(part.index)]) &&
         factors(terms, next + 1);
}

/// Whether all factors that are left are those of `bound`, which they then stand for.
bool Matcher::take_bound_rest(Terms& terms, Value bound) {
  const TermView wanted(ViewKind::product, bound);
  if (wanted.constant() != terms.view.constant()) return false;
  std::vector<bool> taken = terms.taken;
  for (const int index : wanted.leaves()) {
    const TermView::Item& factor = wanted.item(index);
    const auto leaf = std::ranges::find_if(terms.view.leaves(), [&](int at) {
      const TermView::Item& item = terms.view.item(at);
      return !taken[static_cast<size_t>(at)] && item.sign == factor.sign &&
             same_value(item.value, factor.value);
    });
    if (leaf == terms.view.leaves().end()) return false;
    taken[static_cast<size_t>(*leaf)] = true;
  }
  if (!std::ranges::all_of(terms.view.leaves(),
                           [&](int leaf) { return taken[static_cast<size_t>(leaf)]; }))
    return false;
  terms.taken = std::move(taken);
  terms.absorbed = true;
  return true;
}

bool Matcher::absorb(Terms& terms, int variable, bool negate, bool with_constant) {
  const auto& items = terms.view.items();
  std::vector<LeafEdit> edits(items.size());
  for (size_t i = 0; i < items.size(); ++i)
    if (terms.taken[i] || (items[i].constant != nullptr && !with_constant))
      edits[i].kind = LeafEdit::Kind::remove;
  const Value rest = write_back(graph_, terms.view, edits, negate);
  if (!rest) return false;
  match_.bound[static_cast<size_t>(variable)] = rest;
  terms.absorbed = true;
  return true;
}

}  // namespace thx
