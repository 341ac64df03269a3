// SPDX-License-Identifier: Apache-2.0
// A gradient with its cost becomes a program of two kinds of functions: the gradient and what it
// starts from, and the cost by one target.
#include "driver/test_slopes.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_map>

#include "driver/element_place.h"
#include "driver/test_programs.h"
#include "ops/build.h"
#include "ops/control.h"
#include "reference/evaluate.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;

constexpr int kAttempts = 48;
constexpr size_t kPoints = 2;              // smooth points for each gradient, of different dims
constexpr size_t kElements = 4;            // of each target at a point
constexpr int64_t kMostNumbers = 1 << 20;  // of all inputs together

// SplitMix64 (Steele, Lea, Flood 2014), and the normal distribution by Box and Muller.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t end) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(end)); }
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

// A gradient in the body of a function or a region.
struct Site {
  const Body* body;
  Value grad;
  const Function* function;
  bool is_region;
};

void find_sites(const Body& body, std::span<const Value> roots, const Function& function,
                bool is_region, std::vector<Site>& sites) {
  for (const Value value : needed(body.graph, roots)) {
    if (as_grad(value)) sites.push_back({&body, value, &function, is_region});
    for (const Region& region : value->regions) {
      find_sites(*region, region->results, function, true, sites);
    }
  }
}

bool holds_calls(const Body& body) {
  for (const Value value : needed(body.graph, body.results)) {
    if (as_call(value)) return true;
    for (const Region& region : value->regions) {
      if (holds_calls(*region)) return true;
    }
  }
  return false;
}

// `results` of a body as a function of its parameters and of the values `free`.
Function extract(const Body& body, std::span<const Value> free, std::span<const Value> results,
                 const std::vector<Requirement>& requirements) {
  Function function;
  function.requirements = requirements;
  Graph& graph = function.graph();
  std::unordered_map<const Node*, Value> copies;
  const auto enter = [&](Value value) {
    const std::string name = format("p{}", function.inputs.size());
    const Value parameter = graph.parameter(value->type(), name);
    function.body->parameters.push_back(parameter);
    function.inputs.push_back({name, parameter, {}});
    copies.emplace(value.node, parameter);
  };
  for (const Value value : body.parameters) enter(value);
  for (const Value value : free) enter(value);
  for (const Value value : needed(body.graph, results)) {
    if (copies.contains(value.node)) continue;
    NodeSpec spec{value->op, value->types, {}, value->attrs, value->regions};
    for (const Value operand : value->operands) spec.operands.push_back(copies.at(operand.node));
    copies.emplace(value.node,
                   graph.intern(std::move(spec), body.graph.spans(value), body.graph.name(value)));
  }
  for (const Value value : results) {
    function.outputs.push_back({format("r{}", function.outputs.size()), copies.at(value.node), {}});
  }
  function.body->results = function.roots();
  return function;
}

class SlopeCheck {
 public:
  SlopeCheck(const Program& program, const CompileOptions& options, Diagnostics& diagnostics,
             const Site& site)
      : program_(program),
        options_(options),
        diagnostics_(diagnostics),
        site_(site),
        grad_(*as_grad(site.grad)),
        targets_(grad_.targets().begin(), grad_.targets().end()),
        random_(0x7468782d73656564) {}

  void run(SlopeCounts& counts) {
    if (!find_held()) {
      ++counts.own;
      return;
    }
    if (!build()) return;
    size_t points = 0;
    bool always_large = true;
    for (int attempt = 0; attempt < kAttempts && points < kPoints; ++attempt) {
      const Verdict verdict = try_point(attempt);
      if (verdict == Verdict::wrong) {
        ++counts.checked;
        ++counts.failed;
        return;
      }
      points += verdict == Verdict::right ? 1 : 0;
      always_large = always_large && verdict == Verdict::large;
    }
    if (points == 0 && always_large) {
      ++counts.large;
    } else if (points == 0) {
      counts.unchecked.push_back(span());
    } else {
      ++counts.checked;
    }
  }

 private:
  enum class Verdict : uint8_t { right, wrong, rough, large };

  Span span() const { return site_.grad->graph->spans(site_.grad).first(); }

  // What keeps its value in the differences. False where a call brings a gradient of its own.
  bool find_held() {
    held_.assign(grad_.constants().begin(), grad_.constants().end());
    const Value cost = grad_.cost();
    for (const Value value : needed(site_.body->graph, {&cost, 1})) {
      if (const auto call = as_call(value)) {
        if (!call->gradients().empty()) return false;
      }
      for (const Region& region : value->regions) {
        if (!as_call(value) && holds_calls(*region)) return false;
      }
      if (is_result(value) && as_call(value->operands[0])) held_.push_back(value);
    }
    return true;
  }

  // Function 0: the gradients, the targets, what is held. Function 1 + i: the cost by target i,
  // which is a parameter of the body or its first free value.
  bool build() {
    const std::vector<Requirement> none;
    const auto& requirements = site_.is_region ? none : site_.function->requirements;
    std::vector<Value> results;
    for (size_t i = 0; i < targets_.size(); ++i) {
      results.push_back(result(*site_.grad->graph, site_.grad, static_cast<int64_t>(i)));
    }
    results.insert(results.end(), targets_.begin(), targets_.end());
    results.insert(results.end(), held_.begin(), held_.end());
    Program narrow;
    narrow.module = "slopes";
    narrow.dims = program_.dims;
    narrow.functions.push_back(extract(*site_.body, {}, results, requirements));
    const Value cost = grad_.cost();
    for (const Value target : targets_) {
      std::vector<Value> free = held_;
      if (is_mark(target)) free.insert(free.begin(), target);
      narrow.functions.push_back(extract(*site_.body, free, {&cost, 1}, requirements));
    }
    for (size_t i = 0; i < narrow.functions.size(); ++i) {
      narrow.functions[i].name = format("f{}", i);
    }
    wide_ = copy_program(narrow, 0, narrow.functions.size(), true);
    return differentiate(wide_, options_, diagnostics_);
  }

  Extent::Values draw_dims(int attempt) {
    constexpr int64_t kFirst[] = {3, 2, 4, 5};
    Extent::Values dims;
    size_t next = 0;
    for (const Dim& dim : program_.dims) {
      dims[dim.name] = dim.value      ? *dim.value
                       : attempt == 0 ? kFirst[next++ % std::size(kFirst)]
                                      : 1 + random_.below(5);
    }
    return dims;
  }

  // By turns spread, small, and positive numbers; indices that small axes have.
  Array draw_array(const Type& type, const Extent::Values& dims, int attempt) {
    Array array{type.dtype, {}, {}};
    for (const Extent& extent : type.shape) {
      array.extents.push_back(std::max<int64_t>(0, extent.evaluate(dims).value_or(0)));
    }
    const int64_t size = reference::count(array.extents);
    for (int64_t i = 0; i < size; ++i) {
      if (is_float(type.dtype)) {
        const double number = attempt % 3 == 0   ? random_.normal()
                              : attempt % 3 == 1 ? 0.3 * random_.normal()
                                                 : 0.1 + random_.uniform();
        array.elements.push_back(Scalar::of(type.dtype, number));
      } else {
        const int64_t number = attempt % 4 == 3 ? 0 : random_.below(2);
        array.elements.push_back(Scalar::of_integer(type.dtype, number));
      }
    }
    return array;
  }

  Verdict try_point(int attempt) {
    reference::Arguments arguments;
    arguments.dims = draw_dims(attempt);
    const Function& gradients = wide_.functions[0];
    double numbers = 0;
    for (const Input& input : gradients.inputs) {
      double size = 1;
      for (const Extent& extent : input.value->shape()) {
        size *= static_cast<double>(extent.evaluate(arguments.dims).value_or(0));
      }
      numbers += size;
    }
    if (numbers > kMostNumbers) return Verdict::large;
    for (const Input& input : gradients.inputs) {
      arguments.inputs.push_back(draw_array(input.value->type(), arguments.dims, attempt));
    }
    const reference::Outcome outcome = reference::evaluate(gradients, arguments);
    if (outcome.status != reference::Status::ok) return Verdict::rough;
    for (const Array& array : outcome.outputs) {
      const auto finite = [](const Scalar& each) { return std::isfinite(each.real); };
      if (is_float(array.dtype) && !std::ranges::all_of(array.elements, finite)) {
        return Verdict::rough;
      }
    }
    for (size_t i = 0; i < targets_.size(); ++i) {
      const Verdict verdict = check_target(i, arguments, outcome.outputs);
      if (verdict != Verdict::right) return verdict;
    }
    return Verdict::right;
  }

  Verdict check_target(size_t i, const reference::Arguments& drawn,
                       const std::vector<Array>& base) {
    reference::Arguments arguments = drawn;
    size_t place = arguments.inputs.size();
    if (is_mark(targets_[i])) {
      arguments.inputs.push_back(base[targets_.size() + i]);
    } else {
      const auto& parameters = site_.body->parameters;
      place = static_cast<size_t>(std::ranges::find(parameters, targets_[i]) - parameters.begin());
    }
    arguments.inputs.insert(arguments.inputs.end(),
                            base.begin() + static_cast<ptrdiff_t>(2 * targets_.size()), base.end());
    const auto size = static_cast<int64_t>(arguments.inputs[place].elements.size());
    for (size_t n = 0; n < kElements && static_cast<int64_t>(n) < size; ++n) {
      const int64_t element =
          size <= static_cast<int64_t>(kElements) ? static_cast<int64_t>(n) : random_.below(size);
      const double given = base[i].elements[static_cast<size_t>(element)].real;
      const Verdict verdict = compare(i, arguments, place, static_cast<size_t>(element), given);
      if (verdict != Verdict::right) return verdict;
    }
    return Verdict::right;
  }

  double cost_at(size_t i, reference::Arguments& arguments, size_t place, size_t element,
                 double value) const {
    Scalar& scalar = arguments.inputs[place].elements[element];
    const Scalar before = scalar;
    scalar = Scalar::of(before.dtype, value);
    const reference::Outcome outcome = reference::evaluate(wide_.functions[1 + i], arguments);
    scalar = before;
    return outcome.status == reference::Status::ok ? outcome.outputs[0].elements[0].real : NAN;
  }

  // Central differences of two steps: where the cost is smooth they agree, and their combination
  // (Richardson's) leaves an error of the fourth order.
  Verdict compare(size_t i, reference::Arguments& arguments, size_t place, size_t element,
                  double given) {
    const double at = arguments.inputs[place].elements[element].real;
    const double step = 0x1p-10 * std::max(1.0, std::abs(at));
    const double middle = cost_at(i, arguments, place, element, at);
    double slopes[2], bends[2], size = std::abs(middle);
    for (const int halving : {0, 1}) {
      const double h = step / (1 << halving);
      const double above = cost_at(i, arguments, place, element, at + h);
      const double below = cost_at(i, arguments, place, element, at - h);
      slopes[halving] = (above - below) / (2 * h);
      bends[halving] = std::abs(above - 2 * middle + below) / h;
      size = std::max({size, std::abs(above), std::abs(below)});
    }
    const double slope = (4 * slopes[1] - slopes[0]) / 3;
    const double noise = 64 * 0x1p-52 * size / step;
    const double change = std::abs(slopes[1] - slopes[0]);
    const double scale = std::max(std::abs(slopes[0]), std::abs(slopes[1]));
    if (!std::isfinite(slope) || change > 1e-3 * scale + noise) return Verdict::rough;
    // At a kink the slopes of both sides differ by as much however small the step is.
    if (bends[1] > 0.75 * bends[0] && bends[1] > 1e-4 * scale + noise) return Verdict::rough;
    if (std::abs(given - slope) <= 1e-6 * scale + change + noise) return Verdict::right;
    report(i, arguments, element, arguments.inputs[place].extents, given, slope);
    return Verdict::wrong;
  }

  void report(size_t i, const reference::Arguments& arguments, size_t element,
              const reference::Index& extents, double given, double slope) {
    const std::string& name = targets_[i]->graph->name(targets_[i]);
    std::vector<std::string> dims;
    for (const auto& [dim, value] : arguments.dims) dims.push_back(format("{} = {}", dim, value));
    Diagnostic& error =
        diagnostics_.report({Err::expectation_failed, span(),
                             format("the gradient by `{}` is not the slope of its cost", name)});
    error.note(format("at {}{} the gradient is {:.9g}, differences give {:.9g}", name,
                      element_place(extents, element), given, slope));
    error.note(format("in `{}`, at a random point{}{}", site_.function->name,
                      dims.empty() ? "" : " with ", join(dims, ", ")));
  }

  const Program& program_;
  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  const Site& site_;
  const Grad grad_;
  std::vector<Value> targets_, held_;
  Program wide_;
  Random random_;
};

}  // namespace

SlopeCounts check_slopes(const Program& program, const CompileOptions& options,
                         Diagnostics& diagnostics) {
  std::vector<Site> sites;
  for (const Function& function : program.functions) {
    find_sites(*function.body, function.roots(), function, false, sites);
  }
  SlopeCounts counts;
  for (const Site& site : sites) SlopeCheck(program, options, diagnostics, site).run(counts);
  return counts;
}

std::string text(const SlopeCounts& counts) {
  std::string line;
  const auto gradients = [](size_t count) {
    return format("{} gradient{}", count, count == 1 ? "" : "s");
  };
  if (counts.checked > 0 && counts.failed == 0) {
    line = gradients(counts.checked) +
           (counts.checked == 1 ? " is the slope of its cost" : " are the slopes of their costs");
  } else if (counts.checked > 0) {
    line = format("{} of {} {} not the slope of {} cost", counts.failed, gradients(counts.checked),
                  counts.failed == 1 ? "is" : "are", counts.failed == 1 ? "its" : "their");
  }
  const auto append = [&](std::string part) { line += (line.empty() ? "" : "; ") + part; };
  if (counts.own > 0) append(gradients(counts.own) + " through definitions with their own");
  if (!counts.unchecked.empty()) {
    append(gradients(counts.unchecked.size()) + " at no smooth point that was tried");
  }
  if (counts.large > 0) {
    append(format("{} not compared: over {} numbers are too many to draw", gradients(counts.large),
                  kMostNumbers));
  }
  return line;
}

}  // namespace thx
