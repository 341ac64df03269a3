// SPDX-License-Identifier: Apache-2.0
// Finds products that end in a sum, by the traits of the operators.
#include "passes/form_fma.h"

#include <optional>

#include "ops/build.h"

namespace thx {
namespace {

bool is_binary_sum(const Node& node) {
  return node.family() == Family::elementwise && node.operands.size() == 2 &&
         (traits_of(node.op) & kSum) != 0;
}

/// A product of two factors, or of one with itself.
bool is_product(const Node& node) {
  if (node.family() != Family::elementwise || node.operands.size() > 2) return false;
  const Traits traits = traits_of(node.op);
  const bool is_plain = (traits & kProduct) != 0 && (traits & (kNegated | kSum)) == 0;
  return is_plain && (node.operands.size() == 2 || (traits & kEven) != 0);
}

/// The operators that the pass makes, found by what their rows say.
struct Vocabulary {
  std::optional<Op> fused, negation;

  Vocabulary() {
    for (const ElementwiseDef& row : elementwise_rows()) {
      const int operands = info(row.op).operands;
      if (operands == 3 && (row.traits & kFusedMultiplyAdd) != 0) fused = row.op;
      if (operands == 1 && (row.traits & kSum) != 0 && (row.traits & kNegated) != 0)
        negation = row.op;
    }
    THX_CHECK(fused && negation, "no row for a fused multiply-add or a negation");
  }
};

class Former {
 public:
  void run(Function& function) {
    const std::vector<int> uses = use_counts(function.graph(), function.roots());
    rebuild(function, [&](Graph& graph, Value old, std::span<const Value> operands) {
      return map(graph, old, operands, uses);
    });
  }

 private:
  Region run(const Region& region) {
    const std::vector<int> uses = use_counts(region->graph, region->results);
    return rebuild(region, [&](Graph& graph, Value old, std::span<const Value> operands) {
      return map(graph, old, operands, uses);
    });
  }

  Value map(Graph& graph, Value old, std::span<const Value> operands,
            const std::vector<int>& uses) {
    if (!old->regions.empty()) {
      NodeSpec spec{old->op, old->types, {operands.begin(), operands.end()}, old->attrs, {}};
      for (const Region& region : old->regions) spec.regions.push_back(run(region));
      return graph.intern(std::move(spec));
    }
    if (old->types.size() != 1 || !is_float(old->dtype())) return {};
    if (old->family() == Family::contraction) {
      Attrs attrs = old->attrs;
      attrs.set("fused", true);
      return graph.intern({old->op, old->types, {operands.begin(), operands.end()}, attrs, {}});
    }
    return is_binary_sum(*old) ? fused_sum(graph, old, operands, uses) : Value{};
  }

  Value fused_sum(Graph& graph, Value old, std::span<const Value> operands,
                  const std::vector<int>& uses) {
    const bool difference = (traits_of(old->op) & kNegated) != 0;
    for (size_t i = 0; i < 2; ++i) {
      const Value product = old->operands[i];
      if (!is_product(*product) || uses[static_cast<size_t>(product->id)] != 1) continue;
      // The product may have been replaced by then, but only sums are.
      Value a = operands[i]->operands.front();
      Value b = operands[i]->operands.back();
      Value c = operands[1 - i];
      if (difference && i == 0) c = negated(graph, c);
      if (difference && i == 1) {
        Value& factor = is_small(b) && !is_small(a) ? b : a;
        factor = negated(graph, factor);
      }
      return make(graph, *vocabulary_.fused, {a, b, c});
    }
    return {};
  }

  /// Whether a negation of it costs less than one per element.
  static bool is_small(Value value) {
    return constant_of(value) != nullptr || value->family() == Family::view;
  }

  /// A number is negated here; under a view, what the view sees.
  Value negated(Graph& graph, Value value) {
    if (const Scalar* number = constant_of(value))
      return constant(graph, value->type(), -number->real);
    if (value->family() != Family::view) return make(graph, *vocabulary_.negation, {value});
    std::vector<Value> views;
    for (; value->family() == Family::view; value = value->operands[0]) views.push_back(value);
    Value result = make(graph, *vocabulary_.negation, {value});
    for (size_t i = views.size(); i-- > 0;)
      result = make(graph, views[i]->op, {result}, views[i]->attrs);
    return result;
  }

  Vocabulary vocabulary_;
};

}  // namespace

void form_fma(Program& program, bool allowed) {
  if (!allowed) return;
  Former former;
  for (Function& function : program.functions) former.run(function);
  if (program.init) former.run(*program.init);
}

}  // namespace thx
