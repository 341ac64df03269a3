// SPDX-License-Identifier: Apache-2.0
// Chooses values of dims for the calls of thxc verify, and finds the inputs that are indices.
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "driver/verify_inputs.h"
#include "ir/structure.h"
#include "ops/control.h"
#include "reference/liveness.h"

namespace thx {
namespace {

using reference::elements_of;

double work_of(const Body& body, const DimValues& dims) {
  double sum = 0;
  for (const Value value : needed(body.graph, body.results)) {
    double own = 0;
    for (const Type& type : value->types) own += elements_of(type.shape, dims);
    if (value->family() == Family::reduction || value->family() == Family::composite)
      own += elements_of(value->operands[0]->shape(), dims);
    if (value->family() == Family::contraction) {
      for (const int64_t axis : value->attrs.ints("lhs_contract"))
        own *= elements_of({value->operands[0]->shape()[static_cast<size_t>(axis)]}, dims);
    }
    double inside = 0;
    for (const Region& region : value->regions) inside += work_of(*region, dims);
    if (const std::optional<Scan> scan = as_scan(value))
      inside *= elements_of({scan->length}, dims);
    sum += own + inside;
  }
  return sum;
}

// Calls found(parameter) for the parameters of `body` that integers of `value` come from.
void for_each_origin(Value value, const std::function<void(Value)>& found) {
  std::set<const Node*> met;
  std::vector<Value> open = {value};
  while (!open.empty()) {
    const Value next = open.back();
    open.pop_back();
    if (!met.insert(next.node).second) continue;
    if (is_parameter(*next) && is_integer(next->dtype())) found(next);
    for (const Value operand : next->operands) open.push_back(operand);
  }
}

using Found = std::function<void(Value parameter, const Extent& low, const Extent& high)>;

void for_each_index(const Body& body, const Found& found) {
  for (const Value value : needed(body.graph, body.results)) {
    if (value->family() == Family::indexing) {
      const std::vector<int64_t>& axes = value->attrs.ints("axes");
      const size_t first = is_scatter(*value) ? 2 : 1;
      for (size_t i = 0; i < axes.size() && first + i < value->operands.size(); ++i) {
        const auto axis = static_cast<size_t>(axes[i]);
        const Extent& extent = value->operands[0]->shape()[axis];
        const bool is_start = is_dynamic_slice(*value);
        const Extent high = is_start ? extent - value->shape()[axis] : extent - 1;
        for_each_origin(value->operands[first + i], [&](Value parameter) {
          found(parameter, is_start ? Extent(0) : Extent(0) - extent, high);
        });
      }
    }
    const size_t skipped = is_cond(*value) ? 1 : 0;
    for (const Region& region : value->regions) {
      for_each_index(*region, [&](Value parameter, const Extent& low, const Extent& high) {
        const auto at = std::ranges::find(region->parameters, parameter) -
                        region->parameters.begin() + static_cast<long>(skipped);
        if (at >= static_cast<long>(value->operands.size())) return;
        for_each_origin(value->operands[static_cast<size_t>(at)],
                        [&](Value outer) { found(outer, low, high); });
      });
    }
  }
}

}  // namespace

TrialMaker::TrialMaker(const Program& program, const Function& function, uint64_t seed,
                       double largest_work, int lanes)
    : program_(program),
      function_(function),
      largest_work_(largest_work),
      lanes_(lanes),
      random_(seed) {
  for (const Dim& dim : program.dims)
    if (!dim.value) free_dims_.push_back(dim.name);
  find_indices();
}

void TrialMaker::find_indices() {
  std::map<const Node*, std::string> names;
  for (const Input& input : function_.inputs) names[input.value.node] = input.name;
  for (const StateUse& use : function_.states) names[use.current.node] = use.name;
  for_each_index(*function_.body, [&](Value parameter, const Extent& low, const Extent& high) {
    const auto name = names.find(parameter.node);
    if (name != names.end()) indices_[name->second].push_back({low, high});
  });
}

double TrialMaker::work(const DimValues& dims) const {
  double numbers = work_of(*function_.body, dims);
  for (const Value parameter : function_.body->parameters)
    numbers += elements_of(parameter->shape(), dims);
  return numbers;
}

// Those of a call by the interpreters, all states included.
double TrialMaker::numbers(const DimValues& dims) const {
  double sum = reference::numbers_at_once(*function_.body, dims);
  for (const State& state : program_.states) sum += elements_of(state.type.shape, dims);
  return sum;
}

bool TrialMaker::holds(const DimValues& dims) const {
  for (const Requirement& requirement : function_.requirements) {
    const auto left = requirement.left.evaluate(dims), right = requirement.right.evaluate(dims);
    const bool equal = requirement.kind == Requirement::Kind::equal;
    if (!left || !right || (equal ? *left != *right : *left < *right)) return false;
  }
  return true;
}

// Within declared bounds, with extents that can be, and affordable.
bool TrialMaker::fits(const DimValues& dims) const {
  for (const Dim& dim : program_.dims)
    if (dim.bound && dims.find(dim.name)->second > dim.bound->evaluate(dims).value_or(0))
      return false;
  std::vector<const Type*> types;
  for (const Input& input : function_.inputs) types.push_back(&input.value->type());
  for (const State& state : program_.states) types.push_back(&state.type);
  for (const Type* type : types) {
    for (const Extent& extent : type->shape)
      if (extent.evaluate(dims).value_or(-1) < 0) return false;
    if (elements_of(type->shape, dims) > largest_work_) return false;
  }
  return work(dims) <= largest_work_;
}

int64_t TrialMaker::boundary(size_t step) const {
  const int64_t n = lanes_;
  const int64_t values[] = {n + 1,     n,   n - 1, 2 * n + 1, 13,  4 * n - 1, 0,    65,
                            4 * n + 1, 2,   31,    257,       255, 256,       1,    129,
                            64,        127, 61,    4097,      97,  4096,      4095, 1};
  return values[step % std::size(values)];
}

std::optional<DimValues> TrialMaker::choose_dims() {
  DimValues fixed;
  for (const Dim& dim : program_.dims)
    if (dim.value) fixed[dim.name] = *dim.value;
  if (free_dims_.empty()) return fixed;
  constexpr int64_t kPrimes[] = {3, 5, 2, 7, 11, 13};
  const auto filled = [&](auto&& value) {
    DimValues dims = fixed;
    for (size_t i = 0; i < free_dims_.size(); ++i) dims[free_dims_[i]] = value(i);
    return dims;
  };
  DimValues dims;
  if (made_ == 0) dims = filled([&](size_t i) { return kPrimes[i % std::size(kPrimes)]; });
  if (made_ == 1) dims = filled([](size_t) { return int64_t{1}; });
  if (made_ == 2) dims = filled([](size_t) { return int64_t{0}; });
  // Now and then a call that breaks a requirement, which all forms have to refuse.
  const bool any_status = made_ % 10 == 2;
  if (made_ < 3 && fits(dims) && (any_status || holds(dims))) return dims;
  for (int tries = 0; tries < 200; ++tries, ++steps_) {
    const size_t chosen = steps_ % free_dims_.size();
    const int64_t value = boundary(steps_ / free_dims_.size());
    dims = filled([&](size_t i) {
      return i == chosen && tries < 100 ? value : 1 + static_cast<int64_t>(below(7));
    });
    if (!fits(dims) || !(any_status || holds(dims))) continue;
    ++steps_;
    return dims;
  }
  return searched_dims();
}

// Small values in order, for requirements that are rarely met by chance.
std::optional<DimValues> TrialMaker::searched_dims() {
  constexpr int64_t kLargest = 12;
  DimValues least;
  for (const Dim& dim : program_.dims) least[dim.name] = dim.value.value_or(0);
  DimValues dims = least;
  const double total = std::pow(static_cast<double>(kLargest + 1),
                                static_cast<double>(std::min<size_t>(free_dims_.size(), 4)));
  const uint64_t start = random_();
  for (uint64_t step = 0; step < static_cast<uint64_t>(total); ++step) {
    uint64_t code = start + step;
    for (size_t i = 0; i < free_dims_.size(); ++i) {
      dims[free_dims_[i]] = static_cast<int64_t>(code % (kLargest + 1));
      code /= kLargest + 1;
    }
    if (holds(dims) && fits(dims)) return dims;
  }
  // What costs more than is wished for is still run where nothing smaller is possible.
  for (int64_t value = 1; value <= 2; ++value) {
    for (const std::string& name : free_dims_) dims[name] = value;
    if (holds(dims)) return dims;
  }
  return std::nullopt;
}

}  // namespace thx
