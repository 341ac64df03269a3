// SPDX-License-Identifier: Apache-2.0
// A loop that runs backwards: cotangents of carries, sums of those of captures, and where these
// count. See Note [Carried masks].
#include "passes/differentiate_scan.h"

#include <algorithm>
#include <memory>

#include "ops/build.h"
#include "passes/differentiate_regions.h"

namespace thx::reverse {
namespace {

using Cotangents = std::vector<Cotangent>;
using Flags = std::vector<bool>;

Type mask_type(const Type& type) { return type.with(DType::boolean); }
Value everywhere(Graph& graph, const Type& type) { return constant(graph, mask_type(type), 1); }
Value nowhere(Graph& graph, const Type& type) { return constant(graph, mask_type(type), 0); }

/// The body of the loop in reverse, and what it reads of the forward loop. It carries `incoming`:
/// cotangents of the active carries, then sums of those of the active captures; then the masks of
/// those that are flagged. It yields the cotangents of the active sequences' elements, and masks of
/// some.
struct ReverseBody {
  std::shared_ptr<Body> body = std::make_shared<Body>();
  std::vector<size_t> saved, sequences, seeded,
      captures;                         // carries, sequences, yields, captures read
  std::vector<size_t> masked_elements;  // of the active sequences, by position
  Flags new_masks;  // of `incoming`: those that are not flagged, and for which a mask is made
};

/// Which of `parameters` the results need; these become parameters of the body.
std::vector<size_t> keep_read(Body& body, std::span<const Value> parameters) {
  std::vector<bool> alive(static_cast<size_t>(body.graph.size()));
  for (Value value : needed(body.graph, body.results)) alive[static_cast<size_t>(value->id)] = true;
  std::vector<size_t> read;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!alive[static_cast<size_t>(parameters[i]->id)]) continue;
    read.push_back(i);
    body.parameters.push_back(parameters[i]);
  }
  return read;
}

class Reversal {
 public:
  Reversal(const Scan& scan, const Active& active, std::span<const Cotangent> cotangents,
           Session& session)
      : scan_(scan), active_(active), cotangents_(cotangents), session_(session) {}

  size_t incoming() const { return active_.carries.size() + active_.captures.size(); }

  /// With masks for the incoming cotangents that are flagged.
  ReverseBody body(const Flags& masked) const {
    ReverseBody made;
    Body& body = *made.body;
    Graph& graph = body.graph;
    const Body& forward = scan_.body();
    const size_t first_capture = scan_.carries + scan_.sequences;
    const Cotangents incoming = add_incoming(body, masked);
    const Values carries = parameters_like(body, forward, 0, scan_.carries);
    const Values sequences = parameters_like(body, forward, scan_.carries, scan_.sequences);
    const Values captures = parameters_like(body, forward, first_capture, scan_.captures);
    Values arguments = carries;
    append(arguments, sequences);
    append(arguments, captures);
    const Values results = instantiate(graph, forward, arguments);

    std::vector<Seed> seeds;
    for (size_t i = 0; i < active_.carries.size(); ++i)
      seeds.push_back({results[active_.carries[i]], incoming[i]});
    Values of_yields;
    for (size_t i = scan_.carries; i < results.size(); ++i) {
      if (!cotangents_[i]) continue;
      made.seeded.push_back(i);
      Cotangent element{parameter_like(body, results[i]->type(), "")};
      of_yields.push_back(element.value);
      if (cotangents_[i].mask) {
        element.mask = parameter_like(body, mask_type(results[i]->type()), "");
        of_yields.push_back(element.mask);
      }
      seeds.push_back({results[i], element});
    }
    Values targets;
    for (size_t i : active_.carries) targets.push_back(carries[i]);
    for (size_t i : active_.captures) targets.push_back(captures[i]);
    for (size_t i : active_.sequences) targets.push_back(sequences[i]);
    Cotangents found = sweep_masked(graph, seeds, targets, session_);
    add_sums(graph, found, incoming);
    set_results(made, found, targets, masked);
    // The order of parameters: carries (already there), sequences, captures.
    made.saved = keep_read(body, carries);
    made.sequences = keep_read(body, sequences);
    append(body.parameters, of_yields);
    made.captures = keep_read(body, captures);
    return made;
  }

  /// What the loop in reverse starts with.
  Values initial(Graph& graph, const Flags& masked) const {
    Values values, masks;
    for (size_t i = 0; i < incoming(); ++i) {
      const Type& type = type_of(i);
      const Cotangent last =
          i < active_.carries.size() ? cotangents_[active_.carries[i]] : Cotangent{};
      values.push_back(last ? last.value : zeros(graph, type));
      if (!masked[i]) continue;
      masks.push_back(!last       ? nowhere(graph, type)
                      : last.mask ? last.mask
                                  : everywhere(graph, type));
    }
    append(values, masks);
    return values;
  }

 private:
  /// Of what comes in at position `i`.
  const Type& type_of(size_t i) const {
    const size_t carries = active_.carries.size();
    const size_t parameter = i < carries
                                 ? active_.carries[i]
                                 : scan_.carries + scan_.sequences + active_.captures[i - carries];
    return scan_.body().parameters[parameter]->type();
  }

  Cotangents add_incoming(Body& body, const Flags& masked) const {
    Cotangents incoming;
    for (size_t i = 0; i < masked.size(); ++i) {
      incoming.push_back({parameter_like(body, type_of(i), "")});
      body.parameters.push_back(incoming[i].value);
    }
    for (size_t i = 0; i < masked.size(); ++i) {
      if (!masked[i]) continue;
      incoming[i].mask = parameter_like(body, mask_type(type_of(i)), "");
      body.parameters.push_back(incoming[i].mask);
    }
    return incoming;
  }

  /// Captures get what has come in, and what comes of this step.
  void add_sums(Graph& graph, Cotangents& found, const Cotangents& incoming) const {
    for (size_t i = active_.carries.size(); i < incoming.size(); ++i) {
      if (!found[i]) {
        found[i] = incoming[i];
        continue;
      }
      found[i].value = sum_of(graph, incoming[i].value, found[i].value);
      if (incoming[i].mask) found[i].mask = either(graph, incoming[i].mask, found[i].mask);
    }
  }

  void set_results(ReverseBody& made, Cotangents& found, const Values& targets,
                   const Flags& masked) const {
    Body& body = *made.body;
    Graph& graph = body.graph;
    made.new_masks.assign(masked.size(), false);
    Values masks;
    for (size_t i = 0; i < found.size(); ++i) {
      const Type& type = targets[i]->type();
      const bool none = !found[i].value;
      if (none) found[i] = {zeros(graph, type), nowhere(graph, type)};
      body.results.push_back(found[i].value);
      if (i >= masked.size()) continue;
      if (masked[i]) masks.push_back(found[i].mask ? found[i].mask : everywhere(graph, type));
      const bool is_new = found[i].mask && constant_of(found[i].mask) == nullptr;
      made.new_masks[i] = !masked[i] && is_new;
    }
    body.results.insert(body.results.begin() + static_cast<ptrdiff_t>(masked.size()), masks.begin(),
                        masks.end());
    for (size_t i = masked.size(); i < found.size(); ++i) {
      if (!found[i].mask) continue;
      made.masked_elements.push_back(i - masked.size());
      body.results.push_back(found[i].mask);
    }
  }

  const Scan& scan_;
  const Active& active_;
  std::span<const Cotangent> cotangents_;
  Session& session_;
};

/// The carries `saved` as they were before each step: yields of the loop, which is augmented by
/// those that it does not yield yet.
Values carries_before(Graph& graph, const Scan& scan, std::span<const size_t> saved,
                      Session& session) {
  const Body& forward = scan.body();
  auto body = std::make_shared<Body>();
  body->parameters = parameters_like(*body, forward, 0, forward.parameters.size());
  body->results = instantiate(body->graph, forward, body->parameters);
  std::vector<size_t> places;  // of the saved carries among the results
  for (size_t i : saved) {
    const Value carry = body->parameters[i];
    const auto first_yield = body->results.begin() + static_cast<ptrdiff_t>(scan.carries);
    const auto found = std::find(first_yield, body->results.end(), carry);
    places.push_back(static_cast<size_t>(found - body->results.begin()));
    if (found == body->results.end()) body->results.push_back(carry);
  }
  Value node = scan.node;
  if (body->results.size() > node->types.size()) {
    node = make_scan(graph, {.initial = scan.initial(),
                             .sequences = scan.sequence_values(),
                             .captures = scan.captured(),
                             .body = std::move(body),
                             .length = scan.length,
                             .reverse = scan.reverse});
    session.augmented.emplace(scan.node.node, node);
  }
  Values stacked;
  for (size_t place : places) stacked.push_back(result(graph, node, static_cast<int64_t>(place)));
  return stacked;
}

}  // namespace

std::vector<Cotangent> scan_adjoint(Graph& graph, const Scan& scan,
                                    std::span<const Cotangent> cotangents,
                                    const std::vector<bool>& wanted, Session& session) {
  Cotangents operands(wanted.size());
  const Active active(scan, wanted);
  if (active.empty()) return operands;
  const Reversal reversal(scan, active, cotangents, session);
  const bool masks_arrive =
      std::ranges::any_of(cotangents, [](const Cotangent& c) { return bool(c.mask); });
  Flags masked(reversal.incoming(), masks_arrive);
  ReverseBody made = reversal.body(masked);
  while (!session.failed && std::ranges::count(made.new_masks, true) > 0) {
    session.finished.push_back(std::move(made.body));  // its nodes are keys of the session
    for (size_t i = 0; i < masked.size(); ++i) masked[i] = masked[i] || made.new_masks[i];
    made = reversal.body(masked);
  }

  const Values initial = reversal.initial(graph, masked);
  Values sequences = carries_before(graph, scan, made.saved, session), captures;
  for (size_t i : made.sequences) sequences.push_back(scan.sequence_values()[i]);
  for (size_t i : made.seeded) {
    sequences.push_back(cotangents[i].value);
    if (cotangents[i].mask) sequences.push_back(cotangents[i].mask);
  }
  for (size_t i : made.captures) captures.push_back(scan.captured()[i]);
  const Value reversed = make_scan(graph, {.initial = initial,
                                           .sequences = sequences,
                                           .captures = captures,
                                           .body = finish(std::move(made.body), session),
                                           .length = scan.length,
                                           .reverse = !scan.reverse});
  int64_t next = 0;
  std::vector<size_t> places = active.carries;  // operands, of what is carried
  for (size_t i : active.captures) places.push_back(scan.carries + scan.sequences + i);
  for (size_t place : places) operands[place].value = result(graph, reversed, next++);
  for (size_t i = 0; i < places.size(); ++i)
    if (masked[i]) operands[places[i]].mask = result(graph, reversed, next++);
  for (size_t i : active.sequences)
    operands[scan.carries + i].value = result(graph, reversed, next++);
  for (size_t i : made.masked_elements)
    operands[scan.carries + active.sequences[i]].mask = result(graph, reversed, next++);
  return operands;
}

// Note [Carried masks]
// Steps that do not count, as those of padding, get a cotangent that is exactly 0, and what they
// compute may be inf or NaN. So the mask of a carry's cotangent is carried from step to step. Which
// carries have one is found by making the body: none, unless a mask arrives from outside; then
// those for which a choice in the body makes one, until no more do. A loop without choices, behind
// which there are none, is made once and carries none. Masks that nothing reads fall away with the
// rest of what is dead.

}  // namespace thx::reverse
