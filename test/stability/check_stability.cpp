// SPDX-License-Identifier: Apache-2.0
// check-stability [OPTION...] FILE.jsonl...: formulas in many spellings and contexts, compiled by
// the hundred and called in this process. Without --all a fixed sample of the cases.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "contexts.h"
#include "known.h"
#include "run.h"
#include "support/system_program.h"
#include "support/text.h"

namespace thx::stability {
namespace {

constexpr const char* kUsage =
    "usage: check-stability [OPTION...] FILE.jsonl...\n"
    "  --all            every spelling in every context, not the sample\n"
    "  --part=I/N       of the cases each N-th, beginning with I (from 0)\n"
    "  --only=TEXT      formulas whose name contains it\n"
    "  --strict         programs compiled as by --fp=strict\n"
    "  --known=FILE     groups that are known to fail\n"
    "  --verbose        all that fails, not the first of a group\n"
    "  --programs       print the program of each failure\n";

constexpr uint64_t kEach = 12;  // of so many spellings the sample takes one

struct Options {
  bool all = false, strict = false, verbose = false, programs = false;
  int64_t part = 0, parts = 1;
  std::string only, known;
  std::vector<std::string> paths;
};

uint64_t mixed(uint64_t value) {  // splitmix64 (Steele, Lea, Flood 2014)
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// All spellings of a formula in all contexts, for both dtypes.
std::vector<Case> product(const Formula& formula) {
  std::vector<Case> result;
  for (const Spelling& spelling : formula.spellings)
    for (const Context* context : contexts_of(formula, spelling))
      for (const Wanted& wanted : formula.wanted)
        result.push_back({&formula, &spelling, context, &wanted});
  return result;
}

// A fixed choice that looks random: some spellings in one context and dtype each, and a third of
// the contexts.
std::vector<Case> sample(const Formula& formula, uint64_t seed) {
  const std::vector<Case> all = product(formula);
  std::vector<std::pair<uint64_t, size_t>> order;
  for (size_t i = 0; i < all.size(); ++i) order.emplace_back(mixed(seed * 1000003 + i), i);
  std::sort(order.begin(), order.end());
  std::set<const void*> spellings, contexts;
  std::vector<Case> result;
  for (const auto& [key, i] : order) {
    const bool spelling = spellings.insert(all[i].spelling).second;
    const bool context = contexts.insert(all[i].context).second;
    if ((spelling && key % kEach == 0) || (context && key / 8 % 3 == 0)) result.push_back(all[i]);
  }
  return result;
}

class Check {
 public:
  Check(const Options& options, const Formulas& formulas)
      : options_(options), formulas_(formulas), known_(options.known) {
    if (!folder_.exists()) throw std::runtime_error("no temporary folder can be made");
    std::filesystem::current_path(folder_.path());
  }
  ~Check() {
    std::error_code ignored;
    std::filesystem::current_path(folder_.path().parent_path(), ignored);
  }
  Check(const Check&) = delete;

  void all() {
    std::vector<Case> batch[2];
    uint64_t seed = 0;
    for (const Formula& formula : formulas_.formulas) {
      ++seed;
      if (formula.name.find(options_.only) == std::string::npos) continue;
      for (const Case& each : options_.all ? product(formula) : sample(formula, seed)) {
        if (number_++ % options_.parts != options_.part) continue;
        auto& cases = batch[each.wanted->dtype == DType::f64];
        cases.push_back(each);
        if (cases.size() == kBatch) run_batch(std::exchange(cases, {}));
      }
    }
    for (const auto& cases : batch)
      if (!cases.empty()) run_batch(cases);
  }

  int finish() {
    const std::vector<std::string> better =
        known_.report(options_.all, options_.only.empty() && options_.parts == 1);
    std::fputs(format("tables: {} cases, {} passed ({} functions; {} more cases in groups known to "
                      "fail, {} failed)\n",
                      cases_, passed_, functions_, known_.cases(), known_.failed())
                   .c_str(),
               stdout);
    return cases_ > 0 && cases_ == passed_ && better.empty() ? 0 : 1;
  }

 private:
  static constexpr size_t kBatch = 60;

  void count(const Case& each, const Verdict& verdict) {
    const std::string group =
        format("{} {} {}", each.formula->name, verdict.output, spelling(each.wanted->dtype));
    const bool known = known_.count(group, verdict.failure.empty());
    if (!known) ++cases_;
    if (!known && verdict.failure.empty()) ++passed_;
    if (verdict.failure.empty() || (known && !options_.verbose)) return;
    const int before = shown_[group]++;
    if (before > 0 && !options_.verbose) return;
    std::string text = each.spelling->text;
    for (auto let = each.spelling->lets.rbegin(); let != each.spelling->lets.rend(); ++let)
      text += ", " + let->first + " = " + let->second;
    if (!each.spelling->definition.empty()) text += ", " + each.spelling->definition;
    std::fputs(
        format("FAIL {}: `{}` {}\n    {}\n", group, text, each.context->name, verdict.failure)
            .c_str(),
        stdout);
    if (!options_.programs) return;
    Source source(each.wanted->dtype);
    source.add(each, 0);
    std::fputs(source.text().c_str(), stdout);
  }

  std::unique_ptr<LoadedProgram> compile(const Source& source, std::string& why) {
    CompileOptions options;
    if (options_.strict) options.fp = FpMode::strict;
    options.file = folder_.file("cases.thx").string();
    std::ofstream(options.file) << source.text();
    Sources sources;
    Diagnostics diagnostics;
    try {
      auto program = LoadedProgram::compile(options, sources, diagnostics);
      for (const Diagnostic& each : diagnostics.all())
        if (!program && each.severity() == Severity::error) {
          why = render_text(each, sources);
          break;
        }
      return program;
    } catch (const std::exception& error) {
      why = format("internal error: {}\n", error.what());
      return nullptr;
    }
  }

  void run_batch(const std::vector<Case>& cases) {
    Source source(cases.front().wanted->dtype);
    std::vector<std::map<std::string, std::string>> names;
    for (const Case& each : cases)
      names.push_back(source.add(each, static_cast<int>(names.size())));
    std::string why;
    const auto program = compile(source, why);
    if (!program && cases.size() > 1) {
      const auto middle = cases.begin() + static_cast<ptrdiff_t>(cases.size() / 2);
      run_batch({cases.begin(), middle});
      return run_batch({middle, cases.end()});
    }
    if (!program) return refused(cases.front(), why);
    functions_ += static_cast<int>(cases.size());
    for (size_t i = 0; i < cases.size(); ++i)
      for (const Verdict& verdict : run(*program, format("c_{}", i), cases[i], names[i], formulas_))
        count(cases[i], verdict);
  }

  // One function that does not compile; perhaps its value does.
  void refused(Case each, const std::string& why) {
    for (const auto& [output, bounds] : each.wanted->outputs)
      if (each.with_gradient ? output != "value" : output == "value")
        count(each, {output, "does not compile: " + why});
    if (!each.with_gradient) return;
    each.with_gradient = false;
    run_batch({each});
  }

  const Options& options_;
  const Formulas& formulas_;
  Known known_;
  TemporaryFolder folder_;
  std::map<std::string, int> shown_;
  int64_t number_ = 0;
  int cases_ = 0, passed_ = 0, functions_ = 0;
};

Options options_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string value =
        argument.substr(std::min(argument.find('='), argument.size() - 1) + 1);
    if (argument == "--all") {
      options.all = true;
    } else if (argument == "--strict") {
      options.strict = true;
    } else if (argument == "--verbose") {
      options.verbose = true;
    } else if (argument == "--programs") {
      options.programs = true;
    } else if (argument.starts_with("--only=")) {
      options.only = value;
    } else if (argument.starts_with("--known=")) {
      options.known = std::filesystem::absolute(value);
    } else if (argument.starts_with("--part=") && value.find('/') != std::string::npos) {
      options.part = std::stoll(value);
      options.parts = std::max<int64_t>(1, std::stoll(value.substr(value.find('/') + 1)));
    } else if (argument.starts_with("--")) {
      throw std::runtime_error("no such option: " + argument);
    } else {
      options.paths.push_back(std::filesystem::absolute(argument));
    }
  }
  return options;
}

}  // namespace
}  // namespace thx::stability

int main(int argc, char** argv) {
  using namespace thx::stability;
  try {
    const Options options = options_of(argc, argv);
    if (options.paths.empty()) {
      std::fputs(kUsage, stderr);
      return 2;
    }
    Formulas formulas;
    for (const std::string& path : options.paths) read_formulas(path, formulas);
    Check check(options, formulas);
    check.all();
    return check.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "check-stability: %s\n", error.what());
    return 2;
  }
}
