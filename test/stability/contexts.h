// SPDX-License-Identifier: Apache-2.0
// What a formula stands in: views of its argument and of its result, branches, loops, factors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formulas.h"

namespace thx::stability {

/// In texts `#` is the input, `%` the formula, `!P` the number of elements, `!R` that of rows, `!C`
/// that of columns, `@` the number of the case, `?m` the further input m.
struct Context {
  const char* name;
  const char* shape = "[N]";     // of the inputs
  const char* argument = "#";    // what {x} is
  const char* result = "%";      // from the formula to the input's own layout
  const char* of_elements = "";  // the same where rows give rows; empty: as `result`
  const char* axis = "";         // of a row in the argument
  const char* back = "";         // the index that gives a sum over the row its axis back
  const char* cost = "sum($)";   // of the result $ or the formula f@; what is differentiated
  double repeated = 1;           // how often the cost counts an element
  const char* more = "";         // further inputs: m mask, p q permutations, s scalar, w weights
  double inner = 1;              // the input is the formula's argument by this
  double outer = 1;              // the result is this times the formula's value
  bool defined = false;          // the formula is the body of a def `e@`
  bool by_row = false;           // a call for every row
  bool transposed = false;       // the input holds the rows as columns
};

/// A function of a program that computes one spelling in one context.
struct Case {
  const Formula* formula = nullptr;
  const Spelling* spelling = nullptr;
  const Context* context = nullptr;
  const Wanted* wanted = nullptr;
  bool with_gradient = true;
};

/// Those in which a formula's spelling can stand.
std::vector<const Context*> contexts_of(const Formula& formula, const Spelling& spelling);

/// The name that an output of a case has in its function.
inline std::string output_name(const std::string& output) {
  return output == "value" || output == "also" ? output : "by_" + output;
}

/// The declarations of a program of several cases, each of which is a function `c<number>` with
/// the outputs `value`, `by_x` for the gradient by x, and `also`.
class Source {
 public:
  explicit Source(DType dtype) : dtype_(dtype) {}
  /// The inputs of the function by what they are: those of the formula, and those of the context.
  std::map<std::string, std::string> add(const Case& each, int number);
  const std::string& text() const { return declarations_; }

 private:
  std::string input(const std::string& name, const std::string& type);
  std::map<std::string, std::string> inputs(const Case& each);
  void result(const Case& each, const std::string& formula, const std::vector<std::string>& given);
  std::string gradients(const Case& each, const std::map<std::string, std::string>& names);

  DType dtype_;
  std::map<std::string, std::vector<std::string>> types_;  // of the inputs, by their first names
  std::string declarations_ = "dim N\ndim R\ndim C\n";
  std::string body_;  // of the case that is being added
};

}  // namespace thx::stability
