// SPDX-License-Identifier: Apache-2.0
// The generator against Random123's known answers, normal numbers against mpmath's inverse CDF.
#include <gtest/gtest.h>
#include <thx/object.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace thx {
namespace {

using Words = std::array<uint32_t, 4>;

Words philox(const Words& counter, const std::array<uint32_t, 2>& key) {
  Words out;
  thx_philox(counter.data(), key.data(), out.data());
  return out;
}

// kat_vectors of Random123, philox4x32 with 10 rounds.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, KeysOfDraws) {
  EXPECT_EQ(thx_draw_hash(""), 0xcbf29ce484222325u);
  EXPECT_EQ(thx_draw_hash("w"), 0xaf63ea4c86020456u);
  const uint64_t key = thx_draw_key(1, thx_draw_hash("w"), 0);
  EXPECT_EQ(key, 0xa134bce4f7765235u);
  EXPECT_NE(key, thx_draw_key(1, thx_draw_hash("w"), 1));
  EXPECT_NE(key, thx_draw_key(2, thx_draw_hash("w"), 0));
}

const uint64_t kKey = thx_draw_key(1, thx_draw_hash("w"), 0);

// The exact numbers rounded to f32, from mpmath with 40 digits.
TEST(Normal, KnownF32) {
  const float expected[] = {0x1.850546p+0f, -0x1.a17ca6p+0f, -0x1.4b928cp+1f, 0x1.27b32ep+0f,
                            0x1.836f6p+0f,  -0x1.74c13ap-2f, 0x1.f2d45p-6f,   0x1.e3eabep-1f};
  float actual[8];
  thx_philox_normal_f32(actual, 0, 8, kKey, 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(actual[i], expected[i]) << i;
}

// Step 7; the bits are part of the contract, the exact numbers show that they are right.
TEST(Normal, KnownF64) {
  const double exact[] = {0.11295712815694399805,  -1.177593767931047401,  0.47622712129636278951,
                          -0.19192280186124321144, 0.59729456903659381949, -0.72795412309908730515};
  double actual[6];
  thx_philox_normal_f64(actual, 0, 6, kKey, 7);
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(actual[i], exact[i], 4e-16 * std::fabs(exact[i])) << i;
  }
}

uint64_t crc_of(const void* bytes, size_t n) { return thx_crc32(0, bytes, n); }

// 100,000 numbers, tails included, have the same bits on every machine and with every compiler.
TEST(Normal, SameBitsEverywhere) {
  std::vector<double> wide(100000);
  std::vector<float> narrow(100000);
  thx_philox_normal_f64(wide.data(), 0, wide.size(), kKey, 0);
  thx_philox_normal_f32(narrow.data(), 0, narrow.size(), kKey, 0);
  EXPECT_EQ(crc_of(wide.data(), wide.size() * sizeof(double)), 0xdc47afd2u);
  EXPECT_EQ(crc_of(narrow.data(), narrow.size() * sizeof(float)), 0x2a101f80u);
}

TEST(Normal, PartsEqualTheWhole) {
  std::vector<float> whole(100), parts(100);
  std::vector<double> whole64(100), parts64(100);
  thx_philox_normal_f32(whole.data(), 0, 100, kKey, 3);
  thx_philox_normal_f64(whole64.data(), 0, 100, kKey, 3);
  for (uint64_t first = 0, n = 1; first < 100; first += n, n = n % 7 + 1) {
    const uint64_t count = std::min<uint64_t>(n, 100 - first);
    thx_philox_normal_f32(parts.data() + first, first, count, kKey, 3);
    thx_philox_normal_f64(parts64.data() + first, first, count, kKey, 3);
  }
  EXPECT_EQ(whole, parts);
  EXPECT_EQ(whole64, parts64);
}

TEST(Uniform, TheUpperBitsOfEachElement) {
  const Words group =
      philox({0, 0, 5, 0}, {static_cast<uint32_t>(kKey), static_cast<uint32_t>(kKey >> 32)});
  float narrow[4];
  double wide[2];
  thx_philox_uniform_f32(narrow, 0, 4, kKey, 5);
  thx_philox_uniform_f64(wide, 0, 2, kKey, 5);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(narrow[i], std::ldexp(static_cast<float>(group[i] >> 8), -24)) << i;
  for (size_t i = 0; i < 2; ++i) {
    const uint64_t u = static_cast<uint64_t>(group[2 * i + 1]) << 32 | group[2 * i];
    EXPECT_EQ(wide[i], std::ldexp(static_cast<double>(u >> 11), -53)) << i;
  }
}

TEST(Uniform, SameBitsEverywhere) {
  std::vector<double> wide(100000);
  std::vector<float> narrow(100000);
  thx_philox_uniform_f64(wide.data(), 0, wide.size(), kKey, 0);
  thx_philox_uniform_f32(narrow.data(), 0, narrow.size(), kKey, 0);
  EXPECT_EQ(crc_of(wide.data(), wide.size() * sizeof(double)), 0x85519272u);
  EXPECT_EQ(crc_of(narrow.data(), narrow.size() * sizeof(float)), 0x6472403cu);
  double mean = 0, square = 0;
  for (const double u : wide) {
    ASSERT_TRUE(u >= 0 && u < 1);
    mean += u / 1e5;
    square += u * u / 1e5;
  }
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / 1e5));
  EXPECT_NEAR(square, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / 1e5));
}

TEST(Integers, LieBetweenTheirBounds) {
  std::vector<int64_t> dice(60000);
  thx_philox_integers(dice.data(), 0, dice.size(), kKey, 0, -2, 4);
  int counts[6] = {};
  for (const int64_t one : dice) {
    ASSERT_TRUE(one >= -2 && one < 4);
    ++counts[one + 2];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 5 * std::sqrt(10000.0));
  EXPECT_EQ(crc_of(dice.data(), dice.size() * sizeof(int64_t)), 0x7752570eu);
}

TEST(Integers, AreTheUpperHalfOfAProduct) {
  using Wide = unsigned __int128;
  std::vector<int64_t> all(64), some(64);
  thx_philox_integers(all.data(), 0, 64, kKey, 1, INT64_MIN, INT64_MAX);
  for (const int64_t high : {INT64_C(1), INT64_C(3), INT64_C(1) << 40, INT64_MAX}) {
    thx_philox_integers(some.data(), 0, 64, kKey, 1, 0, high);
    for (uint64_t i = 0; i < 64; ++i) {
      const Words group = philox({static_cast<uint32_t>(i / 2), 0, 1, 0},
                                 {static_cast<uint32_t>(kKey), static_cast<uint32_t>(kKey >> 32)});
      const uint64_t u = static_cast<uint64_t>(group[2 * (i % 2) + 1]) << 32 | group[2 * (i % 2)];
      EXPECT_EQ(some[i], static_cast<int64_t>(Wide{u} * static_cast<uint64_t>(high) >> 64));
      EXPECT_EQ(static_cast<uint64_t>(all[i]) - static_cast<uint64_t>(INT64_MIN),
                static_cast<uint64_t>(Wide{u} * UINT64_MAX >> 64));
    }
  }
  thx_philox_integers(some.data(), 0, 64, kKey, 1, 5, 5);
  EXPECT_EQ(some, std::vector<int64_t>(64, 5));
  thx_philox_integers(some.data(), 0, 64, kKey, 1, 5, -7);
  EXPECT_EQ(some, std::vector<int64_t>(64, 5));
}

TEST(Uniform, PartsEqualTheWhole) {
  std::vector<float> whole(100), parts(100);
  std::vector<int64_t> integers(100), integer_parts(100);
  thx_philox_uniform_f32(whole.data(), 0, 100, kKey, 3);
  thx_philox_integers(integers.data(), 0, 100, kKey, 3, 0, 1000);
  for (uint64_t first = 0, n = 1; first < 100; first += n, n = n % 7 + 1) {
    const uint64_t count = std::min<uint64_t>(n, 100 - first);
    thx_philox_uniform_f32(parts.data() + first, first, count, kKey, 3);
    thx_philox_integers(integer_parts.data() + first, first, count, kKey, 3, 0, 1000);
  }
  EXPECT_EQ(whole, parts);
  EXPECT_EQ(integers, integer_parts);
}

TEST(Normal, Moments) {
  const size_t n = 1 << 20;
  std::vector<double> x(n);
  thx_philox_normal_f64(x.data(), 0, n, kKey, 0);
  double moment[5] = {};
  for (const double v : x) {
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(v, k) / static_cast<double>(n);
  }
  // Five standard errors of each moment.
  const double root = std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(moment[1], 0.0, 5 / root);
  EXPECT_NEAR(moment[2], 1.0, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(moment[3], 0.0, 5 * std::sqrt(15.0) / root);
  EXPECT_NEAR(moment[4], 3.0, 5 * std::sqrt(96.0) / root);
  const auto within = [&](double bound) {
    return static_cast<double>(
               std::count_if(x.begin(), x.end(), [&](double v) { return std::fabs(v) <= bound; })) /
           static_cast<double>(n);
  };
  EXPECT_NEAR(within(1.0), 0.682689492137, 0.0025);
  EXPECT_NEAR(within(3.0), 0.997300203937, 0.0003);
  EXPECT_GT(*std::max_element(x.begin(), x.end()), 4.3);
  EXPECT_LT(*std::min_element(x.begin(), x.end()), -4.3);
}

}  // namespace
}  // namespace thx
