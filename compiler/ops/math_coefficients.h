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

// sin(r) = r + r z p(z) for z = r^2 <= (pi / 4)^2; in f64 also for f32.
inline constexpr double kSinF32[] = {
    -0x1.5555459677747p-3,
    0x1.11075f22c3e55p-7,
    -0x1.994e494bf55a3p-13,
};
inline constexpr double kSinF64[] = {
    -0x1.5555555555549p-3, 0x1.111111110f8a4p-7,   -0x1.a01a019c15b04p-13,
    0x1.71de357aa5f3bp-19, -0x1.ae5e68325a8b2p-26, 0x1.5d93810ccd715p-33,
};

// cos(r) = 1 - z / 2 + z^2 p(z) for z = r^2 <= (pi / 4)^2; in f64 also for f32.
inline constexpr double kCosF32[] = {
    0x1.55554ab202bdcp-5,
    -0x1.6c0c8a73b2477p-10,
    0x1.9a01f93b0367ep-16,
};
inline constexpr double kCosF64[] = {
    0x1.555555555554cp-5,   -0x1.6c16c16c1521dp-10, 0x1.a01a019cbf0d3p-16,
    -0x1.27e4f8126507bp-22, 0x1.1ee9f11050f14p-29,  -0x1.8fb109e420a2ep-37,
};

// arctan(u) = u + u z p(z) for z = u^2 <= tan(pi / 8)^2.
inline constexpr double kArctanF32[] = {
    -0x1.55554a0000000p-2, 0x1.9991e60000000p-3,  -0x1.23ba080000000p-3,
    0x1.b22aaa0000000p-4,  -0x1.f305780000000p-5,
};
inline constexpr double kArctanF64[] = {
    -0x1.555555555553dp-2, 0x1.9999999995895p-3, -0x1.24924922aed0bp-3, 0x1.c71c70e6abefbp-4,
    -0x1.745cf8ee01d49p-4, 0x1.3b111a48f27f6p-4, -0x1.10ebc4ca2aff5p-4, 0x1.df0ff2b8dc3bbp-5,
    -0x1.9cd567e7637c0p-5, 0x1.37dbad64493c7p-5, -0x1.2575e8a66c195p-6,
};

// arcsin(s) = s + s z p(z) for z = s^2 <= 1/4.
inline constexpr double kArcsinF32[] = {
    0x1.5555ca0000000p-3, 0x1.3301620000000p-4, 0x1.748b780000000p-5,
    0x1.8ba4920000000p-6, 0x1.59dd620000000p-5,
};
inline constexpr double kArcsinF64[] = {
    0x1.5555555555578p-3, 0x1.333333332df17p-4, 0x1.6db6db722b542p-5, 0x1.f1c71a8ba35c2p-6,
    0x1.6e8bdfe5d7f05p-6, 0x1.1c49de0ef4395p-6, 0x1.ca21430dee09ep-7, 0x1.757797237ea2dp-7,
    0x1.618a832dd8ec5p-7, 0x1.e15e7f8f4b5d4p-9, 0x1.650106f50761ap-6, -0x1.59f523377f539p-6,
    0x1.0be3f8c680d43p-5,
};

// sinh(r) = r + r z p(z) for z = r^2 <= (log(2) / 2)^2.
inline constexpr double kSinhF32[] = {
    0x1.5555560000000p-3,
    0x1.110fbe0000000p-7,
    0x1.a2e3080000000p-13,
};
inline constexpr double kSinhF64[] = {
    0x1.5555555555559p-3,  0x1.111111110f62ap-7,  0x1.a01a01b0205c9p-13,
    0x1.71ddf7af7e239p-19, 0x1.af5ff4b325766p-26,
};

// cosh(r) = 1 + z p(z) for z = r^2 <= (log(2) / 2)^2.
inline constexpr double kCoshF32[] = {
    0x1.0000000000000p-1,
    0x1.5554e60000000p-5,
    0x1.6d4f1e0000000p-10,
};
inline constexpr double kCoshF64[] = {
    0x1.000000000000cp-1,  0x1.555555554fd68p-5,  0x1.6c16c1863da90p-10,
    0x1.a01995019edc7p-16, 0x1.28b1bb5104a5bp-22,
};

// erf(x) = x + x p(z) for z = x^2 <= 1.
inline constexpr double kErfF32[] = {
    0x1.06eba80000000p-3, -0x1.8127400000000p-2,  0x1.ce2d500000000p-4,  -0x1.b7fe900000000p-6,
    0x1.542e100000000p-8, -0x1.a50b0e0000000p-11, 0x1.4c344e0000000p-14,
};
inline constexpr double kErfF64[] = {
    0x1.06eba8214db68p-3,  -0x1.812746b03799cp-2,  0x1.ce2f21a03f787p-4,  -0x1.b82ce311a2d6cp-6,
    0x1.565bccedcc4aep-8,  -0x1.c02dae88271aep-11, 0x1.f9a291d42bcd7p-14, -0x1.f4c7ddca6aa61p-17,
    0x1.b96802f08ac48p-20, -0x1.5b770800a89e9p-23, 0x1.d3440f27912a3p-27, -0x1.a066024c0f368p-31,
};

// 1 - erf(1 + u) = exp(-p(u)) as far as erf shows it.
inline constexpr double kLogErfcF32[] = {
    0x1.d97fc00000000p+0,  0x1.51c9880000000p+1,  0x1.afb44a0000000p-1,   0x1.5205280000000p-5,
    -0x1.35bf720000000p-7, 0x1.8446ac0000000p-10, -0x1.7a122e0000000p-14,
};
inline constexpr double kLogErfcF64[] = {
    0x1.d97fbf27aa2a1p+0,   0x1.51c9b0006c22bp+1,   0x1.afabc11a2a65cp-1,   0x1.5477f09a4738cp-5,
    -0x1.48c9d391d06f8p-7,  0x1.033f5b6b71758p-9,   -0x1.f1b08cd6309b2p-13, -0x1.b929802da5dc3p-16,
    0x1.c84c2ae2f2059p-16,  -0x1.4476119d53296p-17, 0x1.1df44a11ca530p-19,  -0x1.b5d4557f02651p-23,
    -0x1.f6780991393e9p-25, 0x1.207e7323647e8p-25,  -0x1.26ab6eeb53629p-27, 0x1.6dc2889b0517ap-30,
    -0x1.097613c55a3b5p-33, 0x1.5ba4e56338f97p-38,
};

// (1 + 2 x) exp(x^2) erfc(x) = 1 + p(q) for q = (x - 4) / (x + 4), as far as erfc is not 0; in f64
// also for f32.
inline constexpr double kErfcF32[] = {
    0x1.dd2c8b781066dp-3,  -0x1.1df1aee897c56p-3, 0x1.f7f5b47469833p-7,   0x1.16edbdde5c24cp-4,
    -0x1.9dd9e0eaae867p-4, 0x1.7fe20745e2aedp-4,  -0x1.0fc9788a347fep-4,  0x1.30eb9a676421ep-5,
    -0x1.068ff192a856cp-6, 0x1.4a7dd47b744a2p-8,  -0x1.29c40e12040b7p-10, -0x1.5055178296b76p-11,
};
inline constexpr double kErfcF64[] = {
    0x1.dd2c8b74febf6p-3,   -0x1.1df1ad154a28ep-3,  0x1.f7f5df66fd54fp-7,   0x1.16ecefcfa53c5p-4,
    -0x1.9ddb23c3e7bdbp-4,  0x1.7fee004e11f82p-4,   -0x1.0fb06dfe6cb63p-4,  0x1.3079edf688c80p-5,
    -0x1.0962387d66623p-6,  0x1.49c67287ac823p-8,   -0x1.8d4aa1a7639ebp-11, -0x1.a1df2a5977305p-13,
    0x1.3be0d94bfe1f9p-13,  -0x1.995807b43f37dp-16, -0x1.78a429368b56fp-17, 0x1.7f135f89ffae1p-18,
    0x1.41b8441c8740bp-22,  -0x1.b95f371bb1b77p-21, 0x1.1fac6abf333fap-24,  0x1.c4a9b8eb09ef8p-24,
    -0x1.a39b228eb6450p-27, -0x1.6551e4d7a4688p-27,
};

// The bits of 1 / (2 pi), 29 in each part, of either sign.
inline constexpr double kTurnsF32[] = {
    0x1.45f306c000000p-3,   0x1.c9c882a000000p-31,  0x1.4fe13ac000000p-61,  -0x1.70565a0000000p-93,
    0x1.dc0db62000000p-118, 0x1.2b32788000000p-147, 0x1.c820ff0000000p-177,
};

// The bits of 1 / (2 pi), 47 in each part, of either sign; part k counts 2^(-47 k).
inline constexpr double kTurnsF64[] = {
    0x1.45f306dc9c900p-3,  -0x1.f56b01ec54180p-2, 0x1.f534ddc0db600p-4, 0x1.4acc9e21c8200p-4,
    0x1.fe5163abde800p-6,  0x1.de2b0db923700p-2,  0x1.d2126e9700300p-3, 0x1.24bba82746500p-3,
    -0x1.e301e214e3500p-2, 0x1.29a73ee882300p-3,  0x1.7d4baed121380p-2, 0x1.338e04d68bf00p-2,
    -0x1.bec66e29c6800p-6, 0x1.a99cfa4e42000p-6,  0x1.7e2ef7e4a0f00p-2, -0x1.c00ed00043f80p-2,
    0x1.980fef2f11880p-2,  0x1.ad05368fb6980p-2,  0x1.9fb3c9f2c2700p-2, -0x1.161738132c380p-2,
    0x1.fea2d7527bb00p-2,  -0x1.c0a0d07426180p-2, 0x1.ce7de294a4800p-6, 0x1.d4d7f6bf62400p-2,
    -0x1.ca8bdea7f3400p-4, 0x1.1bf1edaeafc00p-5,
};

}  // namespace thx::math
