// SPDX-License-Identifier: Apache-2.0
// Where each optimisation was applied, and where it was refused and why: the report of
// `thxc explain`, as data. docs/explain.md describes what is made of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driver/compile.h"
#include "schedule/counts.h"

namespace thx {

/// What is to be explained.
struct ExplainRequest {
  std::string function;                               // empty: all
  std::optional<uint32_t> line;                       // of the file
  std::vector<std::pair<std::string, int64_t>> dims;  // --NAME=NUMBER: for numbers beside formulas
};

/// A rule or step at a place, as often as it was applied or refused there.
struct ExplainedRewrite {
  std::string pass, rule;
  std::string cls;            // as `exact`, or `more accurate`
  std::string from, to;       // formulas; empty for a step that no formula expresses
  std::string before, after;  // the user's expression; `after` is empty where it was refused
  std::string reason;         // why it was refused; empty: it was applied
  int count = 1;
  SpanSet spans;
};

/// A value that a kernel computes.
struct ExplainedValue {
  std::string name;  // empty where the source gives it none
  std::string op;
  std::string type;
  SpanSet spans;
  bool stored = false;     // it leaves the kernel
  std::string expression;  // of one that is stored: what it is of named values and of what is read
};

struct ExplainedAccess {
  std::string buffer;  // its name in the function
  loop::Access access;
  loop::Traffic traffic;  // of one run
};

struct ExplainedKernel {
  std::string name, kind;
  std::vector<ExplainedValue> values;  // without constants and views; none for checks
  std::vector<ExplainedAccess> accesses;
  loop::Counts counts;  // of one run
  Extent runs;          // in one call
  SpanSet spans;
};

struct ExplainedRefusal {  // of two values to share a kernel
  std::string producer, consumer, reason;
  SpanSet producer_spans, consumer_spans;
  int count = 1;
};

struct ExplainedBuffer {
  std::string name, type;
  std::string kind;  // input, output, state, workspace
  Extent bytes;
  Extent offset;                              // in the workspace
  std::vector<std::string> writers, readers;  // kernels
  SpanSet spans;
};

struct ExplainedFunction {
  std::string name;
  std::string signature;  // `train(x: f32[N, F]) -> xent: f32[N]`
  Span span;
  bool fallible = false;
  std::vector<ExplainedRewrite> rewrites, refused_rewrites;
  std::vector<ExplainedKernel> kernels;  // in the order in which they first run
  std::vector<ExplainedRefusal> refusals;
  std::vector<ExplainedBuffer> buffers;
  loop::Counts total;
  Extent copied, workspace;
};

struct Explanation {
  std::string module, fp, cpu;
  uint32_t file = 0;   // the one that was named
  bool fused = false;  // multiply-adds
  std::vector<std::pair<std::string, std::optional<int64_t>>> dims;
  std::vector<ExplainedBuffer> states;
  Extent state;  // bytes of a model
  std::vector<ExplainedFunction> functions;
  Extent::Values values;  // of dims that are known
};

/// Compiles the file as far as its loops; nothing where there are errors.
std::optional<Explanation> explain(const CompileOptions& options, const ExplainRequest& request,
                                   Sources& sources, Diagnostics& diagnostics);

/// The line of the explained file that a thing belongs to: that of its last place there; 0 where it
/// has none.
uint32_t line_of(const SpanSet& spans, const Explanation& explanation, const Sources& sources);

std::string explain_text(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources);
std::string explain_json(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources);
std::string explain_html(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources);

}  // namespace thx
