// SPDX-License-Identifier: Apache-2.0
// Logarithms of sums and products of exponentials, however many there are. logaddexp of multiples
// of one value is such a logarithm too: at infinity the largest one is known.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

namespace f = formula;

// log((1 + exp(x)) / 2), which is 0 at 0.
constexpr Formula kLogOfMean =
    f::add(f::maximum(f::x, 0), f::log1p(f::mul(0.5, f::expm1(f::neg(f::abs(f::x))))));

/// A term of a sum as exp(exponent), or as its negative.
struct Exponential {
  Value exponent;  // null: of a number
  bool negative = false;
  bool plain = false;  // nothing but an exponential, or 1
  double offset = 0;   // is added to the exponent
  double size = 1;     // exp(offset)

  bool is_number() const { return !exponent; }
  void scale(double number) {
    if (number == 1) return;
    negative = negative != (number < 0);
    plain = plain && number == -1;
    size *= std::fabs(number);
    offset = std::log(size);
  }
};

constexpr size_t kMaxTerms = 16;  // of a nested logaddexp
constexpr int kMaxViews = 8;      // above one exponential; more are not looked through

bool is_row_of_exponentials(Graph& graph, Value value);

/// u where `value` is exp(u), also seen through views and constant powers and, where it may, as a
/// sum of exponentials along axes; null where it is none.
Value exponent_of(Graph& graph, Value value, bool reads_rows, int depth = 0) {
  if (value->op == node::exp.op) return value->operands[0];
  if (value->op == node::exp2.op) return scaled(graph, value->operands[0], std::numbers::ln2);
  if (reads_rows && is_row_of_exponentials(graph, value)) return node::log(graph, value);
  if (value->op == node::pow.op && value->operands[0]->op == node::exp.op) {
    const Scalar* power = constant_of(value->operands[1]);
    if (power == nullptr || power->real == 0 || !std::isfinite(power->real)) return {};
    return scaled(graph, value->operands[0]->operands[0], power->real);
  }
  if (value->family() != Family::view || depth == kMaxViews) return {};
  const Value inner = exponent_of(graph, value->operands[0], reads_rows, depth + 1);
  if (!inner) return {};
  return graph.intern({value->op, value->types, {inner}, value->attrs, {}});
}

/// Whether it is exp itself, seen through views: rules have forms for a lone one.
bool is_plain(Value value) {
  for (int depth = 0; value->family() == Family::view && depth < kMaxViews; ++depth)
    value = value->operands[0];
  return value->op == node::exp.op;
}

std::optional<Exponential> exponential(Graph& graph, Value term, int sign, bool reads_rows) {
  const TermView view(ViewKind::product, term);
  const double number = view.constant() * sign;
  if (number == 0 || !std::isfinite(number) || view.leaves().empty()) return std::nullopt;
  Value total;
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    Value exponent = exponent_of(graph, item.value, reads_rows);
    if (!exponent) return std::nullopt;
    if (item.sign < 0) exponent = negated(graph, exponent);
    total = total ? node::add(graph, total, exponent) : exponent;
  }
  const double size = std::fabs(number);
  const bool plain =
      view.leaves().size() == 1 && size == 1 && is_plain(view.item(view.leaves()[0]).value);
  return Exponential{total, number < 0, plain, std::log(size), size};
}

bool is_row_of_exponentials(Graph& graph, Value value) {
  if (value->op != node::sum.op || !is_in_any_order(*value)) return false;
  const std::optional<Exponential> term = exponential(graph, value->operands[0], 1, false);
  return term && !term->negative;
}

/// The terms of a sum that is scaled by a number, and of `more`; nothing where one of them is no
/// exponential. Sums along axes are read as such among other terms: there are rules for lone ones.
std::vector<Exponential> terms_of_sum(Graph& graph, Value value, double more) {
  Scaled sum{1, value};
  const Scaled parts = without_factor(value);
  if (more == 0 && part_of(*parts.base, ViewKind::sum).inner) sum = parts;
  const TermView view(ViewKind::sum, sum.base);
  const double number = sum.factor * view.constant() + more;
  if (view.leaves().empty() || sum.factor == 0 || !std::isfinite(sum.factor) ||
      !std::isfinite(number))
    return {};
  const bool is_lone = view.leaves().size() == 1 && number == 0;
  std::vector<Exponential> terms;
  for (const int index : view.leaves()) {
    const TermView::Item& item = view.item(index);
    std::optional<Exponential> term = exponential(graph, item.value, item.sign, !is_lone);
    if (!term) return {};
    term->scale(sum.factor);
    terms.push_back(*term);
  }
  const double size = std::fabs(number);
  if (number != 0) terms.push_back({{}, number < 0, size == 1, std::log(size), size});
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

/// a where the terms are exp(a) / 2 and exp(-a) / 2, whose logarithm has a zero; null else.
Value half_of_opposites(std::span<const Exponential> terms) {
  if (terms.size() != 2 || terms[0].is_number() || terms[1].is_number()) return {};
  for (const Exponential& term : terms)
    if (term.offset != std::log(0.5)) return {};
  const Scaled a = without_factor(terms[0].exponent), b = without_factor(terms[1].exponent);
  return a.base == b.base && a.factor == -b.factor ? terms[0].exponent : Value{};
}

/// The share that one of two terms has of their sum.
Value share(Graph& graph, const Exponential& term, const Exponential& other) {
  const double offset = term.offset - other.offset;
  if (other.is_number()) return node::sigmoid(graph, plus(graph, term.exponent, offset));
  const Value apart = node::sub(graph, term.exponent, other.exponent);
  return node::sigmoid(graph, plus(graph, apart, offset));
}

/// The product without the divisor at `below` and with `share` in place of the factor at `above`.
Value with_share(Graph& graph, const TermView& view, int above, int below, Value share,
                 double size) {
  std::vector<LeafEdit> edits(view.items().size());
  double number = view.constant() / size;
  for (size_t i = 0; i < edits.size(); ++i) {
    // Writing back turns the sign once more for every negation inside.
    if (view.items()[i].flips) number = -number;
    if (view.items()[i].constant != nullptr) edits[i].kind = LeafEdit::Kind::remove;
  }
  edits[static_cast<size_t>(below)].kind = LeafEdit::Kind::remove;
  edits[static_cast<size_t>(above)] = {LeafEdit::Kind::replace,
                                       scaled(graph, share, std::fabs(number)),
                                       static_cast<int8_t>(number < 0 ? -1 : 1)};
  return write_back(graph, view, edits);
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

bool is_sum_of_exponentials(Graph& graph, Value value) {
  if (is_row_of_exponentials(graph, value)) return true;
  const std::vector<Exponential> terms = terms_of_sum(graph, value, 0);
  return !terms.empty() && std::ranges::none_of(terms, &Exponential::negative);
}

Value log_of_exponentials(Graph& graph, Value node, const Uses&) {
  if (node->op == node::logaddexp.op) {
    std::vector<Exponential> terms = terms_of_logaddexp(node);
    Multiples multiples;
    return !terms.empty() && multiples.read(terms) ? multiples.of_sum(graph) : Value{};
  }
  const bool is_log = node->op == node::log.op;
  if (!is_log && node->op != node::log1p.op) return {};
  std::vector<Exponential> terms = terms_of_sum(graph, node->operands[0], is_log ? 0 : 1);
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
  if (const Value half = half_of_opposites(terms)) return node::log(graph, node::cosh(graph, half));
  Value total = whole(graph, terms[0], like);
  for (size_t i = 1; i < terms.size(); ++i)
    total = node::logaddexp(graph, total, whole(graph, terms[i], like));
  return total;
}

// Rules know exp(x) / (1 + exp(x)) and exp(x) / (exp(x) + exp(y)).
Value share_of_two_exponentials(Graph& graph, Value node, const Uses&) {
  if (!part_of(*node, ViewKind::product).inner || !is_float(node->dtype())) return {};
  const TermView view(ViewKind::product, node);
  for (const int below : view.leaves()) {
    const Value divisor = view.item(below).value;
    if (view.item(below).sign > 0 || !part_of(*divisor, ViewKind::sum).inner) continue;
    const std::vector<Exponential> terms = terms_of_sum(graph, divisor, 0);
    if (terms.size() != 2 || terms[0].size == terms[1].size) continue;
    if (terms[0].negative || terms[1].negative) continue;
    for (const int above : view.leaves()) {
      const bool divides = view.item(above).sign < 0;
      const Value exponent = divides ? Value{} : exponent_of(graph, view.item(above).value, false);
      for (const bool second : {false, true}) {
        const Exponential& term = terms[second];
        if (!exponent || term.is_number() || !same_value(term.exponent, exponent)) continue;
        return with_share(graph, view, above, below, share(graph, term, terms[!second]), term.size);
      }
    }
  }
  return {};
}

// A number that is log(2) to its last digit is log(2).
Value log_of_mean_with_one(Graph& graph, Value node, const Uses&) {
  const bool is_sum = part_of(*node, ViewKind::sum).inner && node->operands.size() == 2;
  if (!is_sum || !is_float(node->dtype())) return {};
  const TermView view(ViewKind::sum, node);
  const double log2 = Scalar::of(node->dtype(), std::numbers::ln2).real;
  const auto found = std::ranges::find_if(view.leaves(), [&](int leaf) {
    const TermView::Item& item = view.item(leaf);
    return item.value->op == node::softplus.op && view.constant() == -item.sign * log2;
  });
  if (found == view.leaves().end()) return {};
  const TermView::Item& item = view.item(*found);
  std::vector<LeafEdit> edits(view.items().size());
  for (size_t i = 0; i < edits.size(); ++i)
    if (view.items()[i].constant != nullptr) edits[i].kind = LeafEdit::Kind::remove;
  const Value x[] = {item.value->operands[0]};
  edits[static_cast<size_t>(*found)] = {LeafEdit::Kind::replace, build(graph, kLogOfMean, x),
                                        item.sign};
  return write_back(graph, view, edits);
}

}  // namespace thx
