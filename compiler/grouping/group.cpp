// SPDX-License-Identifier: Apache-2.0
// Grouping of a program: each function's body, and the regions inside.
#include "grouping/group.h"

#include "grouping/form_kernels.h"
#include "grouping/partition.h"
#include "ops/build.h"
#include "support/text.h"

namespace thx {
namespace {

class ProgramGrouper {
 public:
  ProgramGrouper(std::string_view function, std::vector<Refusal>* refusals)
      : function_(function), refusals_(refusals) {}

  void run(Function& function) {
    auto body = std::make_unique<Body>();
    std::set<int> late;
    for (const StateUse& use : function.states)
      if (use.next) late.insert(use.next->id);
    const std::vector<Value> roots = function.roots();
    const std::vector<Value> copies = run(*body, *function.body, roots, std::move(late));
    replace_body(function, std::move(body), copies);
  }

 private:
  Region run(const Region& region) {
    auto body = std::make_shared<Body>();
    const std::vector<Value> copies = run(*body, *region, region->results, {});
    for (Value value : region->results)
      body->results.push_back(copies[static_cast<size_t>(value->id)]);
    return body;
  }

  std::vector<Value> run(Body& body, const Body& old, const std::vector<Value>& roots,
                         std::set<int> late) {
    std::vector<Value> copies(static_cast<size_t>(old.graph.size()));
    for (Value parameter : old.parameters) {
      const Value copy = body.graph.parameter(parameter->type(), old.graph.name(parameter),
                                              old.graph.spans(parameter));
      body.parameters.push_back(copy);
      copies[static_cast<size_t>(parameter->id)] = copy;
    }
    const std::vector<Value> nodes = needed(old.graph, roots);
    const std::vector<Fact> facts = facts_of(old, nodes, roots);
    const Partition partition = Grouper(old, nodes, facts, function_, refusals_).run();
    FormKernels{old,
                nodes,
                facts,
                partition,
                std::move(late),
                [this](const Region& region) { return run(region); },
                [this] { return format("k{}", kernels_++); }}
        .run(body, copies);
    return copies;
  }

  std::string function_;
  std::vector<Refusal>* refusals_;
  int kernels_ = 0;
};

}  // namespace

std::string text(const Refusal& refusal) {
  return format("@{}: {} -> {}: {}", refusal.function, refusal.producer, refusal.consumer,
                to_string(refusal.reason));
}

void group(Program& program, std::vector<Refusal>* refusals) {
  for (Function& function : program.functions)
    ProgramGrouper(function.name, refusals).run(function);
  if (program.init) ProgramGrouper("init", refusals).run(*program.init);
}

}  // namespace thx
