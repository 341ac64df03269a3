// SPDX-License-Identifier: Apache-2.0
// Matching of sums: signed terms, one constant, and a number that scales the whole.
#include <algorithm>
#include <cmath>

#include "ops/build.h"
#include "passes/rewriter_match.h"

namespace thx {

bool Matcher::sum(const Pattern::Part& part, Value value, bool free_scale, double& scale) {
  const bool negation = part.number == 0 && part.operands.size() == 1;
  if (!negation && !part_of(*value, ViewKind::sum).inner) return false;
  if (negation && !free_scale && is_square(pattern_.part(part.operands[0]))) {
    Scaled square = without_factor(value);
    square.factor *= part.signs[0];
    const Pattern::Part& squared = pattern_.part(part.operands[0]);
    if (square.factor > 0 && square.base->op == squared.op) return scaled_square(squared, square);
  }
  const TermView view(ViewKind::sum, value);
  Terms terms{.part = part, .view = view, .partial = false, .is_root = false};
  terms.taken.resize(view.items().size());
  if (!start_sum(terms, free_scale) || !sum_terms(terms, 0)) return false;
  scale = terms.scale;
  match_.nodes.push_back(value);
  return true;
}

bool Matcher::start_sum(Terms& terms, bool free_scale) const {
  const double constant = terms.view.constant();
  if (!free_scale) {
    terms.scale = 1;
  } else if (terms.part.number != 0) {
    terms.scale = constant / terms.part.number;
    if (terms.scale == 0 || !std::isfinite(terms.scale)) return false;
  }
  return true;
}

bool Matcher::sum_is_complete(const Terms& terms) const {
  const double scale = terms.scale == 0 ? 1 : terms.scale;
  const double wanted = terms.part.number * scale + terms.constant;
  const bool takes_constant = terms.part.number != 0 || terms.constant != 0;
  if (terms.absorbed) return !takes_constant || terms.view.constant() == wanted;
  if (terms.partial) return !takes_constant || terms.view.constant() == wanted;
  return terms.view.constant() == wanted && std::ranges::all_of(terms.view.leaves(), [&](int leaf) {
           return terms.taken[static_cast<size_t>(leaf)];
         });
}

bool Matcher::sum_terms(Terms& terms, size_t next) {
  if (next == terms.part.operands.size()) return sum_is_complete(terms);
  const Pattern::Part& part = pattern_.part(terms.part.operands[next]);
  if (part.kind == Pattern::Kind::variable) return sum_variable(terms, next);
  for (const int leaf : terms.view.leaves()) {
    if (!may_go_on(1)) return false;
    const Value value = terms.view.item(leaf).value;
    const bool has_factor =
        part.kind != Pattern::Kind::product && part_of(*value, ViewKind::product).inner;
    if (terms.taken[static_cast<size_t>(leaf)] || !(has_factor || is_possible(part, value)))
      continue;
    if (!may_go_on(kStepsOfTrial)) return false;
    const Mark before = mark();
    const double scale_before = terms.scale;
    if (sum_term(terms, next, leaf)) return true;
    terms.taken[static_cast<size_t>(leaf)] = false;
    terms.scale = scale_before;
    return_to(before);
  }
  return false;
}

bool Matcher::sum_term(Terms& terms, size_t next, int leaf) {
  const TermView::Item& item = terms.view.item(leaf);
  double factor = 1;
  if (!term(terms.part.operands[next], item.value, factor)) return false;
  const double scale = factor * item.sign / terms.part.signs[next];
  if (scale == 0 || !std::isfinite(scale)) return false;
  if (terms.scale == 0) terms.scale = scale;
  if (terms.scale != scale) return false;
  terms.taken[static_cast<size_t>(leaf)] = true;
  return sum_terms(terms, next + 1);
}

bool Matcher::term(int index, Value value, double& factor) {
  const Pattern::Part& part = pattern_.part(index);
  if (part.kind == Pattern::Kind::product) return product(part, value, factor);
  const Scaled scaled = without_factor(value);
  factor = scaled.factor;
  if (part.kind == Pattern::Kind::keep) {
    if (scaled.base->family() != Family::view) return false;
    const Scaled reduced = without_factor(scaled.base->operands[0]);
    factor *= reduced.factor;
    return kept(part, scaled.base, reduced);
  }
  return is_possible(part, scaled.base) && this->part(index, scaled.base);
}

bool Matcher::sum_variable(Terms& terms, size_t next) {
  const Pattern::Part& part = pattern_.part(terms.part.operands[next]);
  const double sign = terms.part.signs[next] * (terms.scale == 0 ? 1 : terms.scale);
  if (std::fabs(sign) != 1) return false;
  const Value bound = match_.bound[static_cast<size_t>(part.index)];
  if (bound) {
    const Terms before = terms;
    if (take_bound(terms, bound, sign) && sum_terms(terms, next + 1)) return true;
    terms.taken = before.taken;
    terms.constant = before.constant;
    return false;
  }
  if (!terms.is_root) {
    // Decided before the rest is written down as a value.
    const double wanted = terms.part.number * terms.scale;
    if (wanted != 0 && terms.view.constant() != wanted) return false;
    return absorb(terms, part.index, sign < 0, terms.part.number == 0) &&
           sum_terms(terms, next + 1);
  }
  for (const int leaf : terms.view.leaves()) {
    const TermView::Item& item = terms.view.item(leaf);
    if (terms.taken[static_cast<size_t>(leaf)] || item.sign != sign) continue;
    if (!may_go_on(kStepsOfTrial)) return false;
    match_.bound[static_cast<size_t>(part.index)] = item.value;
    terms.taken[static_cast<size_t>(leaf)] = true;
    if (sum_terms(terms, next + 1)) return true;
    terms.taken[static_cast<size_t>(leaf)] = false;
    match_.bound[static_cast<size_t>(part.index)] = {};
  }
  return false;
}

bool Matcher::take_bound(Terms& terms, Value bound, double sign) {
  const TermView wanted(ViewKind::sum, bound);
  terms.constant += sign * wanted.constant();
  return std::ranges::all_of(wanted.leaves(), [&](int index) {
    const TermView::Item& term = wanted.item(index);
    for (const int leaf : terms.view.leaves()) {
      const TermView::Item& item = terms.view.item(leaf);
      const auto taken = terms.taken.begin() + leaf;
      if (*taken || !may_go_on(kStepsOfTrial) ||
          !same_value(item.value, term.value, item.sign * term.sign * static_cast<int>(sign)))
        continue;
      *taken = true;
      return true;
    }
    return false;
  });
}

}  // namespace thx
