// SPDX-License-Identifier: Apache-2.0
// Prints the tables of the page of rewrites, from the tables that the passes read.
#include <cmath>
#include <cstdio>

#include "levels.h"
#include "passes/canonicalize.h"
#include "passes/rewrite_catalog.h"
#include "passes/simplify.h"
#include "passes/stabilize.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {
namespace {

struct Page {
  std::string_view name;
  std::span<const Rule> (*rules)();
  std::span<const NamedStep> (*steps)();
};

constexpr Page kPages[] = {
    {"canonical", canonical_rules, canonical_steps},
    {"stability", stability_rules, stability_steps},
    {"inverse", inverse_rules, nullptr},
    {"value", value_rules, value_steps},
    {"simplify", simplify_rules, simplify_steps},
    {"special", special_value_rules, nullptr},
};

std::string_view words(Guard guard) {
  switch (guard) {
    case Guard::none: return "";
    case Guard::y_is_number: return "y is one number";
    case Guard::y_is_constant: return "y is a constant";
    case Guard::sum_cancels: return "x + y cancels, or no other factor";
    case Guard::difference_cancels: return "x - y cancels, or no other factor";
    case Guard::y_is_no_small_constant: return "y is a constant from 0.25 to 1e30";
    case Guard::y_is_even: return "y is an even constant above 0";
    case Guard::y_is_odd: return "y is an odd constant above 0";
    case Guard::y_is_positive: return "y is a constant above 0";
    case Guard::x_is_nonnegative: return "x is never below 0";
    case Guard::y_is_nonnegative: return "y is never below 0";
    case Guard::x_is_float: return "x is float";
  }
  THX_UNREACHABLE("a guard without words");
}

std::string condition(const Rule& rule) {
  std::string text(words(rule.guard));
  if (rule.saves_work) text += text.empty() ? "inner values have no other use" : ", no other use";
  return text;
}

std::string rule_table(std::span<const Rule> rules) {
  std::string page =
      "| rule | from | to | class | where | the left side fails at |\n"
      "|---|---|---|---|---|---|\n";
  for (const Rule& rule : rules)
    append(page, "| `{}` | `{}` | `{}` | {} | {} | {} |\n", rule.name, text(rule.from),
           text(rule.to), thx::words(rule.cls), condition(rule),
           std::isnan(rule.breaks_at) ? std::string() : format("{}", rule.breaks_at));
  return page;
}

std::string step_table(std::span<const NamedStep> steps) {
  std::string page = "| step | what it does | class |\n|---|---|---|\n";
  for (const NamedStep& step : steps)
    append(page, "| `{}` | {} | {} |\n", step.name, step.doc, thx::words(step.cls));
  return page;
}

}  // namespace

void print_rules(std::string_view table) {
  for (const Page& page : kPages) {
    if (page.name != table) continue;
    std::string text = rule_table(page.rules());
    if (page.steps != nullptr) text += "\n" + step_table(page.steps());
    std::fputs(text.c_str(), stdout);
  }
}

}  // namespace thx::opt
