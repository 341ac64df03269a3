// SPDX-License-Identifier: Apache-2.0
// Samples and the known hard cases.
#include "arguments.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace thx::math_check {
namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

/// Arguments of f64 whose exp (the first three) or sin (the next three) lies within 2^-52 to 2^-72
/// units of the last place of a number or of the middle between two (V. Lefevre, J.-M. Muller,
/// Worst Cases for Correct Rounding of the Elementary Functions in Double Precision, 2001); the
/// last of these and the two of f32 behind it lie next to a multiple of pi / 2 (W. Kahan,
/// Minimizing q m - n, 1983).
constexpr double kWorstCases[] = {
    -0x1.ed318efb627eap-27, 0x1.83d4bcdebb3f4p2,   0x1.62f71c4656b61p-1, 0x1.e0000000001c2p-20,
    0x1.fe767739d0f6dp-2,   0x1.6ac5b262ca1ffp849, 0x1.f37c8ap95,        0x1.f9cbe2p7};

/// The same for log, from the same tables: 2^-61 to 2^-65 units, as MPFR confirms.
constexpr double kWorstLogs[] = {0x1.ea71d85cee02p-509, 0x1.9476e304cd7c7p-384,
                                 0x1.26e9c4d32796p-232, 0x1.613955dc802f8p-35,
                                 0x1.62a88613629b6p678};

/// Powers whose derivative by x is a number of the format though a part of y x^(y - 1) is none.
template <class T>
constexpr std::pair<T, T> kPowers[] = {
    {7.4e-43F, 0.068F}, {0x1p-114F, -0.125F}, {2.8e-45F, 0.125F}};
template <>
constexpr std::pair<double, double> kPowers<double>[] = {{1e-320, 0.04}, {0x1p-911, -0.125}};

template <class T>
void add_with_neighbours(std::vector<T>& xs, double number) {
  const auto x = static_cast<T>(number);
  const T infinity = std::numeric_limits<T>::infinity();
  for (T each : {x, std::nextafter(x, infinity), std::nextafter(x, -infinity),
                 std::nextafter(std::nextafter(x, infinity), infinity),
                 std::nextafter(std::nextafter(x, -infinity), -infinity)}) {
    xs.push_back(each);
    xs.push_back(-each);
  }
}

template <class T>
std::vector<T> hard_cases() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> xs = {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()};
  // Zero, the ends of denormals and of the range, one, and every power of two.
  for (double number : {0.0, double(Limits::min()), double(Limits::max())})
    add_with_neighbours(xs, number);
  const int lowest = Limits::min_exponent - Limits::digits;
  for (int e = lowest; e < Limits::max_exponent; ++e) {
    xs.push_back(std::ldexp(T(1), e));
    xs.push_back(-std::ldexp(T(1.75), e));
  }
  // Zeros, poles and borders of overflow and underflow of one function or another.
  for (double number : {1.0,
                        2.0,
                        3.0,
                        0.5,
                        0.46875,
                        0.25,
                        50.0,
                        88.72283905206835,
                        89.41598629223294,
                        103.97207708399179,
                        104.0,
                        87.33654475055310,
                        709.782712893384,
                        710.4758600739439,
                        708.3964185322641,
                        744.4400719213812,
                        745.1332191019412,
                        128.0,
                        149.0,
                        150.0,
                        1024.0,
                        1074.0,
                        1075.0,
                        36.7368005696771,
                        26.543258430695335,
                        27.22601711108936,
                        26.641747557046327,
                        9.194549560546875,
                        10.05,
                        9.382415,
                        1.4616321449683622,
                        2.4570247382208,
                        2.7476826467274,
                        0.5040830082644554,
                        1.5734984731623904,
                        171.0,
                        35.0,
                        4.0e36,
                        2.5e305,
                        0.6931471805599453,
                        0.34657359027997264,
                        0.7071067811865476,
                        1.4142135623730951,
                        0.41421356237309503,
                        2.414213562373095,
                        2.718281828459045,
                        0.2928932188134524})
    add_with_neighbours(xs, number);
  for (int k = 1; k < 300; ++k)
    add_with_neighbours(xs, static_cast<double>(k * 1.57079632679489661923L));
  for (int k = 1; k < 40; ++k) add_with_neighbours(xs, k);
  for (double number : kWorstCases) add_with_neighbours(xs, number);
  for (double number : kWorstLogs) add_with_neighbours(xs, number);
  return xs;
}

/// A number of every size.
template <class T, class Random>
T of_any_size(Random& random) {
  std::uniform_real_distribution<double> mantissa(1, 2);
  const int range = std::numeric_limits<T>::max_exponent + std::numeric_limits<T>::digits;
  // Small exponents more often: most happens near 1.
  const double spread = std::pow(std::uniform_real_distribution<double>(-1, 1)(random), 3);
  const T x = std::ldexp(static_cast<T>(mantissa(random)), static_cast<int>(spread * range));
  return random() % 2 ? x : -x;
}

template <class T, class Random>
T sample(const Reference& reference, Random& random, size_t i) {
  if (i % 3 == 0)
    return static_cast<T>(
        std::uniform_real_distribution<double>(reference.low, reference.high)(random));
  if (i % 3 == 1) return of_any_size<T>(random);
  return std::bit_cast<T>(static_cast<Bits<T>>(random()));
}

/// An exponent that puts the power somewhere in the range, or a neighbour of x.
template <class T, class Random>
T partner(const Reference& reference, Random& random, T x, size_t i) {
  std::uniform_real_distribution<double> unit(-1, 1);
  const double far = std::numeric_limits<T>::max_exponent + std::numeric_limits<T>::digits;
  if (reference.name == "pow" && i % 4 < 2) {
    const double log2 = std::log2(std::fabs(static_cast<double>(x)));
    return log2 == 0 || !std::isfinite(log2) ? T(1.5) : static_cast<T>(unit(random) * far / log2);
  }
  if (i % 4 == 2) return static_cast<T>(static_cast<double>(x) * (1 + unit(random)));
  return sample<T>(reference, random, i / 4);
}

}  // namespace

template <class T>
Operands<T> samples(const Reference& reference, size_t count) {
  std::mt19937_64 random(20261);
  Operands<T> operands;
  const std::vector<T> hard = hard_cases<T>();
  if (reference.operands == 1) {
    operands.x = hard;
  } else {
    for (size_t i = 0; i < hard.size(); ++i)
      for (size_t j : {i, size_t{0}, size_t{1}, size_t{2}, size_t{3}, (7 * i + 5) % hard.size(),
                       (31 * i + 11) % hard.size()}) {
        operands.x.push_back(hard[i]);
        operands.y.push_back(hard[j]);
      }
    for (const auto& [x, y] : kPowers<T>) {
      operands.x.push_back(x);
      operands.y.push_back(y);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const T x = sample<T>(reference, random, i);
    operands.x.push_back(x);
    if (reference.operands == 2) operands.y.push_back(partner(reference, random, x, i));
  }
  return operands;
}

template Operands<float> samples(const Reference& reference, size_t count);
template Operands<double> samples(const Reference& reference, size_t count);

}  // namespace thx::math_check
