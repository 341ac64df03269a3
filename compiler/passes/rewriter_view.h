// SPDX-License-Identifier: Apache-2.0
// Sums as multisets of signed terms and products as multisets of factors: the views in which rules
// are matched, and the way back that keeps the order in which the user wrote the rest.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "ir/graph.h"
#include "ops/op_def.h"

namespace thx {

using OpSet = std::bitset<static_cast<size_t>(kOpCount)>;

enum class ViewKind : uint8_t { sum, product };

/// How a node takes part in a view.
struct Part {
  bool inner = false;    // its operands are terms or factors themselves
  bool inverts = false;  // the last operand counts negative, or below the line
  bool flips = false;    // a negation inside a product
};
Part part_of(const Node& node, ViewKind kind);

/// A tree of sums (or products) above its leaves, at most kMaxLeaves of them: what lies deeper is a
/// leaf, so that reading a view of every node of a long chain stays linear. In a large graph there
/// are fewer: formulas have few terms, long chains there cost much.
class TermView {
 public:
  static constexpr int kMaxLeaves = 64;
  static constexpr int kMaxLeavesOfLarge = 8;
  static constexpr int kLargeGraph = 16'384;  // nodes

  struct Item {
    Value value;
    int left = -1, right = -1;  // inner items
    int8_t sign = 1;            // of a term; of the exponent of a factor
    bool flips = false;
    const Scalar* constant = nullptr;  // a leaf that is one number
    bool is_leaf() const { return left < 0; }
  };

  TermView(ViewKind kind, Value root) { read(kind, root); }
  TermView() = default;
  void read(ViewKind kind, Value root);

  ViewKind kind() const { return kind_; }
  const std::vector<Item>& items() const { return items_; }
  const Item& item(int index) const { return items_[static_cast<size_t>(index)]; }
  /// Items that are leaves and no numbers, from left to right.
  const std::vector<int>& leaves() const { return leaves_; }
  /// The operators of the leaves, also below a factor that is a number. Found when first asked for.
  const OpSet& ops() const;
  /// The sum of the numbers, or their product with the signs.
  double constant() const { return constant_; }

 private:
  void expand(int index);
  void settle(int index);

  ViewKind kind_ = ViewKind::sum;
  std::vector<Item> items_;  // an inner item stands before its operands
  std::vector<int> leaves_;
  mutable OpSet ops_;
  mutable bool has_ops_ = false;
  double constant_ = 0;
};

/// What becomes of one item when a view is written back.
struct LeafEdit {
  enum class Kind : uint8_t { keep, remove, replace } kind = Kind::keep;
  Value value = {};  // replace: the new term, or factor above the line
  int8_t sign = 1;   // of the new term; of a factor: -1 negates the product
};

/// The expression with edits at its leaves (one entry per item; empty: none) and, for sums, with
/// every sign turned where `negate` asks. Untouched parts stay the nodes they are. Null where
/// nothing is left.
Value write_back(Graph& graph, const TermView& view, std::span<const LeafEdit> edits,
                 bool negate = false);

/// -value, without a negation where turning signs inside does: -(a - b) is b - a.
Value negated(Graph& graph, Value value);
/// factor * value for one number; signs and units cost nothing.
Value scaled(Graph& graph, Value value, double factor);

/// A value as factor * base, or factor / base.
struct Scaled {
  double factor = 1;
  Value base;
  int exponent = 1;
};
/// Takes lone numbers and signs off a product; factor 1 where there is nothing to take.
Scaled without_factor(Value value);
/// The same, also through reciprocals.
Scaled without_factor_or_line(Value value);

/// Whether a + b (or, for `sign` -1, a - b) is smaller than both as far as one can see: a term of a
/// stands in b with the other sign or, where they share none, all of a has the other sign than b.
bool cancels(Value a, Value b, int sign = 1);

/// Whether a is b (or, for `sign` -1, is -b) up to the order of sums, signs and numbers in them.
bool same_value(Value a, Value b, int sign = 1);

}  // namespace thx
