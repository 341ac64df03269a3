// SPDX-License-Identifier: Apache-2.0
// Uses the C++ half of the runtime under hostile macros, with and without exceptions.
#define I (1.0fi)
#define N 60
#define F 784
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#include <array>
#include <thx/thx.hpp>
#include <vector>

std::size_t use();

std::size_t use() {
  std::vector<float> many = {1, 2, 3};
  const std::vector<float> fixed = many;
  std::array<float, 2> two = {4, 5};
  float bare[4] = {};
  const thx::view<const float> views[] = {many, fixed, two, bare, {bare, 3}, nullptr};
  const thx::view<float> written[] = {many, two, bare, {bare, 3}, nullptr};
  const thx::workspace ws(100);
  std::size_t count = ws.size();
  for (const auto& view : views) count += view.size();
  for (const auto& view : written) count += view.size();
  return count;
}
