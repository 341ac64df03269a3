// SPDX-License-Identifier: Apache-2.0
// Prints kernels: names for registers, and one line per statement.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "schedule/loop_ir.h"

namespace thx::loop {

class KernelPrinter {
 public:
  KernelPrinter(const Kernel& kernel, std::string& out, int indent);

  void print();
  /// `statement` in one line; blocks as `{ … }`.
  void line(const Statement& statement);

 private:
  void header();
  void block(const Block& block);
  void statement(const Statement& statement);
  void loop(const Loop& loop);
  void carried(const Loop& loop);
  void branch(const If& branch);
  void node(const Constant& node);
  void node(const IndexValue& node);
  void node(const Operate& node);
  void node(const Load& node);
  void node(const Store& node);
  void node(const Fold& node);
  void node(const Tree& node);
  void node(const Next& node);
  void node(const Fail& node);
  void node(const Call& node);
  void node(const Barrier& node);
  void node(const Prefetch& node);
  void node(const Loop& node) { loop(node); }
  void node(const If& node) { branch(node); }

  void start_line();
  std::string ref(const RegisterRef& ref);
  std::string place(const Place& place);
  std::string mask(const std::optional<RegisterRef>& mask);
  const std::string& name(int32_t reg);
  RegisterType type(const RegisterRef& ref) const;

  const Kernel& kernel_;
  std::string& out_;
  int indent_;
  bool lines_only_ = false;
  std::vector<std::string> names_;  // by register; empty until it is named
  std::set<std::string> taken_;
  std::vector<std::string> buffer_names_;
  int unnamed_ = 0;
};

/// `x: f32[N, F] strides [1, N]`
std::string buffer_type(const Buffer& buffer);
std::string_view text(Access access);

}  // namespace thx::loop
