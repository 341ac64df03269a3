// SPDX-License-Identifier: Apache-2.0
// Tables of recorded cases: programs, calls with inputs and expected values, sources that are
// refused. README.md describes the format of the files.
#pragma once

#include <llvm/Support/JSON.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/host_array.h"
#include "driver/loaded.h"

namespace thx::tables {

/// How far a value may be from the one wanted. Neither: equal by bits, every NaN being the same.
struct Tolerance {
  std::optional<int64_t> ulp;
  std::optional<double> rtol;
  double atol = 0;
};

struct Wanted {
  std::string name;
  HostArray array;
  Tolerance tolerance;
};

struct Call {
  std::string name;
  std::string function;
  DimValues dims;
  Arguments inputs;
  bool fresh = false;           // a new model, with its initial values
  Arguments state;              // written before the call
  std::vector<Wanted> outputs;  // in order of the file
  std::vector<Wanted> after;    // state, after the call
  std::string status = "THX_OK";
};

struct TestProgram {
  std::string name;
  std::string source;
  DType float_x = DType::f32;
  std::vector<Call> calls;
};

struct Refused {
  std::string name;
  std::string source;
  std::vector<std::string> errors;  // ids, sorted, each once
};

struct Table {
  std::vector<TestProgram> programs;
  std::vector<Refused> refused;
};

/// Reads a file of JSON lines; text is a message where it cannot be read. `include` names the
/// folder of a program's `file`.
Table read_table(const std::string& path);

/// Where `got` is not what is wanted: the first such element, in words. Empty: all is well.
std::string difference(const HostArray& got, const Wanted& wanted);

}  // namespace thx::tables
