// SPDX-License-Identifier: Apache-2.0
// All derivatives of a file, and the gradients that its definitions bring; the words for what is no
// slope.
#include "driver/test_slopes.h"

#include <chrono>
#include <set>

#include "driver/own_gradients.h"
#include "driver/slope_check.h"
#include "support/text.h"

namespace thx {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = DerivativeCut::Kind;

constexpr uint64_t kSeed = 0x7468782d73656564;
constexpr size_t kMostCenters = 16;

class SlopeChecks {
 public:
  SlopeChecks(const CompileOptions& options, double seconds, Diagnostics& diagnostics)
      : options_(options),
        diagnostics_(diagnostics),
        end_(Clock::now() +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}

  SlopeCounts run(const Program& program, std::span<const Program* const> tests) {
    const std::vector<DerivativeSite> sites = derivative_sites(program);
    std::vector<const Program*> programs = {&program};
    programs.insert(programs.end(), tests.begin(), tests.end());
    const std::vector<OwnGradient> own = own_gradients(programs);
    left_ = sites.size() + own.size();
    for (const DerivativeSite& site : sites) check(program, site);
    for (const OwnGradient& each : own) check(each);
    return std::move(counts_);
  }

 private:
  // What one leaves over is for the others.
  Clock::time_point next_end() {
    return Clock::now() + (end_ - Clock::now()) / static_cast<int64_t>(left_--);
  }

  void check(const Program& program, const DerivativeSite& site) {
    const SlopeFinding found =
        check_slope(program, site, options_, next_end(), RandomPoints(kSeed), false, diagnostics_);
    switch (found.kind) {
      case SlopeFinding::Kind::failed: return;
      case SlopeFinding::Kind::given: ++counts_.own; return;
      case SlopeFinding::Kind::large: ++counts_.large; return;
      case SlopeFinding::Kind::rough: counts_.unchecked.push_back(found.cut.span); return;
      case SlopeFinding::Kind::wrong:
        ++counts_.failed;
        report(found, site);
        break;
      case SlopeFinding::Kind::slope: break;
    }
    ++counts_.checked;
    counts_.gradients_only = counts_.gradients_only && found.cut.kind == Kind::gradient;
    counts_.cut_short += found.cut_short ? 1 : 0;
  }

  void report(const SlopeFinding& found, const DerivativeSite& site) {
    const DerivativeCut& cut = found.cut;
    const std::string names =
        join(cut.targets, ", ", [](const auto& target) { return format("`{}`", target.name); });
    const std::string_view of = cut.kind == Kind::gradient ? "cost"
                                : cut.of_gradient          ? "gradient"
                                                           : "value";
    Diagnostic& error =
        diagnostics_.report({Err::expectation_failed, cut.span,
                             format("the {} {} {} is not the slope of its {}", word_of(cut),
                                    cut.kind == Kind::tangent ? "along" : "by", names, of)});
    explain(error, found, site);
    for (const std::string& own : cut.own)
      error.note(format("it goes through `{}`, which brings a gradient of its own", own));
    if (cut.own.size() == 1) blamed_.insert(cut.own[0]);
  }

  static void explain(Diagnostic& error, const SlopeFinding& found, const DerivativeSite& site) {
    error.note(found.what);
    error.note(format("in `{}`, at a random point{}{}", site.function->name,
                      found.dims.empty() ? "" : " with ", join(found.dims, ", ")));
  }

  // Whether or not anything differentiates the definition; unless a derivative has shown that it is
  // this one that is wrong.
  void check(const OwnGradient& own) {
    const Clock::time_point until = next_end();
    if (blamed_.contains(own.name)) return;
    const DerivativeSite site = site_of(own);
    RandomPoints random(kSeed);
    const size_t centers = std::min(own.constants.size(), kMostCenters);
    random.look_around(
        {own.constants.begin(), own.constants.begin() + static_cast<ptrdiff_t>(centers)});
    const SlopeFinding found =
        check_slope(own.program, site, options_, until, std::move(random), true, diagnostics_);
    const bool intended = found.cut.own.empty();
    if (intended || found.kind == SlopeFinding::Kind::failed) return;
    if (found.kind == SlopeFinding::Kind::wrong) {
      blamed_.insert(own.name);
      ++counts_.failed_definitions;
      explain(diagnostics_.report({Err::expectation_failed, found.cut.span,
                                   format("the gradient that `{}` brings is not the slope of its "
                                          "value",
                                          own.name)}),
              found, site);
    }
    if (found.kind != SlopeFinding::Kind::rough && found.kind != SlopeFinding::Kind::large)
      ++counts_.definitions;
    else
      ++counts_.unchecked_definitions;
  }

  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  const Clock::time_point end_;
  size_t left_ = 0;  // of what shares the time
  std::set<std::string> blamed_;
  SlopeCounts counts_;
};

}  // namespace

SlopeCounts check_slopes(const Program& program, std::span<const Program* const> tests,
                         const CompileOptions& options, double seconds, Diagnostics& diagnostics) {
  return SlopeChecks(options, seconds, diagnostics).run(program, tests);
}

std::string text(const SlopeCounts& counts) {
  std::string line;
  const std::string_view word = counts.gradients_only ? "gradient" : "derivative";
  const std::string_view of = counts.gradients_only ? "cost" : "value";
  const auto counted = [&](size_t count) {
    return format("{} {}{}", count, word, count == 1 ? "" : "s");
  };
  if (counts.checked > 0 && counts.failed == 0) {
    line = counts.checked == 1
               ? format("{} is the slope of its {}", counted(1), of)
               : format("{} are the slopes of their {}s", counted(counts.checked), of);
  } else if (counts.checked > 0) {
    line = format("{} of {} {} not the slope of {} {}", counts.failed, counted(counts.checked),
                  counts.failed == 1 ? "is" : "are", counts.failed == 1 ? "its" : "their", of);
  }
  const auto append = [&](std::string part) { line += (line.empty() ? "" : "; ") + part; };
  if (counts.cut_short > 0) append(format("{} of them in part, for time", counts.cut_short));
  if (counts.own > 0) append(counted(counts.own) + " through definitions with their own");
  if (!counts.unchecked.empty()) {
    append(counted(counts.unchecked.size()) + " at no smooth point that was tried");
  }
  const auto definitions = [](size_t count) {
    return format("{} definition{}", count, count == 1 ? "" : "s");
  };
  const bool one = counts.definitions == 1;
  if (counts.definitions > 0 && counts.failed_definitions == 0) {
    append(format("the gradient{} of {} {} slope{}", one ? "" : "s",
                  definitions(counts.definitions), one ? "is its" : "are their", one ? "" : "s"));
  } else if (counts.definitions > 0) {
    const bool one_failed = counts.failed_definitions == 1;
    append(format("{} of {} bring{} {} slope{}", counts.failed_definitions,
                  definitions(counts.definitions), one_failed ? "s" : "",
                  one_failed ? "a gradient that is not its" : "gradients that are not their",
                  one_failed ? "" : "s"));
  }
  if (counts.unchecked_definitions > 0) {
    append(format("those of {} were compared nowhere", definitions(counts.unchecked_definitions)));
  }
  if (counts.large > 0) {
    append(
        format("{} not compared: over {} numbers are too many", counted(counts.large), kMostDrawn));
  }
  return line;
}

}  // namespace thx
