// SPDX-License-Identifier: Apache-2.0
// Loop IR: kernels as trees of loops over buffers and registers, and the functions that run them.
//
// Target-free: lanes are a number in a type, a GPU grid is a loop attribute. docs/loop-ir.md has
// the text form and the meaning of every construct.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ir/attrs.h"
#include "ir/op.h"
#include "ir/type.h"
#include "ops/instruction.h"
#include "support/source.h"

namespace thx::loop {

/// Where a buffer lives.
enum class Scope : uint8_t {
  argument,   // an input or output of the function
  state,      // inside the model
  workspace,  // the caller's workspace
  scratch,    // of one kernel run (or one chunk), small: stack or L1
  shared,     // of one GPU block
};
enum class Access : uint8_t { in, out, inout };

struct Buffer {
  std::string name;
  DType dtype;
  Shape extents;
  Shape strides;  // in elements, one per axis
  Scope scope;
  Access access;  // what the kernel does with it; scratch and shared are inout
};

struct RegisterType {
  DType dtype;    // boolean: a mask
  int lanes = 1;  // 1: a scalar
  friend bool operator==(const RegisterType&, const RegisterType&) = default;
};

/// A register, assigned once (SSA); carried ones by their loop. An array of registers is indexed
/// by variables of unrolled loops alone, each element assigned once.
struct Register {
  std::string name;
  RegisterType type;
  std::vector<int64_t> array;  // extents; empty: one register
};

struct RegisterRef {
  int32_t reg = -1;                // into Kernel::registers
  std::vector<Extent> index = {};  // one per array extent; over unrolled variables
  friend bool operator==(const RegisterRef&, const RegisterRef&) = default;
};

/// One position along one axis of a buffer: affine in loop variables (symbols `$i`) with extents
/// as coefficients, plus the value of an i64 register where there is one.
struct Index {
  Extent affine;
  std::optional<RegisterRef> reg = {};
};

/// A place in a buffer. With `lanes` > 1, lane l is at index[lane_axis] + l; stores: with stride 1.
struct Place {
  int32_t buffer = -1;  // into Kernel::buffers
  std::vector<Index> index;
  int lanes = 1;
  int lane_axis = -1;
};

struct Statement;
using Block = std::vector<Statement>;

/// `%r = const 1.5 : f32x16`
struct Constant {
  RegisterRef result;
  Scalar value;
};
/// `%r = index $i + 3 : i64` — an extent or position as a number (convert it for other dtypes).
struct IndexValue {
  RegisterRef result;
  Extent value;
};
/// `%r = fma %a, %b, %c : f32x16`, or `… : f32x16 as exp` for the last of the instructions that
/// compute a function: counts.h reads it, nothing else does.
struct Operate {
  RegisterRef result;
  Instruction instruction;
  std::vector<RegisterRef> operands;
  std::optional<Op> function = {};
};
/// `%r = load x[$n, $k : 16] mask %m` — inactive lanes give 0.
struct Load {
  RegisterRef result;
  Place place;
  std::optional<RegisterRef> mask = {};
};
/// `store u[$i] = %r mask %m` — inactive lanes store nothing.
struct Store {
  Place place;
  RegisterRef value;
  std::optional<RegisterRef> mask = {};
};
/// `%s = fold add %v` — a scalar from lanes by halves: l with l + L/2, until one is left.
struct Fold {
  RegisterRef result;
  Instruction combine;
  RegisterRef value;
};
/// `tree add p over ceildiv(N, 256)` — folds the leading axis of a buffer in place into slot 0:
/// for s = 1, 2, 4 …: slot i += slot i + s for every i divisible by 2 s with i + s < count.
/// Other axes are folded element by element.
struct Tree {
  int32_t buffer;
  Instruction combine;
  Extent count;
};
/// `next %c = %v` — the value of a carried register in the next iteration (and after the loop).
/// Exactly once per iteration and element.
struct Next {
  RegisterRef carried;
  RegisterRef value;
};
/// `fail index %i when %c` — ends the function with the status; nothing of its state is changed.
enum class FailStatus : uint8_t { index, domain, nonfinite };
struct Fail {
  FailStatus status;
  RegisterRef index;  // i64, for the error record
  RegisterRef condition;
};
/// `call thx_random_normal(w) seed = 1 name = "w"` — a runtime function that fills a buffer.
struct Call {
  std::string symbol;
  int32_t buffer;  // out
  Attrs attrs;
};
/// `barrier` — every member of the block arrives. `prefetch x[...]` — a hint.
struct Barrier {};
struct Prefetch {
  Place place;
};

enum class LoopKind : uint8_t {
  serial,
  unrolled,  // begin, end known
  chunk,     // iterations may run on any thread, in any order
  grid,      // a GPU's grid dimension
  block,     // threads of a block
  thread,    // lanes of a warp
};

/// A register carried through a loop: inside it has its old value; `init` is its value before.
struct Carried {
  int32_t reg;
  RegisterRef init;  // for an array of registers: of one element's type, used for all
};

/// `for $k in 0..K step 16 tail = mask carry (%s = %zero) { … }`
///
/// With `masked_tail` (step is a lane count L), in the last, partial iteration a lane l with
/// $k + l >= end is inactive: every access of L lanes in the body is masked by it, and `next` of
/// an L-lane carried register keeps the old value there. Such loops in each other all mask. Without
/// it the variable runs as long as it is below end.
struct Loop {
  std::string var;  // with its `$`
  Extent begin;
  Extent end;
  int64_t step = 1;
  LoopKind kind = LoopKind::serial;
  bool reverse = false;  // from the last iteration to the first
  bool masked_tail = false;
  std::vector<Carried> carried;
  Block body;
};

/// `if %c { … } else { … }` on a scalar register. Registers assigned inside are not seen outside.
struct If {
  RegisterRef condition;
  Block then;
  Block otherwise;
};

struct Statement {
  std::variant<Constant, IndexValue, Operate, Load, Store, Fold, Tree, Next, Fail, Call, Barrier,
               Prefetch, Loop, If>
      node;
};

struct Kernel {
  std::string name;
  std::string kind;  // map | rows | columns | contract | gather | scatter | call | …
  std::vector<Buffer>
      buffers;  // first the parameters in order of the launch's arguments, then scratch and shared
  std::vector<Register> registers;
  Block body;
  std::string plan;  // the schedule's choices, as text
  SpanSet spans;

  int parameter_count() const;  // buffers that are neither scratch nor shared
};

// ---- Functions: what runs the kernels ----

/// What a buffer of a function stands for.
struct Storage {
  enum class Kind : uint8_t { input, output, state, workspace } kind;
  int index = 0;  // of the input, output or state of the tensor function; -1 for workspace
  Extent offset;  // workspace: bytes from its start, a multiple of 64
};

struct FunctionBuffer {
  Buffer buffer;  // row-major
  Storage storage;
};

/// A buffer from an element on: `xs + $t * F`.
struct Argument {
  int32_t buffer;  // into Function::buffers
  Extent offset;   // elements
};

struct Step;
/// Runs a kernel; a kernel that fails ends the function with its status.
struct Launch {
  int32_t kernel;  // into Function::kernels
  std::vector<Argument> arguments;
  int32_t fail_input = -1;  // input whose value a failure is about (for the error record), or -1
  Span span;
  std::string guarded = {};  // the name of the value whose elements a failure is about
  double bound =
      std::numeric_limits<double>::infinity();  // of their magnitudes, of what is guarded
};
struct Copy {
  Argument to, from;
  Extent elements;
};
struct For {
  std::string var;  // with its `$`
  Extent extent;
  bool reverse = false;
  std::vector<Step> steps;
};
/// On a bool scalar in a buffer.
struct Branch {
  Argument condition;
  std::vector<Step> then, otherwise;
};
struct Step {
  std::variant<Launch, Copy, For, Branch> node;
};

/// An entry point: `checks` run before anything is written (failures of inputs' values); then
/// `steps`; then `commits`, which cannot fail: the updates of a fallible function.
struct Function {
  std::string name;
  std::vector<FunctionBuffer> buffers;
  std::vector<Extent> assumed;  // >= 0 at every call that gets this far: the entry has checked it
  std::vector<Kernel> kernels;
  std::vector<Step> checks, steps, commits;
  Extent workspace_bytes;  // an upper bound, over dims
  /// Per output: where in the workspace it goes when the caller passes NULL, in bytes.
  std::vector<Extent> output_slots;
  bool fallible = false;  // a step can fail after something was written
};

struct Program {
  std::vector<Function> functions;  // as the tensor program's, the last one `init` where it has one
};

/// Lanes and ISA that schedules choose from.
struct Machine {
  int vector_bytes = 32;  // 16 for v2 and NEON, 32 for v3, 64 for v4
  bool fma = true;
};

}  // namespace thx::loop
