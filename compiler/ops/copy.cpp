// SPDX-License-Identifier: Apache-2.0
// Copies of functions and programs.
#include "ops/copy.h"

namespace thx {
namespace {

DType wide(DType dtype) { return dtype == DType::f32 ? DType::f64 : dtype; }

Attrs wide_attrs(const Attrs& attrs) {
  Attrs result;
  for (const auto& [key, value] : attrs.entries()) {
    if (const auto* scalar = std::get_if<Scalar>(&value)) {
      Scalar wider = *scalar;
      wider.dtype = wide(scalar->dtype);
      result.set(key, wider);
    } else if (const auto* dtype = std::get_if<DType>(&value)) {
      result.set(key, wide(*dtype));
    } else {
      result.set(key, value);
    }
  }
  return result;
}

}  // namespace

Copier::Copier()
    : Copier(Retyping{[](const Type& type) { return type; },
                      [](const Attrs& attrs) { return attrs; }}) {}

Copier Copier::widening() {
  return Copier(Retyping{[](const Type& type) { return type.with(wide(type.dtype)); }, wide_attrs});
}

Function Copier::copy(const Function& old) const {
  Function function;
  function.name = old.name;
  function.span = old.span;
  function.requirements = old.requirements;
  function.inputs = old.inputs;
  function.states = old.states;
  function.outputs = old.outputs;
  auto body = std::make_unique<Body>();
  const std::vector<Value> copies = copy_retyped(*body, *old.body, old.roots(), retyping_);
  replace_body(function, std::move(body), copies);
  return function;
}

Program Copier::copy(const Program& old) const {
  Program program;
  program.module = old.module;
  program.dims = old.dims;
  program.states = old.states;
  for (State& state : program.states) state.type = retyping_.type(state.type);
  for (const Function& function : old.functions) program.functions.push_back(copy(function));
  if (old.init) program.init = copy(*old.init);
  return program;
}

Program Copier::copy_functions(const Program& old, size_t first, size_t count) const {
  Program program;
  program.module = old.module;
  program.dims = old.dims;
  for (size_t i = first; i < first + count; ++i)
    program.functions.push_back(copy(old.functions[i]));
  return program;
}

Program clone(const Program& program) { return Copier().copy(program); }
Program widened(const Program& program) { return Copier::widening().copy(program); }

}  // namespace thx
