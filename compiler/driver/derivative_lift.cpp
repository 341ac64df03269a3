// SPDX-License-Identifier: Apache-2.0
// Copies regions out of their nodes, from the outermost one inwards.
#include "driver/derivative_lift.h"

#include "ops/build.h"
#include "ops/control.h"

namespace thx {
namespace {

// A region on the way to a gradient.
struct Step {
  Value node;
  const Body* region;
};

// The element of `values` along its leading axis.
Value element(Graph& graph, Value values, const Extent& at) {
  Shape shape = values->shape(), starts(shape.size());
  starts[0] = at;
  shape[0] = 1;
  const std::vector<int64_t> steps(shape.size(), 1);
  const Value part = slice(graph, values, starts, steps, shape);
  return reshape(graph, part, Shape(shape.begin() + 1, shape.end()));
}

// The region of a loop, which yields its carries as they are before the step, behind all else.
Region with_old_carries(const Body& old, size_t carries) {
  auto body = std::make_shared<Body>();
  for (const Value parameter : old.parameters) {
    body->parameters.push_back(body->graph.parameter(parameter->type(), old.graph.name(parameter)));
  }
  body->results = instantiate(body->graph, old, body->parameters);
  body->results.insert(body->results.end(), body->parameters.begin(),
                       body->parameters.begin() + static_cast<ptrdiff_t>(carries));
  return body;
}

class Lift {
 public:
  Lift(const Function& function, std::vector<LiftedGradient>& made)
      : function_(function), made_(made) {}

  void run() { walk(*function_.body, function_.roots()); }

 private:
  void walk(const Body& body, std::span<const Value> roots) {
    for (const Value value : needed(body.graph, roots)) {
      if (!path_.empty() && is_grad(value)) add(value);
      for (const Region& region : value->regions) {
        path_.push_back({value, region.get()});
        walk(*region, region->results);
        path_.pop_back();
      }
    }
  }

  void add(Value gradient) {
    bool steps = false;
    for (const Step& step : path_) steps = steps || as_scan(step.node) || as_vmap(step.node);
    for (const bool last : {false, true}) {
      if (last && !steps) continue;
      last_ = last;
      requirements_ = function_.requirements;
      Extraction extraction(*function_.body, {});
      for (const Step& step : path_) enter(extraction, step);
      extraction.copy({&gradient, 1});
      const Value node = extraction.of(gradient);
      extraction.output(result(extraction.graph(), node, 0));
      made_.push_back({extraction.finish(requirements_), node,
                       !steps ? ""
                       : last ? kLastStep
                              : kFirstStep});
    }
  }

  // Each parameter of the region is a value by itself, whatever else it equals.
  void enter(Extraction& extraction, const Step& step) {
    extraction.copy(step.node->operands);
    std::vector<Value> operands;
    for (const Value operand : step.node->operands) operands.push_back(extraction.of(operand));
    const std::vector<Value> arguments = arguments_of(extraction.graph(), step, operands);
    for (size_t i = 0; i < arguments.size(); ++i) {
      const Value parameter = step.region->parameters[i];
      const std::string& name = step.region->graph.name(parameter);
      extraction.bind(parameter, make_mark(extraction.graph(), arguments[i], name));
    }
  }

  std::vector<Value> arguments_of(Graph& graph, const Step& step,
                                  const std::vector<Value>& operands) {
    if (const auto scan = as_scan(step.node)) return arguments_of(graph, *scan, operands);
    if (const auto vmap = as_vmap(step.node)) {
      std::vector<Value> arguments = operands;
      const Extent at = last_ ? vmap->extent - 1 : Extent(0);
      for (size_t i = 0; i < vmap->mapped; ++i) arguments[i] = element(graph, operands[i], at);
      require_one(vmap->extent);
      return arguments;
    }
    if (as_cond(step.node)) return {operands.begin() + 1, operands.end()};
    // A call: its gradient also sees cotangents, for which one is as good as another.
    std::vector<Value> arguments = operands;
    while (arguments.size() < step.region->parameters.size()) {
      const Type& type = step.region->parameters[arguments.size()]->type();
      arguments.push_back(constant(graph, type, 1));
    }
    return arguments;
  }

  std::vector<Value> arguments_of(Graph& graph, const Scan& scan,
                                  const std::vector<Value>& operands) {
    std::vector<Value> arguments = operands;
    const std::span all(operands);
    // Stacked values lie by the sequence's index, also where the last one comes first.
    const Extent at = last_ != scan.reverse ? scan.length - 1 : Extent(0);
    for (size_t i = scan.carries; i < scan.carries + scan.sequences; ++i) {
      arguments[i] = element(graph, operands[i], at);
    }
    require_one(scan.length);
    if (!last_) return arguments;
    const Value loop = make_scan(graph, {.initial = all.first(scan.carries),
                                         .sequences = all.subspan(scan.carries, scan.sequences),
                                         .captures = all.subspan(scan.carries + scan.sequences),
                                         .body = with_old_carries(scan.body(), scan.carries),
                                         .length = scan.length,
                                         .reverse = scan.reverse});
    const size_t first = scan.body().results.size();
    for (size_t i = 0; i < scan.carries; ++i) {
      const Value carries = result(graph, loop, static_cast<int64_t>(first + i));
      arguments[i] = element(graph, carries, at);
    }
    return arguments;
  }

  void require_one(const Extent& length) {
    requirements_.push_back({Requirement::Kind::at_least, length, Extent(1), {}});
  }

  const Function& function_;
  std::vector<LiftedGradient>& made_;
  std::vector<Step> path_;
  bool last_ = false;
  std::vector<Requirement> requirements_;
};

}  // namespace

std::vector<LiftedGradient> lift_gradients(const Function& function) {
  std::vector<LiftedGradient> made;
  Lift(function, made).run();
  return made;
}

}  // namespace thx
