// SPDX-License-Identifier: Apache-2.0
// The oracle: a slow, obvious interpreter of tensor IR that shares no code with the passes.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/function.h"
#include "reference/array.h"

namespace thx::reference {

/// A draw of `count` elements: a source with its name and dtype, and for integers the bounds.
struct DrawRequest {
  const Node& node;
  uint64_t seed;
  int64_t count;
  int64_t low = 0, high = 0;
};
/// The generator is the runtime's and is not repeated here: whoever evaluates initial values brings
/// it.
using Draw = std::function<std::vector<Scalar>(const DrawRequest& request)>;

struct Arguments {
  std::vector<Array> inputs;  // in the function's order
  std::vector<Array> states;  // their current values, in the function's order
  Extent::Values dims;
  uint64_t seed = 0;
  Draw draw = {};
  /// Sees, and may change, what each node that has one result computes, in regions too.
  using Operands = std::span<const Array* const>;
  std::function<void(const Node& node, Operands operands, Array& result)> visit = {};
  /// When an evaluation that is not at its end is given up.
  std::optional<std::chrono::steady_clock::time_point> until = {};
};

/// How a call ends: as the statuses of the runtime, or not computed, because it needs more numbers
/// at a time than the interpreter takes, or more time than it was given.
enum class Status : uint8_t { ok, dim, index, size, time };

struct Outcome {
  Status status = Status::ok;
  std::string why;             // of a failure
  std::vector<Array> outputs;  // empty after a failure
  std::vector<Array> states;   // next values; the current ones where there is no update
};

/// Calls `function`, in time and memory that are linear in what it computes: arrays are shared, and
/// what nobody else reads is written in place. Sums of order `any` go upwards in f64 and are
/// rounded once; of another order, exactly as the order says. A `vmap` goes element by element, a
/// `call` is its first region. An InternalError where arguments have not the inputs' types, and at
/// a derivative: differentiate first, or compare with differences.
Outcome evaluate(const Function& function, const Arguments& arguments);

/// The outcome of a closed body: `states` stays empty.
Outcome evaluate(const Body& body, const std::vector<Array>& parameters,
                 const Extent::Values& dims);

/// Central differences of the scalar output `output` with respect to each element of parameter
/// `parameter` (inputs, then states) of type f64. An error says why there are none.
Result<Array> finite_difference(const Function& function, const Arguments& arguments, size_t output,
                                size_t parameter, double step = 1e-6);

/// Whether the slope of that output by element `element` of the parameter is infinite, of `sign`:
/// difference quotients of one side have no bound as the step shrinks, as those of sqrt do at 0.
bool has_infinite_slope(const Function& function, const Arguments& arguments, size_t output,
                        size_t parameter, size_t element, double sign, double step = 1e-6);

}  // namespace thx::reference
