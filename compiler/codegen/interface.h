// SPDX-License-Identifier: Apache-2.0
// The C interface of a compiled program, as data: what the object, the header, the C++ wrapper and
// the manifest all follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/function.h"
#include "schedule/loop_ir.h"
#include "support/diagnostic.h"

namespace thx::codegen {

inline constexpr int kAlign = 64;             // of models and workspaces, in bytes
inline constexpr int kModelHeaderBytes = 32;  // thx_model_header; the dims follow as int64_t
inline constexpr int kModelBytes = 24;        // where its field `bytes` lies

/// A state inside the model.
struct Field {
  std::string name;    // as in checkpoints
  std::string c_name;  // as in accessors: <prefix>_<c_name>
  Type type;
  Extent offset;  // bytes from the model's start; a multiple of kAlign but for a param, which
                  // follows the one before it
  bool saved;
  bool param;
  int line;  // of the declaration in the .thx
};

/// One parameter of a generated C function, in order.
struct Parameter {
  enum class Kind : uint8_t {
    model,            // M* m, or const M*
    dim,              // int64_t
    scalar,           // an input of rank 0, by value
    array,            // const T*
    output,           // T*, may be NULL
    workspace,        // void* ws
    workspace_bytes,  // size_t
    exec,             // const thx_exec*
  } kind;
  std::string c_name;
  std::string name;  // in the .thx
  int index = -1;    // into Program::dims, Function::inputs or Function::outputs
  Type type = {};
};

struct EntryPoint {
  std::string name;    // in the .thx
  std::string symbol;  // <prefix>_<name>
  int function;        // into Program::functions and loop::Program::functions
  bool uses_model;     // reads or writes state
  bool updates;        // writes state: not const
  bool fallible;       // can fail after entry
  std::vector<Parameter> parameters;
  std::vector<int>
      dims;  // into Program::dims: all that are known in the function, in order of declaration
  Extent workspace_bytes;
  int line;

  /// The place of `parameter` in the C parameter list, from 1.
  int position(Parameter::Kind kind, int index = -1) const;
};

/// A value that a function guards; err->value is its place in Interface::guarded, from 1.
struct GuardedValue {
  std::string function, name;
  int line;
  double bound;  // of magnitudes; infinity: only NaN and infinities fail
  friend bool operator==(const GuardedValue&, const GuardedValue&) = default;
};

struct Interface {
  std::string module;
  std::string stem;          // logreg, of file names
  std::string prefix;        // logreg; with a `_` where the stem is no name for a type
  std::string macro_prefix;  // LOGREG
  std::string class_name;    // Logreg, of the C++ wrapper
  std::string source_name;   // logreg.thx, without folders
  uint64_t
      program_hash;  // of the printed program's interface and states: what makes models compatible
  std::vector<std::string> dim_names;  // C names, by Program::dims
  std::vector<int> state_dims;         // into Program::dims: bound at init
  std::vector<Field> fields;           // in order of declaration
  std::vector<Field> params;           // all params of one dtype as one array: params_f32
  Extent state_bytes;                  // of a whole model, a multiple of kAlign, without slack
  std::vector<EntryPoint> entries;
  std::vector<GuardedValue> guarded;
  Extent init_workspace_bytes;  // 0 where initial values need none
  /// Rewrites that only --fp=fast allows, and those of them that were made; without it none.
  struct Fast {
    std::vector<std::string> allowed, fired;
  };
  std::optional<Fast> fast;
  bool has_state() const { return !fields.empty(); }
  std::vector<Field> fields_by_offset() const;
  /// The number of a guarded value in err->value; 0 where it is none.
  int number_of(const GuardedValue& value) const;
};

struct InterfaceOptions {
  std::string prefix;  // empty: the module's name
  std::string source_name;
};

/// The values that the functions of a program guard, each once, in the order of the checks.
std::vector<GuardedValue> guarded_values(const loop::Program& loops, const Sources& sources);

/// Decides names, layout and parameter lists. Reports error[reserved_name] where names cannot be
/// told apart.
Interface make_interface(const Program& program, const loop::Program& loops, const Sources& sources,
                         const InterfaceOptions& options, Diagnostics& diagnostics);

}  // namespace thx::codegen
