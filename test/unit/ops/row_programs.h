// SPDX-License-Identifier: Apache-2.0
// Programs in tensor IR that hold every row of a family, for one dtype each.
#pragma once

#include <string>
#include <vector>

#include "ops/op_def.h"
#include "support/text.h"

namespace thx::testing {

inline constexpr DType kAllDTypes[] = {DType::boolean, DType::i8,  DType::i16, DType::i32,
                                       DType::i64,     DType::u8,  DType::u16, DType::u32,
                                       DType::u64,     DType::f32, DType::f64};

/// One function over [N]: each elementwise row that accepts `dtype` (casts to every dtype) and of
/// which `wanted` is true.
template <class Wanted>
std::string elementwise_program(DType dtype, Wanted&& wanted) {
  const std::string_view d = spelling(dtype);
  std::string body;
  std::vector<std::string> outputs;
  const auto add = [&](const std::string& name, std::string_view op, std::string_view operands,
                       DType result) {
    body += format("  %{} = {} {} : {}[N]\n", name, op, operands, spelling(result));
    outputs.push_back(format("{0} = %{0}", name));
  };
  static constexpr std::string_view kOperands[] = {"", "%x", "%x, %y", "%x, %y, %w"};
  for (const ElementwiseDef& row : elementwise_rows()) {
    if (!accepts(row.types, dtype) || !wanted(row)) continue;
    const std::string name(name_of(row.op));
    const std::string_view operands = kOperands[info(row.op).operands];
    switch (row.result) {
      case ResultDType::same: add("r_" + name, name, operands, dtype); break;
      case ResultDType::boolean: add("r_" + name, name, operands, DType::boolean); break;
      case ResultDType::chosen: add("r_" + name, name, "%c, %x, %y", dtype); break;
      case ResultDType::given:
        for (const DType to : kAllDTypes)
          if (to != dtype) add(format("r_{}_{}", name, spelling(to)), name, operands, to);
        break;
    }
  }
  return format(
      "func @f(%x: {0}[N], %y: {0}[N], %w: {0}[N], %c: bool[N]) {{\n{1}  return {2}\n}}\n", d, body,
      join(outputs, ", ", [](const std::string& s) { return s; }));
}

/// One function: a product of matrices, of a matrix and a vector, of vectors, and the pieces beside
/// them that only move elements.
inline std::string product_program(DType dtype) {
  return format(R"(
func @f(%x: {0}[N, K], %y: {0}[K, 20], %v: {0}[K], %w: {0}[N], %idx: i64[N]) {{
  %a = dot %x, %y {{lhs_contract = [1], rhs_contract = [0]}} : {0}[N, 20]
  %b = dot %x, %v {{lhs_contract = [1], rhs_contract = [0]}} : {0}[N]
  %c = dot %w, %x {{lhs_contract = [0], rhs_contract = [0]}} : {0}[K]
  %d = dot %v, %v {{lhs_contract = [0], rhs_contract = [0]}} : {0}
  %t = transpose %x {{permutation = [1, 0]}} : {0}[K, N]
  %r = broadcast %v {{axes = [1], shape = [N, K]}} : {0}[N, K]
  %s = mul %x, %r : {0}[N, K]
  %g = gather %w, %idx {{axes = [0]}} : {0}[N]
  %h = scatter_add %w, %g, %idx {{axes = [0]}} : {0}[N]
  return a = %a, b = %b, c = %c, d = %d, t = %t, s = %s, g = %g, h = %h
}}
)",
                spelling(dtype));
}

/// One function over [N, K]: each reduction that accepts `dtype`, of rows, of columns and whole.
inline std::string reduction_program(DType dtype) {
  const std::string_view d = spelling(dtype);
  std::string body;
  std::vector<std::string> outputs;
  for (const ReductionDef& row : reduction_rows()) {
    if (!accepts(row.types, dtype)) continue;
    for (const auto& [axes, shape] :
         {std::pair("[1]", "[N]"), std::pair("[0]", "[K]"), std::pair("[0, 1]", "")}) {
      const std::string name = format("r{}", outputs.size());
      body += format("  %{} = {} %x {{axes = {}}} : {}{}\n", name, name_of(row.op), axes, d, shape);
      outputs.push_back(format("{0} = %{0}", name));
    }
  }
  return format("func @f(%x: {}[N, K]) {{\n{}  return {}\n}}\n", d, body,
                join(outputs, ", ", [](const std::string& s) { return s; }));
}

}  // namespace thx::testing
