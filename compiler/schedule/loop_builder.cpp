// SPDX-License-Identifier: Apache-2.0
// The kernel builder: frames for open blocks, registers, and reuse of constants and splats.
#include "schedule/loop_builder.h"

#include <bit>

#include "support/check.h"

namespace thx::loop {

namespace {

std::string spell_ref(const RegisterRef& ref) {
  std::string out = format("{}", ref.reg);
  for (const Extent& index : ref.index) append(out, "[{}]", index.text());
  return out;
}

}  // namespace

KernelBuilder::KernelBuilder(std::string name, std::string kind, const Machine& machine)
    : machine_(machine) {
  kernel_.name = std::move(name);
  kernel_.kind = std::move(kind);
  frames_.emplace_back();
}

int32_t KernelBuilder::add_buffer(std::string_view name, DType dtype, Shape extents, Scope scope,
                                  Access access, std::optional<Shape> strides) {
  const bool local = scope == Scope::scratch || scope == Scope::shared;
  THX_CHECK(local || static_cast<size_t>(kernel_.parameter_count()) == kernel_.buffers.size(),
            "parameter {} of @{} comes after a scratch buffer", name, kernel_.name);
  std::string unique(name);
  const auto taken = [&] {
    for (const Buffer& buffer : kernel_.buffers)
      if (buffer.name == unique) return true;
    return false;
  };
  for (int n = 1; taken(); ++n) unique = format("{}.{}", name, n);
  if (!strides) strides = row_major_strides(extents);
  kernel_.buffers.push_back(
      {std::move(unique), dtype, std::move(extents), std::move(*strides), scope, access});
  return static_cast<int32_t>(kernel_.buffers.size()) - 1;
}

// ---- Registers ----

int32_t KernelBuilder::add_register(std::string_view name, RegisterType type,
                                    std::vector<int64_t> array) {
  kernel_.registers.push_back({std::string(name), type, std::move(array)});
  return static_cast<int32_t>(kernel_.registers.size()) - 1;
}

const RegisterRef& KernelBuilder::ref(Lane lane) const {
  THX_CHECK(lane.id >= 0 && static_cast<size_t>(lane.id) < lane_refs_.size(), "no lane {}",
            lane.id);
  return lane_refs_[lane.id];
}

Lane KernelBuilder::lane_of(RegisterRef ref) {
  lane_refs_.push_back(std::move(ref));
  return {static_cast<int32_t>(lane_refs_.size()) - 1};
}

Lane KernelBuilder::name(Lane lane, std::string_view name) {
  kernel_.registers[ref(lane).reg].name = name;
  return lane;
}

RegisterRef KernelBuilder::result(RegisterType type) {
  if (!target_) return {add_register({}, type, {}), {}};
  RegisterRef into = std::move(*target_);
  target_.reset();
  THX_CHECK(kernel_.registers[into.reg].type == type, "an element of another type");
  return into;
}

Lane* KernelBuilder::made(const Key& key) {
  if (target_) return nullptr;  // an element is always made anew
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (const auto found = frame->made.find(key); found != frame->made.end()) return &found->second;
  }
  return nullptr;
}

Lane KernelBuilder::remember(const Key& key, Lane lane) {
  return frames_.back().made.emplace(key, lane).first->second;
}

int32_t KernelBuilder::add_array(std::string_view name, DType dtype, std::vector<int64_t> extents) {
  return add_register(name, {dtype, lanes_}, std::move(extents));
}

Lane KernelBuilder::element(int32_t array, std::vector<Extent> index) {
  THX_CHECK(index.size() == kernel_.registers[array].array.size(), "an array of another rank");
  return lane_of({array, std::move(index)});
}

// ---- Instructions ----

Lane KernelBuilder::constant(Scalar value) {
  const uint64_t bits = is_float(value.dtype) ? std::bit_cast<uint64_t>(value.real)
                                              : static_cast<uint64_t>(value.integer);
  const Key key{format("const {} {:x}", spelling(value.dtype), bits), lanes_};
  if (Lane* known = made(key)) return *known;
  RegisterRef into = result({value.dtype, lanes_});
  block().push_back({Constant{into, value}});
  return remember(key, lane_of(std::move(into)));
}

Lane KernelBuilder::constant_real(DType dtype, double real) {
  return constant(Scalar::of(dtype, real));
}

Lane KernelBuilder::constant_integer(DType dtype, int64_t integer) {
  return constant(Scalar::of_integer(dtype, integer));
}

Lane KernelBuilder::at_lanes(Lane lane, int lanes) {
  const RegisterType from = type(lane);
  if (from.lanes == lanes) return lane;
  THX_CHECK(from.lanes == 1, "a register of {} lanes where {} are current", from.lanes, lanes);
  const std::optional<RegisterRef> target = std::exchange(target_, std::nullopt);
  const Key key{"splat " + spell_ref(ref(lane)), lanes};
  Lane* known = made(key);
  Lane splatted = known ? *known : Lane{};
  if (!known) {
    RegisterRef into = result({from.dtype, lanes});
    block().push_back({Operate{into, Instruction::splat, {ref(lane)}}});
    splatted = remember(key, lane_of(std::move(into)));
  }
  target_ = target;
  return splatted;
}

Lane KernelBuilder::splat(Lane scalar) { return at_lanes(scalar, lanes_); }

Lane KernelBuilder::emit(Instruction instruction, std::span<const Lane> operands,
                         DType result_dtype) {
  THX_CHECK(static_cast<int>(operands.size()) == info(instruction).operands, "{} with {} operands",
            name_of(instruction), operands.size());
  const DType dtype =
      info(instruction).result == InstructionResult::boolean ? DType::boolean : result_dtype;
  if (instruction == Instruction::splat) return splat(operands[0]);
  if (instruction == Instruction::convert && this->dtype(operands[0]) == dtype && !target_)
    return splat(operands[0]);
  if (instruction == Instruction::fma && !is_float(dtype)) {  // nothing is rounded
    const std::optional<RegisterRef> target = std::exchange(target_, std::nullopt);
    const Lane product = mul(operands[0], operands[1]);
    target_ = target;
    return add(product, operands[2]);
  }
  Operate operate{{}, instruction, {}, {}};
  for (size_t i = 0; i < operands.size(); ++i) {
    // The distance of a shuffle is one number for all lanes.
    const bool one = instruction == Instruction::shuffle && i == 1;
    operate.operands.push_back(ref(one ? operands[i] : at_lanes(operands[i], lanes_)));
  }
  operate.result = result({dtype, lanes_});
  const Lane lane = lane_of(operate.result);
  block().push_back({std::move(operate)});
  return lane;
}

void KernelBuilder::computes(Op op, Lane lane) {
  for (auto entry = block().rbegin(); entry != block().rend(); ++entry) {
    Operate* operate = std::get_if<Operate>(&entry->node);
    if (operate == nullptr || operate->result != ref(lane)) continue;
    operate->function = op;
    return;
  }
}

Lane KernelBuilder::index_value(const Extent& value) {
  const Key key{"index " + value.text(), 1};
  if (Lane* known = made(key)) return *known;
  RegisterRef into = result({DType::i64, 1});
  block().push_back({IndexValue{into, value}});
  return remember(key, lane_of(std::move(into)));
}

Lane KernelBuilder::lane_positions(const Extent& position) {
  const Lane start = index_value(position);
  if (lanes_ == 1) return start;
  const Key key{"iota", lanes_};
  Lane* known = made(key);
  const Lane iota = known ? *known : remember(key, emit(Instruction::iota, {}, DType::i64));
  return add(start, iota);
}

Lane KernelBuilder::lanes_below(const Extent& position, const Extent& end) {
  return op(Instruction::less, lane_positions(position), index_value(end));
}

Lane KernelBuilder::fold(Instruction combine, Lane value) {
  const RegisterType from = type(value);
  RegisterRef into = result({from.dtype, 1});
  block().push_back({Fold{into, combine, ref(value)}});
  return lane_of(std::move(into));
}

// ---- Memory ----

Place KernelBuilder::place(int32_t buffer, std::vector<Index> index, int lane_axis) const {
  THX_CHECK(index.size() == kernel_.buffers[buffer].extents.size(), "{} positions in {} of @{}",
            index.size(), kernel_.buffers[buffer].name, kernel_.name);
  const bool many = lane_axis >= 0 && lanes_ > 1;
  return {buffer, std::move(index), many ? lanes_ : 1, many ? lane_axis : -1};
}

Lane KernelBuilder::load(int32_t buffer, std::vector<Index> index, int lane_axis,
                         std::optional<Lane> mask) {
  Place from = place(buffer, std::move(index), lane_axis);
  Load load{{}, std::move(from), {}};
  if (mask) load.mask = ref(at_lanes(*mask, load.place.lanes));
  load.result = result({kernel_.buffers[buffer].dtype, load.place.lanes});
  const Lane lane = lane_of(load.result);
  block().push_back({std::move(load)});
  return lane;
}

void KernelBuilder::store(int32_t buffer, std::vector<Index> index, Lane value, int lane_axis,
                          std::optional<Lane> mask) {
  Store store{place(buffer, std::move(index), lane_axis), {}, {}};
  store.value = ref(at_lanes(value, store.place.lanes));
  if (mask) store.mask = ref(at_lanes(*mask, store.place.lanes));
  block().push_back({std::move(store)});
}

void KernelBuilder::tree(int32_t buffer, Instruction combine, const Extent& count) {
  block().push_back({Tree{buffer, combine, count}});
}

void KernelBuilder::fail(FailStatus status, Lane index, Lane condition) {
  block().push_back({Fail{status, ref(index), ref(condition)}});
}

void KernelBuilder::call(std::string_view symbol, int32_t buffer, Attrs attrs) {
  block().push_back({Call{std::string(symbol), buffer, std::move(attrs)}});
}

void KernelBuilder::barrier() { block().push_back({Barrier{}}); }

void KernelBuilder::prefetch(int32_t buffer, std::vector<Index> index) {
  block().push_back({Prefetch{place(buffer, std::move(index), -1)}});
}

// ---- Blocks ----

Extent KernelBuilder::open_loop(std::string_view var, Extent begin, Extent end,
                                const LoopOptions& options) {
  if (!var.empty() && var.front() == '$') var.remove_prefix(1);
  std::string unique = format("${}", var);
  for (int n = 1; !used_vars_.insert(unique).second; ++n) unique = format("${}_{}", var, n);
  Frame frame;
  frame.owner = Statement{Loop{unique,
                               std::move(begin),
                               std::move(end),
                               options.step,
                               options.kind,
                               options.reverse,
                               options.masked_tail,
                               {},
                               {}}};
  frames_.push_back(std::move(frame));
  return Extent::symbol(unique);
}

Loop& KernelBuilder::innermost_loop() {
  THX_CHECK(frames_.back().owner && std::holds_alternative<Loop>(frames_.back().owner->node),
            "no loop is open in @{}", kernel_.name);
  return std::get<Loop>(frames_.back().owner->node);
}

Lane KernelBuilder::carry(Lane init, std::string_view name) {
  const int32_t reg = add_register(name, type(init), {});
  innermost_loop().carried.push_back({reg, ref(init)});
  return lane_of({reg, {}});
}

int32_t KernelBuilder::carry_array(std::string_view name, Lane init, std::vector<int64_t> extents) {
  const int32_t reg = add_register(name, type(init), std::move(extents));
  innermost_loop().carried.push_back({reg, ref(init)});
  return reg;
}

void KernelBuilder::next(Lane carried, Lane value) {
  block().push_back({Next{ref(carried), ref(at_lanes(value, type(carried).lanes))}});
}

void KernelBuilder::open_if(Lane condition) {
  Frame frame;
  frame.owner = Statement{If{ref(condition), {}, {}}};
  frames_.push_back(std::move(frame));
}

void KernelBuilder::open_else() {
  Frame& frame = frames_.back();
  THX_CHECK(frame.owner && std::holds_alternative<If>(frame.owner->node) && !frame.in_else,
            "an else without its if");
  std::get<If>(frame.owner->node).then = std::exchange(frame.block, {});
  frame.made.clear();
  frame.in_else = true;
}

void KernelBuilder::close() {
  THX_CHECK(frames_.back().owner.has_value(), "nothing is open in @{}", kernel_.name);
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (Loop* loop = std::get_if<Loop>(&frame.owner->node)) {
    loop->body = std::move(frame.block);
  } else {
    If& branch = std::get<If>(frame.owner->node);
    (frame.in_else ? branch.otherwise : branch.then) = std::move(frame.block);
  }
  block().push_back(std::move(*frame.owner));
}

Kernel KernelBuilder::finish() {
  THX_CHECK(frames_.size() == 1, "@{} ends with {} open blocks", kernel_.name, frames_.size() - 1);
  kernel_.body = std::move(frames_.back().block);
  return std::move(kernel_);
}

}  // namespace thx::loop
