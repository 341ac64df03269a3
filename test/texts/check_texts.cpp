// SPDX-License-Identifier: Apache-2.0
// check-texts [--functions] [--only=PART_OF_A_NAME] FILE...: prints the derivatives of programs as
// text of the language, and with --functions whole functions too, compiles the texts and compares
// values. A file is a .thx file or a table of cases (test/tables), of whose programs it takes all.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "driver/compile.h"
#include "round_trip.h"
#include "support/system_program.h"
#include "support/text.h"
#include "table.h"

namespace thx::texts {
namespace {

class Check {
 public:
  Check(std::string only, bool functions) : only_(std::move(only)), functions_(functions) {
    if (!folder_.exists()) throw std::runtime_error("no temporary folder can be made");
    // What a broken pass leaves behind goes away with the folder.
    std::filesystem::current_path(folder_.path());
  }
  ~Check() {
    std::error_code ignored;
    std::filesystem::current_path(folder_.path().parent_path(), ignored);
  }
  Check(const Check&) = delete;

  void file(const std::string& path) {
    if (!path.ends_with(".jsonl")) return program(path, DType::f32);
    for (const tables::TestProgram& each : tables::read_table(path).programs) {
      std::string stem = each.name;
      for (char& c : stem)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      const std::string source = folder_.file(stem + ".thx").string();
      std::ofstream(source) << each.source;
      program(source, each.float_x);
    }
  }

  int finish() const {
    for (const auto& [what, count] : counts_.refused) {
      std::fputs(format("no spelling: {} ({} times)\n", what, count).c_str(), stdout);
    }
    std::fputs(
        format("texts: {} programs, {} derivatives and {} functions with the same values, {} of "
               "them but for rounding, {} called nowhere, {} failed\n",
               programs_, counts_.derivatives, counts_.functions, counts_.rounded,
               counts_.unreached, counts_.failed)
            .c_str(),
        stdout);
    const bool all = counts_.failed == 0 && counts_.refused.empty() && counts_.unreached == 0;
    return all && counts_.derivatives > 0 ? 0 : 1;
  }

 private:
  void program(const std::string& path, DType float_x) {
    if (path.find(only_) == std::string::npos) return;
    CompileOptions options;
    options.file = path;
    options.float_x = float_x;
    Sources sources;
    Diagnostics diagnostics;
    try {
      const auto program = program_as_written(options, sources, diagnostics);
      if (!program) throw std::runtime_error(diagnostics.all().front().message());
      ++programs_;
      counts_.add(check_texts(*program, options, functions_, sources));
    } catch (const std::exception& error) {
      ++counts_.failed;
      std::fputs(format("FAIL {}: {}\n", path, error.what()).c_str(), stdout);
    }
  }

  std::string only_;
  bool functions_;
  TemporaryFolder folder_;
  int programs_ = 0;
  Counts counts_;
};

int run(int argc, char** argv) {
  std::string only;
  bool functions = false;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--only=")) {
      only = argument.substr(7);
    } else if (argument == "--functions") {
      functions = true;
    } else {
      paths.push_back(std::filesystem::absolute(argument));
    }
  }
  if (paths.empty()) {
    std::fputs("usage: check-texts [--functions] [--only=PART_OF_A_NAME] FILE...\n", stderr);
    return 2;
  }
  Check check(only, functions);
  for (const std::string& path : paths) check.file(path);
  return check.finish();
}

}  // namespace
}  // namespace thx::texts

int main(int argc, char** argv) {
  try {
    return thx::texts::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "check-texts: %s\n", error.what());
    return 2;
  }
}
