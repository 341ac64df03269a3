// SPDX-License-Identifier: Apache-2.0
// Leaves out what no result needs, inside and around regions.
#include "passes/drop_dead.h"

#include <algorithm>
#include <map>

#include "ops/build.h"
#include "ops/control.h"

namespace thx {

namespace {

using Flags = std::vector<bool>;

template <class T>
std::vector<T> kept(std::span<const T> items, const Flags& keep) {
  std::vector<T> result;
  for (size_t i = 0; i < items.size(); ++i)
    if (keep[i]) result.push_back(items[i]);
  return result;
}

// What lives of one body: of a cond or scan the results that are read and the operands that they
// need, of the body its values and parameters.
struct Live {
  std::map<const Node*, Flags> results, operands;  // by node with a region that may be narrowed
  Flags values;                                    // by id
  Flags parameters;
};

Live live_part(const Body& body, std::span<const Value> roots);

// Which parameters of a region its results in `keep` need.
Flags live_parameters(const Body& region, const Flags& keep) {
  return live_part(region, kept<Value>(region.results, keep)).parameters;
}

// Of the operands of a cond, those that the results in `results` need.
Flags live_operands(const Cond& cond, const Flags& results) {
  Flags operands(cond.node->operands.size());
  operands[0] = true;
  for (const Region& region : cond.node->regions) {
    const Flags captures = live_parameters(*region, results);
    for (size_t i = 0; i < captures.size(); ++i) operands[i + 1] = operands[i + 1] || captures[i];
  }
  return operands;
}

// The same for a scan; a carry that a live result reads is a live result too.
Flags live_operands(const Scan& scan, Flags& results) {
  Flags operands = live_parameters(scan.body(), results);
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < scan.carries; ++i) {
      if (!operands[i] || results[i]) continue;
      results[i] = grew = true;
    }
    if (grew) operands = live_parameters(scan.body(), results);
  }
  for (size_t i = 0; i < scan.carries; ++i) operands[i] = operands[i] || results[i];
  return operands;
}

// Users before operands, so that what a dead result alone needs is found dead at once.
Live live_part(const Body& body, std::span<const Value> roots) {
  Live live;
  live.values.resize(static_cast<size_t>(body.graph.size()));
  const auto revive = [&](Value value) { live.values[static_cast<size_t>(value->id)] = true; };
  std::ranges::for_each(roots, revive);
  const std::vector<Value> nodes = needed(body.graph, roots);
  for (auto at = nodes.rbegin(); at != nodes.rend(); ++at) {
    const Value value = *at;
    if (!live.values[static_cast<size_t>(value->id)]) continue;
    const std::optional<Cond> cond = as_cond(value);
    const std::optional<Scan> scan = as_scan(value);
    if (is_result(value)) {
      Flags& results = live.results[value->operands[0].node];
      results.resize(value->operands[0]->types.size());
      results[result_index(value)] = true;
    }
    if (!cond && !scan) {
      std::ranges::for_each(value->operands, revive);
      continue;
    }
    Flags& results = live.results[value.node];
    results.resize(value->types.size());
    Flags& operands = live.operands[value.node];
    operands = cond ? live_operands(*cond, results) : live_operands(*scan, results);
    for (size_t i = 0; i < operands.size(); ++i)
      if (operands[i]) revive(value->operands[i]);
  }
  for (const Value parameter : body.parameters)
    live.parameters.push_back(live.values[static_cast<size_t>(parameter->id)]);
  return live;
}

Region narrowed(const Body& region, const Flags& parameters, const Flags& results);

// Copies what lives of a body.
class Copier {
 public:
  Copier(const Body& from, Body& to, Live live)
      : from_(from), to_(to), live_(std::move(live)), copies_(live_.values.size()) {}

  void keep(Value old, Value copy) { copies_[static_cast<size_t>(old->id)] = copy; }

  // The copies by their old ids; null where there is none.
  std::vector<Value> run(std::span<const Value> roots) {
    for (const Value old : needed(from_.graph, roots)) {
      Value& copy = copies_[static_cast<size_t>(old->id)];
      if (copy || !live_.values[static_cast<size_t>(old->id)]) continue;
      copy = copied(old);
      to_.graph.add_spans(copy, from_.graph.spans(old));
      to_.graph.set_name(copy, from_.graph.name(old));
    }
    return std::move(copies_);
  }

 private:
  std::vector<Value> operands(Value old, size_t begin, size_t count) const {
    const auto flags = live_.operands.find(old.node);
    std::vector<Value> result;
    for (size_t i = begin; i < begin + count; ++i)
      if (flags == live_.operands.end() || flags->second[i])
        result.push_back(copies_[static_cast<size_t>(old->operands[i]->id)]);
    return result;
  }

  Value copied(Value old) {
    if (const std::optional<Cond> parts = as_cond(old)) return cond(*parts);
    if (const std::optional<Scan> parts = as_scan(old)) return scan(*parts);
    const std::vector<Value> all = operands(old, 0, old->operands.size());
    const auto flags =
        is_result(old) ? live_.results.find(old->operands[0].node) : live_.results.end();
    if (flags != live_.results.end()) {
      const auto index = static_cast<int64_t>(result_index(old));
      return result(to_.graph, all[0],
                    std::count(flags->second.begin(), flags->second.begin() + index, true));
    }
    return to_.graph.intern({old->op, old->types, all, old->attrs, old->regions});
  }

  Value cond(const Cond& old) {
    const Flags& results = live_.results.at(old.node.node);
    const Flags& flags = live_.operands.at(old.node.node);
    const Flags captures(flags.begin() + 1, flags.end());
    return make_cond(to_.graph, operands(old.node, 0, 1)[0], operands(old.node, 1, captures.size()),
                     narrowed(*old.then_region(), captures, results),
                     narrowed(*old.else_region(), captures, results));
  }

  Value scan(const Scan& old) {
    const std::vector<Value> initial = operands(old.node, 0, old.carries);
    const std::vector<Value> sequences = operands(old.node, old.carries, old.sequences);
    const std::vector<Value> captures =
        operands(old.node, old.carries + old.sequences, old.captures);
    return make_scan(to_.graph, {.initial = initial,
                                 .sequences = sequences,
                                 .captures = captures,
                                 .body = narrowed(old.body(), live_.operands.at(old.node.node),
                                                  live_.results.at(old.node.node)),
                                 .length = old.length,
                                 .reverse = old.reverse});
  }

  const Body& from_;
  Body& to_;
  const Live live_;
  std::vector<Value> copies_;
};

// The region with fewer parameters and results.
Region narrowed(const Body& region, const Flags& parameters, const Flags& results) {
  auto body = std::make_shared<Body>();
  const std::vector<Value> roots = kept<Value>(region.results, results);
  Copier copier(region, *body, live_part(region, roots));
  for (size_t i = 0; i < region.parameters.size(); ++i) {
    if (!parameters[i]) continue;
    const Value old = region.parameters[i];
    body->parameters.push_back(
        body->graph.parameter(old->type(), region.graph.name(old), region.graph.spans(old)));
    copier.keep(old, body->parameters.back());
  }
  const std::vector<Value> copies = copier.run(roots);
  for (const Value root : roots) body->results.push_back(copies[static_cast<size_t>(root->id)]);
  return body;
}

void drop(Function& function) {
  auto body = std::make_unique<Body>();
  const std::vector<Value> roots = function.roots();
  const Body& old = *function.body;
  Copier copier(old, *body, live_part(old, roots));
  for (const Value parameter : old.parameters) {
    body->parameters.push_back(body->graph.parameter(parameter->type(), old.graph.name(parameter),
                                                     old.graph.spans(parameter)));
    copier.keep(parameter, body->parameters.back());
  }
  replace_body(function, std::move(body), copier.run(roots));
}

}  // namespace

void drop_dead(Program& program) {
  for (Function& function : program.functions) drop(function);
  if (program.init) drop(*program.init);
}

}  // namespace thx
