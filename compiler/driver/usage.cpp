// SPDX-License-Identifier: Apache-2.0
// The parser's exceptions, by kind, with the command and what is nearest to a wrong word.
#include "driver/usage.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/text.h"

namespace thx {

namespace {

class Usage {
 public:
  Usage(const CLI::App& app, int argc, const char* const* argv, Diagnostics& diagnostics)
      : app_(app), words_(argv + 1, argv + argc), diagnostics_(diagnostics) {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    if (!parsed.empty()) command_ = parsed.front();
  }

  void extras() {
    if (command_ == nullptr) return unknown_command();
    std::vector<std::string> names;
    for (const CLI::Option* option : command_->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    std::vector<std::string> rest = app_.remaining(true);
    std::ranges::sort(rest, {}, [&](const std::string& word) {
      return std::ranges::find(words_, word) - words_.begin();
    });
    for (const std::string& word : rest) {
      if (!word.starts_with('-')) {
        report(format("`{}` is too much for {}", word, command()), {});
        continue;
      }
      const auto near = nearest(word.substr(0, word.find('=')), names);
      report(format("`{}` is no option of {}", word, command()),
             near ? format("did you mean `{}`?", *near) : std::string());
    }
  }

  // `file is required`, `--wrt is required`, `A subcommand is required`.
  void required(std::string_view what) {
    const std::string_view name = what.substr(0, what.find(" is required"));
    if (name == "A subcommand") return report(command() + " needs a word behind it", help());
    report(format("{} needs {}", command(), name == "file" ? "a file" : name), {});
  }

  // `--fp: 1 required TEXT missing`, `file: At Most 1 required but received 2`.
  void mismatch(std::string_view what) {
    const std::string_view name = what.substr(0, what.find(": "));
    if (what.ends_with("missing")) return report(format("{} needs a value", name), {});
    if (name != "file") return report(std::string(what), {});
    // The value of an option that is none is read as a second file.
    const bool has_unknown = std::ranges::any_of(
        app_.remaining(true), [](const std::string& word) { return word.starts_with('-'); });
    if (!has_unknown) return report(command() + " takes one file", {});
    extras();
  }

 private:
  void unknown_command() {
    const auto word = std::ranges::find_if(
        words_, [](const std::string& each) { return !each.starts_with('-'); });
    if (word == words_.end())
      return report(format("`{}` is no option of `thxc`", words_.front()), help());
    std::vector<std::string> names;
    for (const CLI::App* each : app_.get_subcommands({}))
      if (!each->get_group().empty()) names.push_back(each->get_name());
    const auto near = nearest(*word, names);
    report(format("there is no command `{}`", *word),
           near ? format("did you mean `thxc {}`?", *near)
                : "the commands are " +
                      join(names, ", ", [](const std::string& name) { return "`" + name + "`"; }));
  }

  std::string command() const {
    return command_ == nullptr ? "`thxc`" : format("`thxc {}`", command_->get_name());
  }
  std::string help() const {
    return command_ == nullptr ? "see `thxc --help`"
                               : format("see `thxc {} --help`", command_->get_name());
  }

  void report(std::string message, std::string help) {
    Diagnostic& error = diagnostics_.report(Diagnostic(Err::bad_option, {}, std::move(message)));
    if (!help.empty()) error.help(std::move(help));
  }

  const CLI::App& app_;
  std::vector<std::string> words_;
  Diagnostics& diagnostics_;
  const CLI::App* command_ = nullptr;
};

class Layout : public CLI::Formatter {
 public:
  // The parser writes the value that stands for none behind the name: `--nan-guard{1e10}`.
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    if (const size_t brace = name.find('{'); brace != std::string::npos)
      name = name.substr(0, brace) + "[=NUMBER]";
    return name;
  }
};

}  // namespace

void report_usage(const CLI::App& app, int argc, const char* const* argv,
                  const CLI::ParseError& error, Diagnostics& diagnostics) {
  Usage usage(app, argc, argv, diagnostics);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return usage.extras();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return usage.required(error.what());
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return usage.mismatch(error.what());
  diagnostics.report(Diagnostic(Err::bad_option, {}, error.what()));
}

std::shared_ptr<CLI::Formatter> help_layout() { return std::make_shared<Layout>(); }

}  // namespace thx
