// SPDX-License-Identifier: Apache-2.0
// The types of operators with regions, and of what belongs to them.
#include <algorithm>

#include "ir/verify_node.h"
#include "support/text.h"

namespace thx {
namespace {

using Types = std::vector<Type>;

Types types_of(std::span<const Value> values) {
  Types types;
  for (const Value value : values) types.push_back(value->type());
  return types;
}

std::string list(const Types& types) {
  return types.empty() ? "nothing" : join(types, ", ", [](const Type& type) { return text(type); });
}

class ControlVerifier {
 public:
  ControlVerifier(const Node& node, std::vector<std::string>& problems)
      : node_(node), problems_(problems), operands_(types_of(node.operands)) {}

  void cond() {
    if (operands_.empty() || operands_[0] != Type{DType::boolean, {}}) {
      problems_.push_back("the condition of a cond is a bool scalar");
      return;
    }
    const Types captures(operands_.begin() + 1, operands_.end());
    for (const Region& region : node_.regions) {
      expect("parameters", captures, types_of(region->parameters));
      expect("results", node_.types, types_of(region->results));
    }
  }

  void kernel() {
    expect("parameters", operands_, types_of(node_.regions[0]->parameters));
    expect("results", node_.types, types_of(node_.regions[0]->results));
  }

  void scan() {
    const auto carries = static_cast<size_t>(node_.attrs.integer("carries"));
    const auto sequences = static_cast<size_t>(node_.attrs.integer("sequences"));
    const auto captures = static_cast<size_t>(node_.attrs.integer("captures"));
    const Extent& length = node_.attrs.get<Extent>("length");
    if (std::max({carries, sequences, captures}) > operands_.size() ||
        carries + sequences + captures != operands_.size()) {
      problems_.push_back(
          format("a scan of {} carries, {} sequences and {} captures has {} operands", carries,
                 sequences, captures, operands_.size()));
      return;
    }
    Types parameters = operands_;
    for (size_t i = carries; i < carries + sequences; ++i) {
      Shape& shape = parameters[i].shape;
      if (shape.empty() || shape[0] != length) {
        problems_.push_back(
            format("a sequence of {} steps is {}", length.text(), text(operands_[i])));
        return;
      }
      shape.erase(shape.begin());
    }
    const Body& body = *node_.regions[0];
    expect("parameters", parameters, types_of(body.parameters));
    Types results = types_of(body.results);
    if (results.size() < carries) {
      problems_.push_back("the region of a scan ends without all of its carries");
      return;
    }
    expect("next carries",
           Types(parameters.begin(), parameters.begin() + static_cast<long>(carries)),
           Types(results.begin(), results.begin() + static_cast<long>(carries)));
    for (size_t i = carries; i < results.size(); ++i)
      results[i].shape.insert(results[i].shape.begin(), length);
    expect("results", results, node_.types);
  }

  void result() {
    const int64_t index = node_.attrs.integer("index");
    const Types& types = node_.operands[0]->types;
    if (index < 0 || index >= static_cast<int64_t>(types.size())) {
      problems_.push_back(format("there is no result {}", index));
    } else {
      expect("results", {types[static_cast<size_t>(index)]}, node_.types);
    }
  }

  void mark() { expect("results", operands_, node_.types); }

  void grad() {
    if (operands_.empty() || !operands_[0].is_scalar() || !is_float(operands_[0].dtype)) {
      problems_.push_back("the cost of a grad is a float scalar");
      return;
    }
    for (size_t i = 1; i < node_.operands.size(); ++i) {
      const Op op = node_.operands[i]->op;
      if (op != Op::mark && op != Op::parameter)
        problems_.push_back("a target of a grad is a mark, an input or a state");
    }
    expect("results", Types(operands_.begin() + 1, operands_.end()), node_.types);
  }

 private:
  void expect(std::string_view what, const Types& expected, const Types& found) {
    if (expected == found) return;
    problems_.push_back(format("{} of {}: expected {}, found {}", what, name_of(node_.op),
                               list(expected), list(found)));
  }

  const Node& node_;
  std::vector<std::string>& problems_;
  const Types operands_;
};

}  // namespace

void verify_control(const Node& node, std::vector<std::string>& problems) {
  ControlVerifier verifier(node, problems);
  switch (node.op) {
    case Op::cond: return verifier.cond();
    case Op::scan: return verifier.scan();
    case Op::kernel: return verifier.kernel();
    case Op::result: return verifier.result();
    case Op::mark: return verifier.mark();
    case Op::grad: return verifier.grad();
    default: problems.push_back(format("{} is no control operator", name_of(node.op)));
  }
}

}  // namespace thx
