// SPDX-License-Identifier: Apache-2.0
// Bodies to steps: kernels, branches, loops, and the memory of their values.
#include "schedule/function_builder.h"

#include <algorithm>
#include <unordered_set>

#include "ir/structure.h"
#include "schedule/prove.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::loop {
namespace {

size_t at(int i) { return static_cast<size_t>(i); }

/// Products of extents that what is known makes non-negative: counts of the elements of parts, such
/// as F*N-F, which N-1 >= 0 alone does not show.
void assume_counts(const Body& source, std::vector<Extent>& assumed) {
  if (assumed.empty()) return;
  const Facts known{{}, assumed};
  std::unordered_set<Extent> seen;
  std::vector<const Body*> bodies = {&source};
  while (!bodies.empty()) {
    const Body& body = *bodies.back();
    bodies.pop_back();
    for (int id = 0; id < body.graph.size(); ++id) {
      const Value value = body.graph.at(id);
      for (const Region& region : value->regions) bodies.push_back(region.get());
      for (const Type& type : value->types) {
        const Extent count = element_count(type.shape);
        if (type.rank() < 2 || !seen.insert(count).second || Facts{}.prove(count)) continue;
        if (std::ranges::all_of(type.shape, [&](const Extent& e) { return known.prove(e); }))
          assumed.push_back(count);
      }
    }
  }
}

}  // namespace

FunctionBuilder::FunctionBuilder(const thx::Function& source, const Machine& machine,
                                 const Guards& guards)
    : source_(source), machine_(machine), guards_(guards) {
  function_.name = source.name;
}

Function FunctionBuilder::build() {
  Locations locations(at(source_.graph().size()));
  add_parameters(locations);
  assume_requirements();
  assume_counts(*source_.body, function_.assumed);
  function_.fallible = can_fail(*source_.body, true) || guards_something();
  const Wishes wishes = wish_roots();
  find_outputs();
  lower(*source_.body, locations, wishes, function_.steps);
  guard_entry();
  finish_roots(locations);
  return std::move(function_);
}

/// What the entry has checked; of extents that differ by a number the least one says it all.
void FunctionBuilder::assume_requirements() {
  std::map<std::string, size_t> known;  // by the text without the number
  const auto assume = [&](const Extent& extent) {
    int64_t number = 0;
    for (const Extent::Term& term : extent.terms())
      if (term.factors.empty()) number += term.coefficient;
    const auto [place, is_new] =
        known.try_emplace((extent - number).text(), function_.assumed.size());
    if (is_new) {
      function_.assumed.push_back(extent);
    } else if (const Extent gap = function_.assumed[place->second] - extent; gap.known() > 0) {
      function_.assumed[place->second] = extent;
    }
  };
  for (const Requirement& requirement : source_.requirements) {
    const Extent difference = requirement.left - requirement.right;
    assume(difference);
    if (requirement.kind == Requirement::Kind::equal) assume(0 - difference);
  }
}

// ---- Buffers ----

std::string FunctionBuilder::unique(std::string_view name) {
  std::string word;
  for (char c : name) word += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (word.empty()) word = "v";
  if (names_.insert(word).second) return word;
  int& n = numbered_[word];  // the last number that the word has had
  do ++n;
  while (!names_.insert(format("{}_{}", word, n)).second);
  return format("{}_{}", word, n);
}

int32_t FunctionBuilder::add_buffer(std::string_view name, const Type& type, Scope scope,
                                    Access access, Storage storage) {
  function_.buffers.push_back(
      {{unique(name), type.dtype, type.shape, row_major_strides(type.shape), scope, access},
       std::move(storage)});
  return static_cast<int32_t>(function_.buffers.size()) - 1;
}

FunctionBuilder::Location FunctionBuilder::workspace(std::string_view name, const Type& type) {
  return {add_buffer(name.empty() ? "v" : name, type, Scope::workspace, Access::inout,
                     {Storage::Kind::workspace, -1, 0}),
          0};
}

void FunctionBuilder::add_parameters(Locations& locations) {
  for (size_t i = 0; i < source_.inputs.size(); ++i) {
    const Input& input = source_.inputs[i];
    input_buffers_.push_back(add_buffer(input.name, input.value->type(), Scope::argument,
                                        Access::in,
                                        {Storage::Kind::input, static_cast<int>(i), 0}));
    locations[at(input.value->id)] = Location{input_buffers_.back(), 0};
  }
  for (size_t i = 0; i < source_.states.size(); ++i) {
    const StateUse& use = source_.states[i];
    state_buffers_.push_back(add_buffer(use.name, use.current->type(), Scope::state,
                                        use.next ? Access::inout : Access::in,
                                        {Storage::Kind::state, static_cast<int>(i), 0}));
    locations[at(use.current->id)] = Location{state_buffers_.back(), 0};
  }
  for (size_t i = 0; i < source_.outputs.size(); ++i) {
    const Output& output = source_.outputs[i];
    output_buffers_.push_back(add_buffer(output.name, output.value->type(), Scope::argument,
                                         Access::out,
                                         {Storage::Kind::output, static_cast<int>(i), 0}));
  }
}

void FunctionBuilder::copy(const Location& to, const Location& from, const Type& type,
                           std::vector<Step>& steps) {
  if (to.buffer == from.buffer && to.offset == from.offset) return;
  steps.push_back({Copy{to, from, element_count(type.shape)}});
}

// ---- Bodies ----

void FunctionBuilder::lower(const Body& body, Locations& locations, const Wishes& wishes,
                            std::vector<Step>& steps) {
  const std::vector<Value> nodes = needed(body.graph, body.results);
  LastReaders last(at(body.graph.size()), -1);
  for (Value value : nodes)
    for (Value operand : value->operands) last[at(operand->id)] = value->id;
  for (Value result : body.results) last[at(result->id)] = body.graph.size();
  for (Value value : nodes) {
    if (is_kernel(*value)) {
      lower_kernel(value, locations, wishes, last, steps);
    } else if (is_cond(*value)) {
      lower_cond(value, locations, wishes, steps);
    } else if (is_scan(*value)) {
      lower_scan(value, locations, wishes, steps);
    } else {
      THX_CHECK(is_parameter(*value) || is_result(*value), "{} outside a kernel",
                name_of(value->op));
    }
  }
}

std::vector<FunctionBuilder::Location> FunctionBuilder::place_results(
    Value node, Locations& locations, const Wishes& wishes, const std::optional<Location>& first) {
  std::vector<std::optional<Location>> places(node->types.size());
  const Graph& graph = *node->graph;
  std::vector<std::string> names(node->types.size());
  for (int id = node->id + 1; id < graph.size(); ++id) {
    const Value reader = graph.at(id);
    // A node's readers are made right after it.
    if (!is_result(*reader) || !(reader->operands[0] == node)) {
      if (has_result_list(reader->op)) break;
      continue;
    }
    const auto index = static_cast<size_t>(reader->attrs.integer("index"));
    names[index] = graph.name(reader);
    if (const auto wish = wishes.find(id); wish != wishes.end()) places[index] = wish->second;
  }
  if (first && !places[0]) places[0] = first;
  std::vector<Location> result;
  for (size_t i = 0; i < places.size(); ++i)
    result.push_back(places[i] ? *places[i] : workspace(names[i], node->types[i]));
  for (int id = node->id + 1; id < graph.size(); ++id) {
    const Value reader = graph.at(id);
    if (is_result(*reader) && reader->operands[0] == node) {
      locations[at(id)] = result[static_cast<size_t>(reader->attrs.integer("index"))];
    } else if (has_result_list(reader->op)) {
      break;
    }
  }
  return result;
}

FunctionBuilder::Wishes FunctionBuilder::wish_results(const Body& region,
                                                      const std::vector<Location>& places) {
  Wishes wishes;
  for (size_t i = 0; i < region.results.size() && i < places.size(); ++i)
    if (is_result(*region.results[i]) && places[i].buffer >= 0)
      wishes.try_emplace(region.results[i]->id, places[i]);
  return wishes;
}

void FunctionBuilder::lower_cond(Value cond, Locations& locations, const Wishes& wishes,
                                 std::vector<Step>& steps) {
  const std::vector<Location> results = place_results(cond, locations, wishes);
  Branch branch{*locations[at(cond->operands[0]->id)], {}, {}};
  for (size_t side = 0; side < 2; ++side) {
    const Body& region = *cond->regions[side];
    std::vector<Step>& inside = side == 0 ? branch.then : branch.otherwise;
    Locations inner(at(region.graph.size()));
    for (size_t i = 0; i < region.parameters.size(); ++i)
      inner[at(region.parameters[i]->id)] = locations[at(cond->operands[i + 1]->id)];
    lower(region, inner, wish_results(region, results), inside);
    for (size_t i = 0; i < results.size(); ++i)
      copy(results[i], *inner[at(region.results[i]->id)], cond->types[i], inside);
  }
  steps.push_back({std::move(branch)});
}

void FunctionBuilder::lower_scan(Value scan, Locations& locations, const Wishes& wishes,
                                 std::vector<Step>& steps) {
  const auto carries = static_cast<size_t>(scan->attrs.integer("carries"));
  const auto sequences = static_cast<size_t>(scan->attrs.integer("sequences"));
  const Body& region = *scan->regions[0];
  const std::vector<Location> results = place_results(scan, locations, wishes);
  Locations inner(at(region.graph.size()));
  For loop{
      format("$t{}", loops_++), scan->attrs.get<Extent>("length"), scan->attrs.flag("reverse"), {}};
  const Extent step = Extent::symbol(loop.var);
  for (size_t i = 0; i < scan->operands.size(); ++i) {
    const Location from = *locations[at(scan->operands[i]->id)];
    Location& place = inner[at(region.parameters[i]->id)].emplace(from);
    if (i < carries) {
      place = results[i];
      copy(place, from, scan->types[i], steps);
    } else if (i < carries + sequences) {
      place.offset += step * element_count(region.parameters[i]->shape());
    }
  }
  std::vector<Location> places(carries, Location{-1, 0});  // a carry is still read in its step
  for (size_t i = carries; i < results.size(); ++i)
    places.push_back(
        {results[i].buffer, results[i].offset + step * element_count(region.results[i]->shape())});
  lower(region, inner, wish_results(region, places), loop.steps);
  for (size_t i = carries; i < results.size(); ++i)
    copy(places[i], *inner[at(region.results[i]->id)], region.results[i]->type(), loop.steps);
  advance_carries(region, inner,
                  {results.begin(), results.begin() + static_cast<ptrdiff_t>(carries)}, loop.steps);
  steps.push_back({std::move(loop)});
}

/// All carries advance together: one that takes another's old value does so through a copy.
void FunctionBuilder::advance_carries(const Body& region, const Locations& inner,
                                      const std::vector<Location>& carries,
                                      std::vector<Step>& steps) {
  std::vector<Location> next;
  for (size_t i = 0; i < carries.size(); ++i) {
    const Value value = region.results[i];
    next.push_back(*inner[at(value->id)]);
    const bool is_other = std::ranges::any_of(carries, [&](const Location& carry) {
      return carry.buffer == next[i].buffer && carry.buffer != carries[i].buffer;
    });
    if (!is_other) continue;
    const Location held = workspace("held", value->type());
    copy(held, next[i], value->type(), steps);
    next[i] = held;
  }
  for (size_t i = 0; i < carries.size(); ++i)
    copy(carries[i], next[i], region.results[i]->type(), steps);
}

}  // namespace thx::loop
