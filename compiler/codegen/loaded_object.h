// SPDX-License-Identifier: Apache-2.0
// An object file linked into this process, and calls of its functions with any parameter list.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codegen/interface.h"
#include "codegen/target.h"

namespace thx::codegen {

/// What an object may call, by name.
using Symbols = std::vector<std::pair<std::string_view, const void*>>;

class LoadedObject {
 public:
  /// Links `object`, which the interface describes, against `symbols`. An InternalError where it
  /// needs another symbol.
  LoadedObject(const std::string& object, const Interface& interface, const Target& target,
               const Symbols& symbols);
  ~LoadedObject();
  LoadedObject(const LoadedObject&) = delete;

  /// Where an exported symbol lies.
  void* address(const std::string& symbol) const;
  /// For an entry point or init: the function that calls it.
  using Caller = int32_t (*)(const uint64_t* slots);
  Caller caller(const std::string& symbol) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Calls through `caller`: one slot of 8 bytes per C parameter holds its value in the first bytes,
/// pointers included.
int32_t call(LoadedObject::Caller caller, std::span<const uint64_t> slots);

}  // namespace thx::codegen
