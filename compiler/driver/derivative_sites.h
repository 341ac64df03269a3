// SPDX-License-Identifier: Apache-2.0
// Where derivatives stand in a program, and parts of bodies as functions of their own.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "ir/function.h"

namespace thx {

/// A node that stands for derivatives, in the body of a function or of a region in it.
struct DerivativeSite {
  const Body* body;
  Value node;
  const Function* function;
  bool is_region;
};

/// All of a program, in the order of its functions and nodes; what stands in the gradient that a
/// definition brings is among them.
std::vector<DerivativeSite> derivative_sites(const Program& program);

/// A function that is made of parts of bodies: its inputs p0, p1, and so on are all parameters of
/// one body, then values that are taken as they are given; its outputs are called r0, r1, and so
/// on.
class Extraction {
 public:
  Extraction(const Body& body, std::span<const Value> free);

  Graph& graph() { return function_.graph(); }
  /// From now on `old` is `copy`: a parameter of a region, for what is copied out of it.
  void bind(Value old, Value copy) { copies_[old.node] = copy; }
  /// Copies what `values`, all of one graph, need. Those in `marked` get marks.
  void copy(std::span<const Value> values, std::span<const Value> marked = {});
  Value of(Value old) const { return copies_.at(old.node); }
  bool has(Value old) const { return copies_.contains(old.node); }
  Value add_input(const Type& type);
  void output(Value copy);
  Function finish(const std::vector<Requirement>& requirements);

 private:
  Function function_;
  std::unordered_map<const Node*, Value> copies_;
};

/// The values `results` of a body as a function of its parameters and of `free`.
Function extract(const Body& body, std::span<const Value> free, std::span<const Value> results,
                 const std::vector<Requirement>& requirements);

}  // namespace thx
