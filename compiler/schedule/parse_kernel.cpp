// SPDX-License-Identifier: Apache-2.0
// The reader of kernels: recursive descent over nested blocks.
#include "schedule/parse_kernel.h"

#include <algorithm>

#include "schedule/print.h"
#include "support/text.h"

namespace thx::loop {

namespace {

bool is_number(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Kernel KernelParser::parse() {
  scan_.expect("@");
  kernel_.name = scan_.name("a kernel's name");
  kernel_.kind = scan_.name("a kind of kernel");
  parameters();
  if (scan_.take("plan")) kernel_.plan = scan_.quoted();
  scan_.expect("{");
  kernel_.body = block();
  return std::move(kernel_);
}

// ---- Buffers and registers ----

void KernelParser::parameters() {
  scan_.expect("(");
  if (scan_.take(")")) return;
  do {
    Buffer buffer{scan_.name("a buffer's name"), DType::f32, {}, {}, Scope::argument, Access::in};
    scan_.expect(":");
    Type type = scan_.type();
    buffer.dtype = type.dtype;
    buffer.extents = std::move(type.shape);
    buffer.strides =
        scan_.take("strides") ? scan_.shape() : row_major_strides(buffer.extents);
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
  kernel_.buffers.push_back(
      {std::move(name), type.dtype, std::move(type.shape), std::move(strides), scope, Access::inout});
}

void KernelParser::array() {
  scan_.expect("%");
  const std::string name = scan_.name("a register's name");
  std::vector<int64_t> extents;
  while (scan_.take("[")) {
    extents.push_back(scan_.integer());
    scan_.expect("]");
  }
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

// ---- Statements ----

Block KernelParser::block() {
  Block out;
  if (scopes_.size() > kMaxDepth) scan_.fail("blocks are nested too deeply");
  scopes_.emplace_back();
  while (scan_.ok() && !scan_.take("}")) {
    if (scan_.take("scratch")) {
      local_buffer(Scope::scratch);
    } else if (scan_.take("shared")) {
      local_buffer(Scope::shared);
    } else if (scan_.take("array")) {
      array();
    } else if (scan_.at_end()) {
      scan_.fail("expected `}`");
    } else {
      out.push_back(statement());
    }
  }
  scopes_.pop_back();
  return out;
}

Statement KernelParser::statement() {
  if (scan_.peek("%")) return result_statement();
  if (scan_.take("store")) return store();
  if (scan_.take("tree")) return tree();
  if (scan_.take("next")) return next();
  if (scan_.take("fail")) return fail();
  if (scan_.take("call")) return call();
  if (scan_.take("barrier")) return {Barrier{}};
  if (scan_.take("prefetch")) return {Prefetch{place()}};
  if (scan_.take("if")) return branch();
  for (const LoopKind kind : {LoopKind::unrolled, LoopKind::chunk, LoopKind::grid, LoopKind::block,
                              LoopKind::thread}) {
    if (!scan_.take(text(kind))) continue;
    scan_.expect("for");
    return loop(kind);
  }
  if (scan_.take("for")) return loop(LoopKind::serial);
  scan_.fail("expected a statement");
  return {Barrier{}};
}

Statement KernelParser::result_statement() {
  scan_.expect("%");
  result_name_ = scan_.name("a register's name");
  result_index_ = element();
  scan_.expect("=");
  const std::string word = scan_.name("an instruction");
  if (word == "const") return constant();
  if (word == "load") return load();
  if (word == "fold") return fold();
  if (word == "index") {
    Extent value = scan_.extent();
    scan_.expect(":");
    return {IndexValue{result(register_type()), std::move(value)}};
  }
  return operate(word);
}

Statement KernelParser::constant() {
  const std::string literal(scan_.literal());
  scan_.expect(":");
  const RegisterType type = register_type();
  const Scalar value = scan_.scalar(literal, type.dtype);
  return {Constant{result(type), value}};
}

Statement KernelParser::load() {
  Place from = place();
  std::optional<RegisterRef> under = mask();
  scan_.expect(":");
  return {Load{result(register_type()), std::move(from), std::move(under)}};
}

Statement KernelParser::fold() {
  const Instruction combine = instruction(scan_.name("an instruction"));
  RegisterRef value = use();
  scan_.expect(":");
  return {Fold{result(register_type()), combine, std::move(value)}};
}

Statement KernelParser::operate(const std::string& word) {
  Operate operate{{}, instruction(word), {}};
  while (scan_.ok() && !scan_.peek(":")) {
    operate.operands.push_back(use());
    if (!scan_.take(",")) break;
  }
  scan_.expect(":");
  operate.result = result(register_type());
  return {std::move(operate)};
}

Statement KernelParser::store() {
  Place to = place();
  scan_.expect("=");
  RegisterRef value = use();
  return {Store{std::move(to), std::move(value), mask()}};
}

Statement KernelParser::tree() {
  const Instruction combine = instruction(scan_.name("an instruction"));
  const int32_t over = buffer();
  scan_.expect("over");
  return {Tree{over, combine, scan_.extent()}};
}

Statement KernelParser::next() {
  RegisterRef carried = use();
  scan_.expect("=");
  return {Next{std::move(carried), use()}};
}

Statement KernelParser::fail() {
  FailStatus status = FailStatus::index;
  const std::string word = scan_.name("a status");
  bool known = false;
  for (const FailStatus each : {FailStatus::index, FailStatus::domain, FailStatus::nonfinite}) {
    if (text(each) != word) continue;
    status = each;
    known = true;
  }
  if (!known) scan_.fail(format("there is no status `{}`", word));
  RegisterRef index = use();
  scan_.expect("when");
  return {Fail{status, std::move(index), use()}};
}

Statement KernelParser::call() {
  Call call;
  call.symbol = scan_.name("a function's name");
  scan_.expect("(");
  call.buffer = buffer();
  scan_.expect(")");
  // `key = value`, one after the other; no statement starts that way.
  for (size_t at = scan_.position(); scan_.ok(); at = scan_.position()) {
    if (scan_.peek("%") || scan_.peek("}") || scan_.at_end()) break;
    const std::string key = scan_.name("an argument");
    if (!scan_.take("=")) {
      scan_.move_to(at);
      break;
    }
    if (scan_.peek("\"")) {
      call.attrs.set(key, scan_.quoted());
      continue;
    }
    const std::string literal(scan_.literal());
    if (scan_.take(":")) {
      call.attrs.set(key, scan_.scalar(literal, register_type().dtype));
    } else if (literal == "true" || literal == "false") {
      call.attrs.set(key, literal == "true");
    } else {
      call.attrs.set(key, scan_.scalar(literal, DType::i64).integer);
    }
  }
  return {std::move(call)};
}

Statement KernelParser::branch() {
  If branch{use(), {}, {}};
  scan_.expect("{");
  branch.then = block();
  if (scan_.take("else")) {
    scan_.expect("{");
    branch.otherwise = block();
  }
  return {std::move(branch)};
}

void KernelParser::carried(Loop& loop) {
  scan_.expect("(");
  do {
    scan_.expect("%");
    const std::string name = scan_.name("a register's name");
    std::vector<int64_t> extents;
    while (scan_.take("[")) {
      extents.push_back(scan_.integer());
      scan_.expect("]");
    }
    scan_.expect(":");
    const RegisterType type = register_type();
    scan_.expect("=");
    RegisterRef init = use();
    if (!scan_.ok()) return;
    loop.carried.push_back({add_register(name, type, std::move(extents)), std::move(init)});
  } while (scan_.take(","));
  scan_.expect(")");
}

void KernelParser::loop_header(Loop& loop) {
  scan_.expect("$");
  loop.var = "$" + scan_.name("a loop's variable");
  scan_.expect("in");
  loop.begin = scan_.extent_before_dots();
  loop.end = scan_.extent();
  if (scan_.take("step")) loop.step = scan_.integer();
  loop.reverse = scan_.take("reverse");
  if (scan_.take("tail")) {
    scan_.expect("=");
    scan_.expect("mask");
    loop.masked_tail = true;
  }
}

Statement KernelParser::loop(LoopKind kind) {
  Loop loop;
  loop.kind = kind;
  loop_header(loop);
  if (scan_.take("carry")) carried(loop);
  scan_.expect("{");
  loop.body = block();
  return {std::move(loop)};
}

}  // namespace thx::loop
