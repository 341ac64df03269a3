// SPDX-License-Identifier: Apache-2.0
// Formulas in many spellings, inputs, and what counts as right for them. README.md describes the
// files and the rules.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/host_array.h"

namespace thx::stability {

/// The floats that are right for one element, by their place in the order of floats (0 is zero).
struct Bound {
  enum class Kind { interval, nan, bits, free };
  Kind kind = Kind::free;
  int64_t low = 0, high = 0;  // interval; `bits`: low is the place, with the zero's sign below
  bool negative_zero = false;
};
using Bounds = std::vector<Bound>;

/// Arguments of a formula by name (x, y, ...), as doubles that the dtype holds exactly.
using Inputs = std::map<std::string, std::vector<double>>;

/// One way to write a formula, with {x} for its argument and @ for what makes names unique.
struct Spelling {
  std::string text;
  std::vector<std::pair<std::string, std::string>> lets;
  std::string definition;          // of a function that the text calls, or empty
  int rank = 0;                    // of its argument; 0: any
  std::string also, also_formula;  // a let that is an output too, and the formula that it computes
};

enum class Layout { elements, rows, rows_of_elements };  // what a formula gives for what it takes

/// What is wanted in one dtype.
struct Wanted {
  DType dtype = DType::f32;
  const Inputs* inputs = nullptr;
  std::map<std::string, const Bounds*> outputs;  // "value", and a gradient for each argument
};

struct Formula {
  std::string name;
  Layout layout = Layout::elements;
  std::vector<std::string> arguments;  // those that gradients are taken by, then others
  int64_t columns = 0;                 // of the rows; 0 for elements
  std::string contexts;                // the contexts it may stand in; empty: all
  std::vector<Spelling> spellings;
  std::array<Wanted, 2> wanted;  // f32, f64
};

struct Formulas {
  std::map<std::string, Inputs> inputs;
  std::map<std::string, Bounds> bounds;
  std::vector<Formula> formulas;

  const Formula* find(const std::string& name) const;
};

/// Adds the formulas of a file. Throws where it cannot be read.
void read_formulas(const std::string& path, Formulas& formulas);

/// The place of a float in their order: neighbours are one apart, both zeros are 0.
int64_t ordinal(double value, DType dtype);
double from_ordinal(int64_t place, DType dtype);

/// What is right for `factor` times the value, rounded once.
Bound scaled(const Bound& bound, double factor, DType dtype);
/// Exactly this value; a zero of either sign.
Bound exactly(double value, DType dtype);
/// Whether `got` is admitted.
bool admits(const Bound& bound, double got, DType dtype);
std::string describe(const Bound& bound, DType dtype);

}  // namespace thx::stability
