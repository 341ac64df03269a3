// SPDX-License-Identifier: Apache-2.0
// The wrapper, and the hosted runtime behind it.
#include <cstdio>
#include <vector>

#include "logreg.hpp"

int main(int argc, char** argv) {
  Logreg model(/*N_max=*/4), loaded(/*N_max=*/4);
  std::vector<float> x(4 * 30, 0.5f), y = {0, 1, 0, 1}, xent(4);
  model.train(x, y, nullptr, xent);
  if (argc != 2) return 1;
  model.save(argv[1]);
  loaded.load(argv[1]);
  std::puts(loaded.w()[29] == model.w()[29] ? "the wrapper works" : "wrong");
}
