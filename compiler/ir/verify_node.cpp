// SPDX-License-Identifier: Apache-2.0
// Which operands, attributes and regions each operator's nodes have.
#include "ir/verify_node.h"

#include <algorithm>
#include <array>

#include "support/text.h"

namespace thx {
namespace {

struct AttrRule {
  Op op;
  std::string_view required, optional;
};

// Operators without a row have no attributes.
constexpr AttrRule kAttrRules[] = {
    {Op::cast, "dtype", ""},
    {Op::sum, "axes", "order"},
    {Op::prod, "axes", "order"},
    {Op::max, "axes", "order"},
    {Op::min, "axes", "order"},
    {Op::any, "axes", ""},
    {Op::all, "axes", ""},
    {Op::broadcast, "axes shape", ""},
    {Op::transpose, "permutation", ""},
    {Op::reshape, "shape", ""},
    {Op::slice, "starts steps shape", ""},
    {Op::diagonal, "axes", ""},
    {Op::concat, "axis", ""},
    {Op::place, "starts steps", ""},
    {Op::cumsum, "axis", "order reverse"},
    {Op::dot, "lhs_contract rhs_contract", "lhs_batch rhs_batch order fused"},
    {Op::gather, "axes", "batch"},
    {Op::scatter_add, "axes", "batch"},
    {Op::scatter_set, "axes", "batch"},
    {Op::dynamic_slice, "axes shape", ""},
    {Op::softmax, "axis", ""},
    {Op::log_softmax, "axis", ""},
    {Op::logsumexp, "axis", ""},
    {Op::weighted_softmax, "axis", ""},
    {Op::weighted_logsumexp, "axis", ""},
    {Op::argmax, "axis", ""},
    {Op::argmin, "axis", ""},
    {Op::constant, "value", ""},
    {Op::iota, "axis shape", ""},
    {Op::extent, "extent", ""},
    {Op::random_normal, "name shape", "dtype seed"},
    {Op::random_uniform, "name shape", "dtype seed"},
    {Op::random_integers, "name shape low high", "seed"},
    {Op::scan, "carries sequences captures length", "reverse"},
    {Op::kernel, "kind", "name"},
    {Op::result, "index", ""},
    {Op::mark, "", "name"},
    {Op::grad, "", "constants disconnected"},
    {Op::jvp, "outputs", ""},
    {Op::vmap, "mapped extent", ""},
    {Op::call, "gradients", "name"},
};

constexpr std::array<std::string_view, 4> kOrders = {"any", "lanes", "blocks", "upward"};
constexpr std::array<std::string_view, 8> kKernelKinds = {
    "map", "rows", "columns", "contract", "place", "cumulative", "scatter", "call"};

// A word of a fixed list.
template <class Words>
void verify_word(const Node& node, std::string_view key, const Words& words,
                 std::vector<std::string>& problems) {
  const AttrValue* value = node.attrs.find(key);
  const std::string* word = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (word != nullptr && std::ranges::find(words, *word) == words.end())
    problems.push_back(format("there is no {} {}", key, *word));
}

bool lists(std::string_view keys, std::string_view key) {
  for (size_t at = keys.find(key); at != keys.npos; at = keys.find(key, at + 1)) {
    const size_t end = at + key.size();
    if ((at == 0 || keys[at - 1] == ' ') && (end == keys.size() || keys[end] == ' ')) return true;
  }
  return false;
}

void verify_attrs(const Node& node, std::vector<std::string>& problems) {
  const AttrNames rule = attribute_names(node.op);
  for (const auto& [key, value] : node.attrs.entries()) {
    const AttrKey* row = attr_key(key);
    if (row == nullptr || (!lists(rule.required, key) && !lists(rule.optional, key))) {
      problems.push_back(format("{} has no attribute {}", name_of(node.op), key));
    } else if (kind_of(value) != row->kind) {
      problems.push_back(format("the attribute {} is of another kind", key));
    }
  }
  if (node.attrs.empty() && rule.required.empty()) return;
  for (const std::string_view key : split(rule.required, ' '))
    if (!key.empty() && !node.attrs.has(key))
      problems.push_back(format("{} needs the attribute {}", name_of(node.op), key));
  verify_word(node, "order", kOrders, problems);
  verify_word(node, "kind", kKernelKinds, problems);
}

void verify_operands(const Node& node, std::vector<std::string>& problems) {
  const int count = info(node.op).operands;
  if (count >= 0 && node.operands.size() != static_cast<size_t>(count))
    problems.push_back(
        format("{} takes {} operands, not {}", name_of(node.op), count, node.operands.size()));
  for (const Value operand : node.operands) {
    if (operand->graph != node.graph) {
      problems.push_back("an operand belongs to another graph");
    } else if (operand->id >= node.id) {
      problems.push_back("an operand does not precede what uses it");
    } else if (has_result_list(operand->op) != (node.op == Op::result)) {
      problems.push_back(node.op == Op::result ? "a result of an operator that has one value"
                                               : "a list of results is used as a value");
    }
  }
}

}  // namespace

AttrNames attribute_names(Op op) {
  for (const AttrRule& row : kAttrRules)
    if (row.op == op) return {row.required, row.optional};
  return {};
}

void verify_node(const Node& node, std::vector<std::string>& problems) {
  const size_t before = problems.size();
  verify_operands(node, problems);
  verify_attrs(node, problems);
  if (!has_result_list(node.op) && node.types.size() != 1)
    problems.push_back(format("{} has {} types", name_of(node.op), node.types.size()));
  const auto regions = static_cast<size_t>(region_count(node.op));
  if (node.regions.size() != regions)
    problems.push_back(
        format("{} has {} regions, not {}", name_of(node.op), regions, node.regions.size()));
  if (problems.size() == before && node.family() == Family::control) verify_control(node, problems);
}

}  // namespace thx
