// SPDX-License-Identifier: Apache-2.0
// Differentiates programs of tests, and fills arrays with draws.
#include "driver/test_programs.h"

#include <thx/object.h>

#include <algorithm>
#include <cstring>

#include "driver/pipeline.h"
#include "support/check.h"

namespace thx {
namespace {

int64_t value_of(const Extent& extent, const Extent::Values& dims) {
  const std::optional<int64_t> value = extent.evaluate(dims);
  THX_CHECK(value, "the extent {} of a test's draw has no value", extent.text());
  return *value;
}

template <class T>
reference::Array converted(const HostArray& array, DType dtype) {
  reference::Array made{dtype, array.extents, {}};
  for (int64_t i = 0; i < array.count(); ++i) {
    const T element = array.at<T>(i);
    made.elements.push_back(std::is_floating_point_v<T>
                                ? Scalar::of(dtype, static_cast<double>(element))
                                : Scalar::of_integer(dtype, static_cast<int64_t>(element)));
  }
  return made;
}

/// `last`: a pass that follows where nothing is left to differentiate.
bool run_passes(Program& program, const CompileOptions& options, Diagnostics& diagnostics,
                const TensorPass* last) {
  Diagnostics inner;
  PassContext context{.diagnostics = inner, .fp = options.fp};
  RunnerOptions runner_options;
  runner_options.verify_each = options.verify_each || THX_VERIFY_EACH;
  PassRunner runner(std::move(runner_options), context);
  const auto run = [&](const TensorPass& pass) { return runner.run(pass, program); };
  bool good = std::ranges::all_of(opening_passes(), run);
  while (good && has_grad(program)) good = std::ranges::all_of(differentiation_passes(), run);
  if (last != nullptr) good = good && run(*last);
  for (const Diagnostic& each : inner.all()) diagnostics.report(each);
  return good;
}

}  // namespace

bool differentiate(Program& program, const CompileOptions& options, Diagnostics& diagnostics) {
  return run_passes(program, options, diagnostics, nullptr);
}

bool stabilize(Program& program, const CompileOptions& options, Diagnostics& diagnostics) {
  return run_passes(program, options, diagnostics, find_tensor_pass("stabilize-values"));
}

HostArray draw(const TestDraw& wanted, const Extent::Values& dims) {
  std::vector<int64_t> extents;
  for (const Extent& extent : wanted.type.shape) extents.push_back(value_of(extent, dims));
  HostArray array = HostArray::zeros(wanted.type.dtype, std::move(extents));
  const auto count = static_cast<uint64_t>(array.count());
  const uint64_t key = thx_draw_key(wanted.seed, thx_draw_hash(wanted.name.c_str()), 0);
  const bool wide = wanted.type.dtype == DType::f64;
  auto* f32 = reinterpret_cast<float*>(array.bytes.data());
  auto* f64 = reinterpret_cast<double*>(array.bytes.data());
  auto* i64 = reinterpret_cast<int64_t*>(array.bytes.data());
  switch (wanted.kind) {
    case TestDraw::Kind::normal:
      if (wide) {
        thx_philox_normal_f64(f64, 0, count, key, 0);
      } else {
        thx_philox_normal_f32(f32, 0, count, key, 0);
      }
      break;
    case TestDraw::Kind::uniform:
      if (wide) {
        thx_philox_uniform_f64(f64, 0, count, key, 0);
      } else {
        thx_philox_uniform_f32(f32, 0, count, key, 0);
      }
      break;
    case TestDraw::Kind::integers:
      thx_philox_integers(i64, 0, count, key, 0, value_of(wanted.low, dims),
                          value_of(wanted.high, dims));
  }
  return array;
}

reference::Array to_reference(const HostArray& array, bool wide) {
  const DType dtype = wide && array.dtype == DType::f32 ? DType::f64 : array.dtype;
  switch (array.dtype) {
    case DType::boolean:
    case DType::u8: return converted<uint8_t>(array, dtype);
    case DType::i8: return converted<int8_t>(array, dtype);
    case DType::i16: return converted<int16_t>(array, dtype);
    case DType::i32: return converted<int32_t>(array, dtype);
    case DType::u16: return converted<uint16_t>(array, dtype);
    case DType::u32: return converted<uint32_t>(array, dtype);
    case DType::u64: return converted<uint64_t>(array, dtype);
    case DType::i64: return converted<int64_t>(array, dtype);
    case DType::f32: return converted<float>(array, dtype);
    case DType::f64: return converted<double>(array, dtype);
  }
  THX_UNREACHABLE("an array of dtype {}", static_cast<int>(array.dtype));
}

namespace {

template <class T>
void store(const reference::Array& array, HostArray& host) {
  auto* out = host.bytes.data();
  for (const Scalar& scalar : array.elements) {
    const T element =
        std::is_floating_point_v<T> ? static_cast<T>(scalar.real) : static_cast<T>(scalar.integer);
    std::memcpy(out, &element, sizeof(T));
    out += sizeof(T);
  }
}

}  // namespace

HostArray to_host(const reference::Array& array) {
  HostArray host = HostArray::zeros(array.dtype, array.extents);
  switch (array.dtype) {
    case DType::boolean:
    case DType::u8: store<uint8_t>(array, host); break;
    case DType::i8: store<int8_t>(array, host); break;
    case DType::i16: store<int16_t>(array, host); break;
    case DType::i32: store<int32_t>(array, host); break;
    case DType::u16: store<uint16_t>(array, host); break;
    case DType::u32: store<uint32_t>(array, host); break;
    case DType::u64: store<uint64_t>(array, host); break;
    case DType::i64: store<int64_t>(array, host); break;
    case DType::f32: store<float>(array, host); break;
    case DType::f64: store<double>(array, host); break;
  }
  return host;
}

reference::Array to_reference(const HostArray& array) { return to_reference(array, false); }

}  // namespace thx
