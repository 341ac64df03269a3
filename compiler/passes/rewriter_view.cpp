// SPDX-License-Identifier: Apache-2.0
// Reads and writes back sums and products.
#include "passes/rewriter_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/build.h"

namespace thx {

namespace {

Part part_of(Op op, bool unary, ViewKind kind) {
  if (family_of(op) != Family::elementwise) return {};
  const Traits traits = traits_of(op);
  const bool inverts = (traits & kNegated) != 0;
  if (kind == ViewKind::sum) {
    const bool inner = (traits & kSum) != 0;
    return {inner, inner && inverts, false};
  }
  if ((traits & kSum) != 0) return {unary && inverts, false, true};
  // A square is no inner node: its one operand would count twice.
  return {(traits & kProduct) != 0 && (!unary || inverts), inverts, false};
}

/// All that there are: each node of a long sum or product is looked at in many views.
struct Parts {
  std::array<Part, static_cast<size_t>(kOpCount)> of[2][2];  // by kind, and whether unary

  Parts() {
    for (const ViewKind kind : {ViewKind::sum, ViewKind::product})
      for (const bool unary : {false, true})
        for (size_t i = 0; i < static_cast<size_t>(kOpCount); ++i)
          of[static_cast<size_t>(kind)][unary ? 1 : 0][i] = part_of(kOps[i].op, unary, kind);
  }
};

}  // namespace

Part part_of(const Node& node, ViewKind kind) {
  static const Parts parts;
  const bool unary = node.operands.size() == 1;
  return parts.of[static_cast<size_t>(kind)][unary ? 1 : 0][static_cast<size_t>(node.op)];
}

void TermView::read(ViewKind kind, Value root) {
  kind_ = kind;
  items_.clear();
  leaves_.clear();
  has_ops_ = false;
  items_.reserve(16);
  leaves_.reserve(16);
  constant_ = kind == ViewKind::sum ? 0 : 1;
  items_.push_back({.value = root});
  const int most_leaves = root->graph->size() < kLargeGraph ? kMaxLeaves : kMaxLeavesOfLarge;
  std::array<int, kMaxLeaves> open = {0};
  size_t opened = 1;
  int count = 1;  // of leaves, the open items counted as one each
  while (opened > 0) {
    const int index = open[--opened];
    const Item item = items_[static_cast<size_t>(index)];
    const Part part = part_of(*item.value, kind);
    const int operands = static_cast<int>(item.value->operands.size());
    if (!part.inner || count + operands - 1 > most_leaves) {
      settle(index);
      continue;
    }
    count += operands - 1;
    expand(index);
    const Item& expanded = items_[static_cast<size_t>(index)];
    if (expanded.right >= 0) open[opened++] = expanded.right;
    open[opened++] = expanded.left;
  }
}

void TermView::expand(int index) {
  const Value value = items_[static_cast<size_t>(index)].value;
  const int8_t sign = items_[static_cast<size_t>(index)].sign;
  const Part part = part_of(*value, kind_);
  const size_t count = value->operands.size();
  const int first = static_cast<int>(items_.size());
  for (size_t i = 0; i < count; ++i) {
    const bool inverted = part.inverts && i + 1 == count;
    items_.push_back(
        {.value = value->operands[i], .sign = static_cast<int8_t>(inverted ? -sign : sign)});
  }
  Item& item = items_[static_cast<size_t>(index)];
  item.flips = part.flips;
  if (part.flips) constant_ = -constant_;
  item.left = first;
  item.right = count == 2 ? first + 1 : -1;
}

const OpSet& TermView::ops() const {
  if (has_ops_) return ops_;
  ops_.reset();
  for (const int leaf : leaves_) {
    const Value value = item(leaf).value;
    ops_.set(static_cast<size_t>(value->op));
    ops_.set(static_cast<size_t>(without_factor(value).base->op));
  }
  has_ops_ = true;
  return ops_;
}

void TermView::settle(int index) {
  Item& item = items_[static_cast<size_t>(index)];
  item.constant = constant_of(item.value);
  if (item.constant == nullptr) {
    leaves_.push_back(index);
    return;
  }
  const double number = item.constant->as_real();
  if (kind_ == ViewKind::sum) {
    constant_ += item.sign * number;
  } else {
    constant_ = item.sign > 0 ? constant_ * number : constant_ / number;
  }
}

namespace {

/// A part of a view being written back.
struct Written {
  Value value;  // null: nothing is left
  int8_t sign = 1;
  bool negative = false;  // products only
  bool changed = false;
  /// Below the line: divisors of their own. The product of what was divided by one after the other
  /// may overflow where no quotient does.
  std::vector<Value> more = {};
};

class Writer {
 public:
  Writer(Graph& graph, const TermView& view, std::span<const LeafEdit> edits, bool negate)
      : graph_(graph), view_(view), edits_(edits), negate_(negate) {}

  Value run() {
    const auto& items = view_.items();
    std::vector<Written> written(items.size());
    for (size_t i = items.size(); i-- > 0;) {
      const TermView::Item& item = items[i];
      written[i] = item.is_leaf() ? leaf(i) : inner(item, written);
    }
    return finished(written[0]);
  }

 private:
  Written leaf(size_t index) const {
    const TermView::Item& item = view_.items()[index];
    const LeafEdit edit = edits_.empty() ? LeafEdit{} : edits_[index];
    const auto turned = static_cast<int8_t>(negate_ ? -1 : 1);
    switch (edit.kind) {
      case LeafEdit::Kind::keep:
        return {item.value, static_cast<int8_t>(item.sign * turned), false, negate_};
      case LeafEdit::Kind::remove: return {{}, 1, false, true};
      case LeafEdit::Kind::replace: break;
    }
    if (view_.kind() == ViewKind::product) return {edit.value, 1, edit.sign < 0, true};
    return {edit.value, static_cast<int8_t>(edit.sign * turned), false, true};
  }

  Written inner(const TermView::Item& item, const std::vector<Written>& written) {
    Written left = written[static_cast<size_t>(item.left)];
    if (item.right < 0) {
      if (!left.changed) return {item.value, item.sign, false, false};
      if (item.flips) left.negative = !left.negative;
      return left;
    }
    const Written right = written[static_cast<size_t>(item.right)];
    if (!left.changed && !right.changed) return {item.value, item.sign, false, false};
    if (view_.kind() == ViewKind::sum) return sum(left, right);
    const bool multiplies_below = item.sign < 0 && !part_of(*item.value, view_.kind()).inverts;
    return product(left, right, multiplies_below);
  }

  Written sum(Written a, Written b) {
    if (!a.value || !b.value) return changed(a.value ? a : b);
    if (a.sign > 0 && b.sign < 0) return {node::sub(graph_, a.value, b.value), 1, false, true};
    if (a.sign < 0 && b.sign > 0) return {node::sub(graph_, b.value, a.value), 1, false, true};
    return {node::add(graph_, a.value, b.value), a.sign, false, true};
  }

  Written product(Written a, Written b, bool multiplies_below) {
    const bool negative = a.negative != b.negative;
    if (is_unit(a)) a.value = {};
    if (is_unit(b)) b.value = {};
    if (!a.value || !b.value) {
      Written only = a.value ? a : b;
      only.negative = negative;
      return changed(std::move(only));
    }
    if (a.sign > 0 && b.sign < 0) return {over(a.value, b), 1, negative, true};
    if (a.sign < 0 && b.sign > 0) return {over(b.value, a), 1, negative, true};
    if (a.sign > 0) return {node::mul(graph_, a.value, b.value), 1, negative, true};
    std::vector<Value> more = std::move(a.more);
    if (!multiplies_below) more.push_back(b.value);
    more.insert(more.end(), b.more.begin(), b.more.end());
    const Value value = multiplies_below ? node::mul(graph_, a.value, b.value) : a.value;
    return {value, -1, negative, true, std::move(more)};
  }

  /// `value` over what is below the line.
  Value over(Value value, const Written& below) {
    Value quotient = node::div(graph_, value, below.value);
    for (const Value each : below.more) quotient = node::div(graph_, quotient, each);
    return quotient;
  }

  static Written changed(Written written) {
    written.changed = true;
    return written;
  }

  static bool is_unit(const Written& written) {
    if (!written.value) return false;
    const Scalar* constant = constant_of(written.value);
    return constant != nullptr && constant->as_real() == 1;
  }

  Value finished(const Written& root) {
    if (!root.value) return {};
    if (view_.kind() == ViewKind::sum)
      return root.sign > 0 ? root.value : node::neg(graph_, root.value);
    Value value = root.sign > 0 ? root.value : node::reciprocal(graph_, root.value);
    for (const Value each : root.more) value = node::div(graph_, value, each);
    return root.negative ? negated(graph_, value) : value;
  }

  Graph& graph_;
  const TermView& view_;
  std::span<const LeafEdit> edits_;
  bool negate_;
};

/// Takes one sign or number off; false where there is none.
bool take_factor(Scaled& scaled, bool through_reciprocals) {
  const Node& node = *scaled.base;
  const Part part = part_of(node, ViewKind::product);
  if (!part.inner) return false;
  if (node.operands.size() == 1) {
    if (!part.flips && !through_reciprocals) return false;
    if (part.flips) scaled.factor = -scaled.factor;
    if (!part.flips) scaled.exponent = -scaled.exponent;
    scaled.base = node.operands[0];
    return true;
  }
  const Scalar* left = constant_of(node.operands[0]);
  const Scalar* right = constant_of(node.operands[1]);
  if ((left == nullptr) == (right == nullptr)) return false;
  const bool turns = part.inverts && left != nullptr;
  if (turns && !through_reciprocals) return false;
  const double number = (left != nullptr ? left : right)->as_real();
  const bool above = (scaled.exponent > 0) != (part.inverts && right != nullptr);
  scaled.factor = above ? scaled.factor * number : scaled.factor / number;
  scaled.base = node.operands[left != nullptr ? 1 : 0];
  if (turns) scaled.exponent = -scaled.exponent;
  return true;
}

/// A sum in an order of its own.
struct Terms {
  std::vector<std::pair<int, double>> terms;  // node, factor
  double constant = -0.0;                     // adds nothing, not even a sign of zero
};

/// Whether the numbers are one: 0 and -0 are two.
bool identical(double a, double b) { return a == b && std::signbit(a) == std::signbit(b); }

Terms terms_of(Value value, int sign) {
  const TermView view(ViewKind::sum, value);
  Terms result;
  for (const int leaf : view.leaves()) {
    const Scaled term = without_factor(view.item(leaf).value);
    result.terms.emplace_back(term.base->id, term.factor * view.item(leaf).sign * sign);
  }
  std::ranges::sort(result.terms);
  for (const TermView::Item& item : view.items())
    if (item.constant != nullptr) result.constant += sign * item.sign * item.constant->as_real();
  return result;
}

}  // namespace

Scaled without_factor(Value value) {
  Scaled scaled{1, value};
  for (int depth = 0; depth < TermView::kMaxLeaves; ++depth)
    if (!take_factor(scaled, false)) break;
  return scaled;
}

Scaled without_factor_or_line(Value value) {
  Scaled scaled{1, value};
  for (int depth = 0; depth < TermView::kMaxLeaves; ++depth)
    if (!take_factor(scaled, true)) break;
  return scaled;
}

Value write_back(Graph& graph, const TermView& view, std::span<const LeafEdit> edits, bool negate) {
  return Writer(graph, view, edits, negate).run();
}

Value negated(Graph& graph, Value value) {
  if (const Scalar* constant = constant_of(value))
    if (is_float(constant->dtype)) return thx::constant(graph, value->type(), -constant->real);
  if (!part_of(*value, ViewKind::sum).inner) return node::neg(graph, value);
  return write_back(graph, TermView(ViewKind::sum, value), {}, true);
}

Value scaled(Graph& graph, Value value, double factor) {
  if (factor < 0) return negated(graph, scaled(graph, value, -factor));
  if (factor == 1) return value;
  return node::mul(graph, constant_like(graph, value, factor), value);
}

bool cancels(Value a, Value b, int sign) {
  const Terms left = terms_of(a, 1), right = terms_of(b, sign);
  bool shares = false;
  for (const auto& [base, factor] : left.terms)
    for (const auto& [other, against] : right.terms) {
      if (base == other && factor * against < 0) return true;
      shares |= base == other;
    }
  const auto sign_of = [](const Terms& sum) {
    const auto is = [&](auto compare) {
      return std::ranges::all_of(sum.terms, [&](const auto& term) { return compare(term.second); });
    };
    return is([](double factor) { return factor > 0; }) -
           is([](double factor) { return factor < 0; });
  };
  return !shares && sign_of(left) * sign_of(right) < 0;
}

bool same_value(Value a, Value b, int sign) {
  if (a == b && sign > 0) return true;
  if (a->type() != b->type()) return false;
  const Scalar* number = constant_of(a);
  const Scalar* other = constant_of(b);
  if (number != nullptr && other != nullptr && is_float(number->dtype))
    return identical(number->real, sign * other->real);
  const auto composed = [](Value value) {
    return constant_of(value) != nullptr || part_of(*value, ViewKind::sum).inner ||
           part_of(*value, ViewKind::product).inner;
  };
  if (!composed(a) && !composed(b)) return false;
  // A sum of two or more is no single term: told apart without reading either.
  const auto adds = [](Value value) { return part_of(*value, ViewKind::sum).inner; };
  if ((adds(a) && a->operands.size() == 2 && !adds(b)) ||
      (adds(b) && b->operands.size() == 2 && !adds(a)))
    return false;
  const Terms left = terms_of(a, 1);
  const Terms right = terms_of(b, sign);
  return identical(left.constant, right.constant) &&
         std::ranges::equal(left.terms, right.terms, [](const auto& term, const auto& another) {
           return term.first == another.first && identical(term.second, another.second);
         });
}

}  // namespace thx
