// SPDX-License-Identifier: Apache-2.0
// One example or more for each row.
#include "array_examples.h"

#include "ops/axes.h"
#include "ops/build.h"

namespace thx::testing {
namespace {

const Extent n = Extent::symbol("N"), m = Extent::symbol("M"), k = Extent::symbol("K");

Type real(Shape shape) { return {DType::f64, std::move(shape)}; }
Type indices(Shape shape) { return {DType::i64, std::move(shape)}; }

Example reducing(Op op, AxisList axes) {
  return {format("{} over {} axes", name_of(op), axes.size()),
          {real({n, k, m})},
          [=](Graph& graph, std::span<const Value> v) { return reduce(graph, op, v[0], axes); }};
}
Example viewing(std::string name, Op op, Shape shape, Attrs attrs) {
  return {std::move(name), {real(std::move(shape))}, [=](Graph& graph, std::span<const Value> v) {
            return make(graph, op, v, attrs);
          }};
}
Example contracting(std::string name, Shape lhs, Shape rhs, AxisList lhs_contract,
                    AxisList rhs_contract, AxisList lhs_batch = {}, AxisList rhs_batch = {}) {
  const Attrs attrs = {{"lhs_contract", lhs_contract},
                       {"rhs_contract", rhs_contract},
                       {"lhs_batch", lhs_batch},
                       {"rhs_batch", rhs_batch}};
  return {"dot " + name,
          {real(std::move(lhs)), real(std::move(rhs))},
          [=](Graph& graph, std::span<const Value> v) { return make(graph, Op::dot, v, attrs); }};
}
Example indexing(std::string name, Op op, std::vector<Type> types, AxisList axes) {
  return {std::move(name), std::move(types), [=](Graph& graph, std::span<const Value> v) {
            return make(graph, op, v, {{"axes", axes}});
          }};
}

Example placing(std::string name, Op op, std::vector<Shape> shapes, Attrs attrs) {
  Example example{std::move(name), {}, [=](Graph& graph, std::span<const Value> v) {
                    return make(graph, op, v, attrs);
                  }};
  for (Shape& shape : shapes) example.types.push_back(real(std::move(shape)));
  return example;
}
Example slicing(std::string name, Shape shape, Shape starts, AxisList steps, Shape result) {
  return viewing(
      "slice " + name, Op::slice, std::move(shape),
      {{"starts", std::move(starts)}, {"steps", std::move(steps)}, {"shape", std::move(result)}});
}
Example running(std::string name, std::vector<Type> types, AxisList axes, Shape shape) {
  Example example = indexing(std::move(name), Op::dynamic_slice, std::move(types), axes);
  example.build = [=](Graph& graph, std::span<const Value> v) {
    return make(graph, Op::dynamic_slice, v, {{"axes", axes}, {"shape", shape}});
  };
  example.lowest_index = 0;
  return example;
}
}  // namespace

std::vector<Example> positions() {
  std::vector<Example> all;
  for (Op op : {Op::argmax, Op::argmin})
    for (int64_t axis : {0, 1})
      all.push_back(viewing(std::string(name_of(op)), op, {n, k}, {{"axis", axis}}));
  for (Op op : {Op::weighted_softmax, Op::weighted_logsumexp})
    for (int64_t axis : {0, 1})
      all.push_back(placing(std::string(name_of(op)), op,
                            std::vector<Shape>(static_cast<size_t>(info(op).operands), {n, k}),
                            {{"axis", axis}}));
  return all;
}

std::vector<Example> examples() {
  std::vector<Example> all = {
      viewing("broadcast new axes", Op::broadcast, {n, m},
              {{"axes", AxisList{1, 3}}, {"shape", Shape{2, n, k, m}}}),
      viewing("broadcast stretch", Op::broadcast, {n, 1, m},
              {{"axes", AxisList{0, 1, 2}}, {"shape", Shape{n, k, m}}}),
      viewing("broadcast one", Op::broadcast, {n}, {{"axes", AxisList{1}}, {"shape", Shape{1, n}}}),
      viewing("transpose", Op::transpose, {n, m, k}, {{"permutation", AxisList{2, 0, 1}}}),
      viewing("reshape", Op::reshape, {n, k, m}, {{"shape", Shape{n * m, k}}}),
      contracting("matrix vector", {n, k}, {k}, {1}, {0}),
      contracting("vector matrix", {n}, {n, k}, {0}, {0}),
      contracting("vectors", {n}, {n}, {0}, {0}),
      contracting("matrices", {n, k}, {k, m}, {1}, {0}),
      contracting("transposed left", {k, n}, {k, m}, {0}, {0}),
      contracting("transposed right", {n, k}, {m, k}, {1}, {1}),
      contracting("both transposed", {k, n}, {m, k}, {0}, {1}),
      contracting("two axes", {n, k, m}, {m, n, 2}, {0, 2}, {1, 0}),
      contracting("two axes, all", {n, k, m}, {m, n}, {0, 2}, {1, 0}),
      contracting("batch", {n, k, m}, {n, m, 2}, {2}, {1}, {0}, {0}),
      contracting("batch behind", {k, n, m}, {m, 2, n}, {2}, {0}, {1}, {2}),
      contracting("batch vectors", {k, n}, {n, k}, {0}, {1}, {1}, {0}),
      indexing("gather rows", Op::gather, {real({n, k}), indices({5})}, {0}),
      indexing("gather elements", Op::gather, {real({n, k}), indices({m}), indices({m})}, {0, 1}),
      indexing("gather columns", Op::gather, {real({n, k}), indices({2, 2})}, {1}),
      indexing("scatter rows", Op::scatter_add, {real({n, k}), real({5, k}), indices({5})}, {0}),
      indexing("scatter elements", Op::scatter_add,
               {real({n, k}), real({m}), indices({m}), indices({m})}, {0, 1}),
      indexing("scatter_set rows", Op::scatter_set, {real({n, k}), real({5, k}), indices({5})},
               {0}),
      indexing("scatter_set elements", Op::scatter_set,
               {real({n, k}), real({5}), indices({5}), indices({5})}, {1, 0}),
      indexing("scatter_set one row", Op::scatter_set, {real({n, k}), real({k}), indices({})}, {0}),
      indexing("scatter_set planes", Op::scatter_set,
               {real({n, k, m}), real({2, 3, n, k}), indices({2, 3})}, {2}),
      slicing("of a run", {n, k, m}, {1, 0, 0}, {1, 1, 1}, {2, k, 1}),
      slicing("of every other one", {7, k}, {1, 0}, {2, 3}, {3, 2}),
      slicing("backwards", {n, k}, {n - 1, 3}, {-1, -2}, {n, 2}),
      slicing("of nothing", {n, k}, {n, 3}, {1, -1}, {0, 4}),
      viewing("diagonal", Op::diagonal, {n, n}, {{"axes", AxisList{0, 1}}}),
      viewing("diagonal of wide ones", Op::diagonal, {m, n, k}, {{"axes", AxisList{0, 2}}}),
      viewing("diagonal of tall ones", Op::diagonal, {k, 2, m}, {{"axes", AxisList{2, 0}}}),
      viewing("diagonal of the other way", Op::diagonal, {k, 2, m}, {{"axes", AxisList{0, 2}}}),
      placing("concat", Op::concat, {{n, k}, {n, 0}, {n, 2}, {n, k}}, {{"axis", int64_t{1}}}),
      placing("concat of one", Op::concat, {{n, k}}, {{"axis", int64_t{0}}}),
      placing("place", Op::place, {{7, k}, {3, 2}},
              {{"starts", Shape{1, k - 2}}, {"steps", AxisList{2, 1}}}),
      placing("place of nothing", Op::place, {{n, k}, {n, 0}},
              {{"starts", Shape{0, 2}}, {"steps", AxisList{1, 1}}}),
      viewing("cumsum", Op::cumsum, {n, k}, {{"axis", int64_t{1}}}),
      viewing("cumsum from the end", Op::cumsum, {n, k, m},
              {{"axis", int64_t{0}}, {"reverse", true}}),
      running("dynamic rows", {real({7, k}), indices({})}, {0}, {3, k}),
      running("dynamic block", {real({7, k, 6}), indices({}), indices({})}, {2, 0}, {4, k, 2}),
  };
  for (Op op : {Op::sum, Op::prod, Op::max, Op::min})
    for (AxisList axes : {AxisList{1}, AxisList{0, 2}, AxisList{0, 1, 2}})
      all.push_back(reducing(op, axes));
  for (Op op : {Op::softmax, Op::log_softmax, Op::logsumexp})
    for (int64_t axis : {0, 1})
      all.push_back(viewing(std::string(name_of(op)), op, {n, k}, {{"axis", axis}}));
  return all;
}

}  // namespace thx::testing
