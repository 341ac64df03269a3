// SPDX-License-Identifier: Apache-2.0
// Coefficients of the mathematical functions, lowest first; tools/fit-polynomials writes them.
#pragma once

namespace thx::math {

// exp(r) = 1 + r + r^2 p(r) for |r| <= log(2) / 2.
inline constexpr double kExpF32[] = {
    0x1.0000000000000p-1, 0x1.55548e0000000p-3,  0x1.55545e0000000p-5,
    0x1.123baa0000000p-7, 0x1.6db4820000000p-10,
};
inline constexpr double kExpF64[] = {
    0x1.000000000000cp-1,  0x1.5555555555561p-3,  0x1.555555554ffcdp-5,  0x1.111111110d642p-7,
    0x1.6c16c185bd88bp-10, 0x1.a01a01bae24d7p-13, 0x1.a01996560f406p-16, 0x1.71dddfc5c9440p-19,
    0x1.28b08374c02a9p-22, 0x1.af8599927b7c8p-26,
};

// 2 atanh(s) = 2 s + s z p(z) for z = s^2 <= 1/25.
inline constexpr double kLogF32[] = {
    0x1.5555540000000p-1,
    0x1.999c0c0000000p-2,
    0x1.23e0420000000p-2,
    0x1.ee9fe60000000p-3,
};
inline constexpr double kLogF64[] = {
    0x1.555555555554fp-1, 0x1.999999999c1c4p-2, 0x1.24924921ddda9p-2, 0x1.c71c74966de8ap-3,
    0x1.745c492777970p-3, 0x1.3b35fb724a320p-3, 0x1.0dc7989d75e46p-3, 0x1.1b9d3fe9e2398p-3,
};

// 2 atanh(s) = 2 s + s z (2/3 + z p(z)) for z = s^2 <= 0.0295.
inline constexpr double kPowLogF64[] = {
    0x1.999999999999ap-2, 0x1.24924924922d9p-2, 0x1.c71c71c76dc1dp-3,
    0x1.745d170bc3776p-3, 0x1.3b13c8390f6bfp-3, 0x1.110bbc1377d63p-3,
    0x1.e354a9d55692ap-4, 0x1.9374a83e4c9a6p-4, 0x1.3a8aba0d2270ap-3,
};

}  // namespace thx::math
