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

// (1 + 2 x) exp(x^2) erfc(x) = 1 + p(q) for q = (x - 4) / (x + 4), 0 <= x <= 50; in f64 also for
// f32.
inline constexpr double kErfcxF32[] = {
    0x1.dd2c8b700d8c4p-3,  -0x1.1df1ac0025e06p-3, 0x1.f7f603edb1b7fp-7,   0x1.16ec9cafaaf1ap-4,
    -0x1.9ddb818dd052ep-4, 0x1.7ff19206c595dp-4,  -0x1.0fad744a4c492p-4,  0x1.3057f25c02edfp-5,
    -0x1.0992098d55b25p-6, 0x1.4c4b486f08035p-8,  -0x1.80a5a5e78f5d3p-11, -0x1.01a903c65a54ep-12,
    0x1.05c64744bf83ap-13, 0x1.0db693fc20cbap-19,
};
inline constexpr double kErfcxF64[] = {
    0x1.dd2c8b74febf6p-3,   -0x1.1df1ad154a28fp-3,  0x1.f7f5df66fd627p-7,   0x1.16ecefcfa5405p-4,
    -0x1.9ddb23c3e84fcp-4,  0x1.7fee004e116dap-4,   -0x1.0fb06dfe5aa29p-4,  0x1.3079edf69c793p-5,
    -0x1.09623881cfaecp-6,  0x1.49c6728055cabp-8,   -0x1.8d4a9cc225c36p-11, -0x1.a1df22ba7e44bp-13,
    0x1.3be06ed2138dep-13,  -0x1.9959624f896bap-16, -0x1.788d357cb7aa1p-17, 0x1.7f27d26c3a102p-18,
    0x1.3b6b3f4914ddap-22,  -0x1.baed785a3e341p-21, 0x1.41d42ad8b508bp-24,  0x1.d75193d6bb977p-24,
    -0x1.39f784b5cd820p-26, -0x1.e2382976f281ep-27, 0x1.117ed05ff31c0p-29,  0x1.64a33b90d5f93p-30,
};

// (1 + 2 x)^2 exp(x^2) ierfc(x) = p(q) for q = (x - 4) / (x + 4), 0 <= x <= 50; in f64 also for
// f32.
inline constexpr double kIerfcxF32[] = {
    0x1.4fc08f99b2bbfp+0,   -0x1.651f2c0bc2819p-3, -0x1.41126e8db4bdfp-3,  0x1.56746603647ebp-2,
    -0x1.4d9fe22b5423dp-2,  0x1.984c73304ddf2p-3,  -0x1.d60f77ab7dd67p-5,  -0x1.027898ee9dbcep-5,
    0x1.ca34ae68035f5p-5,   -0x1.558cf9091701dp-5, 0x1.3df897a80aefbp-6,   -0x1.3fdee4c1df7c6p-8,
    -0x1.0e691f52b5781p-11, 0x1.ce6e82e93dc3cp-11, -0x1.ddb1dfe2a8ae3p-14, -0x1.4b7712d3d2d5dp-14,
};
inline constexpr double kIerfcxF64[] = {
    0x1.4fc08f9a1f0edp+0,   -0x1.651f2c6d3140bp-3,  -0x1.4112709c780ccp-3,  0x1.56746fa964d22p-2,
    -0x1.4d9fc6f03a0c1p-2,  0x1.984b5a911dfb8p-3,   -0x1.d618589f16b22p-5,  -0x1.025ca41d00db7p-5,
    0x1.ca639bc522cbap-5,   -0x1.55e81dfd15511p-5,  0x1.3ce3435645e85p-6,   -0x1.3ae9a6cbcca81p-8,
    -0x1.a792d44faf192p-12, 0x1.ab55ecbd296b3p-11,  -0x1.c8c3c245903d7p-13, -0x1.cccca59935e24p-15,
    0x1.83e147e3376c8p-15,  -0x1.678a32b04c6d8p-20, -0x1.daaf58b0b88fap-18, 0x1.4be36730bae0cp-20,
    0x1.14f01745a51a2p-20,  -0x1.36aabdecfbeeap-22, -0x1.517cb185d7d28p-23, 0x1.9d6eff4f1114ap-25,
    0x1.93ac514755194p-26,  -0x1.41c7aca2fb8dcp-28, -0x1.48353b3a34e42p-29,
};

// (1 + 2 x)^3 exp(x^2) i2erfc(x) = p(q) for q = (x - 4) / (x + 4), 0 <= x <= 50; in f64 also for
// f32.
inline constexpr double kI2erfcxF32[] = {
    0x1.5c4ea8286b8afp+0,   -0x1.8dad8070d1633p-4, -0x1.fc9c02414fd51p-2, 0x1.63e10346b1e77p-1,
    -0x1.df60c09ff2704p-2,  0x1.2cb80d96e7a10p-4,  0x1.9c2d81f9a9869p-3,  -0x1.f8e43ac3f44e3p-3,
    0x1.2126b4559af09p-3,   -0x1.653f9eaf0a05ep-6, -0x1.2387ae95bc352p-5, 0x1.25ecb07c8870ep-5,
    -0x1.016de429c5f98p-6,  0x1.946ecfd8a6702p-11, 0x1.4d79436534eeep-9,  -0x1.1799b671272e2p-11,
    -0x1.0210b273786a6p-12,
};
inline constexpr double kI2erfcxF64[] = {
    0x1.5c4ea829f5ca1p+0,   -0x1.8dad7fb8019b4p-4, -0x1.fc9c066ae1fcbp-2,  0x1.63e0fde29764fp-1,
    -0x1.df604b132728fp-2,  0x1.2cbb203a5b023p-4,  0x1.9c23a55e3d0efp-3,   -0x1.f8f14fad601adp-3,
    0x1.215ac6920ff67p-3,   -0x1.6357e9f309909p-6, -0x1.25dff8faa3e11p-5,  0x1.235667b431a1cp-5,
    -0x1.f3b2434c745e3p-7,  0x1.4e1dcbb01eb5fp-10, 0x1.18a7ea78ea5e4p-9,   -0x1.014cdac8f10edp-10,
    -0x1.552f23baec210p-14, 0x1.98b14d642ef07p-13, -0x1.bf25679db0e29p-16, -0x1.03a1472700bd4p-15,
    0x1.35142a09561d4p-17,  0x1.43abfedfd235fp-18, -0x1.1300caa7708e4p-19, -0x1.b105b71877f75p-21,
    0x1.792865dd1bce8p-22,  0x1.2132b00288da8p-23, -0x1.353f4bba85dc8p-25, -0x1.035bdf9313389p-26,
    0x1.7e17a6befda24p-33,
};

// sin(pi y) / pi = y + y z p(z) for z = y^2 <= 1/4; in f64 also for f32.
inline constexpr double kSinTurnF32[] = {
    -0x1.a51a661669d6bp+0, 0x1.9f9cad73c21d5p-1,  -0x1.86a7002489c3fp-3,
    0x1.abedec792db11p-6,  -0x1.257b4d6becbcep-9,
};
inline constexpr double kSinTurnF64[] = {
    -0x1.a51a6625307d3p+0,  0x1.9f9cb402bc449p-1,  -0x1.86a8e4720c312p-3,
    0x1.ac6805ce318b7p-6,   -0x1.33816a449bb67p-9, 0x1.3746f0b98beadp-13,
    -0x1.d40fea42c431ap-18, 0x1.0cfa632570852p-22, -0x1.4e632e6bbf6b1p-28,
};

// cos(pi y) = 1 + z p(z) for z = y^2 <= 1/4; in f64 also for f32.
inline constexpr double kCosTurnF32[] = {
    -0x1.3bd3cc6c27fb0p+2, 0x1.03c1e5e8baa91p+2,  -0x1.55d0b8fffd0e0p+0,
    0x1.e12f86392e3e3p-3,  -0x1.901bd975e87e6p-6,
};
inline constexpr double kCosTurnF64[] = {
    -0x1.3bd3cc9be45dep+2,  0x1.03c1f081b5a96p+2,  -0x1.55d3c7e3ca056p+0,
    0x1.e1f50687c8592p-3,   -0x1.a6d1f223fd302p-6, 0x1.f9d3537fa78ebp-10,
    -0x1.b6d471edfa00cp-14, 0x1.1edb4e7987a49p-18, -0x1.dc8f313ebfae2p-24,
};

// log(gamma(2 + t)) = t (1 + t) p(t) for |t| <= 1; in f64 also for f32.
inline constexpr double kGammalnF32[] = {
    0x1.b0ee6070b939dp-2,  -0x1.9ae6512ed8bccp-4,  0x1.0e0ca2806861ep-5,  -0x1.95cd7d36fbb2ep-7,
    0x1.4794a90ed1a8ap-8,  -0x1.146c466537076p-9,  0x1.e07fe20775d65p-11, -0x1.a5841f5d16c01p-12,
    0x1.76d3a36631b9bp-13, -0x1.80b725c37cd37p-14, 0x1.7bdc1eef51fd7p-15, -0x1.e94bebc689d79p-18,
    0x1.27f3efc152ab0p-20, -0x1.44a207b748205p-17, 0x1.5d1667a16f02cp-18,
};
inline constexpr double kGammalnF64[] = {
    0x1.b0ee6072093cep-2,  -0x1.9ae6509ea109ep-4,  0x1.0e0c9df293518p-5,   -0x1.95ce223a9d2adp-7,
    0x1.47974853ad95dp-8,  -0x1.145121f9562dfp-9,  0x1.dfebcf8b84ad1p-11,  -0x1.a96a403b4ac05p-12,
    0x1.7ed734572b912p-13, -0x1.5c86af27c31e7p-14, 0x1.402ef97ab5c61p-15,  -0x1.285117575551ep-16,
    0x1.13e623208b642p-17, -0x1.02229e8ff077cp-18, 0x1.e51bb407360c6p-20,  -0x1.cb485522bd283p-21,
    0x1.b43c38bc8c20ep-22, -0x1.8fb8465e22c91p-23, 0x1.725af1165790dp-24,  -0x1.befb0f63a82a1p-25,
    0x1.dc8122d7aa86ep-26, -0x1.b1c1a787bc9c3p-31, -0x1.12a04c5ff5b41p-29, -0x1.3387ea2ef75bfp-27,
    0x1.80e1a475abe59p-28, 0x1.5350ef74fd849p-29,  -0x1.b9436348f8a1fp-30, -0x1.c23469ef7ff71p-31,
    0x1.f49dbba8c6810p-32,
};

// log(gamma(x)) = (x - 1/2) log(x) - x + log(2 pi) / 2 + p(z) / x for z = 1 / x^2 <= 1/9; in f64
// also for f32.
inline constexpr double kGammalnFarF32[] = {
    0x1.5555554b5bdbep-4,   -0x1.6c15d5cde9bb2p-9, 0x1.9f54dbe59b0f0p-11,
    -0x1.26b0b01663bb6p-11, 0x1.fbc71257604bfp-12,
};
inline constexpr double kGammalnFarF64[] = {
    0x1.5555555555553p-4,  -0x1.6c16c16c04a04p-9,  0x1.a01a014c60863p-11, -0x1.3813540caa48ap-11,
    0x1.b9441065130dbp-11, -0x1.f55574d5fd65bp-10, 0x1.98f75415e060cp-8,  -0x1.a2204533f1b1ap-6,
    0x1.bbc0c173056f1p-4,  -0x1.8d8c959381ce7p-2,  0x1.e5466c9735ec1p-1,  -0x1.1f0e652779305p+0,
};

// psi(2 + t) = (2 + t - x0) p(t) for |t| <= 1, x0 the zero; in f64 also for f32.
inline constexpr double kDigammaF32[] = {
    0x1.9213d45d91320p-1,   -0x1.0aff28fd12f46p-2,  0x1.be76d3d48fb91p-4,  -0x1.95e9d5796891dp-5,
    0x1.801f8d8c37443p-6,   -0x1.73e6a0ea9eb05p-7,  0x1.6ced59d846f2ap-8,  -0x1.606deaa65ef8cp-9,
    0x1.5579b6fbd7d2dp-10,  -0x1.9f77a121f8b73p-11, 0x1.cc883d834aa25p-12, -0x1.da20284a5a548p-16,
    -0x1.305cbe5a8f485p-16, -0x1.f2ae6df7f9263p-14, 0x1.1fc6d3c9e1f01p-14,
};
inline constexpr double kDigammaF64[] = {
    0x1.9213d46736ba4p-1,  -0x1.0aff270ca079dp-2,  0x1.be76b26db7f19p-4,   -0x1.95ec0c3bac16ep-5,
    0x1.802924f9bc039p-6,  -0x1.7389aa7ecd9d4p-7,  0x1.6bdf5e11429b6p-8,   -0x1.6714d069c90a5p-9,
    0x1.6407621b1963dp-10, -0x1.620eef17ac205p-11, 0x1.60c642abd5b61p-12,  -0x1.5ff1a40529e31p-13,
    0x1.5f682cfa8ae4ep-14, -0x1.5ed91035e249ep-15, 0x1.5e5ecb0e527dfp-16,  -0x1.60b1ed0c8adcdp-17,
    0x1.62e55a9ac3fc1p-18, -0x1.4c36c822cdee1p-19, 0x1.3c3c8df2ce5c8p-20,  -0x1.cec098d771a92p-21,
    0x1.0df0c915478cbp-21, 0x1.08e2f2afe6c81p-24,  -0x1.84fd93b3ffc9ap-24, -0x1.b3f42c0e526a3p-23,
    0x1.1fb28d7f0d92ap-23, 0x1.0c7f6ac363682p-24,  -0x1.65c08235a0467p-25, -0x1.48b12b9f5c3ecp-26,
    0x1.7bb32d1f9e7fbp-27,
};

// psi(x) = log(x) - 1 / (2 x) - z p(z) for z = 1 / x^2 <= 1/9; in f64 also for f32.
inline constexpr double kDigammaFarF32[] = {
    0x1.55555480e47a8p-4,  -0x1.110d93b125104p-7, 0x1.02d9f846ee6c4p-8,
    -0x1.f11f6289d3f79p-9, 0x1.ebc6479214a5fp-9,
};
inline constexpr double kDigammaFarF64[] = {
    0x1.5555555555536p-4, -0x1.11111110e2c54p-7, 0x1.041040a3f6174p-8, -0x1.1110de69dd18ep-8,
    0x1.f06c2aec9403ep-8, -0x1.58c2c6666ec95p-6, 0x1.4dbfc2a8e3e0fp-4, -0x1.92e30cb2bef87p-2,
    0x1.03dfe53de57c1p+1, -0x1.2ec6995754900p+3, 0x1.10702246463ffp+5, -0x1.3f1a8972723c5p+6,
    0x1.6309000b05d55p+6,
};

// trigamma(x) = 1 / x + z / 2 + z p(z) / x for z = 1 / x^2 <= 1/9; in f64 also for f32.
inline constexpr double kTrigammaFarF32[] = {
    0x1.555551066c482p-3,  -0x1.1107f06f02edep-5, 0x1.82e46ce8beeb9p-6,
    -0x1.e04739f1ee759p-6, 0x1.108cd4782211cp-5,
};
inline constexpr double kTrigammaFarF64[] = {
    0x1.555555555542ap-3,  -0x1.1111111032d09p-5, 0x1.86185fb642167p-6, -0x1.111096185b76dp-5,
    0x1.363a131ce827fp-4,  -0x1.022c4473a0bc2p-2, 0x1.2135cf3b4813ep+0, -0x1.854c43306168ap+2,
    0x1.0e03b80ca6b01p+5,  -0x1.491a21db1ce1dp+7, 0x1.30870ccf88213p+9, -0x1.6b3602b1bb635p+10,
    0x1.992c2f79b44b2p+10,
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
