// SPDX-License-Identifier: Apache-2.0
// The text form of kernels.
#include "schedule/print_kernel.h"

#include <algorithm>

#include "schedule/print.h"
#include "support/check.h"

namespace thx::loop {

namespace {

bool is_number(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `name`, or with a suffix where it is taken.
std::string unique(const std::string& name, std::set<std::string>& taken) {
  std::string candidate = name;
  for (int n = 1; !taken.insert(candidate).second; ++n) candidate = format("{}.{}", name, n);
  return candidate;
}

std::string scalar_text(const Scalar& value) {
  switch (info(value.dtype).kind) {
    case DTypeKind::boolean: return value.integer != 0 ? "true" : "false";
    case DTypeKind::signed_integer: return format("{}", value.integer);
    case DTypeKind::unsigned_integer: return format("{}", static_cast<uint64_t>(value.integer));
    case DTypeKind::floating: break;
  }
  return value.dtype == DType::f32 ? format_float(static_cast<float>(value.real))
                                   : format_double(value.real);
}

std::string attr_text(const AttrValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return format("{}", *integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* word = std::get_if<std::string>(&value)) return quote_json(*word);
  if (const auto* scalar = std::get_if<Scalar>(&value))
    return scalar_text(*scalar) + " : " + std::string(spelling(scalar->dtype));
  if (const auto* extent = std::get_if<Extent>(&value)) return extent->text();
  THX_UNREACHABLE("a call takes numbers, flags, words and extents only");
}

std::string array_text(const std::vector<int64_t>& extents) {
  return join(extents, "", [](int64_t extent) { return format("[{}]", extent); });
}

}  // namespace

std::string text(const RegisterType& type) {
  const std::string dtype(spelling(type.dtype));
  return type.lanes == 1 ? dtype : format("{}x{}", dtype, type.lanes);
}

std::string_view text(LoopKind kind) {
  switch (kind) {
    case LoopKind::serial: return "serial";
    case LoopKind::unrolled: return "unrolled";
    case LoopKind::chunk: return "chunk";
    case LoopKind::grid: return "grid";
    case LoopKind::block: return "block";
    case LoopKind::thread: return "thread";
  }
  return {};
}

std::string_view text(FailStatus status) {
  switch (status) {
    case FailStatus::index: return "index";
    case FailStatus::domain: return "domain";
    case FailStatus::nonfinite: return "nonfinite";
  }
  return {};
}

std::string_view text(Access access) {
  switch (access) {
    case Access::in: return "in";
    case Access::out: return "out";
    case Access::inout: return "inout";
  }
  return {};
}

std::string buffer_type(const Buffer& buffer) {
  std::string out = text(Type{buffer.dtype, buffer.extents});
  if (buffer.strides != row_major_strides(buffer.extents))
    out += " strides " + text(buffer.strides);
  return out;
}

KernelPrinter::KernelPrinter(const Kernel& kernel, std::string& out, int indent)
    : kernel_(kernel), out_(out), indent_(indent), names_(kernel.registers.size()) {
  std::set<std::string> buffers;
  for (const Buffer& buffer : kernel.buffers) buffer_names_.push_back(unique(buffer.name, buffers));
}

const std::string& KernelPrinter::name(int32_t reg) {
  std::string& name = names_[reg];
  if (!name.empty()) return name;
  const std::string& given = kernel_.registers[reg].name;
  return name = is_number(given) ? format("{}", unnamed_++) : unique(given, taken_);
}

RegisterType KernelPrinter::type(const RegisterRef& ref) const {
  return kernel_.registers[ref.reg].type;
}

std::string KernelPrinter::ref(const RegisterRef& ref) {
  std::string out = "%" + name(ref.reg);
  for (const Extent& index : ref.index) append(out, "[{}]", index.text());
  return out;
}

std::string KernelPrinter::place(const Place& place) {
  std::string out = buffer_names_[place.buffer];
  if (place.index.empty()) return out;
  for (size_t axis = 0; axis < place.index.size(); ++axis) {
    const Index& index = place.index[axis];
    out += axis == 0 ? "[" : ", ";
    if (!index.reg || !index.affine.is(0)) out += index.affine.text();
    if (index.reg) out += (index.affine.is(0) ? "" : "+") + ref(*index.reg);
    if (place.lane_axis == static_cast<int>(axis)) append(out, " : {}", place.lanes);
  }
  return out + "]";
}

std::string KernelPrinter::mask(const std::optional<RegisterRef>& mask) {
  return mask ? " mask " + ref(*mask) : std::string();
}

// ---- Layout ----

void KernelPrinter::start_line() { out_.append(2 * static_cast<size_t>(indent_), ' '); }

void KernelPrinter::header() {
  start_line();
  append(out_, "kernel @{} {} (", kernel_.name, kernel_.kind);
  for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
    const Buffer& buffer = kernel_.buffers[i];
    if (buffer.scope == Scope::scratch || buffer.scope == Scope::shared) break;
    append(out_, "{}{}: {}", i == 0 ? "" : ", ", buffer_names_[i], buffer_type(buffer));
    if (buffer.scope == Scope::workspace) out_ += " ws";
    if (buffer.scope == Scope::state) out_ += " state";
    append(out_, " {}", text(buffer.access));
  }
  out_ += ")";
  if (!kernel_.plan.empty()) out_ += " plan " + quote_json(kernel_.plan);
  out_ += " {\n";
}

void KernelPrinter::print() {
  header();
  ++indent_;
  for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
    const Buffer& buffer = kernel_.buffers[i];
    if (buffer.scope != Scope::scratch && buffer.scope != Scope::shared) continue;
    start_line();
    append(out_, "{} {}: {}\n", buffer.scope == Scope::scratch ? "scratch" : "shared",
           buffer_names_[i], buffer_type(buffer));
  }
  std::set<int32_t> carried;
  std::vector<const Block*> open{&kernel_.body};
  while (!open.empty()) {
    const Block& block = *open.back();
    open.pop_back();
    for (const Statement& statement : block) {
      if (const If* branch = std::get_if<If>(&statement.node)) {
        open.push_back(&branch->then);
        open.push_back(&branch->otherwise);
      } else if (const Loop* loop = std::get_if<Loop>(&statement.node)) {
        for (const Carried& entry : loop->carried) carried.insert(entry.reg);
        open.push_back(&loop->body);
      }
    }
  }
  for (size_t reg = 0; reg < kernel_.registers.size(); ++reg) {
    if (kernel_.registers[reg].array.empty() || carried.contains(static_cast<int32_t>(reg)))
      continue;
    start_line();
    append(out_, "array %{}{} : {}\n", name(static_cast<int32_t>(reg)),
           array_text(kernel_.registers[reg].array), text(kernel_.registers[reg].type));
  }
  block(kernel_.body);
  --indent_;
  start_line();
  out_ += "}\n";
}

void KernelPrinter::block(const Block& block) {
  for (const Statement& entry : block) statement(entry);
}

void KernelPrinter::statement(const Statement& statement) {
  start_line();
  std::visit([this](const auto& entry) { node(entry); }, statement.node);
  out_ += '\n';
}

void KernelPrinter::line(const Statement& statement) {
  lines_only_ = true;
  std::visit([this](const auto& entry) { node(entry); }, statement.node);
  lines_only_ = false;
}

// ---- Statements ----

void KernelPrinter::node(const Constant& node) {
  append(out_, "{} = const {} : {}", ref(node.result), scalar_text(node.value),
         text(type(node.result)));
}

void KernelPrinter::node(const IndexValue& node) {
  append(out_, "{} = index {} : {}", ref(node.result), node.value.text(), text(type(node.result)));
}

void KernelPrinter::node(const Operate& node) {
  const std::string operands =
      join(node.operands, ", ", [this](const RegisterRef& operand) { return ref(operand); });
  append(out_, "{} = {}{}{} : {}", ref(node.result), name_of(node.instruction),
         operands.empty() ? "" : " ", operands, text(type(node.result)));
  if (node.function) append(out_, " as {}", name_of(*node.function));
}

void KernelPrinter::node(const Load& node) {
  const std::string from = place(node.place);
  const std::string under = mask(node.mask);
  append(out_, "{} = load {}{} : {}", ref(node.result), from, under, text(type(node.result)));
}

void KernelPrinter::node(const Store& node) {
  const std::string to = place(node.place);
  const std::string value = ref(node.value);
  append(out_, "store {} = {}{}", to, value, mask(node.mask));
}

void KernelPrinter::node(const Fold& node) {
  const std::string value = ref(node.value);
  append(out_, "{} = fold {} {} : {}", ref(node.result), name_of(node.combine), value,
         text(type(node.result)));
}

void KernelPrinter::node(const Tree& node) {
  append(out_, "tree {} {} over {}", name_of(node.combine), buffer_names_[node.buffer],
         node.count.text());
}

void KernelPrinter::node(const Next& node) {
  const std::string value = ref(node.value);
  append(out_, "next {} = {}", ref(node.carried), value);
}

void KernelPrinter::node(const Fail& node) {
  const std::string index = ref(node.index);
  append(out_, "fail {} {} when {}", text(node.status), index, ref(node.condition));
}

void KernelPrinter::node(const Call& node) {
  append(out_, "call {}({})", node.symbol, buffer_names_[node.buffer]);
  for (const auto& [key, value] : node.attrs.entries())
    append(out_, " {} = {}", key, attr_text(value));
}

void KernelPrinter::node(const Barrier&) { out_ += "barrier"; }

void KernelPrinter::node(const Prefetch& node) { out_ += "prefetch " + place(node.place); }

void KernelPrinter::carried(const Loop& loop) {
  out_ += " carry (";
  for (size_t i = 0; i < loop.carried.size(); ++i) {
    const Register& reg = kernel_.registers[loop.carried[i].reg];
    const std::string init = ref(loop.carried[i].init);
    append(out_, "{}%{}{}: {} = {}", i == 0 ? "" : ", ", name(loop.carried[i].reg),
           array_text(reg.array), text(reg.type), init);
  }
  out_ += ")";
}

void KernelPrinter::loop(const Loop& loop) {
  if (loop.kind != LoopKind::serial) append(out_, "{} ", text(loop.kind));
  append(out_, "for {} in {}..{}", loop.var, loop.begin.text(), loop.end.text());
  if (loop.step != 1) append(out_, " step {}", loop.step);
  if (loop.reverse) out_ += " reverse";
  if (loop.masked_tail) out_ += " tail = mask";
  if (!loop.carried.empty()) carried(loop);
  out_ += lines_only_ ? " { … }" : " {\n";
  if (lines_only_) return;
  ++indent_;
  block(loop.body);
  --indent_;
  start_line();
  out_ += "}";
}

void KernelPrinter::branch(const If& branch) {
  append(out_, "if {} {}", ref(branch.condition), lines_only_ ? "{ … }" : "{\n");
  if (lines_only_) return;
  ++indent_;
  block(branch.then);
  --indent_;
  start_line();
  out_ += "}";
  if (branch.otherwise.empty()) return;
  out_ += " else {\n";
  ++indent_;
  block(branch.otherwise);
  --indent_;
  start_line();
  out_ += "}";
}

}  // namespace thx::loop
