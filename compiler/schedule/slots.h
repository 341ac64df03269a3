// SPDX-License-Identifier: Apache-2.0
// Extents compiled for repeated evaluation: symbols are numbered slots of an array.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/extent.h"

namespace thx::loop {

/// Numbers the symbols that have values, and keeps the compiled form of every extent it has seen.
/// Extents are known by their address: they must not move or change while the table is in use.
class SlotTable {
 public:
  /// The slot of a symbol, which has a value from now on.
  int slot(const std::string& symbol);
  /// The value under `slots`; nothing where a symbol has none, a divisor is <= 0 or int64
  /// overflows.
  std::optional<int64_t> evaluate(const Extent& extent, const std::vector<int64_t>& slots);
  size_t count() const { return slots_.size(); }

 private:
  struct Function;
  struct Term {
    int64_t coefficient;
    std::vector<int> symbols;
    std::vector<Function> functions;
  };
  struct Function {
    ExtentFunction function;
    std::vector<Term> a, b;
  };
  using Terms = std::vector<Term>;

  bool compile(const Extent& extent, Terms& into) const;
  static bool evaluate(const Terms& terms, const std::vector<int64_t>& slots, int64_t& into);
  static bool apply(const Function& function, const std::vector<int64_t>& slots, int64_t& into);

  std::map<std::string, int> slots_;
  std::unordered_map<const Extent*, Terms> compiled_;
};

}  // namespace thx::loop
