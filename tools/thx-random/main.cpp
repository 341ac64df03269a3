// SPDX-License-Identifier: Apache-2.0
// thx-random: random programs through the compiler, with every check after every step; a failing
// one is made small and printed with the command that shows it.
#include <sys/time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "check.h"
#include "contents.h"
#include "ir/print.h"
#include "report.h"
#include "support/text.h"

namespace thx::random {
namespace {

constexpr uint64_t kBundle = 64;

struct Options {
  uint64_t programs = 1000, seed = 0;
  std::string stage = "all";
  std::string keep = ".";
  uint64_t failures = 1;
  bool print = false;
  unsigned seconds = 60;  // of the processor, that one program, or one object, may take
  GenerateOptions generate;
};

// The seed that is being worked on, for messages of last resort.
volatile sig_atomic_t working_on_high = 0, working_on_low = 0;

/// Stops the process after so much of the processor's time, whatever runs beside; 0: never.
void limit_time(unsigned seconds) {
  const itimerval timer{{0, 0}, {static_cast<time_t>(seconds), 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

void work_on(uint64_t seed, unsigned seconds) {
  working_on_high = static_cast<sig_atomic_t>(seed >> 24);
  working_on_low = static_cast<sig_atomic_t>(seed & 0xffffff);
  limit_time(seconds);
}

extern "C" void report_signal(int number) {
  char text[80];
  const auto seed = (static_cast<unsigned long long>(working_on_high) << 24) +
                    static_cast<unsigned long long>(working_on_low);
  const int length =
      std::snprintf(text, sizeof text, "random: signal %d at --seed %llu\n", number, seed);
  if (write(1, text, static_cast<size_t>(length)) < 0) _exit(4);
  _exit(3);
}

class Runner {
 public:
  explicit Runner(const Options& options) : options_(options) {}

  int run() {
    const uint64_t end = options_.seed + options_.programs;
    for (uint64_t seed = options_.seed; seed < end && failures_ < options_.failures;)
      seed = bundle(seed, std::min(end, (seed / kBundle + 1) * kBundle));
    std::puts(format("random: {} programs, {} functions, {} calls, {} of them answer a status, {} "
                     "without a derivative, {} functions without a spelling, {} failures",
                     tally_.programs, tally_.functions, tally_.calls, tally_.failed_calls,
                     tally_.refused, tally_.unspelled, failures_)
                  .c_str());
    std::puts(shares().c_str());
    return failures_ == 0 ? 0 : 1;
  }

 private:
  bool wants(std::string_view stage) const {
    return options_.stage == "all" || options_.stage == stage;
  }

  /// How many programs hold each operator of control.
  std::string shares() const {
    std::vector<std::string> parts;
    for (const OpInfo& entry : kOps) {
      const uint64_t count = tally_.with[static_cast<size_t>(entry.op)];
      if (entry.family == Family::control && count > 0 && entry.op != Op::result)
        parts.push_back(
            format("{} {:.1f}%", name_of(entry.op),
                   100 * static_cast<double>(count) / static_cast<double>(tally_.programs)));
    }
    return "random: programs with " + join(parts, ", ");
  }

  uint64_t bundle(uint64_t seed, uint64_t end) {
    std::vector<Case> sources;
    for (; seed < end && failures_ < options_.failures; ++seed) {
      work_on(seed, options_.seconds);
      Case source = generate(seed, options_.generate);
      ++tally_.programs;
      tally_.functions += source.program.functions.size();
      const std::vector<bool> found = operators_of(source.program);
      for (size_t op = 0; op < found.size(); ++op) tally_.with[op] += found[op] ? 1 : 0;
      if (options_.print) std::fputs(print(source.program).c_str(), stdout);
      const Stage stage = wants("loops") ? Stage::loops : Stage::passes;
      if ((wants("passes") || wants("loops"))) {
        std::optional<Failure> failure = check_tensor(source, stage);
        if (failure) fail(source, *failure, stage);
      }
      if (wants("text")) {
        const std::optional<Failure> failure = check_text(source, tally_);
        if (failure) fail(source, *failure, Stage::text);
      }
      if (wants("object")) sources.push_back(std::move(source));
    }
    if (!sources.empty() && failures_ < options_.failures) check_bundle(sources);
    return seed;
  }

  std::optional<Failure> check_tensor(const Case& source, Stage stage) {
    return check_levels(source, stage, tally_);
  }

  void check_bundle(const std::vector<Case>& sources) {
    work_on(sources[0].seed, 4 * options_.seconds);
    size_t culprit = 0;
    const std::optional<Failure> failure = check_object(sources, tally_, culprit);
    if (!failure) return;
    // What fails among others mostly fails alone.
    for (size_t i = 0; i < sources.size(); ++i) {
      const Case& source = sources[(culprit + i) % sources.size()];
      if (const std::optional<Failure> alone = check_levels(source, Stage::object, tally_))
        return fail(source, *alone, Stage::object);
    }
    fail(sources[culprit], *failure, Stage::object);
  }

  void fail(const Case& source, const Failure& failure, Stage stage) {
    ++failures_;
    limit_time(0);
    report(source, failure, stage, options_.keep);
  }

  const Options& options_;
  Tally tally_;
  uint64_t failures_ = 0;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Runs random programs through the compiler and checks every step.", "thx-random");
  app.add_option("--programs", options.programs, "How many");
  app.add_option("--seed", options.seed, "The first one's; the others follow");
  app.add_option("--stage", options.stage, "passes, loops (with the passes), object, text, or all")
      ->check(CLI::IsMember({"passes", "loops", "object", "text", "all"}));
  app.add_option("--keep", options.keep, "The folder for failing programs");
  app.add_option("--failures", options.failures, "After how many to stop");
  app.add_option("--seconds", options.seconds,
                 "Of the processor, that a program may take; an object four times");
  app.add_option("--operations", options.generate.operations, "Of a function, at most");
  app.add_option("--functions", options.generate.functions, "Of a program, at most");
  app.add_option("--elements", options.generate.elements, "Of a value, at most");
  app.add_flag("!--no-control", options.generate.control, "No cond and no scan");
  app.add_flag("!--no-derivatives", options.generate.derivatives, "No marks, nothing derived");
  app.add_flag("--print", options.print, "Print every program");
  CLI11_PARSE(app, argc, argv);
  for (const int number : {SIGSEGV, SIGPROF, SIGFPE, SIGILL, SIGBUS})
    std::signal(number, report_signal);
  return Runner(options).run();
}

}  // namespace
}  // namespace thx::random

int main(int argc, char** argv) {
  try {
    return thx::random::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "thx-random: internal error: %s\n", error.what());
    return 2;
  }
}
