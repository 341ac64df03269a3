// SPDX-License-Identifier: Apache-2.0
// Shrinks and prints.
#include "report.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "arguments.h"
#include "dice.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ops/copy.h"
#include "shrink.h"
#include "support/text.h"

namespace thx::random {

namespace {

bool alike(const std::optional<Failure>& found, const Failure& failure) {
  return found && found->kind == failure.kind && found->step == failure.step;
}

std::optional<Failure> single_step(const Case& source, const Failure& failure) {
  return check_pass(source, failure.step);
}

std::string mode_words(const Case& source) {
  const Manner manner = manner_of(source.seed);
  return format("{}{} --vector-bytes={}", manner.fp == FpMode::strict ? " --strict" : "",
                manner.machine.fma ? "" : " --no-fma", manner.machine.vector_bytes);
}

std::string call_words(const Case& source, const Failure& failure) {
  for (const Function& function : source.program.functions) {
    if (function.name != failure.function) continue;
    const Extent::Values& dims = failure.odd_dims ? source.odd_dims : source.dims;
    const reference::Arguments arguments =
        arguments_for(function, dims, mixed(source.seed + (failure.odd_dims ? 1 : 0)));
    std::string words = format(" --run={}", function.name);
    for (const auto& [name, value] : dims) append(words, " --dim={}={}", name, value);
    for (size_t i = 0; i < function.inputs.size(); ++i)
      append(words, " '--arg={}={}'", function.inputs[i].name,
             reference::text(arguments.inputs[i]));
    for (size_t i = 0; i < function.states.size(); ++i)
      append(words, " '--arg={}={}'", function.states[i].name,
             reference::text(arguments.states[i]));
    return words;
  }
  return "";
}

void say(const std::string& line) { std::puts(line.c_str()); }

// The passes that lead to the step on the way through the levels.
std::string passes_for(const Failure& failure, bool single) {
  if (single) return failure.step;
  std::string all;
  for (const auto& name : {"canonicalize", "stabilize", "differentiate", "simplify", "restabilize",
                           "expand", "order-reductions", "bind-dims", "fold-constants", "form-fma",
                           "drop-dead", "group", "build-nests", "plan-memory", "vectorize"}) {
    all += all.empty() ? name : format(",{}", name);
    if (name == failure.step) break;
  }
  return all;
}

}  // namespace

std::optional<Failure> check_levels(const Case& source, Stage stage, Tally& tally) {
  if (stage == Stage::text) return check_text(source, tally);
  if (stage == Stage::object) {
    std::vector<Case> alone;
    alone.push_back({source.seed, clone(source.program), source.dims, source.odd_dims});
    size_t culprit = 0;
    return check_object(alone, tally, culprit);
  }
  Lowered lowered;
  std::optional<Failure> failure = check_passes(source, lowered, tally);
  if (failure || lowered.refused || stage == Stage::passes) return failure;
  loop::Program loops;
  return check_loops(source, lowered, loops);
}

void report(const Case& source, const Failure& failure, Stage stage, const std::string& folder) {
  say(format("random: --seed {}: {} {}{}: {}", source.seed, failure.step, to_string(failure.kind),
             failure.function.empty() ? "" : " of " + failure.function, failure.what));
  Case small{source.seed, clone(source.program), source.dims, source.odd_dims};
  Tally ignored;
  std::function<bool(const Case&)> fails = [&](const Case& c) {
    return alike(check_levels(c, stage, ignored), failure);
  };
  bool single = false;
  if (stage != Stage::object && stage != Stage::text)
    if (Result<Program> before = parse_program(failure.before); before) {
      Case from{source.seed, std::move(*before), source.dims, source.odd_dims};
      single = alike(single_step(from, failure), failure);
      if (single) {
        small = std::move(from);
        fails = [&](const Case& c) { return alike(single_step(c, failure), failure); };
      }
    }
  small = shrunk(small, fails);
  const std::optional<Failure> last =
      single ? single_step(small, failure) : check_levels(small, stage, ignored);
  const std::string text = print(small.program);
  const std::string path =
      (std::filesystem::path(folder) / format("random-{}.ir", source.seed)).string();
  std::filesystem::create_directories(folder);
  std::ofstream(path, std::ios::binary) << text;
  say(text);
  if (last) say(format("{} {}: {}", last->step, to_string(last->kind), last->what));
  const std::string call = last ? call_words(small, *last) : "";
  const std::string mode = mode_words(small);
  if (!call.empty()) say(format("thx-opt{}{} {}", mode, call, path));
  if (stage != Stage::text)
    say(format("thx-opt --passes={}{}{} {}", passes_for(failure, single), mode, call, path));
  say(format("thx-random --programs 1 --seed {} --stage {}", source.seed,
             stage == Stage::object  ? "object"
             : stage == Stage::text  ? "text"
             : stage == Stage::loops ? "loops"
                                     : "passes"));
}

}  // namespace thx::random
