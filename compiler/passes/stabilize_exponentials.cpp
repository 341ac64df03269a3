// SPDX-License-Identifier: Apache-2.0
// Logarithms of sums and products of exponentials, however many there are. logaddexp of multiples
// of one value is such a logarithm too: at infinity the largest one is known.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

/// A term of a sum as exp(exponent), or as its negative.
struct Exponential {
  Value exponent;  // null: of a number
  bool negative = false;
  bool plain = false;  // nothing but an exponential, or 1
  double offset = 0;   // is added to the exponent

  bool is_number() const { return !exponent; }
};

constexpr size_t kMaxTerms = 16;  // of a nested logaddexp
constexpr int kMaxViews = 8;      // above one exponential; more are not looked through

/// u where `value` is exp(u), also seen through views and constant powers; null where it is none.
Value exponent_of(Graph& graph, Value value, int depth = 0) {
  if (value->op == node::exp.op) return value->operands[0];
  if (value->op == node::pow.op && value->operands[0]->op == node::exp.op) {
    const Scalar* power = constant_of(value->operands[1]);
    if (power == nullptr || power->real == 0 || !std::isfinite(power->real)) return {};
    return scaled(graph, value->operands[0]->operands[0], power->real);
  }
  if (value->family() != Family::view || depth == kMaxViews) return {};
  const Value inner = exponent_of(graph, value->operands[0], depth + 1);
  if (!inner) return {};
  return graph.intern({value->op, value->types, {inner}, value->attrs, {}});
}

std::optional<Exponential> exponential(Graph& graph, Value term, int sign) {
  const TermView view(ViewKind::product, term);
  const double number = view.constant() * sign;
  if (number == 0 || !std::isfinite(number) || view.leaves().empty()) return std::nullopt;
  Value total;
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    Value exponent = exponent_of(graph, item.value);
    if (!exponent) return std::nullopt;
    if (item.sign < 0) exponent = negated(graph, exponent);
    total = total ? node::add(graph, total, exponent) : exponent;
  }
  const double size = std::fabs(number);
  const bool plain = view.leaves().size() == 1 && size == 1;
  return Exponential{total, number < 0, plain, std::log(size)};
}

/// The terms of the sum whose logarithm `node` is; nothing where one of them is no exponential.
std::vector<Exponential> terms_of_logarithm(Graph& graph, Value node) {
  const Value operand = node->operands[0];
  const TermView view(ViewKind::sum, operand);
  std::vector<Exponential> terms;
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    const std::optional<Exponential> term = exponential(graph, item.value, item.sign);
    if (!term) return {};
    terms.push_back(*term);
  }
  const double number = view.constant() + (node->op == node::log1p.op ? 1 : 0);
  if (terms.empty() || !std::isfinite(number)) return {};
  if (number != 0)
    terms.push_back({{}, number < 0, std::fabs(number) == 1, std::log(std::fabs(number))});
  return terms;
}

Value plus(Graph& graph, Value value, double number) {
  return number == 0 ? value : node::add(graph, value, constant_like(graph, value, number));
}
Value whole(Graph& graph, const Exponential& term, Value like) {
  if (term.is_number()) return constant_like(graph, like, term.offset);
  return plus(graph, term.exponent, term.offset);
}

/// Exponents that are multiples of one value: how far they are apart is known without rounding.
class Multiples {
 public:
  /// False where they are not, or where their signs differ: at infinity they would cancel.
  bool read(std::vector<Exponential>& terms) {
    for (const Exponential& term : terms) {
      const Scaled scaled = term.is_number() ? Scaled{0, base_} : without_factor(term.exponent);
      if (!term.is_number() && base_ && scaled.base != base_) return false;
      if (!term.is_number()) base_ = scaled.base;
      entries_.push_back({scaled.factor, term.offset, term.negative});
    }
    const auto has_sign = [&](double sign) {
      return std::ranges::any_of(entries_, [&](const Entry& e) { return e.factor * sign > 0; });
    };
    if (!base_ || (has_sign(1) && has_sign(-1))) return false;
    std::ranges::sort(entries_, {}, [](const Entry& e) { return std::fabs(e.factor); });
    return true;
  }

  /// a + softplus(b - a + softplus(c - b + ...)) for exponents a, b, c of growing size.
  Value of_sum(Graph& graph) const {
    Value inner;
    for (size_t i = entries_.size() - 1; i > 0; --i) {
      const Value apart = step(graph, entries_[i - 1], entries_[i]);
      inner = node::softplus(graph, inner ? node::add(graph, apart, inner) : apart);
    }
    return lowest(graph, entries_[0], inner);
  }
  /// log(exp(b) - exp(a)) of the larger exponent b.
  Value of_difference(Graph& graph) const {
    const bool up = !entries_[1].negative;
    const Entry& larger = entries_[up ? 1 : 0];
    const Value apart = step(graph, larger, entries_[up ? 0 : 1]);
    return lowest(graph, larger, node::log1mexp(graph, apart));
  }

 private:
  struct Entry {
    double factor, offset;
    bool negative;
  };
  Value step(Graph& graph, const Entry& from, const Entry& to) const {
    const double factor = to.factor - from.factor;
    if (factor == 0) return constant_like(graph, base_, to.offset - from.offset);
    return plus(graph, scaled(graph, base_, factor), to.offset - from.offset);
  }
  Value lowest(Graph& graph, const Entry& entry, Value rest) const {
    if (entry.factor == 0) return plus(graph, rest, entry.offset);
    return node::add(graph, plus(graph, scaled(graph, base_, entry.factor), entry.offset), rest);
  }

  Value base_;
  std::vector<Entry> entries_;
};

/// log(exp(a) - exp(b)): where exp(b) is 0 it takes no part, also where exp(a) is 0 too.
Value logarithm_of_difference(Graph& graph, Value a, Value b) {
  const Value none = constant_like(graph, b, -std::numeric_limits<double>::infinity());
  const Value apart = node::log1mexp(graph, node::sub(graph, b, a));
  return node::where(graph, node::equal(graph, b, none), a, node::add(graph, a, apart));
}

/// The exponents of a nested logaddexp, none of them a number; nothing where they are many.
std::vector<Exponential> terms_of_logaddexp(Value node) {
  std::vector<Exponential> terms;
  std::vector<Value> open = {node};
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    if (value->op == node::logaddexp.op) {
      open.insert(open.end(), {value->operands[1], value->operands[0]});
    } else {
      terms.push_back({value});
    }
    if (constant_of(value) != nullptr || terms.size() + open.size() > kMaxTerms) return {};
  }
  return terms;
}

}  // namespace

Value log_of_exponentials(Graph& graph, Value node, const Uses&) {
  if (node->op == node::logaddexp.op) {
    std::vector<Exponential> terms = terms_of_logaddexp(node);
    Multiples multiples;
    return !terms.empty() && multiples.read(terms) ? multiples.of_sum(graph) : Value{};
  }
  const bool is_log = node->op == node::log.op;
  if (!is_log && node->op != node::log1p.op) return {};
  std::vector<Exponential> terms = terms_of_logarithm(graph, node);
  const auto is = [](bool Exponential::* what) {
    return [what](const Exponential& term) { return term.*what; };
  };
  const bool has_number = std::ranges::any_of(terms, &Exponential::is_number);
  const bool all_plain = std::ranges::all_of(terms, is(&Exponential::plain));
  const auto negatives = std::ranges::count_if(terms, is(&Exponential::negative));
  // Rules have better forms for these: log(exp(x)), softplus, log1mexp.
  if (terms.empty() || (terms.size() == 1 && (all_plain || negatives > 0))) return {};
  if (terms.size() == 2 && has_number && (all_plain || negatives > 0)) return {};
  const Value like = terms[0].exponent;
  if (terms.size() == 1) return whole(graph, terms[0], like);
  Multiples multiples;
  const bool are_multiples = multiples.read(terms);
  if (terms.size() == 2 && negatives == 1) {
    if (are_multiples) return multiples.of_difference(graph);
    const bool first = terms[0].negative;
    return logarithm_of_difference(graph, whole(graph, terms[first ? 1 : 0], like),
                                   whole(graph, terms[first ? 0 : 1], like));
  }
  if (negatives > 0) return {};
  if (are_multiples) return multiples.of_sum(graph);
  Value total = whole(graph, terms[0], like);
  for (size_t i = 1; i < terms.size(); ++i)
    total = node::logaddexp(graph, total, whole(graph, terms[i], like));
  return total;
}

}  // namespace thx
