// SPDX-License-Identifier: Apache-2.0
// Reads each input as literal, file or range, and converts it to the dtype of its parameter.
#include "driver/run_inputs.h"

#include <algorithm>
#include <charconv>

#include "driver/arrays.h"
#include "driver/convert.h"
#include "driver/literal.h"
#include "support/text.h"

namespace thx {

namespace {

using Kind = codegen::Parameter::Kind;

std::string list(const std::vector<std::string>& names) {
  return join(names, ", ", [](const std::string& name) { return "`" + name + "`"; });
}

/// FIRST:END, the numbers from FIRST to END - 1.
std::optional<RunInputs::Range> parse_range(std::string_view text) {
  const char* const last = text.data() + text.size();
  int64_t first = 0, end = 0, count = 0;
  const auto [colon, error] = std::from_chars(text.data(), last, first);
  if (error != std::errc() || colon == last || *colon != ':') return std::nullopt;
  const auto [rest, second_error] = std::from_chars(colon + 1, last, end);
  if (second_error != std::errc() || rest != last || __builtin_sub_overflow(end, first, &count))
    return std::nullopt;
  return RunInputs::Range{first, count};
}

HostArray integer(DType dtype, int64_t value) {
  const Result<HostArray> result = convert(HostArray::scalar(DType::i64, value), dtype);
  THX_CHECK(result, "{} is no {}", value, spelling(dtype));
  return *result;
}

class InputReader {
 public:
  InputReader(const codegen::EntryPoint& function, Diagnostics& diagnostics)
      : function_(function), diagnostics_(diagnostics) {}

  std::optional<RunInputs> run(const std::vector<std::string>& words) {
    for (const std::string& word : words) take(word);
    for (const codegen::Parameter& parameter : function_.parameters) {
      if (parameter.kind != Kind::scalar && parameter.kind != Kind::array) continue;
      const auto value = values_.find(parameter.name);
      if (value != values_.end())
        read(parameter, value->second);
      else
        diagnostics_
            .report(Diagnostic(Err::missing_argument, {},
                               format("`{}` needs the input `{}`: {}", function_.name,
                                      parameter.name, text(parameter.type))))
            .help(format("give a file or a literal: --{}={}", parameter.name,
                         parameter.kind == Kind::array ? "data.npy" : "3"));
    }
    if (diagnostics_.has_errors()) return std::nullopt;
    return std::move(made_);
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const codegen::Parameter& parameter : function_.parameters)
      if (parameter.kind == Kind::scalar || parameter.kind == Kind::array)
        names.push_back(parameter.name);
    return names;
  }

  void take(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::vector<std::string> known = names();
    if (std::ranges::find(known, name) == known.end()) {
      Diagnostic error(Err::bad_argument, {},
                       format("`{}` is neither an input of `{}` nor an option of thxc run", name,
                              function_.name));
      if (const std::optional<std::string> meant = nearest(name, known))
        error.help(format("did you mean --{}?", *meant));
      error.help(known.empty() ? format("`{}` has no inputs", function_.name)
                               : "its inputs are " + list(known));
      diagnostics_.report(std::move(error));
    } else if (equals == std::string::npos) {
      diagnostics_.report(
          Diagnostic(Err::bad_option, {}, format("--{0} has no value: write --{0}=VALUE", name)));
    } else if (!values_.emplace(name, word.substr(equals + 1)).second) {
      diagnostics_.report(Diagnostic(Err::bad_option, {}, format("--{} is given twice", name)));
    }
  }

  // An error names the input, and what it should be.
  void fail(const codegen::Parameter& parameter, const Diagnostic& error) {
    Diagnostic result(error.id(), {}, format("input `{}`: {}", parameter.name, error.message()));
    for (const std::string& help : error.helps()) result.help(help);
    result.note(format("`{}` takes {}: {}", function_.name, parameter.name, text(parameter.type)));
    diagnostics_.report(std::move(result));
  }

  void read(const codegen::Parameter& parameter, const std::string& value) {
    if (is_integer(parameter.type.dtype) && parameter.kind == Kind::scalar)
      if (const std::optional<RunInputs::Range> range = parse_range(value))
        return read_range(parameter, value, *range);
    if (looks_like_literal(value)) {
      Result<HostArray> array = parse_literal(value, parameter.type.dtype);
      if (!array)
        return fail(parameter, Diagnostic(array.error().id(), {},
                                          format("{}: {}", value, array.error().message())));
      made_.arguments[parameter.name] = std::move(*array);
      return;
    }
    Result<HostArray> array = read_array(value);
    if (!array) return fail(parameter, array.error());
    const std::string was = type_text(*array);
    const DType dtype = array->dtype;
    Result<HostArray> converted = convert(std::move(*array), parameter.type.dtype);
    if (!converted) {
      Diagnostic error(converted.error().id(), {},
                       format("`{}` is {}: {}", value, was, converted.error().message()));
      for (const std::string& help : converted.error().helps()) error.help(help);
      return fail(parameter, error);
    }
    if (dtype != parameter.type.dtype)
      diagnostics_.report(Diagnostic(Err::array_converted, {},
                                     format("input `{}`: `{}` is {} and becomes {}", parameter.name,
                                            value, was, spelling(parameter.type.dtype)),
                                     Severity::note));
    made_.arguments[parameter.name] = std::move(*converted);
  }

  void read_range(const codegen::Parameter& parameter, const std::string& value,
                  RunInputs::Range range) {
    const DType dtype = parameter.type.dtype;
    const auto at = [&](int64_t number) {
      return convert(HostArray::scalar(DType::i64, number), dtype);
    };
    if (range.count < 1)
      return fail(parameter,
                  Diagnostic(Err::bad_array, {}, format("{}: the range has no numbers", value)));
    for (const int64_t number : {range.first, range.first + range.count - 1})
      if (!at(number))
        return fail(parameter,
                    Diagnostic(Err::bad_array, {},
                               format("{}: {} does not fit {}", value, number, spelling(dtype))));
    made_.arguments[parameter.name] = integer(dtype, range.first);
    made_.ranges[parameter.name] = range;
  }

  const codegen::EntryPoint& function_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::string> values_;
  RunInputs made_;
};

}  // namespace

int64_t RunInputs::steps() const {
  int64_t most = 1;
  for (const auto& [name, range] : ranges) most = std::max(most, range.count);
  return most;
}

void RunInputs::set_ranges(int64_t step, BoundCall& call) const {
  for (const auto& [name, range] : ranges) {
    HostArray& argument = call.argument(name);
    argument = integer(argument.dtype, range.first + step % range.count);
  }
}

std::optional<RunInputs> read_inputs(const codegen::EntryPoint& function,
                                     const std::vector<std::string>& words,
                                     Diagnostics& diagnostics) {
  return InputReader(function, diagnostics).run(words);
}

}  // namespace thx
