// SPDX-License-Identifier: Apache-2.0
// The C++ wrapper of a guarded program names the value in what it throws.
#include <cmath>
#include <cstdio>
#include <vector>

#include "guarded.hpp"

int main() {
  Guarded m(3, 5);
  const std::vector<float> x = {1, 2, 3, 4, NAN}, good = {1, 2, 0, 4, 5};
  float sum = 0;
  for (const std::vector<float>* each : {&x, &good}) {
    try {
      m.step(*each, 1.0f, &sum);
    } catch (const thx::error& failure) {
      std::puts(failure.what());
    }
  }
}
