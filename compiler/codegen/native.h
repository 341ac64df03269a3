// SPDX-License-Identifier: Apache-2.0
// A module of LLVM IR for one target, and its way to text, assembly and object code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codegen/target.h"

namespace llvm {
class Module;
}

namespace thx::codegen {

/// Kernels and entry points are added to module(); optimise() then runs once, after which the
/// module only changes form. Nothing that comes out names a path, a time or a machine.
class NativeModule {
 public:
  /// `name` is what the object calls its source. With `keep_names` LLVM text has readable names.
  NativeModule(const Target& target, const std::string& name, bool keep_names = false);
  ~NativeModule();
  NativeModule(NativeModule&&) noexcept;

  llvm::Module& module();
  const Target& target() const;

  /// LLVM IR as emitted or, after optimise(), as optimised.
  std::string llvm_text() const;
  /// Verifies the module (an InternalError where it is malformed) and runs the passes.
  void optimise();
  /// May be called once each, in any order, after optimise().
  std::string assembly();
  std::string object();

 private:
  std::string emit(bool object);
  struct State;
  std::unique_ptr<State> state_;
};

/// The symbols that an object file needs from outside, sorted.
std::vector<std::string> undefined_symbols(const std::string& object);

}  // namespace thx::codegen
