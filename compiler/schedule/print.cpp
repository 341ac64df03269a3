// SPDX-License-Identifier: Apache-2.0
// The text form of functions and programs.
#include "schedule/print.h"

#include <cmath>
#include <set>

#include "schedule/print_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

class FunctionPrinter {
 public:
  FunctionPrinter(const Function& function, std::string& out) : function_(function), out_(out) {}

  void print() {
    append(out_, "function @{}{} {{\n", function_.name, function_.fallible ? " fallible" : "");
    for (const FunctionBuffer& entry : function_.buffers) buffer(entry);
    for (const Extent& extent : function_.assumed)
      append(out_, "  assume {} >= 0\n", extent.text());
    append(out_, "  workspace {} bytes\n", function_.workspace_bytes.text());
    steps(function_.checks, 1, "check ");
    steps(function_.steps, 1, "");
    steps(function_.commits, 1, "commit ");
    for (const Kernel& kernel : function_.kernels) KernelPrinter(kernel, out_, 1).print();
    out_ += "}\n";
  }

 private:
  void buffer(const FunctionBuffer& entry) {
    append(out_, "  buffer {}: {}", entry.buffer.name, buffer_type(entry.buffer));
    switch (entry.storage.kind) {
      case Storage::Kind::input: append(out_, " input {}", entry.storage.index); break;
      case Storage::Kind::output: append(out_, " output {}", entry.storage.index); break;
      case Storage::Kind::state: append(out_, " state {}", entry.storage.index); break;
      case Storage::Kind::workspace: append(out_, " ws {}", entry.storage.offset.text()); break;
    }
    append(out_, " {}\n", text(entry.buffer.access));
  }

  std::string argument(const Argument& argument) const {
    const std::string& name = function_.buffers[argument.buffer].buffer.name;
    return argument.offset.is(0) ? name : name + " + " + argument.offset.text();
  }

  void steps(const std::vector<Step>& steps, int indent, std::string_view prefix) {
    for (const Step& step : steps) {
      out_.append(2 * static_cast<size_t>(indent), ' ');
      out_ += prefix;
      std::visit([&](const auto& entry) { node(entry, indent); }, step.node);
      out_ += '\n';
    }
  }

  void node(const Launch& launch, int) {
    append(out_, "launch @{}({})", function_.kernels[launch.kernel].name,
           join(launch.arguments, ", ", [&](const Argument& entry) { return argument(entry); }));
    if (launch.fail_input >= 0) append(out_, " fail_input {}", launch.fail_input);
    if (!launch.guarded.empty()) append(out_, " guards {}", quote_json(launch.guarded));
    if (std::isfinite(launch.bound)) append(out_, " within {}", format_double(launch.bound));
  }

  void node(const Copy& copy, int) {
    append(out_, "copy {} <- {} : {}", argument(copy.to), argument(copy.from),
           copy.elements.text());
  }

  void node(const For& loop, int indent) {
    append(out_, "for {} in 0..{}{} {{\n", loop.var, loop.extent.text(),
           loop.reverse ? " reverse" : "");
    steps(loop.steps, indent + 1, "");
    out_.append(2 * static_cast<size_t>(indent), ' ');
    out_ += "}";
  }

  void node(const Branch& branch, int indent) {
    append(out_, "branch {} {{\n", argument(branch.condition));
    steps(branch.then, indent + 1, "");
    out_.append(2 * static_cast<size_t>(indent), ' ');
    out_ += "}";
    if (branch.otherwise.empty()) return;
    out_ += " else {\n";
    steps(branch.otherwise, indent + 1, "");
    out_.append(2 * static_cast<size_t>(indent), ' ');
    out_ += "}";
  }

  const Function& function_;
  std::string& out_;
};

}  // namespace

std::string print(const Kernel& kernel) {
  std::string out;
  KernelPrinter(kernel, out, 0).print();
  return out;
}

std::string print(const Function& function) {
  std::string out;
  FunctionPrinter(function, out).print();
  return out;
}

std::string print(const Program& program) {
  std::string out;
  for (const Function& function : program.functions) {
    if (!function.name.empty()) {
      out += print(function);
      continue;
    }
    for (const Kernel& kernel : function.kernels) KernelPrinter(kernel, out, 0).print();
  }
  return out;
}

std::string print_line(const Kernel& kernel, const Statement& statement) {
  std::string out;
  KernelPrinter printer(kernel, out, 0);
  printer.print();  // numbers the registers
  out.clear();
  printer.line(statement);
  return out;
}

}  // namespace thx::loop
