// SPDX-License-Identifier: Apache-2.0
// The types of operators with regions, and of what belongs to them.
#include <algorithm>

#include "ir/verify_node.h"
#include "support/text.h"

namespace thx {
namespace {

using Types = std::vector<Type>;

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
    const int64_t constants =
        node_.attrs.has("constants") ? node_.attrs.integer("constants") : int64_t{0};
    if (operands_.empty() || !operands_[0].is_scalar() || !is_float(operands_[0].dtype)) {
      problems_.push_back("the cost of a grad is a float scalar");
      return;
    }
    if (constants < 0 || constants > static_cast<int64_t>(operands_.size()) - 1) {
      problems_.push_back(
          format("a grad of {} operands has {} constants", operands_.size(), constants));
      return;
    }
    targets(1, operands_.size() - 1);
    expect("results", Types(operands_.begin() + 1, operands_.end() - constants), node_.types);
  }

  void jvp() {
    const int64_t outputs = node_.attrs.integer("outputs");
    const int64_t rest = static_cast<int64_t>(operands_.size()) - outputs;
    if (outputs < 0 || rest < 0 || rest % 2 != 0) {
      problems_.push_back(format("a jvp of {} outputs has {} operands", outputs, operands_.size()));
      return;
    }
    const auto first = operands_.begin() + outputs, middle = first + rest / 2;
    targets(static_cast<size_t>(outputs), static_cast<size_t>(rest / 2));
    expect("tangents", Types(first, middle), Types(middle, operands_.end()));
    expect("results", Types(operands_.begin(), first), node_.types);
  }

  void jacobian() {
    if (operands_.empty()) {
      problems_.push_back("a jacobian has an output");
      return;
    }
    targets(1, operands_.size() - 1);
    Types results;
    for (size_t i = 1; i < operands_.size(); ++i) {
      Type type = operands_[i].with(operands_[0].shape);
      type.shape.insert(type.shape.end(), operands_[i].shape.begin(), operands_[i].shape.end());
      results.push_back(type);
    }
    expect("results", results, node_.types);
  }

  void vmap() {
    const int64_t mapped = node_.attrs.integer("mapped");
    const Extent& extent = node_.attrs.get<Extent>("extent");
    if (mapped < 0 || mapped > static_cast<int64_t>(operands_.size())) {
      problems_.push_back(format("a vmap over {} operands has {}", mapped, operands_.size()));
      return;
    }
    Types parameters = operands_;
    for (size_t i = 0; i < static_cast<size_t>(mapped); ++i) {
      Shape& shape = parameters[i].shape;
      if (shape.empty() || shape[0] != extent) {
        problems_.push_back(
            format("what a vmap over {} maps is {}", extent.text(), text(operands_[i])));
        return;
      }
      shape.erase(shape.begin());
    }
    expect("parameters", parameters, types_of(node_.regions[0]->parameters));
    Types results = types_of(node_.regions[0]->results);
    for (Type& type : results) type.shape.insert(type.shape.begin(), extent);
    expect("results", results, node_.types);
  }

  void call() {
    expect("parameters", operands_, types_of(node_.regions[0]->parameters));
    expect("results", node_.types, types_of(node_.regions[0]->results));
    Types parameters = operands_, cotangents;
    parameters.insert(parameters.end(), node_.types.begin(), node_.types.end());
    for (const int64_t operand : node_.attrs.ints("gradients")) {
      if (operand < 0 || operand >= static_cast<int64_t>(operands_.size())) {
        problems_.push_back(format("a call has no operand {}", operand));
        return;
      }
      cotangents.push_back(operands_[static_cast<size_t>(operand)]);
    }
    expect("parameters of the gradient", parameters, types_of(node_.regions[1]->parameters));
    expect("cotangents", cotangents, types_of(node_.regions[1]->results));
  }

 private:
  /// What derivatives are by: `count` operands from `first` on.
  void targets(size_t first, size_t count) {
    for (size_t i = first; i < first + count; ++i) {
      const Op op = node_.operands[i]->op;
      if (op != Op::mark && op != Op::parameter)
        problems_.push_back(
            format("a target of a {} is a mark, an input or a state", name_of(node_.op)));
    }
  }

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
    case Op::jvp: return verifier.jvp();
    case Op::jacobian: return verifier.jacobian();
    case Op::vmap: return verifier.vmap();
    case Op::call: return verifier.call();
    default: problems.push_back(format("{} is no control operator", name_of(node.op)));
  }
}

}  // namespace thx
