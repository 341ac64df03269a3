// SPDX-License-Identifier: Apache-2.0
#include "ops/lanes.h"
#include "ops/math.h"
#include "support/check.h"
namespace thx::math {
Lane exp2(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("exp2 has no emission"); }
Lane log2(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("log2 has no emission"); }
Lane log10(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("log10 has no emission"); }
Lane sin(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("sin has no emission"); }
Lane cos(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("cos has no emission"); }
Lane tan(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("tan has no emission"); }
Lane arcsin(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arcsin has no emission");
}
Lane arccos(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arccos has no emission");
}
Lane arctan(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arctan has no emission");
}
Lane arctan2(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arctan2 has no emission");
}
Lane sinh(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("sinh has no emission"); }
Lane cosh(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("cosh has no emission"); }
Lane arcsinh(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arcsinh has no emission");
}
Lane arccosh(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arccosh has no emission");
}
Lane arctanh(LaneBuilder&, std::span<const Lane>, DType) {
  THX_UNREACHABLE("arctanh has no emission");
}
Lane erf(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("erf has no emission"); }
Lane erfc(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("erfc has no emission"); }
}  // namespace thx::math
namespace thx::lane {
Lane floor_divide(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("no emission"); }
Lane remainder(LaneBuilder&, std::span<const Lane>, DType) { THX_UNREACHABLE("no emission"); }
}  // namespace thx::lane
