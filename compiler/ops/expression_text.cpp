// SPDX-License-Identifier: Apache-2.0
// Writes an expression as deep as it stays short.
#include "ops/expression_text.h"

#include <algorithm>

#include "ir/print.h"
#include "ir/structure.h"
#include "ops/build.h"
#include "ops/control.h"
#include "ops/infix.h"
#include "support/text.h"

namespace thx {
namespace {

using source::Expression;

constexpr int kDeepest = 7;          // operators within each other
constexpr size_t kMostOperands = 4;  // of one call
constexpr std::string_view kCut = "…";

class Writing {
 public:
  Writing(Value root, std::span<const Value> open, std::string_view other, size_t most)
      : root_(root), open_(open), other_(other), most_(most) {}

  Expression whole(int depth) {
    bytes_ = 0;
    return spelled(root_, depth);
  }

 private:
  Expression made(std::string text, int level = source::kAtom) {
    bytes_ += text.size();
    return {std::move(text), level};
  }

  Expression of(Value value, int depth) {
    if (const Scalar* scalar = constant_of(value)) return number(*scalar);
    const bool is_open = std::ranges::find(open_, value) != open_.end();
    const std::string& name = value->graph->name(value);
    if (!name.empty() && !is_open) return made(name);
    if (value->op == Op::broadcast) return of(value->operands[0], depth);
    const bool is_free = value->family() == Family::source && value->op != Op::parameter;
    if (!is_open && !is_free && !other_.empty()) return made(std::string(other_));
    // Text that is thrown away again is not written to its end.
    if (depth == 0 || bytes_ > 4 * most_) return made(std::string(kCut));
    return spelled(value, depth);
  }

  Expression number(const Scalar& scalar) {
    std::string text = thx::text(scalar);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return made(text, text.starts_with('-') ? source::kPrefix : source::kAtom);
  }

  Expression spelled(Value value, int depth) {
    switch (value->op) {
      case Op::constant: return number(*constant_of(value));
      case Op::broadcast: return of(value->operands[0], depth);
      case Op::parameter: {
        const std::string& name = value->graph->name(value);
        return made(name.empty() ? std::string(kCut) : name);
      }
      case Op::extent: return made(value->attrs.get<Extent>("extent").text());
      case Op::mark: return of(value->operands[0], depth);
      case Op::result: return made(format("{}(…)", name_of(value->operands[0]->op)));
      default: break;
    }
    std::vector<Expression> operands;
    for (size_t i = 0; i < value->operands.size() && i <= kMostOperands; ++i)
      operands.push_back(i == kMostOperands ? made(std::string(kCut))
                                            : of(value->operands[i], depth - 1));
    return applied(value, operands);
  }

  Expression applied(Value value, const std::vector<Expression>& operands) {
    const source::Sign* sign = source::find_sign(value->op);
    if (sign != nullptr && operands.size() == 2)
      return source::infix(*sign, operands[0], operands[1]);
    Expression out;
    // Rules tell squares from powers; so does what is read of them.
    const bool is_sign = operands.size() == 1 && value->op != Op::square;
    if (is_sign && source::unary(value->op, operands[0], out)) return out;
    switch (value->op) {
      case Op::cast: return made(format("{}({})", spelling(value->dtype()), operands[0].text));
      case Op::transpose: return made(in_brackets(operands[0], source::kAtom) + ".T");
      case Op::slice:
      case Op::dynamic_slice:
      case Op::gather: return made(in_brackets(operands[0], source::kAtom) + "[…]");
      case Op::dot:
        return made(format("{} @ {}", in_brackets(operands[0], source::kProduct),
                           in_brackets(operands[1], source::kPrefix)),
                    source::kProduct);
      default: break;
    }
    std::vector<std::string> arguments;
    for (const Expression& operand : operands) arguments.push_back(operand.text);
    if (value->family() == Family::reduction && !value->shape().empty()) {
      const std::vector<int64_t>& axes = value->attrs.ints("axes");
      const std::string list = join(axes, ", ", [](int64_t axis) { return std::to_string(axis); });
      arguments.push_back(axes.size() == 1 ? "axis=" + list : "axis=(" + list + ")");
    }
    return made(format("{}({})", name_of(value->op), join(arguments, ", ")));
  }

  Value root_;
  std::span<const Value> open_;
  std::string_view other_;
  size_t most_;
  size_t bytes_ = 0;  // written so far
};

}  // namespace

std::string expression_text(Value value, std::span<const Value> open, std::string_view other,
                            size_t most) {
  Writing writing(value, open, other, most);
  std::string text;
  for (int depth = kDeepest; depth > 0; --depth) {
    text = writing.whole(depth).text;
    if (text.size() <= most) break;
  }
  return text;
}

}  // namespace thx
