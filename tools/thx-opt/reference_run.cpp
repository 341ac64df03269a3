// SPDX-License-Identifier: Apache-2.0
// Runs a function of tensor IR by the reference interpreter, on arguments from the command line.
#include <algorithm>
#include <cstdio>

#include "levels.h"
#include "reference/evaluate.h"
#include "support/text.h"

namespace thx::opt {
namespace {

using reference::Array;

void write(const std::string& line) { std::fputs((line + "\n").c_str(), stdout); }

void write(const std::string& name, const Array& array) {
  Type type{array.dtype, {}};
  for (const int64_t extent : array.extents) type.shape.emplace_back(extent);
  write(format("{}: {} = {}", name, text(type), reference::text(array)));
}

class Run {
 public:
  Run(const Session& session, const Program& program, const Function& function)
      : session_(session), program_(program), function_(function) {}

  bool print() {
    if (!read_arguments()) return false;
    if (!session_.options.difference.empty()) return print_difference();
    print_outcome(function_, reference::evaluate(function_, arguments_));
    return true;
  }

  std::optional<reference::Arguments> arguments() {
    if (!read_arguments()) return std::nullopt;
    return std::move(arguments_);
  }

 private:
  bool read_arguments() {
    arguments_.dims = session_.options.dims;
    for (const Dim& dim : program_.dims)
      if (dim.value) arguments_.dims.emplace(dim.name, *dim.value);
    std::vector<Value> values;
    std::vector<std::string> names;
    for (const Input& input : function_.inputs) {
      values.push_back(input.value);
      names.push_back(input.name);
    }
    for (const StateUse& use : function_.states) {
      values.push_back(use.current);
      names.push_back(use.name);
    }
    for (const auto& [name, text] : session_.options.arguments)
      if (std::ranges::find(names, name) == names.end())
        return refuse(format("@{} has no parameter `{}`", function_.name, name));
    std::vector<Array> arrays;
    for (size_t i = 0; i < values.size(); ++i) {
      Array array;
      if (!read(names[i], values[i]->type(), array)) return false;
      arrays.push_back(std::move(array));
    }
    for (size_t i = 0; i < values.size(); ++i)
      if (!fit(names[i], values[i]->type(), arrays[i])) return false;
    const auto states = arrays.begin() + static_cast<long>(function_.inputs.size());
    arguments_.inputs.assign(arrays.begin(), states);
    arguments_.states.assign(states, arrays.end());
    return true;
  }

  bool refuse(std::string message) {
    return session_.fail({Err::bad_option, {}, std::move(message)});
  }

  // The argument as it is written; dims that stand bare in the type take their values from it.
  bool read(const std::string& name, const Type& type, Array& array) {
    const auto& all = session_.options.arguments;
    const auto given = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
    if (given == all.end()) return refuse(format("@{} needs --arg={}=…", function_.name, name));
    const Result<Array> parsed = reference::parse_array(given->second, type.dtype);
    if (!parsed) return refuse(format("`{}`: {}", name, parsed.error().message()));
    array = *parsed;
    for (size_t i = 0; i < array.extents.size() && i < type.shape.size(); ++i)
      if (const auto symbol = bare_symbol(type.shape[i]))
        arguments_.dims.emplace(*symbol, array.extents[i]);
    return true;
  }

  static std::optional<std::string> bare_symbol(const Extent& extent) {
    std::set<std::string> symbols;
    extent.collect_symbols(symbols);
    if (symbols.size() == 1 && extent == Extent::symbol(*symbols.begin())) return *symbols.begin();
    return std::nullopt;
  }

  // Holds the argument against its type; an empty one may have fewer axes in its text.
  bool fit(const std::string& name, const Type& type, Array& array) {
    reference::Index extents;
    extents.reserve(type.shape.size());
    for (const Extent& extent : type.shape) {
      const std::optional<int64_t> value = extent.evaluate(arguments_.dims);
      if (!value) return refuse(format("{} has no value; give --dim", extent.text()));
      extents.push_back(*value);
    }
    if (array.elements.empty() && std::ranges::find(extents, 0) != extents.end())
      array.extents = extents;
    if (array.extents == extents) return true;
    return refuse(format("`{}` is not {}", name, text(type)));
  }

  bool print_difference() {
    std::vector<std::string> names;
    names.reserve(function_.inputs.size() + function_.states.size());
    for (const Input& input : function_.inputs) names.push_back(input.name);
    for (const StateUse& use : function_.states) names.push_back(use.name);
    const auto found = std::ranges::find(names, session_.options.difference);
    if (found == names.end() || function_.outputs.empty())
      return refuse(format("there is no parameter `{}`", session_.options.difference));
    const auto parameter = static_cast<size_t>(found - names.begin());
    const auto result = reference::finite_difference(function_, arguments_, 0, parameter);
    if (!result) return refuse(result.error().message());
    // Digits that the method does not have are not printed.
    std::string numbers;
    for (const Scalar& element : result->elements)
      append(numbers, "{}{:.6f}", numbers.empty() ? "" : " ", element.real);
    write(format("d {} / d {}: {}", function_.outputs[0].name, *found, numbers));
    return true;
  }

  const Session& session_;
  const Program& program_;
  const Function& function_;
  reference::Arguments arguments_;
};

}  // namespace

void print_outcome(const Function& function, const reference::Outcome& outcome) {
  if (outcome.status != reference::Status::ok) {
    const std::string_view names[] = {"ok", "dim", "index", "size", "time"};
    return write(format("fails: {}: {}", names[static_cast<size_t>(outcome.status)], outcome.why));
  }
  for (size_t i = 0; i < function.outputs.size(); ++i)
    write(function.outputs[i].name, outcome.outputs[i]);
  for (size_t i = 0; i < function.states.size(); ++i)
    if (function.states[i].next) write("%" + function.states[i].name, outcome.states[i]);
}

std::optional<reference::Arguments> read_arguments(const Session& session, const Program& program,
                                                   const Function& function) {
  return Run(session, program, function).arguments();
}

bool run_function(const Session& session, const Program& program) {
  for (const Function& function : program.functions)
    if (function.name == session.options.run) return Run(session, program, function).print();
  if (program.init && session.options.run == "init")
    return Run(session, program, *program.init).print();
  return session.fail(
      {Err::bad_option, {}, format("there is no function `{}`", session.options.run)});
}

}  // namespace thx::opt
