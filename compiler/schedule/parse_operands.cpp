// SPDX-License-Identifier: Apache-2.0
// Buffers, registers and places in a kernel's text.
#include <algorithm>

#include "schedule/parse_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

bool is_number(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void KernelParser::parameters() {
  scan_.expect("(");
  if (scan_.take(")")) return;
  do {
    Buffer buffer{scan_.name("a buffer's name"), DType::f32, {}, {}, Scope::argument, Access::in};
    scan_.expect(":");
    Type type = scan_.type();
    buffer.dtype = type.dtype;
    buffer.extents = std::move(type.shape);
    buffer.strides = scan_.take("strides") ? scan_.shape() : row_major_strides(buffer.extents);
    if (scan_.take("ws")) buffer.scope = Scope::workspace;
    if (scan_.take("state")) buffer.scope = Scope::state;
    if (scan_.take("out")) {
      buffer.access = Access::out;
    } else if (scan_.take("inout")) {
      buffer.access = Access::inout;
    } else {
      scan_.expect("in");
    }
    if (scan_.ok() && buffer.strides.size() != buffer.extents.size())
      scan_.fail(format("{} has {} axes and {} strides", buffer.name, buffer.extents.size(),
                        buffer.strides.size()));
    kernel_.buffers.push_back(std::move(buffer));
  } while (scan_.take(","));
  scan_.expect(")");
}

void KernelParser::local_buffer(Scope scope) {
  std::string name = scan_.name("a buffer's name");
  scan_.expect(":");
  Type type = scan_.type();
  Shape strides = scan_.take("strides") ? scan_.shape() : row_major_strides(type.shape);
  if (scan_.ok() && strides.size() != type.shape.size()) scan_.fail("one stride per axis");
  kernel_.buffers.push_back({std::move(name), type.dtype, std::move(type.shape), std::move(strides),
                             scope, Access::inout});
}

std::vector<int64_t> KernelParser::array_extents() {
  std::vector<int64_t> extents;
  while (scan_.take("[")) {
    extents.push_back(scan_.integer());
    scan_.expect("]");
  }
  return extents;
}

void KernelParser::array() {
  scan_.expect("%");
  const std::string name = scan_.name("a register's name");
  std::vector<int64_t> extents = array_extents();
  scan_.expect(":");
  if (extents.empty()) scan_.fail("an array of registers needs an extent");
  add_register(name, register_type(), std::move(extents));
}

int32_t KernelParser::buffer() {
  const size_t at = scan_.position();
  const std::string name = scan_.name("a buffer's name");
  for (size_t i = 0; i < kernel_.buffers.size(); ++i)
    if (kernel_.buffers[i].name == name) return static_cast<int32_t>(i);
  if (scan_.ok()) scan_.move_to(at);
  scan_.fail(format("there is no buffer `{}`", name));
  return -1;
}

int32_t KernelParser::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return found->second;
  return -1;
}

int32_t KernelParser::add_register(const std::string& name, RegisterType type,
                                   std::vector<int64_t> array) {
  const auto reg = static_cast<int32_t>(kernel_.registers.size());
  kernel_.registers.push_back({is_number(name) ? std::string() : name, type, std::move(array)});
  scopes_.back()[name] = reg;
  return reg;
}

std::vector<Extent> KernelParser::element() {
  std::vector<Extent> index;
  while (scan_.take("[")) {
    index.push_back(scan_.extent());
    scan_.expect("]");
  }
  return index;
}

RegisterRef KernelParser::use() {
  scan_.expect("%");
  const std::string name = scan_.name("a register's name");
  const int32_t reg = find(name);
  if (scan_.ok() && reg < 0) scan_.fail(format("%{} is not assigned here", name));
  return {reg, element()};
}

RegisterRef KernelParser::result(RegisterType type) {
  if (!scan_.ok()) return {};
  if (!result_index_.empty()) {
    const int32_t reg = find(result_name_);
    if (reg < 0) scan_.fail(format("the array %{} is not declared", result_name_));
    return {reg, result_index_};
  }
  const auto known = scopes_.back().find(result_name_);
  if (known != scopes_.back().end() && kernel_.registers[known->second].type == type)
    return {known->second, {}};  // the verifier says that it is assigned twice
  return {add_register(result_name_, type, {}), {}};
}

RegisterType KernelParser::register_type() {
  const std::string word = scan_.name("a register's type");
  const size_t cross = word.find('x');
  const std::optional<DType> dtype = dtype_named(std::string_view(word).substr(0, cross));
  RegisterType type{dtype.value_or(DType::f32), 1};
  bool good = dtype.has_value();
  if (cross != std::string::npos) {
    const std::string digits = word.substr(cross + 1);
    good = good && !digits.empty() && digits.size() < 6 && is_number(digits);
    if (good) type.lanes = std::stoi(digits);
  }
  if (scan_.ok() && (!good || type.lanes < 1)) scan_.fail(format("`{}` is no register type", word));
  return type;
}

Instruction KernelParser::instruction(std::string_view word) {
  const std::optional<Instruction> found = instruction_named(word);
  if (scan_.ok() && !found) scan_.fail(format("there is no instruction `{}`", word));
  return found.value_or(Instruction::add);
}

Place KernelParser::place() {
  Place place;
  place.buffer = buffer();
  if (scan_.ok() && kernel_.buffers[place.buffer].extents.empty()) return place;
  scan_.expect("[");
  while (scan_.ok()) {
    Index index;
    if (std::optional<Extent> affine = scan_.extent_before_register()) {
      index.affine = std::move(*affine);
      index.reg = use();
    } else {
      index.affine = scan_.extent();
    }
    if (scan_.take(":")) {
      place.lanes = static_cast<int>(scan_.integer());
      place.lane_axis = static_cast<int>(place.index.size());
    }
    place.index.push_back(std::move(index));
    if (!scan_.take(",")) break;
  }
  scan_.expect("]");
  if (scan_.ok() && place.index.size() != kernel_.buffers[place.buffer].extents.size())
    scan_.fail(format("{} has {} axes", kernel_.buffers[place.buffer].name,
                      kernel_.buffers[place.buffer].extents.size()));
  return place;
}

std::optional<RegisterRef> KernelParser::mask() {
  if (!scan_.take("mask")) return std::nullopt;
  return use();
}

}  // namespace thx::loop
