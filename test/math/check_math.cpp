// SPDX-License-Identifier: Apache-2.0
// check-math [OPTIONS] [FUNCTION...]: compiles functions of the language and compares their
// results, and those of their derivatives, with MPFR. See usage() and README.md.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "ops/op_def.h"
#include "support/text.h"
#include "sweep.h"

namespace thx::math_check {
namespace {

constexpr const char* kUsage =
    "usage: check-math [OPTIONS] [FUNCTION...]\n"
    "  --dtype=f32|f64     of one dtype; both without it\n"
    "  --stride=N          f32, one operand: every N-th of the 2^32 numbers (0: samples alone)\n"
    "  --samples=N         so many samples beside the hard cases (20000)\n"
    "  --part=K/N          every N-th function, from the K-th on (of those that are named)\n"
    "  --derivatives[=2]   the derivatives, or the second ones, instead of the values\n"
    "  --strict            as compiled by --fp=strict\n"
    "  --cpu=LEVEL         for x86-64-v2, x86-64-v3, x86-64-v4\n";

struct Options {
  std::vector<std::string> names;
  bool f32 = true, f64 = true;
  uint64_t part = 1, parts = 1;
  Sweep sweep;
};

uint64_t number_of(const std::string& text) {
  size_t end = 0;
  const uint64_t number = std::stoull(text, &end);
  if (end != text.size()) throw std::invalid_argument(text);
  return number;
}

/// K/N with 1 <= K <= N; false otherwise.
bool read_part(const std::string& text, Options& options) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  options.part = number_of(text.substr(0, slash));
  options.parts = number_of(text.substr(slash + 1));
  return 1 <= options.part && options.part <= options.parts;
}

/// False where an argument is none of the usage's.
bool read(const std::string& argument, Options& options) {
  const auto value = [&](std::string_view option) { return argument.substr(option.size()); };
  if (argument == "--dtype=f32") {
    options.f64 = false;
  } else if (argument == "--dtype=f64") {
    options.f32 = false;
  } else if (argument.starts_with("--stride=")) {
    options.sweep.stride = number_of(value("--stride="));
  } else if (argument.starts_with("--samples=")) {
    options.sweep.samples = number_of(value("--samples="));
  } else if (argument.starts_with("--part=")) {
    return read_part(value("--part="), options);
  } else if (argument == "--derivatives") {
    options.sweep.order = 1;
  } else if (argument == "--derivatives=2") {
    options.sweep.order = 2;
  } else if (argument == "--strict") {
    options.sweep.as.strict = true;
  } else if (argument.starts_with("--cpu=")) {
    options.sweep.as.cpu = value("--cpu=");
  } else if (argument.starts_with("-") || !reference(argument)) {
    return false;
  } else {
    options.names.push_back(argument);
  }
  return true;
}

/// The row of a function, whose `error` is what results are held to.
const ElementwiseDef& row_of(const Reference& reference) {
  for (const ElementwiseDef& row : elementwise_rows())
    if (name_of(row.op) == reference.name) return row;
  throw std::runtime_error(format("no row is called {}", reference.name));
}

/// What results are held to: the row's bound, or that of all derivatives.
double budget_of(const Accuracy& error, DType dtype, int order) {
  if (order == 0) return dtype == DType::f32 ? error.f32 : error.f64;
  return order == 1 ? kSlopeBudget : kCurvatureBudget;
}

template <class T>
bool check(const Reference& reference, const Sweep& sweep) {
  const DType dtype = sizeof(T) == 4 ? DType::f32 : DType::f64;
  const Accuracy& error = row_of(reference).error;
  const double budget = budget_of(error, dtype, sweep.order);
  bool good = true;
  for (const Finding& found : probe<T>(reference, sweep, error.conditioned)) {
    const bool within = found.worst <= budget;
    good = good && within;
    const std::string at =
        reference.operands == 1 ? format("{:a}", found.x) : format("{:a}, {:a}", found.x, found.y);
    std::fputs(
        format("{:<11}{} {} {:>9.3f} ulp at {} ({}), {} arguments, {} by MPFR, budget {}{}\n",
               reference.name, spelling(dtype), found.what, found.worst, at, found.x, found.count,
               found.decided, budget, within ? "" : "  OVER")
            .c_str(),
        stdout);
    std::fflush(stdout);
  }
  return good;
}

int main_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i)
    if (!read(argv[i], options)) {
      std::fputs(kUsage, stderr);
      return 2;
    }
  if (options.names.empty())
    for (const Reference& each : references()) options.names.emplace_back(each.name);
  bool good = true;
  for (size_t i = options.part - 1; i < options.names.size(); i += options.parts) {
    const std::string& name = options.names[i];
    if (options.sweep.order == 1 && !reference(name)->slope[0]) continue;
    if (options.sweep.order == 2 && !curvature(name)) continue;
    if (options.f32) good = check<float>(*reference(name), options.sweep) && good;
    if (options.f64) good = check<double>(*reference(name), options.sweep) && good;
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace thx::math_check

int main(int argc, char** argv) {
  try {
    return thx::math_check::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "check-math: %s\n", error.what());
    return 2;
  }
}
