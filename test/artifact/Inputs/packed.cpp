// SPDX-License-Identifier: Apache-2.0
// All params of a dtype through the wrapper.
#include "packed.hpp"

#include <cstdio>

int main() {
  Packed model(/*F=*/3, /*H=*/5);
  const Packed& constant = model;
  for (float& each : model.params_f32()) each = 1;
  const bool right = model.params_f32().size() == 21 && constant.params_f64().size() == 4 &&
                     model.W_().data() == model.params_f32().data() && model.b()[4] == 1 &&
                     model.c()[0] == 1 && constant.s()[0] == 2;
  std::puts(right ? "the wrapper shows all params" : "wrong");
  return right ? 0 : 1;
}
