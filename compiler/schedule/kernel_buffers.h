// SPDX-License-Identifier: Apache-2.0
// The buffers of a kernel in the making: operands, results and room of its own, each in the shapes
// in which it is addressed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "schedule/loop_builder.h"

namespace thx::loop {

/// What the launch passes for a kernel's parameter.
struct NestArgument {
  enum class Kind : uint8_t { operand, result, temporary } kind;
  int index;
};

/// A kernel with what its launch needs.
struct Nest {
  Kernel kernel;
  std::vector<NestArgument> arguments;
  std::vector<Type> temporaries;  // workspace of the launch's own
};

/// What the caller has decided about the memory of a kernel node's operands and results.
struct NestRequest {
  Value kernel;
  std::vector<Scope> operand_scopes;
  std::vector<Scope> result_scopes;
  std::vector<int> in_place;  // per result: the operand whose memory it takes, or -1
  Machine machine;
  const std::vector<Extent>* assumed = nullptr;  // what the entry has checked to be >= 0
};

class KernelBuffers {
 public:
  KernelBuffers(KernelBuilder& builder, const NestRequest& request);

  const Body& region() const { return *region_; }
  /// The operand that a parameter of the region stands for, addressed in `shape`.
  int32_t operand(Value parameter, const Shape& shape);
  int32_t result(size_t index, const Shape& shape);
  int32_t result(size_t index) { return result(index, region_->results[index]->shape()); }
  /// Whether `operand` is a parameter in whose memory the result is made.
  bool is_result_memory(Value operand, size_t index) const;
  /// Extents that are not negative where the kernel runs and that do not show it by themselves.
  const std::vector<Extent>& assumed() const { return assumed_; }
  /// Workspace of this launch.
  int32_t temporary(std::string_view name, DType dtype, const Shape& shape);
  int32_t scratch(std::string_view name, DType dtype, const Shape& shape);

  /// Parameters first and in use, with the launch's arguments.
  Nest finish();

 private:
  int32_t add(std::string_view name, DType dtype, const Shape& shape, Scope scope, Access access,
              NestArgument argument);
  std::string unique(std::string_view name);

  KernelBuilder& b_;
  const NestRequest& request_;
  const Body* region_;
  std::map<std::pair<int, std::string>, int32_t> operands_, results_;  // by index and shape
  std::vector<std::optional<NestArgument>> arguments_;                 // by buffer; none: scratch
  std::vector<Type> temporaries_;
  std::vector<Extent> assumed_;
  std::map<std::string, int> names_;
};

/// The kernel's buffers in the order that Kernel demands, unused parameters left out.
/// `place[old]` is the new index, or -1.
std::vector<int32_t> arrange_buffers(Kernel& kernel);

}  // namespace thx::loop
