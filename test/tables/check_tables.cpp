// SPDX-License-Identifier: Apache-2.0
// check-tables [--only=PART_OF_A_NAME] [--strict] FILE...: compiles the programs of tables of
// recorded cases, calls their functions in this process and by the reference interpreter, and
// compares values, types and statuses.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "interpreted.h"
#include "support/system_program.h"
#include "support/text.h"
#include "table.h"

namespace thx::tables {
namespace {

class Check {
 public:
  Check(std::string only, bool strict) : only_(std::move(only)), strict_(strict) {
    if (!folder_.exists()) throw std::runtime_error("no temporary folder can be made");
    // What a broken pass leaves behind goes away with the folder.
    std::filesystem::current_path(folder_.path());
  }
  ~Check() {
    std::error_code ignored;
    std::filesystem::current_path(folder_.path().parent_path(), ignored);
  }
  Check(const Check&) = delete;

  void table(const Table& table) {
    for (const TestProgram& each : table.programs) program(each);
    for (const Refused& each : table.refused) refused(each);
  }

  int finish() const {
    std::fputs(format("tables: {} cases, {} passed ({} programs, {} calls; {} values by the "
                      "interpreter)\n",
                      cases_, passed_, programs_, calls_, interpreted_)
                   .c_str(),
               stdout);
    return cases_ > 0 && cases_ == passed_ && broken_ == 0 ? 0 : 1;
  }

 private:
  // Cases of a call: each output and each state compared is one; a status alone is one.
  static int count(const Call& call) {
    return std::max<int>(1, static_cast<int>(call.outputs.size() + call.after.size()));
  }

  CompileOptions options_for(const std::string& name, const std::string& source) const {
    std::string stem = name;
    for (char& c : stem)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    CompileOptions options;
    if (strict_) options.fp = FpMode::strict;
    options.file = folder_.file(stem + ".thx").string();
    std::ofstream(options.file) << source;
    return options;
  }

  static std::string messages(const Diagnostics& diagnostics, const Sources& sources) {
    std::string text;
    for (const Diagnostic& each : diagnostics.all())
      if (each.severity() == Severity::error) text += render_text(each, sources);
    return text;
  }

  // The line of the source that computes `output`, for whoever reads the failure.
  static std::string line_of(const TestProgram& program, const Call& call,
                             const std::string& output) {
    const size_t function = program.source.find("function " + call.function + "(");
    if (function == std::string::npos) return "";
    size_t at = program.source.find(" " + output + " =", function);
    if (at == std::string::npos) at = function;
    const size_t begin = program.source.rfind('\n', at) + 1;
    std::string line = program.source.substr(begin, program.source.find('\n', at) - begin);
    const size_t text = line.find_first_not_of(' ');
    return text == std::string::npos ? "" : "    " + line.substr(text) + "\n";
  }

  void fail(const std::string& text) { std::fputs(text.c_str(), stdout); }

  void fail_all(const TestProgram& program, const std::vector<const Call*>& calls,
                const std::string& why) {
    int cases = 0;
    for (const Call* call : calls) cases += count(*call);
    cases_ += cases;
    fail(format("FAIL {} ({} cases): {}\n", program.name, cases, why));
  }

  void program(const TestProgram& program) {
    std::vector<const Call*> calls;
    for (const Call& call : program.calls)
      if (only_.empty() || call.name.find(only_) != std::string::npos) calls.push_back(&call);
    if (calls.empty()) return;
    ++programs_;
    CompileOptions options = options_for(program.name, program.source);
    options.float_x = program.float_x;
    try {
      Sources sources;
      Diagnostics diagnostics;
      const Interpreted interpreted(options, sources, diagnostics);
      if (!interpreted.ok()) return fail_all(program, calls, "\n" + messages(diagnostics, sources));
      const auto loaded = LoadedProgram::compile(options, sources, diagnostics);
      if (!loaded) return fail_all(program, calls, "\n" + messages(diagnostics, sources));
      std::optional<LoadedModel> model;
      for (const Call* each : calls) call(program, *loaded, interpreted, model, *each);
    } catch (const std::exception& error) {
      ++broken_;
      fail_all(program, calls, format("internal error: {}", error.what()));
    }
  }

  // A model whose states are those of the call; an empty text, or what went wrong.
  static std::string prepare(const LoadedProgram& program, std::optional<LoadedModel>& model,
                             const Call& call) {
    if (!program.has_state()) return "";
    if (!model || call.fresh) {
      Result<LoadedModel> made = program.make_model(call.dims);
      if (!made) return "init: " + made.error().message();
      model.emplace(std::move(made).value());
    }
    for (const auto& [name, value] : call.state) {
      if (const std::optional<Diagnostic> error = model->set(name, value))
        return format("state {}: {}", name, error->message());
    }
    return "";
  }

  void call(const TestProgram& program, const LoadedProgram& loaded, const Interpreted& interpreted,
            std::optional<LoadedModel>& model, const Call& call) {
    ++calls_;
    const int cases = count(call);
    cases_ += cases;
    std::set<std::string> wrong;
    const auto report = [&](const std::string& what, const std::string& text) {
      wrong.insert(what);
      fail(format("FAIL {}: {}{}\n{}", call.name, what, text, line_of(program, call, what)));
    };
    if (const std::string text = prepare(loaded, model, call); !text.empty())
      return report("", text);
    Arguments states;
    if (model)
      for (const std::string& name : model->states())
        states.emplace(name, std::move(model->get(name)).value());
    const Result<CallResult> result =
        loaded.call(call.function, call.inputs, call.dims, model ? &*model : nullptr);
    if (!result) return report("", " cannot be called: " + result.error().message());
    if (thx_status_name(result.value().status) != call.status) {
      report("", format(" status {}, wanted {}: {}", thx_status_name(result.value().status),
                        call.status, result.value().message));
    } else if (result.value().ok()) {
      compare(call, result.value(), model, report);
    }
    check_interpreted(interpreted, call, states, model, report);
    passed_ += wrong.contains("") ? 0 : std::max(0, cases - static_cast<int>(wrong.size()));
  }

  template <class Report>
  static void compare(const Call& call, const CallResult& result,
                      const std::optional<LoadedModel>& model, Report report) {
    for (const Wanted& wanted : call.outputs) {
      const HostArray* got = result.output(wanted.name);
      const std::string text = got ? difference(*got, wanted) : " is missing";
      if (!text.empty()) report(wanted.name, text);
    }
    for (const Wanted& wanted : call.after) {
      const std::string text = difference(model->get(wanted.name).value(), wanted);
      if (!text.empty()) report(wanted.name, " after the call " + text);
    }
  }

  template <class Report>
  void check_interpreted(const Interpreted& interpreted, const Call& call, const Arguments& states,
                         const std::optional<LoadedModel>& model, Report report) {
    DimValues dims = call.dims;
    if (model)
      for (const auto& [name, value] : model->dims()) dims[name] = value;
    for (const std::string& text : interpreted.check(call, dims, states)) {
      const size_t end = text.find(' ');
      report(text.starts_with("status") ? "" : text.substr(0, end),
             " by the interpreter" + text.substr(end));
    }
    interpreted_ += static_cast<int>(call.outputs.size() + call.after.size());
  }

  void refused(const Refused& refused) {
    if (!only_.empty() && refused.name.find(only_) == std::string::npos) return;
    ++cases_;
    const CompileOptions options = options_for(refused.name, refused.source);
    Sources sources;
    Diagnostics diagnostics;
    try {
      check(options, sources, diagnostics);
    } catch (const std::exception& error) {
      ++broken_;
      return fail(format("FAIL {}: internal error: {}\n", refused.name, error.what()));
    }
    std::set<std::string> ids;
    for (const Diagnostic& each : diagnostics.all())
      if (each.severity() == Severity::error) ids.insert(std::string(to_string(each.id())));
    if (std::vector<std::string>(ids.begin(), ids.end()) == refused.errors) {
      ++passed_;
      return;
    }
    fail(format("FAIL {}: wanted {}\n{}{}\n", refused.name, join(refused.errors, ", "),
                messages(diagnostics, sources),
                ids.empty() ? "    no error\n" + refused.source : ""));
  }

  std::string only_;
  bool strict_;
  TemporaryFolder folder_;
  int cases_ = 0, passed_ = 0, programs_ = 0, calls_ = 0, interpreted_ = 0, broken_ = 0;
};

}  // namespace
}  // namespace thx::tables

int main(int argc, char** argv) {
  try {
    std::string only;
    bool strict = false;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument.starts_with("--only=")) {
        only = argument.substr(7);
      } else if (argument == "--strict") {
        strict = true;
      } else {
        paths.push_back(std::filesystem::absolute(argument));
      }
    }
    if (paths.empty()) {
      std::fputs("usage: check-tables [--only=PART_OF_A_NAME] [--strict] FILE.jsonl...\n", stderr);
      return 2;
    }
    thx::tables::Check check(only, strict);
    for (const std::string& path : paths) check.table(thx::tables::read_table(path));
    return check.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "check-tables: %s\n", error.what());
    return 2;
  }
}
