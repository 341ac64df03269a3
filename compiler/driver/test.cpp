// SPDX-License-Identifier: Apache-2.0
// Runs tests: passes, interpreter, object, and the messages of what does not hold.
#include "driver/test.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "driver/loaded.h"
#include "driver/pipeline.h"
#include "driver/read_source.h"
#include "driver/test_compare.h"
#include "driver/test_programs.h"
#include "driver/test_slopes.h"
#include "frontend/tests.h"
#include "ops/copy.h"
#include "reference/evaluate.h"
#include "reference/liveness.h"
#include "support/text.h"

namespace thx {
namespace {

using reference::Array;

// What the outputs of a run are, or why there are none.
struct Run {
  std::vector<Array> outputs;
  std::string why;
};

class TestRun {
 public:
  TestRun(const CompileOptions& options, double seconds, Sources& sources, Diagnostics& diagnostics,
          const TestCase& test)
      : options_(options),
        sources_(sources),
        diagnostics_(diagnostics),
        test_(test),
        until_(std::chrono::steady_clock::now() +
               std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                   std::chrono::duration<double>(seconds))) {
    for (const Dim& dim : test.program.dims) {
      if (dim.value) dims_[dim.name] = *dim.value;
    }
  }

  // How many expectations do not hold.
  size_t run() {
    const bool computes =
        std::any_of(test_.expectations.begin(), test_.expectations.end(),
                    [](const Expectation& each) { return each.kind != Expectation::Kind::error; });
    check_errors();
    if (computes && draw_data() && compute_data()) {
      check_values(interpret(), "");
      check_gradients();
      if (failed_.empty()) check_values(run_object(), " in the compiled object");
    }
    return failed_.size();
  }

 private:
  Diagnostic& fail(const Expectation& expectation, std::string message) {
    failed_.insert(&expectation);
    Diagnostic& error =
        diagnostics_.report({Err::expectation_failed, expectation.at, std::move(message)});
    error.note(format("in the test \"{}\"", test_.title));
    return error;
  }

  // What is expected as it is written, where that is one short line.
  std::string spelled(const Expectation& expectation) const {
    constexpr size_t kLongest = 60;
    const std::string_view words = sources_.text(expectation.whole);
    const bool fits = words.size() <= kLongest && words.find('\n') == std::string_view::npos;
    return fits ? format("`{}`", words) : "this";
  }

  void stop(const std::string& why, const std::string& where) {
    for (const Expectation& each : test_.expectations) failed_.insert(&each);
    diagnostics_.report({Err::expectation_failed, test_.span,
                         format("the test \"{}\" stops{}: {}", test_.title, where, why)});
  }

  void check_errors() {
    for (const Expectation& each : test_.expectations) {
      if (each.kind != Expectation::Kind::error || each.found) continue;
      fail(each, each.instead.empty() ? "the block has no error"
                                      : "the block has another error: " + each.instead);
    }
  }

  void check_values(const Run& run, const std::string& where) {
    if (!run.why.empty()) return stop(run.why, where);
    for (const Expectation& each : test_.expectations) {
      if (each.kind == Expectation::Kind::error || each.kind == Expectation::Kind::gradient)
        continue;
      const std::optional<Mismatch> found = compare(each, run.outputs);
      if (!found) continue;
      Diagnostic& error = fail(each, spelled(each) + " does not hold" + where);
      error.label(each.left, found->left).label(each.right, found->right);
      if (!found->difference.empty()) error.note(found->difference);
    }
  }

  bool stabilize(Program& program) { return thx::stabilize(program, options_, diagnostics_); }

  // False after a report.
  bool draw_data() {
    double numbers = 0;
    for (const TestDraw& wanted : test_.draws)
      numbers += reference::elements_of(wanted.type.shape, dims_);
    if (numbers > reference::kMostNumbers) {
      stop(reference::too_many_numbers(numbers), "");
      return false;
    }
    for (size_t i = 0; i < test_.draws.size(); ++i)
      data_[format("d{}", i)] = draw(test_.draws[i], dims_);
    return true;
  }

  // What stands for inputs and state of the file. False after a report.
  bool compute_data() {
    const size_t last = test_.program.functions.size() - 1;
    Program program = Copier().copy_functions(test_.program, last, 1);
    const bool good = stabilize(program);
    const Run run =
        good ? evaluate(program.functions[0], false) : Run{{}, "its data cannot be computed"};
    if (!run.why.empty()) {
      stop(run.why, "");
      return false;
    }
    for (size_t i = 0; i < run.outputs.size(); ++i) {
      data_[format("i{}", i)] = to_host(run.outputs[i]);
    }
    return true;
  }

  reference::Arguments arguments(const Function& function, bool wide) const {
    reference::Arguments made;
    made.dims = dims_;
    made.until = until_;
    for (const Input& input : function.inputs) {
      const auto data = data_.find(input.name);
      if (data != data_.end()) made.inputs.push_back(to_reference(data->second, wide));
    }
    return made;
  }

  Run evaluate(const Function& function, bool wide) {
    reference::Outcome outcome = reference::evaluate(function, arguments(function, wide));
    if (outcome.status != reference::Status::ok) return {{}, outcome.why};
    return {std::move(outcome.outputs), {}};
  }

  Run interpret() {
    Program program = Copier().copy_functions(test_.program, 0, 1);
    if (!stabilize(program)) return {{}, "its gradients cannot be computed"};
    return evaluate(program.functions[0], false);
  }

  void check_gradients() {
    const bool any = std::any_of(test_.expectations.begin(), test_.expectations.end(),
                                 [](const Expectation& each) { return !each.slopes.empty(); });
    if (!any || !failed_.empty()) return;
    Program wide =
        Copier::widening().copy_functions(test_.program, 0, test_.program.functions.size() - 1);
    if (!stabilize(wide)) return stop("its gradients cannot be computed", "");
    const Run run = evaluate(wide.functions[0], true);
    if (!run.why.empty()) return stop(run.why, "");
    for (const Expectation& each : test_.expectations) {
      for (size_t i = 0; i < each.slopes.size(); ++i) {
        const Function& slope = wide.functions[each.slopes[i]];
        reference::Arguments inputs = arguments(slope, true);
        const auto at = std::ranges::find(slope.inputs, "at", &Input::name) - slope.inputs.begin();
        inputs.inputs.insert(inputs.inputs.begin() + at, run.outputs[each.first + 2 * i + 1]);
        const Array& gradient = run.outputs[each.first + 2 * i];
        Result<Array> differences =
            reference::finite_difference(slope, inputs, 0, static_cast<size_t>(at));
        if (!differences) return stop(differences.error().message(), "");
        // Central differences of a value that has an infinite slope are any number, or none.
        for (size_t k = 0; k < gradient.elements.size(); ++k) {
          const double says = gradient.elements[k].real;
          if (std::isinf(says) &&
              reference::has_infinite_slope(slope, inputs, 0, static_cast<size_t>(at), k,
                                            says > 0 ? 1 : -1))
            differences->elements[k].real = says;
        }
        const auto found = compare_gradient(each, gradient, *differences);
        if (!found) continue;
        fail(each, format("the gradient by `{}` is not the slope of the cost", each.targets[i]))
            .note(format("the gradient is {}, differences give {}", found->left, found->right))
            .note(found->difference);
      }
    }
  }

  Run run_object() {
    CompileOptions options = options_;
    options.prefix.clear();
    Diagnostics inner;
    const auto program = LoadedProgram::compile(Copier().copy_functions(test_.program, 0, 1),
                                                options, sources_, inner);
    if (!program) {
      for (const Diagnostic& each : inner.all()) diagnostics_.report(each);
      return {{}, "it does not compile"};
    }
    Arguments inputs;
    const Function& function = test_.program.functions[0];
    for (const Input& input : function.inputs) inputs[input.name] = data_.at(input.name);
    const Result<CallResult> result = program->call(function.name, std::move(inputs));
    if (!result) return {{}, result.error().message()};
    if (!result->ok()) return {{}, result->message};
    Run run;
    for (const auto& [name, array] : result->outputs) run.outputs.push_back(to_reference(array));
    return run;
  }

  const CompileOptions& options_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  const TestCase& test_;
  std::chrono::steady_clock::time_point until_;  // the interpreter gives up
  Extent::Values dims_;
  std::map<std::string, HostArray> data_;  // by the names of inputs
  std::set<const Expectation*> failed_;
};

std::string counted(size_t count, std::string_view word) {
  return format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

TestCounts run_tests(const CompileOptions& options, double seconds, Sources& sources,
                     Diagnostics& diagnostics) {
  TestCounts counts;
  const std::optional<uint32_t> file = read_source(options.file, sources, diagnostics);
  counts.broken_files = 1;
  if (!file) return counts;
  const SourceFiles files = read_files(sources, *file, options.include, diagnostics);
  Program program;
  const std::vector<TestCase> tests =
      lower_tests(files, sources, {options.float_x, options.defines}, diagnostics, program);
  if (diagnostics.has_errors()) return counts;
  counts.broken_files = 0;
  std::vector<const Program*> programs;
  for (const TestCase& test : tests) programs.push_back(&test.program);
  counts.slopes = check_slopes(program, programs, options, seconds, diagnostics);
  for (const TestCase& test : tests) {
    const size_t failed = TestRun(options, seconds, sources, diagnostics, test).run();
    ++counts.tests;
    counts.expectations += test.expectations.size();
    counts.failed += failed;
    counts.failed_tests += failed > 0 ? 1 : 0;
  }
  return counts;
}

std::string text(const TestCounts& counts) {
  const std::string all =
      format("{}, {}", counted(counts.tests, "test"), counted(counts.expectations, "expectation"));
  const std::string broken = counts.broken_files == 0
                                 ? ""
                                 : format("; {} with errors", counted(counts.broken_files, "file"));
  if (counts.expectations == 0) return all + broken;
  if (counts.failed == 0) return all + ": all hold" + broken;
  return all +
         format(": {} of them {} not hold", counts.failed, counts.failed == 1 ? "does" : "do") +
         broken;
}

}  // namespace thx
