// SPDX-License-Identifier: Apache-2.0
// Formulas as one reads them, with no more parentheses than their structure needs.
#include "ir/formula.h"

#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

// How tightly a text binds: larger binds tighter.
enum class Binding : uint8_t {
  comparison,
  alternative,
  exclusive,
  conjunction,
  sum,
  product,
  prefix,
  atom
};

struct Spelled {
  std::string text;
  Binding binding = Binding::atom;
};

struct Infix {
  Op op;
  std::string_view sign;
  Binding binding;
  Binding right;  // what the right operand must bind at least as tightly as
};

constexpr Infix kInfix[] = {
    {Op::add, "+", Binding::sum, Binding::product},
    {Op::sub, "-", Binding::sum, Binding::product},
    {Op::mul, "*", Binding::product, Binding::prefix},
    {Op::div, "/", Binding::product, Binding::prefix},
    {Op::equal, "==", Binding::comparison, Binding::sum},
    {Op::not_equal, "!=", Binding::comparison, Binding::sum},
    {Op::less, "<", Binding::comparison, Binding::sum},
    {Op::less_equal, "<=", Binding::comparison, Binding::sum},
    {Op::greater, ">", Binding::comparison, Binding::sum},
    {Op::greater_equal, ">=", Binding::comparison, Binding::sum},
    {Op::bit_and, "&", Binding::conjunction, Binding::sum},
    {Op::bit_xor, "^", Binding::exclusive, Binding::conjunction},
    {Op::bit_or, "|", Binding::alternative, Binding::exclusive},
};

std::string within(const Spelled& operand, Binding least) {
  return operand.binding >= least ? operand.text : "(" + operand.text + ")";
}

struct Speller {
  Spelled variable(int8_t index) const {
    static constexpr std::string_view kNames[] = {"x", "y", "w", "z"};
    return {std::string(kNames[index])};
  }
  Spelled constant(double value) const {
    return {fmt::format("{}", value), value < 0 ? Binding::prefix : Binding::atom};
  }
  Spelled keep(const Spelled& arg) const { return {"keep(" + arg.text + ", k)"}; }
  Spelled apply(Op op, const std::vector<Spelled>& args) const {
    for (const Infix& row : kInfix) {
      if (row.op != op) continue;
      // Comparisons do not chain: both sides must bind tighter.
      const Binding left = row.binding == Binding::comparison ? Binding::sum : row.binding;
      return {format("{} {} {}", within(args[0], left), row.sign, within(args[1], row.right)),
              row.binding};
    }
    if (op == Op::neg) return {"-" + within(args[0], Binding::prefix), Binding::prefix};
    std::string list = join(args, ", ", [](const Spelled& arg) { return arg.text; });
    const Family family = family_of(op);
    if (family == Family::reduction || family == Family::composite) list += ", k";
    return {format("{}({})", name_of(op), list)};
  }
};

}  // namespace

std::string text(const Formula& formula) {
  THX_CHECK(formula.count > 0, "an empty formula has no text");
  return fold<Spelled>(formula, Speller{}).text;
}

}  // namespace thx
