// SPDX-License-Identifier: Apache-2.0
// Slopes of shares: what a sum lacks of its terms is added up, not taken from the whole.
#include <algorithm>

#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

constexpr size_t kMaxTerms = 16;  // a longer sum is left as it is

struct Factor {
  int id, sign;
  auto operator<=>(const Factor&) const = default;
};
using Factors = std::vector<Factor>;

void add_factors(Factors& factors, const TermView& product) {
  for (const int leaf : product.leaves())
    factors.push_back({product.item(leaf).value->id, product.item(leaf).sign});
}

/// A term of a sum, as a product.
struct Term {
  int item;  // of the sum
  double number;
  TermView product;
};

std::vector<Term> terms_of(const TermView& sum) {
  std::vector<Term> terms;
  for (const int leaf : sum.leaves()) {
    const TermView::Item& item = sum.item(leaf);
    TermView product(ViewKind::product, item.value);
    const double number = item.sign * product.constant();
    terms.push_back({leaf, number, std::move(product)});
  }
  return terms;
}

/// The values, by their ids, whose square or a higher power one of the terms is over.
std::vector<int> squares_below(const std::vector<Term>& terms) {
  std::vector<int> squares, below;
  for (const Term& term : terms) {
    below.clear();
    for (const int leaf : term.product.leaves())
      if (term.product.item(leaf).sign < 0) below.push_back(term.product.item(leaf).value->id);
    std::ranges::sort(below);
    for (size_t i = 1; i < below.size(); ++i)
      if (below[i] == below[i - 1]) squares.push_back(below[i]);
  }
  return squares;
}

/// Whether `term` is -w * part / total**2 where `first` is w / total.
bool takes_part(const Term& term, const Term& first, Value total, const Term& part) {
  if (term.number != -first.number * part.number) return false;
  const auto count = [](const Term& each) { return each.product.leaves().size(); };
  if (count(term) != 1 + count(first) + count(part)) return false;
  Factors wanted = {{total->id, -1}}, found;
  add_factors(wanted, first.product);
  add_factors(wanted, part.product);
  add_factors(found, term.product);
  std::ranges::sort(wanted);
  std::ranges::sort(found);
  return wanted == found;
}

/// w / total less what `part` takes of it: w / total * (rest / total). Where the rest is infinite
/// it is all of the total.
Value without_part(Graph& graph, Value first, Value total, Value rest) {
  Value share = node::div(graph, rest, total);
  if (constant_of(rest) == nullptr)
    share = node::where(graph, node::isinf(graph, rest), constant_like(graph, rest, 1), share);
  return node::mul(graph, first, share);
}

}  // namespace

Value slope_of_share(Graph& graph, Value node, const Uses&) {
  if (node->types.size() != 1 || !is_float(node->dtype())) return {};
  if (node->operands.size() != 2 || !part_of(*node, ViewKind::sum).inner) return {};
  const TermView sum(ViewKind::sum, node);
  if (sum.leaves().size() < 2 || sum.leaves().size() > kMaxTerms) return {};
  const std::vector<Term> terms = terms_of(sum);
  const std::vector<int> squares = squares_below(terms);
  if (squares.empty()) return {};
  for (const Term& first : terms) {
    std::vector<Value> met;
    for (const int below : first.product.leaves()) {
      const TermView::Item& divisor = first.product.item(below);
      if (divisor.sign > 0 || !part_of(*divisor.value, ViewKind::sum).inner) continue;
      if (std::ranges::find(met, divisor.value) != met.end()) continue;
      met.push_back(divisor.value);
      if (std::ranges::find(squares, divisor.value->id) == squares.end()) continue;
      const TermView total(ViewKind::sum, divisor.value);
      if (total.leaves().size() > kMaxTerms) continue;
      const std::vector<Term> parts = terms_of(total);
      for (const Term& second : terms) {
        const auto part = std::ranges::find_if(parts, [&](const Term& each) {
          return takes_part(second, first, divisor.value, each);
        });
        if (part == parts.end()) continue;
        std::vector<LeafEdit> edits(total.items().size());
        edits[static_cast<size_t>(part->item)].kind = LeafEdit::Kind::remove;
        const Value rest = write_back(graph, total, edits);
        if (!rest) continue;
        const TermView::Item& kept = sum.item(first.item);
        edits.assign(sum.items().size(), {});
        edits[static_cast<size_t>(second.item)].kind = LeafEdit::Kind::remove;
        edits[static_cast<size_t>(first.item)] = {
            LeafEdit::Kind::replace, without_part(graph, kept.value, divisor.value, rest),
            kept.sign};
        return write_back(graph, sum, edits);
      }
    }
  }
  return {};
}

}  // namespace thx
