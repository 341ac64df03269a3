// SPDX-License-Identifier: Apache-2.0
// Runs loop IR on real buffers, statement by statement: the oracle for generated code.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schedule/loop_ir.h"

namespace thx::loop {

/// Bytes, and which of them have been written: the others are poison.
struct Memory {
  std::vector<std::byte> bytes;
  std::vector<uint8_t> defined;

  Memory() = default;
  explicit Memory(size_t count) : bytes(count), defined(count, 0) {}
  void poison() { defined.assign(defined.size(), 0); }
};

/// A kernel's buffer: `memory` from `offset` bytes on.
struct View {
  Memory* memory = nullptr;
  int64_t offset = 0;
};

struct InterpretOptions {
  Extent::Values dims;
  /// Runs iterations that may run in any order backwards.
  bool reverse_chunks = false;
  /// Fills the elements of a `call`'s buffer; returns false where it does not know the symbol.
  std::function<bool(const Call&, DType, std::span<std::byte>)> call = {};
  /// When a run that is not at its end is given up.
  std::optional<std::chrono::steady_clock::time_point> until = {};

  bool is_late() const { return until && std::chrono::steady_clock::now() >= *until; }
};

struct Failure {
  FailStatus status;
  int64_t index;
  int input = -1;  // Launch::fail_input
};

/// None of them: the run came to its end. An error is a bug of the program that was run: poison
/// stored, a position out of its extent, a barrier that not every member reaches.
struct Outcome {
  std::optional<std::string> error;
  std::optional<Failure> failure;
  bool late = false;  // it was given up
  bool finished() const { return !error && !failure && !late; }
};

/// `views`: one per parameter.
Outcome interpret(const Kernel& kernel, std::span<const View> views,
                  const InterpretOptions& options);

/// Buffers by Storage::index; the workspace is made for the run, all poison.
struct FunctionMemory {
  std::vector<Memory*> inputs, outputs, states;
};
Outcome interpret(const Function& function, const FunctionMemory& memory,
                  const InterpretOptions& options);

}  // namespace thx::loop
