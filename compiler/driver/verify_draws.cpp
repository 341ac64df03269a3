// SPDX-License-Identifier: Apache-2.0
// Calls the runtime's generator as generated code does.
#include "driver/verify_draws.h"

#include <thx/object.h>

#include <string_view>

#include "driver/test_programs.h"
#include "support/check.h"

namespace thx {
namespace {

struct Draw {
  std::string_view kind;  // normal, uniform, integers
  DType dtype;
  uint64_t seed;
  std::string name;
  int64_t low = 0, high = 0;
};

bool fill(const Draw& draw, std::span<std::byte> bytes) {
  const uint64_t count = bytes.size() / static_cast<size_t>(bytes_of(draw.dtype));
  const uint64_t key = thx_draw_key(draw.seed, thx_draw_hash(draw.name.c_str()), 0);
  const bool wide = draw.dtype == DType::f64;
  auto* f32 = reinterpret_cast<float*>(bytes.data());
  auto* f64 = reinterpret_cast<double*>(bytes.data());
  if (draw.kind == "integers") {
    thx_philox_integers(reinterpret_cast<int64_t*>(bytes.data()), 0, count, key, 0, draw.low,
                        draw.high);
  } else if (draw.kind == "normal") {
    if (wide)
      thx_philox_normal_f64(f64, 0, count, key, 0);
    else
      thx_philox_normal_f32(f32, 0, count, key, 0);
  } else if (draw.kind == "uniform") {
    if (wide)
      thx_philox_uniform_f64(f64, 0, count, key, 0);
    else
      thx_philox_uniform_f32(f32, 0, count, key, 0);
  } else {
    return false;
  }
  return true;
}

// What follows `prefix` in a name; empty where it does not start so.
std::string_view behind(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

}  // namespace

std::vector<Scalar> draw_for_reference(const reference::DrawRequest& request) {
  const Node& node = request.node;
  HostArray array = HostArray::zeros(node.dtype(), {request.count});
  const Draw draw{behind(name_of(node.op), "random_"),
                  node.dtype(),
                  request.seed,
                  node.attrs.word("name"),
                  request.low,
                  request.high};
  THX_CHECK(fill(draw, array.bytes), "{} is no draw", name_of(node.op));
  return to_reference(array).elements;
}

bool draw_for_loops(const loop::Call& call, DType dtype, const Extent::Values& dims, uint64_t seed,
                    std::span<std::byte> bytes) {
  const auto bound = [&](std::string_view key) {
    return call.attrs.has(key) ? call.attrs.get<Extent>(key).evaluate(dims).value_or(0) : 0;
  };
  if (call.attrs.has("seed")) seed = static_cast<uint64_t>(call.attrs.integer("seed"));
  return fill({behind(call.symbol, "thx_random_"), dtype, seed, call.attrs.word("name"),
               bound("low"), bound("high")},
              bytes);
}

}  // namespace thx
