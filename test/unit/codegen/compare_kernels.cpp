// SPDX-License-Identifier: Apache-2.0
// Inputs, runs and the comparison of two runs' buffers.
#include "unit/codegen/compare_kernels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <memory>
#include <random>

#include "codegen/target.h"
#include "schedule/interpret.h"
#include "schedule/parse.h"
#include "support/check.h"
#include "unit/codegen/native_kernels.h"

namespace thx::testing {

namespace {

using Bytes = std::vector<std::byte>;
constexpr size_t kGuard = 64;  // bytes after a buffer that nobody may touch

template <class T>
T special(std::mt19937_64& random) {
  using Limits = std::numeric_limits<T>;
  const T values[] = {0,
                      -T(0),
                      1,
                      -1,
                      Limits::infinity(),
                      -Limits::infinity(),
                      Limits::quiet_NaN(),
                      Limits::denorm_min(),
                      -Limits::min(),
                      Limits::max(),
                      T(0.5),
                      T(2.5),
                      T(-3.5),
                      T(1e10),
                      T(-1e10),
                      T(255.7)};
  return values[random() % std::size(values)];
}

template <class T>
T number(std::mt19937_64& random) {
  if (random() % 6 == 0) return special<T>(random);
  std::normal_distribution<double> normal(0, 1);
  return static_cast<T>(normal(random) * std::exp2(static_cast<double>(random() % 9) - 4));
}

void fill(Bytes& bytes, const loop::Buffer& buffer, std::mt19937_64& random) {
  const auto width = static_cast<size_t>(bytes_of(buffer.dtype));
  for (size_t at = 0; at + width <= bytes.size() - kGuard; at += width) {
    uint64_t word = random();
    if (buffer.name.starts_with("idx")) word = random() % 8;
    if (buffer.dtype == DType::boolean) word %= 3;
    if (buffer.dtype == DType::f32) {
      const float value = number<float>(random);
      std::memcpy(&word, &value, sizeof value);
    } else if (buffer.dtype == DType::f64) {
      const double value = number<double>(random);
      std::memcpy(&word, &value, sizeof value);
    }
    std::memcpy(bytes.data() + at, &word, width);
  }
}

template <class T>
bool both_nan(const std::byte* a, const std::byte* b) {
  T x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x != x && y != y;
}

/// The first element that differs, NaNs being all alike.
std::optional<size_t> difference(DType dtype, const Bytes& a, const Bytes& b) {
  const auto width = static_cast<size_t>(bytes_of(dtype));
  for (size_t at = 0; at < a.size(); at += width) {
    if (std::memcmp(a.data() + at, b.data() + at, std::min(width, a.size() - at)) == 0) continue;
    if (dtype == DType::f32 && both_nan<float>(a.data() + at, b.data() + at)) continue;
    if (dtype == DType::f64 && both_nan<double>(a.data() + at, b.data() + at)) continue;
    return at / width;
  }
  return std::nullopt;
}

std::string shown(DType dtype, const Bytes& bytes, size_t element) {
  const std::byte* at = bytes.data() + element * static_cast<size_t>(bytes_of(dtype));
  uint64_t word = 0;
  std::memcpy(&word, at, static_cast<size_t>(bytes_of(dtype)));
  float single = 0;
  double twice = 0;
  std::memcpy(&single, at, dtype == DType::f32 ? 4 : 0);
  std::memcpy(&twice, at, dtype == DType::f64 ? 8 : 0);
  return format("{:#x} ({})", word, dtype == DType::f32 ? static_cast<double>(single) : twice);
}

size_t bytes_for(const loop::Buffer& buffer, const Extent::Values& dims) {
  const int64_t elements = element_count(buffer.extents).evaluate(dims).value();
  return static_cast<size_t>(elements * bytes_of(buffer.dtype));
}

/// A kernel's buffers before and after the interpreter's run.
struct Expected {
  std::vector<Bytes> before, after;
  int64_t status = -1;
};

void interpret_kernel(const loop::Kernel& kernel, const Extent::Values& dims, Expected& expected) {
  std::mt19937_64 random(std::hash<std::string>()(kernel.name));
  const auto count = static_cast<size_t>(kernel.parameter_count());
  std::vector<loop::Memory> memories(count);
  std::vector<loop::View> views;
  expected.before.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const loop::Buffer& buffer = kernel.buffers[i];
    Bytes& bytes = expected.before[i];
    const size_t size = bytes_for(buffer, dims);
    bytes.assign(size + kGuard, std::byte{0xab});
    if (buffer.access != loop::Access::out) fill(bytes, buffer, random);
    memories[i].bytes.assign(bytes.begin(), bytes.end() - kGuard);
    memories[i].defined.assign(size, buffer.access != loop::Access::out);
    views.push_back({&memories[i], 0});
  }
  const loop::Outcome outcome = loop::interpret(kernel, views, {.dims = dims});
  ASSERT_FALSE(outcome.error) << *outcome.error;
  if (outcome.failure) expected.status = outcome.failure->index;
  for (loop::Memory& memory : memories) {
    memory.bytes.resize(memory.bytes.size() + kGuard, std::byte{0xab});
    expected.after.push_back(std::move(memory.bytes));
  }
}

void compare_one(const loop::Kernel& kernel, const NativeKernels& native,
                 const Extent::Values& dims, const Expected& expected) {
  std::vector<Bytes> buffers = expected.before;
  std::vector<void*> pointers;
  for (Bytes& bytes : buffers) pointers.push_back(bytes.data());
  const int64_t status = native.run(kernel, pointers, {dims.begin(), dims.end()});
  EXPECT_EQ(status, expected.status) << "@" << kernel.name;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const loop::Buffer& buffer = kernel.buffers[i];
    const std::optional<size_t> at = difference(buffer.dtype, expected.after[i], buffers[i]);
    if (!at) continue;
    ADD_FAILURE() << "@" << kernel.name << ": " << buffer.name << " differs at " << *at << " of "
                  << bytes_for(buffer, dims) / static_cast<size_t>(bytes_of(buffer.dtype)) << ": "
                  << shown(buffer.dtype, expected.after[i], *at) << " by the interpreter, "
                  << shown(buffer.dtype, buffers[i], *at) << " by the machine";
  }
}

}  // namespace

std::vector<std::string> runnable_levels() {
  std::vector<std::string> levels;
  for (const std::string& name : codegen::cpu_names())
    if (name != "native" && codegen::host_runs(*codegen::find_target(name))) levels.push_back(name);
  return levels;
}

loop::Program parse_kernels(const std::string& text) {
  Result<loop::Program> program = loop::parse_loop(text);
  if (!program.ok()) ADD_FAILURE() << program.error().message() << "\n" << text;
  return std::move(program).value();
}

void compare_kernels(const loop::Program& program, const std::vector<Extent::Values>& dims) {
  std::vector<std::pair<std::string, std::unique_ptr<NativeKernels>>> levels;
  for (const std::string& level : runnable_levels()) {
    const codegen::Target target = *codegen::find_target(level);
    levels.emplace_back(level, std::make_unique<NativeKernels>(program, target));
    for (const std::string& symbol : levels.back().second->undefined())
      EXPECT_EQ(symbol, "thx_fma");
  }
  for (const Extent::Values& values : dims) {
    for (const loop::Kernel& kernel : program.functions.at(0).kernels) {
      Expected expected;
      interpret_kernel(kernel, values, expected);
      if (::testing::Test::HasFatalFailure()) return;
      for (const auto& [level, native] : levels) {
        SCOPED_TRACE(level);
        compare_one(kernel, *native, values, expected);
      }
    }
  }
}

}  // namespace thx::testing
