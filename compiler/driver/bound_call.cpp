// SPDX-License-Identifier: Apache-2.0
// Runs a bound call, and puts the status that it answers into words.
#include <algorithm>
#include <cmath>

#include "codegen/loaded_object.h"
#include "driver/loaded.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

using Kind = codegen::Parameter::Kind;

std::byte* aligned(std::vector<std::byte>& memory) {
  const auto place = reinterpret_cast<uintptr_t>(memory.data());
  return memory.data() + (codegen::kAlign - place % codegen::kAlign) % codegen::kAlign;
}

uint64_t address(const void* place) { return reinterpret_cast<uintptr_t>(place); }

// What the C parameter is to someone who reads the .thx.
std::string name_of(const codegen::Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::dim: return format("dim `{}`: ", parameter.name);
    case Kind::scalar:
    case Kind::array: return format("input `{}`: ", parameter.name);
    case Kind::output: return format("output `{}`: ", parameter.name);
    case Kind::model: return "the model: ";
    default: return "";
  }
}

// What a guard found: it tells the place, not the number.
std::string guarded_text(const codegen::GuardedValue& value, const thx_error& where) {
  const std::string what = std::isinf(value.bound)
                               ? "NaN or infinite"
                               : format("NaN or of a magnitude over {:g}", value.bound);
  return format("{}`{}` is {} at element {} ({})", where.argument > 0 ? "input " : "", value.name,
                what, where.index, thx_status_name(where.status));
}

// The number in the error record, where it says something to the user.
std::string detail(const thx_error& where, const std::vector<codegen::Parameter>& parameters,
                   const Program& program) {
  if (where.status == THX_E_INDEX) return format("index {} is outside its extent", where.index);
  if (where.status != THX_E_DIM || where.argument <= 0) return thx_status_text(where.status);
  const codegen::Parameter& parameter = parameters[static_cast<size_t>(where.argument) - 1];
  if (parameter.kind != Kind::dim) return thx_status_text(where.status);
  const std::optional<Extent>& bound = program.dims[static_cast<size_t>(parameter.index)].bound;
  if (where.index < 0 || !bound) return format("{} is negative", where.index);
  return format("{} is above its bound {}", where.index, bound->text());
}

}  // namespace

const CallResult& BoundCall::run() {
  result_.where = {};
  result_.message.clear();
  thx_exec exec{};
  exec.size = sizeof exec;
  exec.err = &result_.where;
  std::vector<uint64_t> slots;
  slots.reserve(entry_->parameters.size());
  size_t output = 0;
  for (const codegen::Parameter& parameter : entry_->parameters) {
    if (parameter.kind != Kind::output)
      slots.push_back(slot_of(parameter, exec));
    else if (omits_outputs_)
      slots.push_back(0);
    else
      slots.push_back(address(result_.outputs[output++].second.bytes.data()));
  }
  result_.status = codegen::call(caller_, slots);
  if (result_.status != THX_OK) {
    result_.where.status = result_.status;
    result_.message = failure();
  }
  return result_;
}

uint64_t BoundCall::slot_of(const codegen::Parameter& parameter, const thx_exec& exec) {
  switch (parameter.kind) {
    case Kind::model: return address(model_->model_);
    case Kind::dim: return static_cast<uint64_t>(dims_.find(parameter.name)->second);
    case Kind::array: return address(arguments_.find(parameter.name)->second.bytes.data());
    case Kind::workspace: return address(aligned(workspace_));
    case Kind::workspace_bytes: return workspace_.size() - (codegen::kAlign - 1);
    case Kind::exec: return address(&exec);
    case Kind::output: break;
    case Kind::scalar: {
      const HostArray& value = arguments_.find(parameter.name)->second;
      uint64_t slot = 0;
      std::memcpy(&slot, value.bytes.data(), value.bytes.size());
      return slot;
    }
  }
  THX_UNREACHABLE("a parameter without a value");
}

HostArray& BoundCall::argument(std::string_view name) {
  const auto found = arguments_.find(name);
  THX_CHECK(found != arguments_.end(), "no argument {}", name);
  return found->second;
}

std::string BoundCall::failure() const {
  const thx_error& where = result_.where;
  std::string text = format("`{}`", entry_->name);
  if (where.line > 0) append(text, " failed at line {}: ", where.line);
  if (where.line <= 0) text += " failed: ";
  const std::vector<codegen::GuardedValue>& guarded = program_->interface().guarded;
  if (where.value > 0 && static_cast<size_t>(where.value) <= guarded.size())
    return text + guarded_text(guarded[static_cast<size_t>(where.value) - 1], where);
  if (where.argument > 0)
    text += name_of(entry_->parameters[static_cast<size_t>(where.argument) - 1]);
  const std::string broken =
      where.status == THX_E_DIM && where.argument == 0 ? broken_requirement() : "";
  text += broken.empty() ? detail(where, entry_->parameters, program_->program()) : broken;
  return text + format(" ({})", thx_status_name(where.status));
}

// An equality of extents that only these dims could decide, or an extent that cannot be.
std::string BoundCall::broken_requirement() const {
  const Function& function = program_->program().functions[static_cast<size_t>(entry_->function)];
  const auto shown = [this](const Extent& extent) {
    const std::optional<int64_t> value = extent.evaluate(dims_);
    if (extent.is_known()) return extent.text();
    return format("{} is {}", extent.text(), value ? std::to_string(*value) : "impossible");
  };
  for (const Requirement& requirement : function.requirements) {
    const std::optional<int64_t> left = requirement.left.evaluate(dims_);
    const std::optional<int64_t> right = requirement.right.evaluate(dims_);
    const bool equal = requirement.kind == Requirement::Kind::equal;
    if (left && right && (equal ? *left == *right : *left >= *right)) continue;
    return format("{} {} {} is needed, but {}{}", requirement.left.text(),
                  equal ? "==" : ">=", requirement.right.text(), shown(requirement.left),
                  requirement.right.is_known() ? "" : " and " + shown(requirement.right));
  }
  return "";
}

}  // namespace thx
