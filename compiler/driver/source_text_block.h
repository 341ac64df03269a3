// SPDX-License-Identifier: Apache-2.0
// One body as statements of the language: names for values, and expressions with their precedence.
#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/function.h"
#include "ops/infix.h"

namespace thx::source {

/// What has no spelling: caught by source_text.
struct NoSpelling : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Names of one file, each given once.
class Names {
 public:
  std::string fresh(std::string_view wanted);

 private:
  std::set<std::string, std::less<>> taken_;
};

/// The statements of a body, in order; definitions that branches need go to `definitions`.
class Block {
 public:
  Block(const Body& body, std::span<const Value> roots, Names& names,
        std::vector<std::string>& definitions, std::string indent);

  void name(Value value, std::string name) { done_[value.node] = {std::move(name), kAtom}; }
  /// Writes what the roots need.
  void write();
  const std::vector<std::string>& lines() const { return lines_; }
  /// The value as an expression of exactly its type.
  std::string typed(Value value) { return whole(value).text; }

 private:
  // ---- source_text_block.cpp
  void bind(Value value, Expression expression);
  std::string at(Value value, int level);  // in brackets where it is looser
  Expression whole(Value value);
  Expression spell(Value value);
  Expression constant(Value value, bool typed) const;
  void spell_scan(Value node);
  void spell_cond(Value node);
  std::vector<std::string> result_names(Value node);
  // ---- source_text_elementwise.cpp
  Expression elementwise(Value value);
  std::vector<Expression> meeting(Value value);
  Expression stretched(Value value);
  // ---- source_text_arrays.cpp
  Expression reduction(Value value);
  static Expression narrowed(Value value, std::string text);
  Expression view(Value value);
  Expression sliced(Value value);
  Expression placement(Value value);
  Expression contraction(Value value);
  Expression indexing(Value value);
  Expression along_axis(Value value);

  const Body& body_;
  std::vector<Value> roots_;
  Names& names_;
  std::vector<std::string>& definitions_;
  const std::string indent_;
  std::vector<int> uses_;
  std::unordered_map<const Node*, Expression> done_;
  std::vector<std::string> lines_;
};

std::string tuple(std::span<const std::string> parts);
std::string shape_text(const Shape& shape);

}  // namespace thx::source
