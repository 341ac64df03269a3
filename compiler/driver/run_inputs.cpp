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

/// What a value is for: an input of the function, or a state of its model.
struct Place {
  std::string name;
  bool is_state;
  Type type;
};

class InputReader {
 public:
  InputReader(const codegen::EntryPoint& function, const std::vector<codegen::Field>& states,
              Diagnostics& diagnostics)
      : function_(function), diagnostics_(diagnostics) {
    for (const codegen::Parameter& parameter : function.parameters)
      if (parameter.kind == Kind::scalar || parameter.kind == Kind::array)
        inputs_.push_back({parameter.name, false, parameter.type});
    if (!function.uses_model) return;
    for (const codegen::Field& field : states) states_.push_back({field.name, true, field.type});
  }

  std::optional<RunInputs> run(const std::vector<std::string>& inputs,
                               const std::vector<std::string>& states) {
    for (const std::string& word : inputs) take(word, inputs_, input_values_);
    for (const std::string& word : states) take(word, states_, state_values_);
    for (const Place& place : inputs_) {
      if (input_values_.contains(place.name)) continue;
      diagnostics_
          .report(Diagnostic(Err::missing_argument, {},
                             format("`{}` needs the input `{}`: {}", function_.name, place.name,
                                    text(place.type))))
          .help(format("give a file or a literal: --{}={}", place.name,
                       place.type.is_scalar() ? "3" : "data.npy"));
    }
    for (const Place& place : inputs_) read(place, input_values_, made_.arguments);
    for (const Place& place : states_) read(place, state_values_, made_.states);
    if (diagnostics_.has_errors()) return std::nullopt;
    return std::move(made_);
  }

 private:
  using Values = std::map<std::string, std::string>;

  void take(const std::string& word, const std::vector<Place>& places, Values& values) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const bool state = &places == &states_;
    const std::string option = (state ? "--set " : "--") + name;
    if (std::ranges::find(places, name, &Place::name) == places.end())
      diagnostics_.report(unknown(name, places));
    else if (equals == std::string::npos || equals + 1 == word.size())
      diagnostics_.report(
          Diagnostic(Err::bad_option, {}, format("{0} has no value: write {0}=VALUE", option)));
    else if (!values.emplace(name, word.substr(equals + 1)).second)
      diagnostics_.report(Diagnostic(Err::bad_option, {}, format("{} is given twice", option)));
  }

  Diagnostic unknown(const std::string& name, const std::vector<Place>& places) const {
    const bool state = &places == &states_;
    std::vector<std::string> known;
    for (const Place& place : places) known.push_back(place.name);
    Diagnostic error(Err::bad_argument, {},
                     state ? format("--set {}: `{}` has no such state", name, function_.name)
                           : format("`{}` is neither an input of `{}` nor an option of thxc run",
                                    name, function_.name));
    if (const std::optional<std::string> meant = nearest(name, known))
      error.help(format("did you mean {}{}?", state ? "--set " : "--", *meant));
    if (known.empty())
      error.help(format("`{}` has no {}", function_.name, state ? "state" : "inputs"));
    else
      error.help(format("its {} are {}", state ? "states" : "inputs", list(known)));
    return error;
  }

  static std::string what(const Place& place) {
    return format("{} `{}`", place.is_state ? "state" : "input", place.name);
  }

  // An error names what the value is for, and what it should be.
  void fail(const Place& place, const Diagnostic& error) {
    Diagnostic result(error.id(), {}, format("{}: {}", what(place), error.message()));
    for (const std::string& help : error.helps()) result.help(help);
    const std::string wanted = format("{}: {}", place.name, text(place.type));
    result.note(place.is_state ? "the program declares " + wanted
                               : format("`{}` takes {}", function_.name, wanted));
    diagnostics_.report(std::move(result));
  }

  void read(const Place& place, const Values& values, Arguments& into) {
    const auto found = values.find(place.name);
    if (found == values.end()) return;
    const std::string& value = found->second;
    if (is_integer(place.type.dtype) && place.type.is_scalar() && !place.is_state)
      if (const std::optional<RunInputs::Range> range = parse_range(value))
        return read_range(place, value, *range);
    if (parse_range(value))
      return fail(place, Diagnostic(Err::bad_array, {},
                                    format("{}: a range stands for one integer", value)));
    Result<HostArray> array =
        looks_like_literal(value) ? read_literal(place, value) : read_file(place, value);
    if (array)
      into[place.name] = std::move(*array);
    else
      fail(place, array.error());
  }

  static Result<HostArray> read_literal(const Place& place, const std::string& value) {
    Result<HostArray> array = parse_literal(value, place.type.dtype);
    if (array) return array;
    return Diagnostic(array.error().id(), {}, format("{}: {}", value, array.error().message()));
  }

  Result<HostArray> read_file(const Place& place, const std::string& value) {
    Result<HostArray> array = read_array(value);
    if (!array) return array;
    const std::string was = type_text(*array);
    const DType dtype = array->dtype;
    Result<HostArray> converted = convert(std::move(*array), place.type.dtype);
    if (!converted) {
      Diagnostic error(converted.error().id(), {},
                       format("`{}` is {}: {}", value, was, converted.error().message()));
      for (const std::string& help : converted.error().helps()) error.help(help);
      return error;
    }
    if (dtype != place.type.dtype)
      diagnostics_.report(Diagnostic(Err::array_converted, {},
                                     format("{}: `{}` is {} and becomes {}", what(place), value,
                                            was, spelling(place.type.dtype)),
                                     Severity::note));
    return converted;
  }

  void read_range(const Place& place, const std::string& value, RunInputs::Range range) {
    const DType dtype = place.type.dtype;
    if (range.count < 1)
      return fail(place,
                  Diagnostic(Err::bad_array, {}, format("{}: the range has no numbers", value)));
    for (const int64_t number : {range.first, range.first + range.count - 1})
      if (!convert(HostArray::scalar(DType::i64, number), dtype))
        return fail(place,
                    Diagnostic(Err::bad_array, {},
                               format("{}: {} does not fit {}", value, number, spelling(dtype))));
    made_.arguments[place.name] = integer(dtype, range.first);
    made_.ranges[place.name] = range;
  }

  const codegen::EntryPoint& function_;
  Diagnostics& diagnostics_;
  std::vector<Place> inputs_, states_;
  Values input_values_, state_values_;
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
                                     const std::vector<codegen::Field>& fields,
                                     const RunRequest& request, Diagnostics& diagnostics) {
  return InputReader(function, fields, diagnostics).run(request.inputs, request.states);
}

}  // namespace thx
