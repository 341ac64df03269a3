// SPDX-License-Identifier: Apache-2.0
// What each register instruction does to numbers of the host.
#include "unit/ops/lane_tape.h"

namespace thx::testing {

namespace {

template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 4, uint32_t,
                       std::conditional_t<sizeof(T) == 8, uint64_t,
                                          std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;

template <class T>
T load(uint64_t word) {
  return std::bit_cast<T>(static_cast<BitsOf<T>>(word));
}
template <class T>
uint64_t store(T value) {
  return std::bit_cast<BitsOf<T>>(value);
}

template <class T>
T maximum(T a, T b) {
  if (a != a || b != b) return std::numeric_limits<T>::quiet_NaN();
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

}  // namespace

size_t LaneTape::instructions() const {
  size_t count = 0;
  for (const Step& step : steps_) count += step.kind == Kind::operate;
  return count;
}

std::vector<uint64_t> LaneTape::run(Lane result, std::vector<std::span<const uint64_t>> inputs) {
  const size_t count = inputs[0].size();
  values_.resize(steps_.size());
  size_t next = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.kind == Kind::input) {
      values_[i].assign(inputs[next].begin(), inputs[next].end());
      ++next;
    } else if (step.kind == Kind::constant) {
      values_[i].assign(count, step.bits);
    } else {
      values_[i].resize(count);
      operate(step, count, values_[i]);
    }
  }
  return values_[static_cast<size_t>(result.id)];
}

void LaneTape::operate(const Step& step, size_t count, std::vector<uint64_t>& out) const {
  const auto at = [&](int i) { return values_[static_cast<size_t>(step.operands[i])].data(); };
  if (step.instruction == Instruction::select) {
    const uint64_t *mask = at(0), *a = at(1), *b = at(2);
    for (size_t i = 0; i < count; ++i) out[i] = mask[i] ? a[i] : b[i];
    return;
  }
  if (step.instruction == Instruction::bitcast) {
    std::memcpy(out.data(), at(0), count * sizeof(uint64_t));
    return;
  }
  switch (steps_[static_cast<size_t>(step.operands[0])].dtype) {
    case DType::f32: return floats<float>(step, count, out);
    case DType::f64: return floats<double>(step, count, out);
    case DType::i8: return integers<int8_t>(step, count, out);
    case DType::i16: return integers<int16_t>(step, count, out);
    case DType::u8: return integers<uint8_t>(step, count, out);
    case DType::u16: return integers<uint16_t>(step, count, out);
    case DType::i32: return integers<int32_t>(step, count, out);
    case DType::i64: return integers<int64_t>(step, count, out);
    case DType::u32: return integers<uint32_t>(step, count, out);
    case DType::u64: return integers<uint64_t>(step, count, out);
    case DType::boolean: return integers<uint8_t>(step, count, out);
  }
}

#define EACH(expression)                                  \
  for (size_t i = 0; i < count; ++i) {                    \
    const T x = load<T>(a[i]);                            \
    [[maybe_unused]] const T y = b ? load<T>(b[i]) : T{}; \
    [[maybe_unused]] const T w = c ? load<T>(c[i]) : T{}; \
    out[i] = store(expression);                           \
  }                                                       \
  return

#define OPERANDS                                                                                   \
  const auto at = [&](int i) {                                                                     \
    return step.operands[i] < 0 ? nullptr : values_[static_cast<size_t>(step.operands[i])].data(); \
  };                                                                                               \
  const uint64_t *a = at(0), *b = at(1), *c = at(2)

template <class T>
void LaneTape::floats(const Step& step, size_t count, std::vector<uint64_t>& out) const {
  OPERANDS;
  switch (step.instruction) {
    case Instruction::add: EACH(x + y);
    case Instruction::sub: EACH(x - y);
    case Instruction::mul: EACH(x * y);
    case Instruction::div: EACH(x / y);
    case Instruction::fma: EACH(std::fma(x, y, w));
    case Instruction::neg: EACH(-x);
    case Instruction::abs: EACH(std::fabs(x));
    case Instruction::sqrt: EACH(std::sqrt(x));
    case Instruction::copysign: EACH(std::copysign(x, y));
    case Instruction::maximum: EACH(maximum(x, y));
    case Instruction::minimum: EACH(-maximum(-x, -y));
    case Instruction::floor: EACH(std::floor(x));
    case Instruction::ceil: EACH(std::ceil(x));
    case Instruction::trunc: EACH(std::trunc(x));
    case Instruction::round_even: EACH(std::nearbyint(x));
    case Instruction::equal: EACH(static_cast<uint8_t>(x == y));
    case Instruction::not_equal: EACH(static_cast<uint8_t>(x != y));
    case Instruction::less: EACH(static_cast<uint8_t>(x < y));
    case Instruction::less_equal: EACH(static_cast<uint8_t>(x <= y));
    case Instruction::greater: EACH(static_cast<uint8_t>(x > y));
    case Instruction::greater_equal: EACH(static_cast<uint8_t>(x >= y));
    case Instruction::convert:
      if (step.dtype == DType::f64) {
        EACH(static_cast<double>(x));
      }
      EACH(static_cast<float>(x));
    default: THX_UNREACHABLE("the tape does not run {}", name_of(step.instruction));
  }
}

template <class T>
void LaneTape::integers(const Step& step, size_t count, std::vector<uint64_t>& out) const {
  OPERANDS;
  // Arithmetic wraps: it is done without a sign.
  using U = std::make_unsigned_t<T>;
  const auto wrapped = [](auto value) { return static_cast<T>(value); };
  switch (step.instruction) {
    case Instruction::add: EACH(wrapped(U(x) + U(y)));
    case Instruction::sub: EACH(wrapped(U(x) - U(y)));
    case Instruction::mul: EACH(wrapped(uint64_t(U(x)) * U(y)));
    case Instruction::div:
      for (size_t i = 0; i < count; ++i)
        THX_CHECK(load<T>(b[i]) != 0 && (load<T>(a[i]) != std::numeric_limits<T>::min() ||
                                         !std::is_signed_v<T> || load<T>(b[i]) != T(-1)),
                  "a quotient that is no number of {}", spelling(step.dtype));
      EACH(wrapped(x / y));
    case Instruction::neg: EACH(wrapped(-U(x)));
    case Instruction::abs: EACH(wrapped(x < T{0} ? -U(x) : U(x)));
    case Instruction::maximum: EACH(x > y ? x : y);
    case Instruction::minimum: EACH(x < y ? x : y);
    case Instruction::equal: EACH(static_cast<uint8_t>(x == y));
    case Instruction::not_equal: EACH(static_cast<uint8_t>(x != y));
    case Instruction::less: EACH(static_cast<uint8_t>(x < y));
    case Instruction::less_equal: EACH(static_cast<uint8_t>(x <= y));
    case Instruction::greater: EACH(static_cast<uint8_t>(x > y));
    case Instruction::greater_equal: EACH(static_cast<uint8_t>(x >= y));
    case Instruction::bit_and: EACH(static_cast<T>(x & y));
    case Instruction::bit_or: EACH(static_cast<T>(x | y));
    case Instruction::bit_xor: EACH(static_cast<T>(x ^ y));
    case Instruction::bit_not: EACH(static_cast<T>(step.dtype == DType::boolean ? !x : ~x));
    case Instruction::shift_left: EACH(static_cast<T>(U(x) << y));
    case Instruction::shift_right: EACH(static_cast<T>(x >> y));
    default: THX_UNREACHABLE("the tape does not run {}", name_of(step.instruction));
  }
}

}  // namespace thx::testing
