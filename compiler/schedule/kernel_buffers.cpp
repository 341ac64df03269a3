// SPDX-License-Identifier: Apache-2.0
// Buffers by operand and shape, and their final order.
#include "schedule/kernel_buffers.h"

#include <algorithm>
#include <functional>

#include "schedule/prove.h"
#include "support/check.h"
#include "support/text.h"

namespace thx::loop {
namespace {

bool is_local(const Buffer& buffer) {
  return buffer.scope == Scope::scratch || buffer.scope == Scope::shared;
}

using Visit = std::function<void(int32_t&)>;

/// Calls one of the two with every mention of a buffer; both where it is read and written.
void visit_buffers(Block& body, const Visit& read, const Visit& written) {
  std::vector<Block*> left{&body};
  const auto both = [&](int32_t& buffer) {
    int32_t same = buffer;
    read(same);
    written(buffer);
  };
  while (!left.empty()) {
    Block& block = *left.back();
    left.pop_back();
    for (Statement& statement : block) {
      if (auto* load = std::get_if<Load>(&statement.node)) read(load->place.buffer);
      if (auto* store = std::get_if<Store>(&statement.node)) written(store->place.buffer);
      if (auto* tree = std::get_if<Tree>(&statement.node)) both(tree->buffer);
      if (auto* call = std::get_if<Call>(&statement.node)) written(call->buffer);
      if (auto* prefetch = std::get_if<Prefetch>(&statement.node)) read(prefetch->place.buffer);
      if (auto* loop = std::get_if<Loop>(&statement.node)) left.push_back(&loop->body);
      if (auto* branch = std::get_if<If>(&statement.node)) {
        left.push_back(&branch->then);
        left.push_back(&branch->otherwise);
      }
    }
  }
}

/// What the statements do with each parameter.
void set_access(Kernel& kernel) {
  std::vector<char> read(kernel.buffers.size()), written(kernel.buffers.size());
  visit_buffers(
      kernel.body, [&](int32_t& buffer) { read[static_cast<size_t>(buffer)] = true; },
      [&](int32_t& buffer) { written[static_cast<size_t>(buffer)] = true; });
  for (size_t i = 0; i < kernel.buffers.size(); ++i) {
    Buffer& buffer = kernel.buffers[i];
    if (is_local(buffer)) continue;
    buffer.access = !written[i] ? Access::in : read[i] ? Access::inout : Access::out;
  }
}

std::string word(std::string_view name) {
  std::string out;
  for (char c : name) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0])) != 0) out.insert(0, "v");
  return out;
}

}  // namespace

KernelBuffers::KernelBuffers(KernelBuilder& builder, const NestRequest& request)
    : b_(builder), request_(request), region_(request.kernel->regions[0].get()) {
  for (Value parameter : region_->parameters) operand(parameter, parameter->shape());
  for (size_t i = 0; i < region_->results.size(); ++i) result(i);
  if (request.assumed != nullptr) assumed_ = *request.assumed;
  for (const Buffer& buffer : b_.kernel().buffers)
    for (const Extent& extent : buffer.extents)
      if (!Facts{}.prove(extent)) assumed_.push_back(extent);
}

std::string KernelBuffers::unique(std::string_view name) {
  std::string candidate = word(name);
  const int count = names_[candidate]++;
  return count == 0 ? candidate : unique(format("{}_{}", candidate, count));
}

int32_t KernelBuffers::add(std::string_view name, DType dtype, const Shape& shape, Scope scope,
                           Access access, NestArgument argument) {
  Kernel& kernel = b_.kernel();
  kernel.buffers.push_back({unique(name), dtype, shape, row_major_strides(shape), scope, access});
  arguments_.resize(kernel.buffers.size());
  arguments_.back() = argument;
  return static_cast<int32_t>(kernel.buffers.size()) - 1;
}

int32_t KernelBuffers::operand(Value parameter, const Shape& shape) {
  const auto found = std::ranges::find(region_->parameters, parameter);
  THX_CHECK(found != region_->parameters.end(), "a parameter of another region");
  const auto index = static_cast<int>(found - region_->parameters.begin());
  const auto [place, is_new] = operands_.try_emplace({index, text(shape)}, -1);
  if (is_new) {
    const bool written = std::ranges::find(request_.in_place, index) != request_.in_place.end();
    const std::string& name = region_->graph.name(parameter);
    place->second = add(name.empty() ? "v" : name, parameter->dtype(), shape,
                        request_.operand_scopes[static_cast<size_t>(index)],
                        written ? Access::inout : Access::in, {NestArgument::Kind::operand, index});
  }
  return place->second;
}

int32_t KernelBuffers::result(size_t index, const Shape& shape) {
  const int source = request_.in_place[index];
  if (source >= 0) return operand(region_->parameters[static_cast<size_t>(source)], shape);
  const auto [place, is_new] = results_.try_emplace({static_cast<int>(index), text(shape)}, -1);
  if (is_new) {
    const Value value = region_->results[index];
    const std::string& name = region_->graph.name(value);
    // What is stored may be read again by a later loop of the kernel.
    place->second =
        add(name.empty() ? "out" : name, value->dtype(), shape, request_.result_scopes[index],
            Access::out, {NestArgument::Kind::result, static_cast<int>(index)});
  }
  return place->second;
}

bool KernelBuffers::is_result_memory(Value operand, size_t index) const {
  const int source = request_.in_place[index];
  return source >= 0 && region_->parameters[static_cast<size_t>(source)] == operand;
}

int32_t KernelBuffers::temporary(std::string_view name, DType dtype, const Shape& shape) {
  temporaries_.push_back({dtype, shape});
  return add(name, dtype, shape, Scope::workspace, Access::inout,
             {NestArgument::Kind::temporary, static_cast<int>(temporaries_.size()) - 1});
}

int32_t KernelBuffers::scratch(std::string_view name, DType dtype, const Shape& shape) {
  Kernel& kernel = b_.kernel();
  kernel.buffers.push_back(
      {unique(name), dtype, shape, row_major_strides(shape), Scope::scratch, Access::inout});
  arguments_.resize(kernel.buffers.size());
  return static_cast<int32_t>(kernel.buffers.size()) - 1;
}

Nest KernelBuffers::finish() {
  Nest nest{b_.finish(), {}, std::move(temporaries_)};
  set_access(nest.kernel);
  // What an operand's memory keeps where the kernel does not write is part of the result.
  for (size_t i = 0; i < nest.kernel.buffers.size(); ++i) {
    Buffer& buffer = nest.kernel.buffers[i];
    const bool is_operand = arguments_[i] && arguments_[i]->kind == NestArgument::Kind::operand;
    if (is_operand && buffer.access == Access::out) buffer.access = Access::inout;
  }
  const std::vector<int32_t> place = arrange_buffers(nest.kernel);
  nest.arguments.resize(static_cast<size_t>(nest.kernel.parameter_count()));
  for (size_t old = 0; old < place.size(); ++old)
    if (place[old] >= 0 && arguments_[old])
      nest.arguments[static_cast<size_t>(place[old])] = *arguments_[old];
  return nest;
}

std::vector<int32_t> arrange_buffers(Kernel& kernel) {
  std::vector<char> used(kernel.buffers.size());
  const Visit use = [&](int32_t& buffer) { used[static_cast<size_t>(buffer)] = true; };
  visit_buffers(kernel.body, use, use);
  std::vector<int32_t> place(kernel.buffers.size(), -1);
  std::vector<Buffer> arranged;
  for (const bool local : {false, true})
    for (size_t i = 0; i < kernel.buffers.size(); ++i)
      if (used[i] && is_local(kernel.buffers[i]) == local) {
        place[i] = static_cast<int32_t>(arranged.size());
        arranged.push_back(kernel.buffers[i]);
      }
  kernel.buffers = std::move(arranged);
  const Visit move = [&](int32_t& buffer) { buffer = place[static_cast<size_t>(buffer)]; };
  visit_buffers(kernel.body, move, move);
  return place;
}

}  // namespace thx::loop
