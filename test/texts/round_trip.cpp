// SPDX-License-Identifier: Apache-2.0
// All parts of a program go through text together: one object of what they are and of what their
// texts say, in which equal kernels are one.
#include "round_trip.h"

#include <algorithm>
#include <cstdio>

#include "driver/derivative_sites.h"
#include "driver/loaded.h"
#include "driver/random_points.h"
#include "driver/source_text.h"
#include "driver/test_programs.h"
#include "driver/verify_compare.h"
#include "ops/control.h"
#include "ops/copy.h"
#include "support/text.h"

namespace thx::texts {
namespace {

constexpr int kAttempts = 24;
constexpr int kPoints = 3;                // where both forms of a part are called
constexpr double kMostNumbers = 1 << 16;  // of all inputs together
constexpr int64_t kLargestDim = 3;        // that a file fixes

struct Part {
  std::string words;  // what it is, for messages
  bool derivative;
  std::string text = {};
  int points = 0;
  bool failed = false;
  bool rounded = false;  // some bits differ
};

class RoundTrip {
 public:
  RoundTrip(const Program& program, const CompileOptions& options, Sources& sources)
      : options_(options), sources_(sources) {
    options_.fp = FpMode::strict;
    whole_.module = printed_.module = "parts";
    whole_.dims = program.dims;
    for (Dim& dim : whole_.dims) {
      dim.of_state = false;
      // As -D would: what the file fixes may be large.
      if (dim.value) dim.value = std::min(*dim.value, kLargestDim);
    }
    printed_.dims = whole_.dims;
  }

  void add(Function function, std::string words, bool derivative) {
    function.name = format("f{}", parts_.size());
    whole_.functions.push_back(std::move(function));
    parts_.push_back({std::move(words), derivative});
  }

  Counts run() {
    if (parts_.empty()) return {};
    resolved_ = clone(whole_);
    Diagnostics diagnostics;
    if (!differentiate(resolved_, options_, diagnostics)) {
      fail(0, "cannot be differentiated: " + diagnostics.all().front().message());
    } else {
      print_all();
      call_interpreters();
      call_objects();
    }
    return counted();
  }

 private:
  void fail(size_t i, const std::string& why) {
    if (parts_[i].failed) return;
    parts_[i].failed = true;
    std::fputs(format("FAIL {}: {}\n{}", parts_[i].words, why, parts_[i].text).c_str(), stdout);
  }

  // The texts as functions of one program; a part whose text is not to be had stays out of both.
  void print_all() {
    std::vector<Part> parts;
    std::vector<Function> whole, resolved;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (!print_one(i)) {
        if (parts_[i].failed) ++counts_.failed;
        continue;
      }
      parts.push_back(std::move(parts_[i]));
      whole.push_back(std::move(whole_.functions[i]));
      resolved.push_back(std::move(resolved_.functions[i]));
    }
    parts_ = std::move(parts);
    whole_.functions = std::move(whole);
    resolved_.functions = std::move(resolved);
  }

  bool print_one(size_t i) {
    const Result<std::string> text = source_text(resolved_, resolved_.functions[i]);
    if (!text) {
      ++counts_.refused[text.error().message()];
      return false;
    }
    parts_[i].text = *text;
    Result<Program> program = read_source_text(*text, sources_);
    if (!program) {
      fail(i, "its text does not compile: " + program.error().message());
      return false;
    }
    program->functions[0].name = format("t{}", whole_.functions[i].name);
    printed_.functions.push_back(std::move(program->functions[0]));
    return true;
  }

  // Of the inputs of a part, those that its text has: by name.
  static reference::Arguments known(const Function& part, const Function& printed,
                                    const reference::Arguments& arguments) {
    reference::Arguments fewer;
    fewer.dims = arguments.dims;
    for (const Input& input : printed.inputs) {
      const auto at = std::ranges::find(part.inputs, input.name, &Input::name);
      fewer.inputs.push_back(arguments.inputs[static_cast<size_t>(at - part.inputs.begin())]);
    }
    return fewer;
  }

  static reference::Bounded exact(reference::Array array) {
    std::vector<double> error(array.elements.size(), 0);
    return {std::move(array), std::move(error)};
  }

  static RunResult result_of(const reference::Outcome& outcome) {
    RunResult run;
    for (size_t i = 0; i < outcome.outputs.size(); ++i)
      run.values.emplace_back(format("output {}", i), exact(outcome.outputs[i]));
    return run;
  }

  // Bit for bit. What is printed as a formula that the passes make one operator of may differ by
  // rounding: it has to lie within the error bounds of both.
  void compare(size_t i, const reference::Arguments& arguments, RunResult left, RunResult right,
               std::string_view form) {
    VerifyTally tally;
    std::optional<Difference> found = compare_bits(left, right, tally);
    if (!found) return;
    const Function& part = resolved_.functions[i];
    const Function& printed = printed_.functions[i];
    take_bounds(left, reference::evaluate_bounded(part, arguments));
    take_bounds(right, reference::evaluate_bounded(printed, known(part, printed, arguments)));
    found = compare_bounds(left, right, Claim::rounding, true, {}, tally).difference;
    parts_[i].rounded = true;
    if (!found) return;
    fail(i,
         format("{}: {}{} is {}, and by its text {}; so are {} of {} elements", form, found->value,
                found->place, found->left, found->right, found->count, found->total));
  }

  static void take_bounds(RunResult& run, const reference::BoundedOutcome& bounded) {
    for (size_t k = 0; k < run.values.size() && k < bounded.outputs.size(); ++k)
      run.values[k].second.error = bounded.outputs[k].error;
  }

  // A point where the part has values, for the interpreters and then for the objects.
  void call_interpreters() {
    points_.resize(parts_.size());
    for (size_t i = 0; i < parts_.size(); ++i) {
      RandomPoints random(i + 1);
      const Function& part = resolved_.functions[i];
      for (int attempt = 0; attempt < kAttempts && parts_[i].points < kPoints; ++attempt) {
        reference::Arguments arguments = random.arguments(resolved_, part, attempt);
        if (input_numbers(part, arguments.dims) > kMostNumbers) continue;
        const reference::Outcome outcome = reference::evaluate(part, arguments);
        if (outcome.status != reference::Status::ok) continue;
        const Function& printed = printed_.functions[i];
        const reference::Outcome again =
            reference::evaluate(printed, known(part, printed, arguments));
        if (again.status != reference::Status::ok) fail(i, "by its text: " + again.why);
        if (parts_[i].failed) break;
        ++parts_[i].points;
        compare(i, arguments, result_of(outcome), result_of(again), "by the interpreter");
        points_[i].push_back(std::move(arguments));
      }
    }
  }

  std::unique_ptr<LoadedProgram> compile(Program program, std::string& why) {
    Diagnostics diagnostics;
    auto loaded = LoadedProgram::compile(std::move(program), options_, sources_, diagnostics);
    if (!loaded) why = diagnostics.all().front().message();
    return loaded;
  }

  static Result<CallResult> call(const LoadedProgram& program, const Function& function,
                                 const reference::Arguments& arguments) {
    Arguments inputs;
    for (size_t k = 0; k < function.inputs.size(); ++k)
      inputs.emplace(function.inputs[k].name, to_host(arguments.inputs[k]));
    return program.call(function.name, std::move(inputs), arguments.dims);
  }

  static RunResult result_of(const Result<CallResult>& call) {
    RunResult run;
    if (!call) run.broken = call.error().message();
    if (!call) return run;
    run.status = std::string(thx_status_name(call->status));
    for (size_t i = 0; call->ok() && i < call->outputs.size(); ++i) {
      run.values.emplace_back(format("output {}", i), exact(to_reference(call->outputs[i].second)));
    }
    return run;
  }

  void call_objects() {
    if (parts_.empty()) return;
    Program both = std::move(whole_);
    for (Function& function : clone(printed_).functions)
      both.functions.push_back(std::move(function));
    std::string why;
    const auto object = compile(std::move(both), why);
    if (!object) return fail(0, "does not compile: " + why);
    for (size_t i = 0; i < parts_.size(); ++i) {
      for (const reference::Arguments& arguments : points_[i]) {
        const Function& part = resolved_.functions[i];
        const Function& text = printed_.functions[i];
        compare(i, arguments, result_of(call(*object, part, arguments)),
                result_of(call(*object, text, known(part, text, arguments))), "as an object");
      }
    }
  }

  Counts counted() {
    for (const Part& part : parts_) {
      if (part.failed) {
        ++counts_.failed;
      } else if (part.points == 0) {
        ++counts_.unreached;
        std::fputs(format("called nowhere: {}\n", part.words).c_str(), stdout);
      } else {
        ++(part.derivative ? counts_.derivatives : counts_.functions);
        counts_.rounded += part.rounded ? 1 : 0;
      }
    }
    return std::move(counts_);
  }

  CompileOptions options_;
  Sources& sources_;
  Program whole_, resolved_, printed_;
  std::vector<Part> parts_;
  std::vector<std::vector<reference::Arguments>> points_;  // by part
  Counts counts_;
};

std::string_view kind_of(Value node) {
  return as_grad(node) ? "gradient" : as_jvp(node) ? "tangent" : "jacobian";
}

}  // namespace

void Counts::add(const Counts& other) {
  derivatives += other.derivatives;
  functions += other.functions;
  failed += other.failed;
  unreached += other.unreached;
  rounded += other.rounded;
  for (const auto& [what, count] : other.refused) refused[what] += count;
}

Counts check_texts(const Program& program, const CompileOptions& options, bool functions,
                   Sources& sources) {
  RoundTrip trip(program, options, sources);
  const std::vector<Requirement> none;
  for (const DerivativeSite& site : derivative_sites(program)) {
    std::vector<Value> results;
    for (size_t i = 0; i < site.node->types.size(); ++i)
      results.push_back(result(*site.node->graph, site.node, static_cast<int64_t>(i)));
    trip.add(extract(*site.body, {}, results, site.is_region ? none : site.function->requirements),
             format("a {} in `{}` of {}", kind_of(site.node), site.function->name, options.file),
             true);
  }
  for (const Function& function : program.functions) {
    if (!functions || function.roots().empty()) continue;
    trip.add(extract(*function.body, {}, function.roots(), function.requirements),
             format("`{}` of {}", function.name, options.file), false);
  }
  return trip.run();
}

}  // namespace thx::texts
