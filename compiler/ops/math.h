// SPDX-License-Identifier: Apache-2.0
// The mathematical functions, as straight-line register instructions for any lane count.
//
// No calls, no tables, no branches: what the interpreter computes for one lane is what every target
// computes for sixteen. Operands and result are of one float dtype, f32 or f64. All special values
// are right, denormals included. test/unit/ops/math_test.cpp has the error bounds and holds the
// functions to them. Where the builder may not fuse, other bits of the same accuracy come out.
#pragma once

#include <span>

#include "ops/instruction.h"

namespace thx::math {

Lane exp(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane expm1(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane log(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane log1p(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane exp2(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane log2(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane log10(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane sin(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane cos(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane tan(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arcsin(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arccos(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arctan(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arctan2(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane sinh(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane cosh(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arcsinh(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arccosh(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane arctanh(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane erf(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane erfc(LaneBuilder& b, std::span<const Lane> operands, DType result);
Lane tanh(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// 1 / (1 + exp(-x)), right in relative terms in both tails.
Lane sigmoid(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// log(1 + exp(x)), without overflow.
Lane softplus(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// exp(x^2) erfc(x).
Lane erfcx(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// exp(x^2) times the integral of erfc from x to infinity.
Lane ierfcx(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// exp(x^2) times the integral of that integral from x to infinity.
Lane i2erfcx(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// log(1 - exp(x)): -infinity at 0, NaN above.
Lane log1mexp(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// log(exp(x) + exp(y)), without overflow.
Lane logaddexp(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// log(|gamma(x)|): infinity at the poles and at both infinities.
Lane gammaln(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// The derivative of gammaln: NaN at the negative poles, infinite at 0 with the sign of -x.
Lane digamma(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// The derivative of digamma: infinity at the poles.
Lane trigamma(LaneBuilder& b, std::span<const Lane> operands, DType result);
/// operands[0] ** operands[1] with the special values of C's pow.
Lane pow(LaneBuilder& b, std::span<const Lane> operands, DType result);

}  // namespace thx::math
