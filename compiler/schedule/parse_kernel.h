// SPDX-License-Identifier: Apache-2.0
// Reads one kernel.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schedule/loop_ir.h"
#include "schedule/loop_scanner.h"

namespace thx::loop {

class KernelParser {
 public:
  explicit KernelParser(LoopScanner& scan) : scan_(scan) {}

  /// The kernel after the word `kernel`.
  Kernel parse();

 private:
  static constexpr int kMaxDepth = 200;

  void parameters();
  void local_buffer(Scope scope);
  void array();
  std::vector<int64_t> array_extents();
  Block block();  // after its `{`, through its `}`
  Statement statement();
  Statement result_statement();
  Statement constant();
  Statement load();
  Statement operate(const std::string& word);
  Statement fold();
  Statement store();
  Statement tree();
  Statement next();
  Statement fail();
  Statement call();
  Statement branch();
  Statement loop(LoopKind kind);
  void loop_header(Loop& loop);
  void carried(Loop& loop);

  Place place();
  RegisterRef use();
  std::vector<Extent> element();
  std::optional<RegisterRef> mask();
  RegisterType register_type();
  Instruction instruction(std::string_view word);
  int32_t buffer();
  int32_t find(const std::string& name) const;
  int32_t add_register(const std::string& name, RegisterType type, std::vector<int64_t> array);
  /// The register that the statement in hand assigns, once its type is known.
  RegisterRef result(RegisterType type);

  LoopScanner& scan_;
  Kernel kernel_;
  std::vector<std::map<std::string, int32_t>> scopes_;
  std::string result_name_;
  std::vector<Extent> result_index_;
};

}  // namespace thx::loop
