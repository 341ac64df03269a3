// SPDX-License-Identifier: Apache-2.0
// The reader of kernels: recursive descent over nested blocks.
#include "schedule/parse_kernel.h"

#include "schedule/print.h"
#include "support/text.h"

namespace thx::loop {

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
  for (const LoopKind kind :
       {LoopKind::unrolled, LoopKind::chunk, LoopKind::grid, LoopKind::block, LoopKind::thread}) {
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
  Operate operate{{}, instruction(word), {}, {}};
  while (scan_.ok() && !scan_.peek(":")) {
    operate.operands.push_back(use());
    if (!scan_.take(",")) break;
  }
  scan_.expect(":");
  operate.result = result(register_type());
  if (scan_.take("as")) {
    const std::string function = scan_.name("an operator");
    operate.function = op_named(function);
    if (scan_.ok() && (!operate.function || family_of(*operate.function) != Family::elementwise))
      scan_.fail(format("there is no elementwise operator `{}`", function));
  }
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
    if (const AttrKey* row = attr_key(key); row != nullptr && row->kind == AttrKind::extent) {
      call.attrs.set(key, scan_.extent());
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
    std::vector<int64_t> extents = array_extents();
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
