// SPDX-License-Identifier: Apache-2.0
// Builds one loop function: where every value lies, and the steps in order.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ir/function.h"
#include "schedule/build_nests.h"
#include "schedule/nests.h"

namespace thx::loop {

class FunctionBuilder {
 public:
  FunctionBuilder(const thx::Function& source, const Machine& machine, const Guards& guards = {});
  Function build();

 private:
  using Location = Argument;
  /// By node id of one body: where its value lies.
  using Locations = std::vector<std::optional<Location>>;
  /// By node id: where a value should be put, if its maker can.
  using Wishes = std::map<int, Location>;

  void assume_requirements();

  // ---- Buffers ----
  void add_parameters(Locations& locations);
  int32_t add_buffer(std::string_view name, const Type& type, Scope scope, Access access,
                     Storage storage);
  Location workspace(std::string_view name, const Type& type);
  std::string unique(std::string_view name);

  // ---- Bodies ----
  void lower(const Body& body, Locations& locations, const Wishes& wishes,
             std::vector<Step>& steps);
  /// By node id of one body: the last node that reads it; a result of the body is read at its end.
  using LastReaders = std::vector<int>;
  void lower_kernel(Value kernel, Locations& locations, const Wishes& wishes,
                    const LastReaders& last, std::vector<Step>& steps);
  std::optional<Location> dying_base(Value kernel, const Locations& locations,
                                     const LastReaders& last) const;
  void lower_cond(Value cond, Locations& locations, const Wishes& wishes, std::vector<Step>& steps);
  void lower_scan(Value scan, Locations& locations, const Wishes& wishes, std::vector<Step>& steps);
  /// Locations of a node's results: as wished, the first one otherwise at `first`, or in the
  /// workspace; the readers get them.
  std::vector<Location> place_results(Value node, Locations& locations, const Wishes& wishes,
                                      const std::optional<Location>& first = {});
  void copy(const Location& to, const Location& from, const Type& type, std::vector<Step>& steps);
  /// Wishes that region results lie in `places`; what did not is copied there afterwards.
  static Wishes wish_results(const Body& region, const std::vector<Location>& places);
  void advance_carries(const Body& region, const Locations& inner,
                       const std::vector<Location>& carries, std::vector<Step>& steps);

  // ---- Kernels ----
  NestRequest request_for(Value kernel, const Locations& locations,
                          const std::vector<Location>& results) const;
  Launch launch(Nest nest, Value kernel, const Locations& locations,
                const std::vector<Location>& results);
  void add_checks(Value kernel, const NestRequest& request, const Locations& locations,
                  const std::vector<Location>& results, std::vector<Step>& steps);
  bool reads_inputs_alone(Value kernel, Value index) const;
  bool can_fail(const Body& body, bool is_top) const;

  // ---- Guards ----
  bool guards_something() const;
  void guard(const Location& place, const Type& type, const std::string& name, Span span,
             double bound, int input, std::vector<Step>& steps);
  void find_outputs();
  void guard_entry();
  void guard_results(Value kernel, const std::vector<Location>& results, std::vector<Step>& steps);
  /// A result of a kernel as messages call it: by its name, or as the output that it is.
  std::string guarded_name(Value kernel, size_t result) const;
  void guard_update(const StateUse& use, const Location& next);

  // ---- States and outputs ----
  Wishes wish_roots();
  bool writes_in_place(size_t state) const;
  bool is_settled(const Location& place, Value value) const;
  void finish_roots(const Locations& locations);

  const thx::Function& source_;
  Machine machine_;
  Guards guards_;
  int guard_count_ = 0;
  std::map<std::pair<const Node*, size_t>, std::string> outputs_;  // of kernels, where guarded
  Function function_;
  std::vector<int32_t> input_buffers_, state_buffers_, output_buffers_;
  std::map<int, int> in_place_;  // id of a result's reader -> the state that it overwrites
  std::set<std::string> names_;
  std::map<std::string, int> numbered_;
  std::set<std::string> checked_;
  int loops_ = 0;
};

/// Whether a kernel may write its result over the operand: it reads each element of it only where,
/// and before, it writes the same element of the result.
bool reads_at_written_place_alone(Value kernel, size_t operand, size_t result);

}  // namespace thx::loop
