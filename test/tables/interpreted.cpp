// SPDX-License-Identifier: Apache-2.0
// Calls by the reference interpreter.
#include "interpreted.h"

#include <algorithm>

#include "driver/pipeline.h"
#include "driver/read_source.h"
#include "frontend/lower.h"
#include "frontend/parse.h"
#include "reference/entry.h"
#include "support/text.h"

namespace thx::tables {

namespace {

template <class T>
void read_elements(const HostArray& from, reference::Array& to) {
  for (int64_t i = 0; i < from.count(); ++i) {
    if (is_float(from.dtype))
      to.elements.push_back({.dtype = from.dtype, .real = static_cast<double>(from.at<T>(i))});
    else
      to.elements.push_back({.dtype = from.dtype,
                             .integer = is_bool(from.dtype) ? from.at<T>(i) != 0
                                                            : static_cast<int64_t>(from.at<T>(i))});
  }
}

template <class T>
void write_elements(const reference::Array& from, HostArray& to) {
  std::vector<T> values;
  for (const Scalar& element : from.elements)
    values.push_back(is_float(from.dtype) ? static_cast<T>(element.real)
                                          : static_cast<T>(element.integer));
  to = HostArray::of<T>(from.dtype, from.extents, values);
}

// Calls visit<T>() with the C type of `dtype`.
template <class Visit>
void with_type(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::f32: return visit(float());
    case DType::f64: return visit(double());
    case DType::i8: return visit(int8_t());
    case DType::i16: return visit(int16_t());
    case DType::i32: return visit(int32_t());
    case DType::i64: return visit(int64_t());
    case DType::u8: return visit(uint8_t());
    case DType::u16: return visit(uint16_t());
    case DType::u32: return visit(uint32_t());
    case DType::u64: return visit(uint64_t());
    case DType::boolean: return visit(uint8_t());
  }
}

reference::Array interpreted(const HostArray& array) {
  reference::Array result{.dtype = array.dtype, .extents = array.extents, .elements = {}};
  with_type(array.dtype, [&](auto zero) { read_elements<decltype(zero)>(array, result); });
  return result;
}

HostArray in_memory(const reference::Array& array) {
  HostArray result;
  with_type(array.dtype, [&](auto zero) { write_elements<decltype(zero)>(array, result); });
  return result;
}

std::string_view status_name(reference::Status status) {
  switch (status) {
    case reference::Status::ok: return "THX_OK";
    case reference::Status::dim: return "THX_E_DIM";
    case reference::Status::index: return "THX_E_INDEX";
    case reference::Status::size:
    case reference::Status::time: return "not computed";
  }
  return "an unknown status";
}

template <class Named>
void compare(std::vector<std::string>& result, const std::vector<Wanted>& wanted,
             const std::vector<Named>& names, const std::vector<reference::Array>& values) {
  for (const Wanted& want : wanted) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const Named& named) { return named.name == want.name; });
    if (found == names.end()) {
      result.push_back(want.name + " is missing");
      continue;
    }
    const auto index = static_cast<size_t>(found - names.begin());
    const std::string text = difference(in_memory(values[index]), want);
    if (!text.empty()) result.push_back(want.name + text);
  }
}

}  // namespace

Interpreted::Interpreted(const CompileOptions& options, Sources& sources,
                         Diagnostics& diagnostics) {
  const std::optional<uint32_t> file = read_source(options.file, sources, diagnostics);
  if (!file) return;
  const ast::Module module = parse(sources, *file, diagnostics);
  Program program =
      lower(module, sources, *file, {options.float_x, options.defines}, true, diagnostics);
  if (diagnostics.has_errors()) return;
  PassContext context{.diagnostics = diagnostics};
  RunnerOptions runner_options;
  runner_options.verify_each = true;
  PassRunner runner(runner_options, context);
  for (const TensorPass& pass : opening_passes())
    if (!runner.run(pass, program)) return;
  while (has_grad(program))
    for (const TensorPass& pass : differentiation_passes())
      if (!runner.run(pass, program)) return;
  program_ = std::move(program);
}

std::vector<std::string> Interpreted::check(const Call& call, const DimValues& dims,
                                            const Arguments& states) const {
  const auto function =
      std::find_if(program_->functions.begin(), program_->functions.end(),
                   [&](const Function& each) { return each.name == call.function; });
  if (function == program_->functions.end()) return {"no such function"};
  reference::Arguments arguments;
  arguments.dims = dims;
  for (const Dim& dim : program_->dims)
    if (dim.value) arguments.dims.emplace(dim.name, *dim.value);
  for (const Input& input : function->inputs)
    arguments.inputs.push_back(interpreted(call.inputs.find(input.name)->second));
  for (const StateUse& state : function->states)
    arguments.states.push_back(interpreted(states.find(state.name)->second));
  const reference::Outcome outcome = reference::evaluate(*function, arguments);
  if (status_name(outcome.status) != call.status)
    return {format("status is {}, wanted {}", status_name(outcome.status), call.status)};
  std::vector<std::string> result;
  if (outcome.status != reference::Status::ok) return result;
  compare(result, call.outputs, function->outputs, outcome.outputs);
  compare(result, call.after, function->states, outcome.states);
  return result;
}

}  // namespace thx::tables
