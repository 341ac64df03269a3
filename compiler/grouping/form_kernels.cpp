// SPDX-License-Identifier: Apache-2.0
// Regions of kernels: members, and copies of what is free and of views.
#include "grouping/form_kernels.h"

#include <algorithm>
#include <unordered_map>

#include "ir/structure.h"
#include "ops/build.h"

namespace thx {
namespace {

size_t at(int i) { return static_cast<size_t>(i); }

/// A kernel or a node of control, to be put in order.
struct Item {
  bool late;
  int level;
  int id;     // of the first member, or of the node
  int group;  // -1: control
  auto operator<=>(const Item&) const = default;
};

/// One group with what it reads and what others read of it.
struct Contents {
  std::vector<Value> nodes;   // members and copies, operands before users
  std::vector<Value> inputs;  // in memory before the kernel
  std::vector<Value> results;
};

class Former {
 public:
  Former(FormKernels& spec, Body& body, std::vector<Value>& copies)
      : spec_(spec),
        body_(body),
        copies_(copies),
        contents_(spec.partition.groups.size()),
        exported_(spec.facts.size()),
        read_elsewhere_(spec.facts.size()) {}

  void run() {
    collect();
    std::vector<Item> items = ordered_items();
    for (const Item& item : items) {
      if (item.group >= 0) {
        make_kernel(spec_.partition.groups[at(item.group)], contents_[at(item.group)]);
      } else {
        make_control(spec_.old.graph.at(item.id));
      }
    }
  }

 private:
  const Fact& fact(Value value) const { return spec_.facts[at(value->id)]; }

  void collect() {
    for (size_t i = 0; i < contents_.size(); ++i) {
      const Group& group = spec_.partition.groups[i];
      if (!group.members.empty()) gather(group, contents_[i]);
    }
    for (Value value : spec_.nodes)
      if (fact(value).role == Role::control)
        for (Value operand : value->operands) read_elsewhere_[at(operand->id)] = true;
    for (size_t i = 0; i < contents_.size(); ++i)
      for (int member : spec_.partition.groups[i].members)
        if (exported_[at(member)] || spec_.facts[at(member)].stored)
          contents_[i].results.push_back(spec_.old.graph.at(member));
  }

  /// What a group computes: from its members back to values in memory.
  void gather(const Group& group, Contents& contents) {
    std::unordered_map<int, bool> met;
    std::vector<Value> left;
    for (int member : group.members) {
      met[member] = true;
      left.push_back(spec_.old.graph.at(member));
    }
    while (!left.empty()) {
      const Value value = left.back();
      left.pop_back();
      contents.nodes.push_back(value);
      for (Value operand : value->operands) {
        if (!met.emplace(operand->id, true).second) continue;
        const Role role = fact(operand).role;
        if (role == Role::free || role == Role::view) {
          left.push_back(operand);
        } else {
          contents.inputs.push_back(operand);
          exported_[at(operand->id)] = true;
          read_elsewhere_[at(operand->id)] = true;
        }
      }
    }
    const auto by_id = [](Value a, Value b) { return a->id < b->id; };
    std::ranges::sort(contents.nodes, by_id);
    std::ranges::sort(contents.inputs, by_id);
  }

  std::vector<Item> ordered_items() const {
    std::vector<Item> items;
    for (size_t i = 0; i < contents_.size(); ++i) {
      const Group& group = spec_.partition.groups[i];
      if (group.members.empty()) continue;
      bool late = false, read = false;
      for (Value result : contents_[i].results) {
        late = late || spec_.late.contains(result->id);
        read = read || read_elsewhere_[at(result->id)];
      }
      items.push_back({late && !read, group.level, group.members.front(), static_cast<int>(i)});
    }
    for (Value value : spec_.nodes)
      if (fact(value).role == Role::control)
        items.push_back({false, spec_.partition.level_of_node[at(value->id)], value->id, -1});
    std::ranges::sort(items);
    return items;
  }

  void make_kernel(const Group& group, const Contents& contents) {
    auto region = std::make_shared<Body>();
    std::unordered_map<int, Value> inside;
    const Graph& from = spec_.old.graph;
    NodeSpec kernel{kKernelOp, {}, {}, {}, {}};
    for (Value input : contents.inputs) {
      const Value parameter =
          region->graph.parameter(input->type(), from.name(input), from.spans(input));
      region->parameters.push_back(parameter);
      inside[input->id] = parameter;
      kernel.operands.push_back(copies_[at(input->id)]);
    }
    SpanSet spans;
    for (Value value : contents.nodes) {
      NodeSpec copy{value->op, value->types, {}, value->attrs, {}};
      for (Value operand : value->operands) copy.operands.push_back(inside.at(operand->id));
      inside[value->id] =
          region->graph.intern(std::move(copy), from.spans(value), from.name(value));
      spans.insert(from.spans(value));
    }
    for (Value result : contents.results) region->results.push_back(inside.at(result->id));
    kernel.types = types_of(contents.results);
    kernel.attrs = {{"kind", std::string(to_string(group.kind))}, {"name", spec_.next_name()}};
    kernel.regions.push_back(std::move(region));
    const Value node = body_.graph.intern(std::move(kernel), spans);
    for (size_t i = 0; i < contents.results.size(); ++i)
      name_result(contents.results[i], result(body_.graph, node, static_cast<int64_t>(i)));
  }

  void name_result(Value old, Value made) {
    copies_[at(old->id)] = made;
    body_.graph.add_spans(made, spec_.old.graph.spans(old));
    if (!spec_.old.graph.name(old).empty()) body_.graph.set_name(made, spec_.old.graph.name(old));
  }

  void make_control(Value old) {
    NodeSpec spec{old->op, old->types, {}, old->attrs, {}};
    for (Value operand : old->operands) spec.operands.push_back(copies_[at(operand->id)]);
    for (const Region& region : old->regions) spec.regions.push_back(spec_.region(region));
    copies_[at(old->id)] =
        body_.graph.intern(std::move(spec), spec_.old.graph.spans(old), spec_.old.graph.name(old));
    for (Value reader : results_of(old))
      name_result(reader,
                  result(body_.graph, copies_[at(old->id)], reader->attrs.integer("index")));
  }

  const std::vector<Value>& results_of(Value control) {
    if (readers_.empty())
      for (Value value : spec_.nodes)
        if (is_result(*value)) readers_[value->operands[0]->id].push_back(value);
    return readers_[control->id];
  }

  FormKernels& spec_;
  Body& body_;
  std::vector<Value>& copies_;
  std::vector<Contents> contents_;
  std::vector<char> exported_;
  std::vector<char> read_elsewhere_;
  std::unordered_map<int, std::vector<Value>> readers_;
};

}  // namespace

void FormKernels::run(Body& body, std::vector<Value>& copies) { Former(*this, body, copies).run(); }

}  // namespace thx
