// SPDX-License-Identifier: Apache-2.0
// The reader of functions and programs.
#include "schedule/parse.h"

#include <algorithm>

#include "schedule/loop_scanner.h"
#include "schedule/parse_kernel.h"
#include "support/text.h"

namespace thx::loop {

namespace {

class FunctionParser {
 public:
  explicit FunctionParser(LoopScanner& scan) : scan_(scan) {}

  /// The function after the word `function`.
  Function parse() {
    scan_.expect("@");
    function_.name = scan_.name("a function's name");
    function_.fallible = scan_.take("fallible");
    scan_.expect("{");
    find_kernel_names();
    while (scan_.ok() && !scan_.take("}")) entry();
    return std::move(function_);
  }

 private:
  void entry() {
    if (scan_.take("buffer")) {
      buffer();
    } else if (scan_.take("workspace")) {
      function_.workspace_bytes = scan_.extent();
      scan_.expect("bytes");
    } else if (scan_.take("assume")) {
      function_.assumed.push_back(scan_.extent());
      scan_.expect(">=");
      scan_.expect("0");
    } else if (scan_.take("check")) {
      function_.checks.push_back(step());
    } else if (scan_.take("commit")) {
      function_.commits.push_back(step());
    } else if (scan_.take("kernel")) {
      function_.kernels.push_back(KernelParser(scan_).parse());
    } else {
      function_.steps.push_back(step());
    }
  }

  // Steps stand before the kernels that they launch.
  void find_kernel_names() {
    static constexpr std::string_view kKernel = "kernel @";
    const std::string& text = scan_.text();
    int depth = 1;
    for (size_t i = scan_.position(); i < text.size() && depth > 0; ++i) {
      if (text[i] == '{') ++depth;
      if (text[i] == '}') --depth;
      if (text.compare(i, kKernel.size(), kKernel) != 0) continue;
      const size_t begin = i + kKernel.size();
      kernel_names_.push_back(text.substr(begin, text.find_first_of(" \n", begin) - begin));
    }
  }

  void buffer() {
    FunctionBuffer entry{};
    entry.buffer.name = scan_.name("a buffer's name");
    scan_.expect(":");
    Type type = scan_.type();
    entry.buffer.dtype = type.dtype;
    entry.buffer.strides = row_major_strides(type.shape);
    entry.buffer.extents = std::move(type.shape);
    storage(entry);
    if (scan_.take("in")) entry.buffer.access = Access::in;
    if (scan_.take("out")) entry.buffer.access = Access::out;
    if (scan_.take("inout")) entry.buffer.access = Access::inout;
    function_.buffers.push_back(std::move(entry));
  }

  void storage(FunctionBuffer& entry) {
    using Kind = Storage::Kind;
    const auto numbered = [&](Kind kind, Scope scope, Access access) {
      entry.storage = {kind, static_cast<int>(scan_.integer()), 0};
      entry.buffer.scope = scope;
      entry.buffer.access = access;
    };
    if (scan_.take("input")) return numbered(Kind::input, Scope::argument, Access::in);
    if (scan_.take("output")) return numbered(Kind::output, Scope::argument, Access::out);
    if (scan_.take("state")) return numbered(Kind::state, Scope::state, Access::inout);
    scan_.expect("ws");
    entry.storage = {Kind::workspace, -1, scan_.extent()};
    entry.buffer.scope = Scope::workspace;
    entry.buffer.access = Access::inout;
  }

  Argument argument() {
    const std::string name = scan_.name("a buffer's name");
    Argument out{-1, 0};
    for (size_t i = 0; i < function_.buffers.size(); ++i)
      if (function_.buffers[i].buffer.name == name) out.buffer = static_cast<int32_t>(i);
    if (scan_.ok() && out.buffer < 0) scan_.fail(format("there is no buffer `{}`", name));
    if (scan_.take("+")) out.offset = scan_.extent();
    return out;
  }

  Step launch() {
    Launch launch{-1, {}, -1, {}};
    scan_.expect("@");
    const std::string name = scan_.name("a kernel's name");
    const auto found = std::find(kernel_names_.begin(), kernel_names_.end(), name);
    if (found == kernel_names_.end()) {
      scan_.fail(format("there is no kernel @{}", name));
    } else {
      launch.kernel = static_cast<int32_t>(found - kernel_names_.begin());
    }
    scan_.expect("(");
    if (!scan_.take(")")) {
      do launch.arguments.push_back(argument());
      while (scan_.take(","));
      scan_.expect(")");
    }
    if (scan_.take("fail_input")) launch.fail_input = static_cast<int>(scan_.integer());
    if (scan_.take("guards")) launch.guarded = scan_.quoted();
    if (scan_.take("within")) launch.bound = scan_.scalar(scan_.literal(), DType::f64).real;
    return {std::move(launch)};
  }

  std::vector<Step> steps() {
    std::vector<Step> out;
    if (++depth_ > kMaxDepth) scan_.fail("blocks are nested too deeply");
    scan_.expect("{");
    while (scan_.ok() && !scan_.take("}")) out.push_back(step());
    --depth_;
    return out;
  }

  Step step() {
    if (scan_.take("launch")) return launch();
    if (scan_.take("copy")) {
      Copy copy{argument(), {-1, 0}, 0};
      scan_.expect("<-");
      copy.from = argument();
      scan_.expect(":");
      copy.elements = scan_.extent();
      return {std::move(copy)};
    }
    if (scan_.take("for")) {
      For loop;
      scan_.expect("$");
      loop.var = "$" + scan_.name("a loop's variable");
      scan_.expect("in");
      if (!scan_.extent_before_dots().is(0)) scan_.fail("a loop over launches starts at 0");
      loop.extent = scan_.extent();
      loop.reverse = scan_.take("reverse");
      loop.steps = steps();
      return {std::move(loop)};
    }
    if (scan_.take("branch")) {
      Branch branch{argument(), {}, {}};
      branch.then = steps();
      if (scan_.take("else")) branch.otherwise = steps();
      return {std::move(branch)};
    }
    scan_.fail("expected a step");
    return {Copy{}};
  }

  static constexpr int kMaxDepth = 200;
  LoopScanner& scan_;
  Function function_;
  std::vector<std::string> kernel_names_;
  int depth_ = 0;
};

}  // namespace

Result<Program> parse_loop(std::string_view text, uint32_t file) {
  LoopScanner scan(text, file);
  Program program;
  Function alone;
  while (!scan.at_end()) {
    if (scan.take("function")) {
      program.functions.push_back(FunctionParser(scan).parse());
    } else if (scan.take("kernel")) {
      alone.kernels.push_back(KernelParser(scan).parse());
    } else {
      scan.fail("expected `function` or `kernel`");
    }
  }
  if (!scan.ok()) return scan.take_error();
  if (!alone.kernels.empty()) program.functions.push_back(std::move(alone));
  return program;
}

bool is_loop_text(std::string_view text) {
  LoopScanner scan(text, 0);
  return scan.peek("kernel") || scan.peek("function");
}

}  // namespace thx::loop
