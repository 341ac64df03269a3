// SPDX-License-Identifier: Apache-2.0
// Models of a loaded program: their state by name, and checkpoints.
#include <thx/hosted.h>

#include <cerrno>

#include "codegen/loaded_object.h"
#include "driver/checkpoint_shapes.h"
#include "driver/loaded.h"
#include "driver/memory.h"
#include "support/check.h"
#include "support/text.h"

// Sanitizers look for a mark in front of a function that is called through a pointer; generated
// ones have none, nor memory for it.
#define THX_CALLS_GENERATED __attribute__((no_sanitize("function")))

namespace thx {

namespace {

using GetFunction = thx_status (*)(const void* model, void* to, const thx_exec* exec);
using SetFunction = thx_status (*)(void* model, const void* from, const thx_exec* exec);

THX_CALLS_GENERATED thx_status call_get(void* function, const void* model, HostArray& to) {
  return reinterpret_cast<GetFunction>(function)(model, to.bytes.data(), nullptr);
}
THX_CALLS_GENERATED thx_status call_set(void* function, void* model, const HostArray& from) {
  return reinterpret_cast<SetFunction>(function)(model, from.bytes.data(), nullptr);
}
THX_CALLS_GENERATED thx_status call_save(void* function, const void* model, void* writer) {
  return reinterpret_cast<thx_save_fn>(function)(model, thx_file_write, writer, nullptr);
}
THX_CALLS_GENERATED thx_status call_load(void* function, void* model, thx_file_reader* reader) {
  return reinterpret_cast<thx_load_fn>(function)(model, thx_file_size(reader), thx_file_read_at,
                                                 reader, nullptr);
}

Diagnostic init_failed(thx_status status, const DimValues& dims) {
  const std::string with =
      join(dims, ", ", [](const auto& dim) { return format("{} = {}", dim.first, dim.second); });
  return Diagnostic(Err::call_failed, {},
                    format("the model cannot be made{}{}: {} ({})", dims.empty() ? "" : " with ",
                           with, thx_status_text(status), thx_status_name(status)));
}

}  // namespace

Result<LoadedModel> LoadedProgram::make_model(const DimValues& dims, uint64_t seed) const {
  const codegen::Interface& interface = compiled_.interface;
  THX_CHECK(has_state(), "a program without state has no models");
  LoadedModel model(*this);
  for (const int dim : interface.state_dims) {
    const std::string& name = compiled_.program.dims[static_cast<size_t>(dim)].name;
    const auto found = dims.find(name);
    if (found == dims.end()) return missing_dim(name);
    model.dims_[name] = found->second;
  }
  const auto bytes_of = [&](const Extent& extent) {
    return static_cast<uint64_t>(std::max<int64_t>(0, extent.evaluate(model.dims_).value_or(0)));
  };
  const uint64_t state = bytes_of(interface.state_bytes);
  const uint64_t workspace = bytes_of(interface.init_workspace_bytes);
  if (!fits_memory(state + workspace)) return too_large(state + workspace, "a model");
  constexpr uint64_t kSlack = codegen::kAlign - 1;
  model.memory_.resize(state + kSlack);
  std::vector<std::byte> memory(workspace + kSlack);
  const uint64_t place = (reinterpret_cast<uintptr_t>(memory.data()) + kSlack) & ~kSlack;
  const thx_init options{.size = sizeof options,
                         .flags = 0,
                         .seed = seed,
                         .ws = reinterpret_cast<void*>(place),
                         .ws_bytes = workspace};
  std::vector<uint64_t> slots{reinterpret_cast<uintptr_t>(model.memory_.data()),
                              model.memory_.size()};
  for (const int dim : interface.state_dims)
    slots.push_back(static_cast<uint64_t>(
        model.dims_.find(compiled_.program.dims[static_cast<size_t>(dim)].name)->second));
  slots.push_back(reinterpret_cast<uintptr_t>(&options));
  slots.push_back(reinterpret_cast<uintptr_t>(&model.model_));
  const thx_status status = codegen::call(object_->caller(interface.prefix + "_init"), slots);
  if (status != THX_OK) return init_failed(status, model.dims_);
  return model;
}

std::vector<std::string> LoadedModel::states() const {
  std::vector<std::string> names;
  for (const codegen::Field& field : program_->interface().fields) names.push_back(field.name);
  return names;
}

const codegen::Field* LoadedModel::field(std::string_view state) const {
  for (const codegen::Field& field : program_->interface().fields)
    if (field.name == state) return &field;
  return nullptr;
}

HostArray LoadedModel::shaped(const codegen::Field& field) const {
  std::vector<int64_t> extents;
  for (const Extent& extent : field.type.shape) {
    const std::optional<int64_t> value = extent.evaluate(dims_);
    THX_CHECK(value, "a state whose shape is unknown");
    extents.push_back(*value);
  }
  return HostArray::zeros(field.type.dtype, std::move(extents));
}

Diagnostic LoadedModel::no_state(std::string_view state) const {
  return Diagnostic(Err::undefined_name, {}, format("there is no state `{}`", state))
      .help("the states are " +
            join(states(), ", ", [](const std::string& name) { return "`" + name + "`"; }));
}

Result<HostArray> LoadedModel::get(std::string_view state) const {
  const codegen::Field* field = this->field(state);
  if (field == nullptr) return no_state(state);
  HostArray value = shaped(*field);
  void* function =
      program_->object_->address(program_->interface().prefix + "_get_" + field->c_name);
  const thx_status status = call_get(function, model_, value);
  THX_CHECK(status == THX_OK, "get answered {}", thx_status_name(status));
  return value;
}

std::optional<Diagnostic> LoadedModel::set(std::string_view state, const HostArray& value) {
  const codegen::Field* field = this->field(state);
  if (field == nullptr) return no_state(state);
  const HostArray expected = shaped(*field);
  if (value.dtype != expected.dtype || value.extents != expected.extents)
    return Diagnostic(
        value.dtype == expected.dtype ? Err::shape_mismatch : Err::dtype_mismatch, {},
        format("state `{}` is {}, not {}", state, type_text(expected), type_text(value)));
  void* function =
      program_->object_->address(program_->interface().prefix + "_set_" + field->c_name);
  const thx_status status = call_set(function, model_, value);
  THX_CHECK(status == THX_OK, "set answered {}", thx_status_name(status));
  return std::nullopt;
}

std::optional<Diagnostic> LoadedModel::save(const std::string& path) const {
  thx_file_writer* writer = nullptr;
  thx_status status = thx_file_create(path.c_str(), &writer);
  if (status == THX_OK) {
    status = call_save(program_->object_->address(program_->interface().prefix + "_save"), model_,
                       writer);
    if (status == THX_OK)
      status = thx_file_commit(writer);
    else
      thx_file_abandon(writer);
  }
  if (status == THX_OK) return std::nullopt;
  return Diagnostic(Err::cannot_write, {},
                    format("cannot write `{}`: {}", path, std::strerror(errno)));
}

namespace {

std::string listed_tensors(const std::string& path) {
  return join(checkpoint_shapes(path), ", ", [](const auto& tensor) {
    return format("{}: {}", tensor.first, type_text(tensor.second));
  });
}

}  // namespace

std::string LoadedModel::saved_states() const {
  std::vector<codegen::Field> saved;
  for (const codegen::Field& field : program_->interface().fields)
    if (field.saved) saved.push_back(field);
  return join(saved, ", ", [this](const auto& field) {
    return format("{}: {}", field.name, type_text(shaped(field)));
  });
}

std::optional<Diagnostic> LoadedModel::load(const std::string& path) {
  thx_file_reader* reader = nullptr;
  if (thx_file_open(path.c_str(), &reader) != THX_OK)
    return Diagnostic(Err::cannot_read, {},
                      format("cannot read `{}`: {}", path, std::strerror(errno)));
  const std::vector<std::byte> before = memory_;
  const thx_status status =
      call_load(program_->object_->address(program_->interface().prefix + "_load"), model_, reader);
  thx_file_close(reader);
  if (status == THX_OK) return std::nullopt;
  memory_ = before;  // also where the file failed half way
  if (status == THX_E_ABI)
    return Diagnostic(
               Err::cannot_read, {},
               format("`{}` is a checkpoint of other states: names, dtypes or shapes differ", path))
        .note("the file holds " + listed_tensors(path))
        .note("the program saves " + saved_states());
  return Diagnostic(Err::cannot_read, {},
                    format("`{}` is no checkpoint, or it is truncated or altered", path));
}

std::span<const std::byte> LoadedModel::bytes() const {
  const int64_t bytes = *program_->interface().state_bytes.evaluate(dims_);
  return {static_cast<const std::byte*>(model_), static_cast<size_t>(bytes)};
}

}  // namespace thx
