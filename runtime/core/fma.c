// SPDX-License-Identifier: Apache-2.0
// a * b + c rounded once, in integers: for processors without the instruction.
#include <thx/object.h>

// Of 128 bits.
typedef struct {
  uint64_t high, low;
} wide;

// A finite nonzero number: mantissa * 2**exponent, the mantissa's top bit is bit 126 of 0 to 127.
typedef struct {
  wide mantissa;
  int exponent;
  int negative;
} unpacked;

static int leading_zeros(uint64_t x) {
  int count = 0;
  for (int step = 32; step > 0; step /= 2) {
    if (x >> (64 - step) != 0) continue;
    count += step;
    x <<= step;
  }
  return count;
}

static wide shift_left(wide x, int by) {
  wide out = x;
  if (by >= 64) {
    out.high = x.low << (by - 64);
    out.low = 0;
  } else if (by > 0) {
    out.high = x.high << by | x.low >> (64 - by);
    out.low = x.low << by;
  }
  return out;
}

// The lowest bit of the result is set where a bit is lost: it then lies on the same side of every
// number of fewer bits as the exact value does.
static wide shift_right(wide x, int by) {
  wide out = {0, 0};
  uint64_t lost = 0;
  if (by == 0) return x;
  if (by >= 128) {
    lost = x.high | x.low;
  } else if (by > 64) {
    lost = x.low | x.high << (128 - by);
    out.low = x.high >> (by - 64);
  } else if (by == 64) {
    lost = x.low;
    out.low = x.high;
  } else {
    lost = x.low << (64 - by);
    out.high = x.high >> by;
    out.low = x.low >> by | x.high << (64 - by);
  }
  out.low |= lost != 0;
  return out;
}

static wide product(uint64_t a, uint64_t b) {
  const uint64_t mask = 0xffffffffu;
  const uint64_t low = (a & mask) * (b & mask), high = (a >> 32) * (b >> 32);
  const uint64_t first = (a >> 32) * (b & mask), second = (a & mask) * (b >> 32);
  const uint64_t middle = (low >> 32) + (first & mask) + (second & mask);
  wide out;
  out.high = high + (first >> 32) + (second >> 32) + (middle >> 32);
  out.low = middle << 32 | (low & mask);
  return out;
}

static uint64_t bits_of(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

// The integer m and the exponent e of a finite number m * 2**e.
static uint64_t mantissa_of(uint64_t bits, int* exponent) {
  const int biased = (int)(bits >> 52 & 0x7ff);
  const uint64_t fraction = bits & 0xfffffffffffffu;
  *exponent = (biased == 0 ? 1 : biased) - 1075;
  return biased == 0 ? fraction : fraction | (uint64_t)1 << 52;
}

static unpacked normalised(wide mantissa, int exponent, int negative) {
  const int zeros =
      mantissa.high != 0 ? leading_zeros(mantissa.high) : 64 + leading_zeros(mantissa.low);
  unpacked out;
  out.mantissa = zeros == 0 ? shift_right(mantissa, 1) : shift_left(mantissa, zeros - 1);
  out.exponent = exponent - (zeros - 1);
  out.negative = negative;
  return out;
}

// The sum's mantissa may be 0.
static unpacked sum_of(unpacked x, unpacked y) {
  wide a, b;
  if (x.exponent < y.exponent ||
      (x.exponent == y.exponent &&
       (x.mantissa.high < y.mantissa.high ||
        (x.mantissa.high == y.mantissa.high && x.mantissa.low < y.mantissa.low)))) {
    const unpacked swapped = x;
    x = y;
    y = swapped;
  }
  a = x.mantissa;
  b = shift_right(y.mantissa, x.exponent - y.exponent);
  if (x.negative == y.negative) {
    a.low += b.low;
    a.high += b.high + (a.low < b.low);
  } else {
    a.high -= b.high + (a.low < b.low);
    a.low -= b.low;
  }
  if ((a.high | a.low) == 0) {
    x.mantissa = a;
    return x;
  }
  return normalised(a, x.exponent, x.negative);
}

// Rounds to nearest even; the mantissa is not 0.
static double packed(unpacked x) {
  const uint64_t sign = (uint64_t)x.negative << 63;
  const int top = x.exponent + 126;  // the exponent of the leading bit
  const uint64_t mantissa =
      x.mantissa.high << 1 | x.mantissa.low >> 63 | (uint64_t)(x.mantissa.low << 1 != 0);
  const int below = top < -1022 ? -1022 - top : 0;
  uint64_t bits;
  double out;
  if (top > 1023) {
    bits = (uint64_t)0x7ff << 52;
  } else if (below > 53) {
    bits = 0;
  } else {
    const int drop = 11 + below;  // at most 64
    const uint64_t kept = drop == 64 ? 0 : mantissa >> drop;
    const uint64_t lost =
        drop == 64 ? mantissa : mantissa << (64 - drop);  // as a fraction of 2**64
    const uint64_t half = (uint64_t)1 << 63;
    bits = below > 0 ? kept : ((uint64_t)(top + 1022) << 52) + kept;
    bits += lost > half || (lost == half && (kept & 1) != 0);
  }
  bits |= sign;
  __builtin_memcpy(&out, &bits, sizeof out);
  return out;
}

double thx_fma(double a, double b, double c) {
  const uint64_t infinity = (uint64_t)0x7ff << 52, magnitude = infinity | 0xfffffffffffffu;
  const uint64_t x = bits_of(a), y = bits_of(b), z = bits_of(c);
  int x_exponent, y_exponent, z_exponent;
  uint64_t x_mantissa, y_mantissa;
  wide z_mantissa = {0, 0};
  unpacked total;
  if ((x & magnitude) >= infinity || (y & magnitude) >= infinity) return a * b + c;
  if ((z & magnitude) >= infinity) return c;
  if ((x & magnitude) == 0 || (y & magnitude) == 0) return a * b + c;
  if ((z & magnitude) == 0) return a * b;
  x_mantissa = mantissa_of(x, &x_exponent);
  y_mantissa = mantissa_of(y, &y_exponent);
  z_mantissa.low = mantissa_of(z, &z_exponent);
  total = sum_of(
      normalised(product(x_mantissa, y_mantissa), x_exponent + y_exponent, (int)((x ^ y) >> 63)),
      normalised(z_mantissa, z_exponent, (int)(z >> 63)));
  return (total.mantissa.high | total.mantissa.low) == 0 ? 0.0 : packed(total);
}
