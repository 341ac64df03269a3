// SPDX-License-Identifier: Apache-2.0
// One function of the language as a compiled kernel in this process, with its derivatives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driver/loaded.h"
#include "reference.h"
#include "support/system_program.h"

namespace thx::math_check {

struct CompileAs {
  bool strict = false;
  std::string cpu;  // empty: this machine's
};

/// A program over vectors: the function `value`; of order 1 `slope0` and `slope1`, the derivatives
/// by each operand; of order 2 `curve0`, `curve1` and `curve2`, the second derivatives.
class Compiled {
 public:
  static constexpr size_t kBlock = 1 << 14;

  Compiled(const Reference& reference, DType dtype, const CompileAs& as, int order);

  /// The results of `function` for up to kBlock arguments; `ys` is empty for one operand.
  template <class T>
  std::vector<T> run(const std::string& function, const std::vector<T>& xs,
                     const std::vector<T>& ys) const;
  /// `function` of one operand, bound to kBlock arguments.
  BoundCall bind(const std::string& function, DType dtype) const;

 private:
  int operands_;
  TemporaryFolder folder_;
  Sources sources_;
  Diagnostics diagnostics_;
  std::unique_ptr<LoadedProgram> program_;
};

/// A function of one operand over Compiled::kBlock numbers at a time, without allocation. The
/// program must outlive it.
template <class T>
class Block {
 public:
  Block(const Compiled& compiled, const std::string& function)
      : call_(compiled.bind(function, sizeof(T) == 4 ? DType::f32 : DType::f64)) {}

  /// Where the numbers go.
  T* arguments() { return reinterpret_cast<T*>(call_.argument("x").bytes.data()); }
  /// The results, until the next run.
  const T* run();

 private:
  BoundCall call_;
};

}  // namespace thx::math_check
