// SPDX-License-Identifier: Apache-2.0
// Tensor IR: immutable, interned nodes in a graph. See docs/ir.md for the text form.
//
// A node is an operator applied to values. The same computation is the same node: common
// subexpressions merge by construction. Exceptions are parameters, marks and regions' parameters,
// each of which is itself alone. A node's id is its creation order, which is a topological order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/attrs.h"
#include "ir/op.h"
#include "ir/type.h"
#include "support/source.h"
#include "support/stable_vector.h"

namespace thx {

struct Node;
class Graph;
struct Body;

/// A value: a handle to the node that makes it, compared by identity. Operators with several
/// results (cond, scan, kernel, grad) are read through `result {index = i}` nodes alone.
struct Value {
  const Node* node = nullptr;

  const Node* operator->() const { return node; }
  const Node& operator*() const { return *node; }
  explicit operator bool() const { return node != nullptr; }
  friend bool operator==(Value, Value) = default;
};

/// A region: a closed body. Captures are explicit: they are operands of the node and parameters
/// of the body. Immutable once attached to a node.
using Region = std::shared_ptr<const Body>;

/// What a node reads, in order: a view of what its graph holds.
class Operands : public std::span<const Value> {
 public:
  using std::span<const Value>::span;
  operator std::vector<Value>() const { return {begin(), end()}; }  // NOLINT: to change a copy
  friend bool operator==(const Operands& a, const Operands& b);
};

struct Node {
  Op op;
  TypeList types;  // one per result; exactly one unless the operator has regions or is grad
  Operands operands;
  Attrs attrs;
  std::vector<Region> regions;
  int id;
  Graph* graph;
  size_t hash = 0;  // of all but id and graph

  const Type& type() const { return types[0]; }
  DType dtype() const { return types[0].dtype; }
  const Shape& shape() const { return types[0].shape; }
  Family family() const { return family_of(op); }
};

/// What a node is made from.
struct NodeSpec {
  Op op;
  TypeList types;
  std::vector<Value> operands = {};
  Attrs attrs = {};
  std::vector<Region> regions = {};
};

/// The arena of one body. Owns its nodes; Values stay valid as long as it lives.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// The node for `spec`: the interned one where an equal one exists. Operands must be values of
  /// this graph. Types are the caller's (ops/build.h infers them from the operator's row).
  /// `spans` and `name` are added to what the node has: a merged node has several origins; the
  /// first name stays.
  Value intern(NodeSpec spec, const SpanSet& spans = {}, std::string_view name = {});
  /// The interned node for `spec`; null where there is none.
  Value find(const NodeSpec& spec) const;
  /// From here on a node with regions is one of its own, even where an equal one exists: the inside
  /// of a region has places of its own, and a region of other places would stand for it.
  void keep_regions_apart() { regions_apart_ = true; }
  /// A new parameter, never merged.
  Value parameter(Type type, std::string_view name, const SpanSet& spans = {});

  /// hash_of(*region), computed once: a region that a node holds never changes.
  static size_t hash_attached(const Region& region);

  int size() const { return static_cast<int>(nodes_.size()); }
  Value at(int id) const { return {&nodes_[static_cast<size_t>(id)]}; }

  const SpanSet& spans(Value value) const;
  void add_spans(Value value, const SpanSet& spans);
  void set_spans(Value value, SpanSet spans);
  /// The name the source gave the value, or empty. Names are hints for text and debugging.
  const std::string& name(Value value) const;
  void set_name(Value value, std::string_view name);

 private:
  // An interned node, by what its hash ends in and its id, in a table with open addressing: a
  // search reads few nodes but the one it finds, and growing reads none.
  struct Slot {
    uint32_t tag = 0;
    int32_t id = -1;  // none
  };
  size_t hash_for(const NodeSpec& spec) const;
  // The place of the node for `spec`, or the free one where it belongs.
  size_t slot_of(const NodeSpec& spec, size_t hash) const;
  void grow();
  Value append(NodeSpec spec, size_t hash, const SpanSet& spans, std::string_view name);
  Operands hold(std::span<const Value> operands);

  // Callers hold references to nodes, places and names while they make other nodes.
  StableVector<Node> nodes_;
  StableVector<SpanSet> spans_;
  StableVector<std::string> names_;
  std::vector<Slot> slots_;  // a power of two of them
  size_t interned_ = 0;      // of the slots, how many are taken
  bool regions_apart_ = false;
  std::vector<std::unique_ptr<Value[]>> operands_;
  std::span<Value> free_operands_;  // the end of the last block
};

/// A graph with its parameters, in order, and its results: a function's or a region's.
struct Body {
  Graph graph;
  std::vector<Value> parameters;
  std::vector<Value> results;

 private:
  // Of a region that a node holds, which never changes again; 0 where not computed.
  mutable std::atomic<size_t> attached_hash_ = 0;
  friend class Graph;
};

/// Structural hash and equality of closed bodies (used to intern nodes with regions). Bodies are
/// equal where they compute the same results from the same parameters; names, spans, dead nodes and
/// the order of ids do not count.
size_t hash_of(const Body& body);
bool equal(const Body& a, const Body& b);

/// The type of each of `values`, which have one.
std::vector<Type> types_of(std::span<const Value> values);
/// The nodes that `roots` need, operands before users, by id. Iterative.
std::vector<Value> needed(const Graph& graph, std::span<const Value> roots);
/// How many operand positions and roots read each node, by id, counting only needed nodes.
std::vector<int> use_counts(const Graph& graph, std::span<const Value> roots);

}  // namespace thx
