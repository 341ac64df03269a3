// SPDX-License-Identifier: Apache-2.0
// One function of the language as a compiled kernel in this process, with its derivatives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driver/loaded.h"
#include "reference.h"

namespace thx::math_check {

struct CompileAs {
  bool strict = false;
  std::string cpu;  // empty: this machine's
};

/// A program with the functions `value`, `slope0` and `slope1`, the derivatives by each operand,
/// over vectors.
class Compiled {
 public:
  static constexpr size_t kBlock = 1 << 14;

  Compiled(const Reference& reference, DType dtype, const CompileAs& as);
  ~Compiled();
  Compiled(const Compiled&) = delete;

  /// The results of `function` for up to kBlock arguments; `ys` is empty for one operand.
  template <class T>
  std::vector<T> run(const std::string& function, const std::vector<T>& xs,
                     const std::vector<T>& ys) const;

 private:
  int operands_;
  std::string folder_;
  Sources sources_;
  Diagnostics diagnostics_;
  std::unique_ptr<LoadedProgram> program_;
};

}  // namespace thx::math_check
