// SPDX-License-Identifier: Apache-2.0
// Values of registers as extents, and places within the extents of their buffers.
#include <algorithm>
#include <cmath>

#include "schedule/verify_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

// Of integers in data: a value that nears the ends of i64 is no place in memory.
constexpr double kLargest = 1e18;

double magnitude(const Extent& extent) {
  if (extent.is_known()) return std::fabs(static_cast<double>(extent.known()));
  double sum = 0;
  for (const Extent::Term& term : extent.terms())
    sum += std::fabs(static_cast<double>(term.coefficient));
  return sum;
}

bool has_sum(const std::optional<Extent>& a, const std::optional<Extent>& b) {
  return a && b && magnitude(*a) + magnitude(*b) < kLargest;
}

/// Factors in all terms: places are products of a few, integers in data may be of any number.
size_t factors(const Extent& extent) {
  size_t sum = 0;
  for (const Extent::Term& term : extent.terms()) sum += term.factors.size();
  return sum;
}

bool has_product(const std::optional<Extent>& a, const std::optional<Extent>& b) {
  constexpr size_t kMost = 64;
  return a && b && magnitude(*a) * magnitude(*b) < kLargest && factors(*a) * factors(*b) <= kMost;
}

}  // namespace

/// The value of a register that is not an affine function of anything known.
Extent KernelVerifier::fresh() { return Extent::symbol(format("%{}", symbols_++)); }

void KernelVerifier::add_facts(const std::vector<Extent>& facts) {
  facts_.nonnegative.insert(facts_.nonnegative.end(), facts.begin(), facts.end());
}

void KernelVerifier::compare(const Operate& node, Element& into,
                             const std::vector<Element*>& from) {
  if (!has_sum(from[0]->value, from[1]->value)) return;
  const Extent& a = *from[0]->value;
  const Extent& b = *from[1]->value;
  Truth& truth = into.truth;
  switch (node.instruction) {
    case Instruction::less: truth = {{b - a - 1}, {a - b}}; break;
    case Instruction::less_equal: truth = {{b - a}, {a - b - 1}}; break;
    case Instruction::greater: truth = {{a - b - 1}, {b - a}}; break;
    case Instruction::greater_equal: truth = {{a - b}, {b - a - 1}}; break;
    case Instruction::equal: truth = {{a - b, b - a}, {}}; break;
    case Instruction::not_equal: truth = {{}, {a - b, b - a}}; break;
    default: break;
  }
}

void KernelVerifier::give_value(const Operate& node, Element& into) {
  std::vector<Element*> from;
  for (const RegisterRef& operand : node.operands) from.push_back(element(operand));
  const auto value = [&](size_t i) { return from[i]->value; };
  const auto both = [&] { return value(0) && value(1); };
  const auto joined = [](std::vector<Extent> a, const std::vector<Extent>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  switch (node.instruction) {
    case Instruction::iota:
      if (type(node.result).dtype == DType::i64) into.value = Extent::symbol(kLane);
      return;
    case Instruction::splat:
      into.value = value(0);
      into.truth = from[0]->truth;
      return;
    case Instruction::bit_not:
      into.truth = {from[0]->truth.when_false, from[0]->truth.when_true};
      return;
    case Instruction::bit_and:
      into.truth = {joined(from[0]->truth.when_true, from[1]->truth.when_true), {}};
      return;
    case Instruction::bit_or:
      into.truth = {{}, joined(from[0]->truth.when_false, from[1]->truth.when_false)};
      return;
    default: break;
  }
  if (info(node.instruction).result == InstructionResult::boolean) return compare(node, into, from);
  if (type(node.result).dtype != DType::i64) return;
  switch (node.instruction) {
    case Instruction::add:
      if (has_sum(value(0), value(1))) into.value = *value(0) + *value(1);
      return;
    case Instruction::sub:
      if (has_sum(value(0), value(1))) into.value = *value(0) - *value(1);
      return;
    case Instruction::mul:
      if (has_product(value(0), value(1))) into.value = *value(0) * *value(1);
      return;
    case Instruction::div:  // truncates, which is the floor where nothing is negative
      if (both() && facts_.prove(*value(0)) && facts_.prove(*value(1)))
        into.value = floordiv(*value(0), *value(1));
      return;
    case Instruction::neg:
      if (has_sum(value(0), value(0))) into.value = -1 * *value(0);
      return;
    case Instruction::maximum:
      if (both()) into.value = max(*value(0), *value(1));
      return;
    case Instruction::minimum:
      if (both()) into.value = min(*value(0), *value(1));
      return;
    default: return;
  }
}

// ---- Places ----

void KernelVerifier::place_form(const Place& place, bool writes) {
  const Buffer& buffer = kernel_.buffers[place.buffer];
  if (writes && buffer.access == Access::in) problem(format("{} is only read", buffer.name));
  const bool own = buffer.scope == Scope::scratch || buffer.scope == Scope::shared ||
                   buffer.access == Access::out;
  if (!writes && own && !written_.contains(place.buffer))
    problem(format("{} is read before anything is stored in it", buffer.name));
  if (writes) written_.insert(place.buffer);
  if (place.lanes == 1) return;
  if (place.lane_axis < 0 || static_cast<size_t>(place.lane_axis) >= buffer.extents.size())
    return problem("lanes need an axis to lie along");
  if (writes && !buffer.strides[place.lane_axis].is(1))
    problem("the lanes of a store are not consecutive in memory");
}

void KernelVerifier::record(const Place& place, std::vector<Extent> index, Facts facts,
                            bool writes) {
  events_.push_back({Event::Kind::access, static_cast<int>(records_.size())});
  records_.push_back(
      {current_, writes, false, place.buffer, std::move(index), std::move(facts), symbols_});
}

/// With the position of each active lane for variable and lane together, or as it stands.
bool KernelVerifier::proves(const Facts& facts, const Extent& extent, int lanes) const {
  for (const Statement* owner : owners_) {
    const Loop* loop = std::get_if<Loop>(&owner->node);
    if (lanes == 1 || !loop || !loop->masked_tail || loop->step != lanes) continue;
    const Extent active = Extent::symbol("$active");
    const Extent moved = extent.substitute({{loop->var, active - Extent::symbol(kLane)}});
    if (moved.mentions(kLane)) continue;
    Facts those = facts;
    those.ranges.push_back({"$active", bound(loop->begin), bound(loop->end) - 1});
    if (those.prove(moved)) return true;
  }
  return facts.prove(extent);
}

void KernelVerifier::place(const Place& place, const std::optional<RegisterRef>& mask,
                           bool writes) {
  if (place.buffer < 0 || static_cast<size_t>(place.buffer) >= kernel_.buffers.size())
    return problem("names no buffer");
  const Buffer& buffer = kernel_.buffers[place.buffer];
  if (place.index.size() != buffer.extents.size())
    return problem(format("{} has {} axes", buffer.name, buffer.extents.size()));
  place_form(place, writes);
  Facts facts = facts_;
  const Extent lane = Extent::symbol(kLane);
  if (place.lanes > 1) {
    facts.ranges.push_back({kLane, 0, Extent(place.lanes - 1)});
    for (const Statement* owner : owners_) {
      const Loop* loop = std::get_if<Loop>(&owner->node);
      if (loop && loop->masked_tail && loop->step == place.lanes)
        facts.nonnegative.push_back(bound(loop->end) - 1 - Extent::symbol(loop->var) - lane);
    }
  }
  if (mask) {
    is(*mask, {DType::boolean, place.lanes}, "the mask");
    if (const Element* truth = use(*mask))
      facts.nonnegative.insert(facts.nonnegative.end(), truth->truth.when_true.begin(),
                               truth->truth.when_true.end());
  }
  std::vector<Extent> positions;
  for (size_t axis = 0; axis < place.index.size(); ++axis) {
    const Index& index = place.index[axis];
    scoped(index.affine);
    Extent position = bound(index.affine);
    if (index.reg) {
      is(*index.reg, {DType::i64, 1}, "the position");
      const Element* part = use(*index.reg);
      position += part && part->value ? *part->value : fresh();
    }
    if (place.lane_axis == static_cast<int>(axis)) position += lane;
    if (!proves(facts, position, place.lanes))
      problem(format("position {} of {} may be negative", spell(index), buffer.name));
    if (!proves(facts, buffer.extents[axis] - 1 - position, place.lanes))
      problem(format("position {} of {} may be beyond {}", spell(index), buffer.name,
                     buffer.extents[axis].text()));
    positions.push_back(std::move(position));
  }
  record(place, std::move(positions), std::move(facts), writes);
}

void KernelVerifier::whole(int32_t buffer, bool writes) {
  events_.push_back({Event::Kind::access, static_cast<int>(records_.size())});
  records_.push_back({current_, writes, true, buffer, {}, facts_, symbols_});
  if (writes) written_.insert(buffer);
}

void KernelVerifier::node(const Load& node) {
  place(node.place, node.mask, false);
  is(node.result, {kernel_.buffers[node.place.buffer].dtype, node.place.lanes}, "the result");
  assign(node.result);
}

void KernelVerifier::node(const Store& node) {
  use(node.value);
  is(node.value, {kernel_.buffers[node.place.buffer].dtype, node.place.lanes}, "the value");
  place(node.place, node.mask, true);
}

void KernelVerifier::node(const Tree& node) {
  const Buffer& buffer = kernel_.buffers[node.buffer];
  if (buffer.extents.empty()) return problem("a tree folds the leading axis");
  if (buffer.access == Access::in) problem(format("{} is only read", buffer.name));
  scoped(node.count);
  if (!facts_.prove(buffer.extents[0] - bound(node.count)))
    problem(format("{} may be more than {}", node.count.text(), buffer.extents[0].text()));
  if (!written_.contains(node.buffer) && buffer.access != Access::inout)
    problem(format("{} is read before anything is stored in it", buffer.name));
  whole(node.buffer, true);
}

void KernelVerifier::node(const Call& node) {
  if (kernel_.buffers[node.buffer].access == Access::in)
    problem(format("{} is only read", kernel_.buffers[node.buffer].name));
  whole(node.buffer, true);
}

void KernelVerifier::node(const Prefetch& node) {
  for (const Index& index : node.place.index) {
    scoped(index.affine);
    if (index.reg) use(*index.reg);
  }
}

}  // namespace thx::loop
