// SPDX-License-Identifier: Apache-2.0
// Logarithms of products and powers, some of whose factors overflow or underflow long before their
// logarithms do: exponentials, logistic functions and sums of these.
#include <algorithm>
#include <cmath>

#include "ir/structure.h"
#include "ops/build.h"
#include "passes/stabilize.h"

namespace thx {
namespace {

constexpr int kMaxDepth = 8;  // of views, powers and products of products that are looked through

/// number * the product of base^exponent, all bases positive: far-ranging ones and products of
/// such.
struct KnownProduct {
  struct Power {
    Value base;
    double exponent;
  };
  double number = 1;
  std::vector<Power> powers;
};

bool read_product(Graph& graph, Value value, double exponent, int depth, KnownProduct& into);

/// Whether the logarithm of such values is about as large as what they are made of, and has a form
/// that does not make them.
bool is_far_ranging(Graph& graph, Value value, int depth = 0) {
  if (depth == kMaxDepth) return false;
  if (value->family() == Family::view || is_gather(*value))
    return is_far_ranging(graph, value->operands[0], depth + 1);
  for (const Op op :
       {node::exp.op, node::exp2.op, node::sigmoid.op, node::cosh.op, formula::softmax.op})
    if (value->op == op) return true;
  if (value->op == node::sum.op) return is_sum_of_exponentials(graph, value);
  if (value->op == node::prod.op && is_in_any_order(*value)) {
    KnownProduct ignored;
    return read_product(graph, value->operands[0], 1, depth + 1, ignored);
  }
  return part_of(*value, ViewKind::sum).inner && value->operands.size() == 2 &&
         is_sum_of_exponentials(graph, value);
}

/// The operand and the exponent of an operator that is a power, or an absolute value; null else.
std::pair<Value, double> power_of(Value value) {
  if (value->op == node::square.op) return {value->operands[0], 2};
  if (value->op == node::sqrt.op) return {value->operands[0], 0.5};
  if (value->op == node::abs.op) return {value->operands[0], 1};
  if (value->op != node::pow.op) return {};
  const Scalar* number = constant_of(value->operands[1]);
  if (number == nullptr || !std::isfinite(number->as_real()) || number->as_real() == 0) return {};
  return {value->operands[0], number->as_real()};
}

bool read_factor(Graph& graph, Value value, double exponent, int depth, KnownProduct& into) {
  if (is_far_ranging(graph, value, depth)) {
    into.powers.push_back({value, exponent});
    return true;
  }
  const auto [base, power] = power_of(value);
  if (!base || depth == kMaxDepth) return false;
  KnownProduct inner;
  if (!read_product(graph, base, 1, depth + 1, inner) || inner.number == 0) return false;
  const bool is_negative = inner.number < 0;
  if (is_negative && value->op != node::abs.op && std::pow(-1, power) != 1) return false;
  into.powers.push_back({is_negative ? negated(graph, base) : base, exponent * power});
  return true;
}

/// Reads value^exponent; false where a factor is not known.
bool read_product(Graph& graph, Value value, double exponent, int depth, KnownProduct& into) {
  const TermView view(ViewKind::product, value);
  into.number *= view.constant();
  return !view.leaves().empty() && std::ranges::all_of(view.leaves(), [&](int leaf) {
    const TermView::Item& item = view.item(leaf);
    return read_factor(graph, item.value, exponent * item.sign, depth, into);
  });
}

/// The logarithm of one base; rules and other steps go on from there.
Value logarithm(Graph& graph, Value base) {
  if (base->op != node::prod.op) return node::log(graph, base);
  return node::sum(graph, node::log(graph, base->operands[0]), base->attrs.ints("axes"));
}

}  // namespace

Value log_of_product(Graph& graph, Value node, const Uses&) {
  if (node->op != node::log.op) return {};
  const Value operand = node->operands[0];
  const TermView view(ViewKind::product, operand);
  KnownProduct known;
  std::vector<LeafEdit> edits(view.items().size());
  bool knows_all = true;
  for (const int leaf : view.leaves()) {
    const TermView::Item& item = view.item(leaf);
    if (read_factor(graph, item.value, item.sign, 0, known)) {
      edits[static_cast<size_t>(leaf)].kind = LeafEdit::Kind::remove;
    } else {
      knows_all = false;
    }
  }
  // Numbers stay beside what is not known.
  if (knows_all) known.number *= view.constant();
  if (known.powers.empty() || !std::isfinite(known.number) || known.number <= 0) return {};
  const bool is_lone = knows_all && known.powers.size() == 1 && known.number == 1;
  if (is_lone && known.powers[0].base == operand && operand->op != node::prod.op) return {};
  Value total;
  for (const KnownProduct::Power& power : known.powers) {
    const Value term = scaled(graph, logarithm(graph, power.base), power.exponent);
    total = total ? node::add(graph, total, term) : term;
  }
  if (known.number != 1)
    total = node::add(graph, total, constant_like(graph, total, std::log(known.number)));
  if (knows_all) return total;
  return node::add(graph, total, node::log(graph, write_back(graph, view, edits)));
}

}  // namespace thx
