// SPDX-License-Identifier: Apache-2.0
// Prints the tables of the page of operators: the functions of the language, and what rows say of
// dtypes and derivatives.
#include <cstdio>
#include <string>
#include <string_view>

#include "frontend/functions.h"
#include "levels.h"
#include "ops/op_def.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::opt {
namespace {

std::string_view spelled(DTypes types) {
  switch (types) {
    case DTypes::floats: return "floats";
    case DTypes::integers: return "integers";
    case DTypes::numbers: return "integers, floats";
    case DTypes::booleans: return "bool";
    case DTypes::bits: return "bool, integers";
    case DTypes::any: return "all";
  }
  THX_UNREACHABLE("a set of dtypes without a name");
}

std::string spelled_result(const ElementwiseDef& row) {
  switch (row.result) {
    case ResultDType::same: return "the same";
    case ResultDType::boolean: return "bool";
    case ResultDType::chosen: return "that of y and w";
    case ResultDType::given: return "the one asked for";
  }
  THX_UNREACHABLE("a result without a name");
}

// The text of a cell: `|` would end it.
std::string cell(std::string_view text) {
  return join(split(text, '|'), "\\|", [](std::string_view part) { return part; });
}

std::string spelled_derivative(const ElementwiseDef& row) {
  if (row.grad.kind == Gradient::Kind::piecewise_constant) return "0 on purpose";
  if (row.grad.kind == Gradient::Kind::refused) return std::string(row.grad.why);
  std::string list;
  for (int i = 0; i < row.grad.count; ++i) {
    if (i > 0) list += ", ";
    list += format("`{}`", cell(text(row.grad.partial[i])));
  }
  return list;
}

// The bound of the error, of functions that are not correctly rounded.
std::string spelled_error(const ElementwiseDef& row) {
  const Accuracy& error = row.error;
  if (error.f32 <= 0.5 && error.f64 <= 0.5) return "";
  std::string text = error.f32 == error.f64 ? format("{}", error.f64)
                                            : format("f32: {}, f64: {}", error.f32, error.f64);
  return error.conditioned ? text + ", by the condition" : text;
}

std::string elementwise_table() {
  std::string page =
      "| row | meaning | dtypes | result | error | derivatives |\n|---|---|---|---|---|---|\n";
  for (const ElementwiseDef& row : elementwise_rows()) {
    append(page, "| `{}` | {} | {} | {} | {} | {} |\n", name_of(row.op), cell(row.doc),
           spelled(row.types), spelled_result(row), spelled_error(row), spelled_derivative(row));
  }
  return page;
}

std::string array_table() {
  std::string page = "| row | meaning | dtypes |\n|---|---|---|\n";
  const auto add = [&page](Op op, std::string_view doc, std::string_view types) {
    append(page, "| `{}` | {} | {} |\n", name_of(op), cell(doc), types);
  };
  for (const ReductionDef& row : reduction_rows()) add(row.op, row.doc, spelled(row.types));
  for (const ViewDef& row : view_rows()) add(row.op, row.doc, "all");
  for (const PlacementDef& row : placement_rows()) add(row.op, row.doc, "all");
  for (const CumulativeDef& row : cumulative_rows()) add(row.op, row.doc, spelled(row.types));
  for (const ArrayDef& row : array_rows()) add(row.op, row.doc, spelled(row.types));
  return page;
}

}  // namespace

void print_operators(std::string_view table) {
  const std::string page = table == "functions"     ? function_table()
                           : table == "elementwise" ? elementwise_table()
                                                    : array_table();
  std::fwrite(page.data(), 1, page.size(), stdout);
}

}  // namespace thx::opt
