// SPDX-License-Identifier: Apache-2.0
// Scalars and the attribute map.
#include "ir/attrs.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "ir/hash.h"
#include "support/check.h"

namespace thx {
namespace {

int64_t wrap(DType dtype, int64_t value) {
  switch (dtype) {
    case DType::boolean: return value != 0;
    case DType::i8: return static_cast<int8_t>(value);
    case DType::i16: return static_cast<int16_t>(value);
    case DType::i32: return static_cast<int32_t>(value);
    case DType::u8: return static_cast<uint8_t>(value);
    case DType::u16: return static_cast<uint16_t>(value);
    case DType::u32: return static_cast<uint32_t>(value);
    default: return value;
  }
}

// Truncates towards zero into the range of `dtype`; NaN gives 0.
int64_t saturate(DType dtype, double value) {
  if (std::isnan(value)) return 0;
  if (is_bool(dtype)) return value != 0;
  const int bits = 8 * bytes_of(dtype);
  if (!is_signed(dtype)) {
    if (value <= 0) return 0;
    if (value >= std::ldexp(1.0, bits)) return wrap(dtype, -1);
    return static_cast<int64_t>(static_cast<uint64_t>(value));
  }
  const double limit = std::ldexp(1.0, bits - 1);
  if (value >= limit) return static_cast<int64_t>((uint64_t{1} << (bits - 1)) - 1);
  if (value <= -limit) return -static_cast<int64_t>((uint64_t{1} << (bits - 1)) - 1) - 1;
  return static_cast<int64_t>(value);
}

size_t hash_scalar(const Scalar& scalar) {
  return mix(mix(static_cast<size_t>(scalar.dtype), std::bit_cast<uint64_t>(scalar.real)),
             static_cast<size_t>(scalar.integer));
}

struct HashValue {
  size_t operator()(int64_t value) const { return static_cast<size_t>(value); }
  size_t operator()(bool value) const { return value ? 1 : 0; }
  size_t operator()(const std::string& value) const { return hash_of(std::string_view(value)); }
  size_t operator()(const std::vector<int64_t>& value) const {
    size_t h = value.size();
    for (const int64_t element : value) h = mix(h, static_cast<size_t>(element));
    return h;
  }
  size_t operator()(const Extent& value) const { return value.hash(); }
  size_t operator()(const Shape& value) const { return hash_of(Type{DType::boolean, value}); }
  size_t operator()(const Scalar& value) const { return hash_scalar(value); }
  size_t operator()(DType value) const { return static_cast<size_t>(value); }
};

bool before(const Attrs::Entry& entry, std::string_view key) { return entry.first < key; }

}  // namespace

Scalar Scalar::of(DType dtype, double value) {
  if (dtype == DType::f32) return {dtype, static_cast<double>(static_cast<float>(value)), 0};
  if (is_float(dtype)) return {dtype, value, 0};
  return {dtype, 0, saturate(dtype, value)};
}

Scalar Scalar::of_integer(DType dtype, int64_t value) {
  if (dtype == DType::f32) return {dtype, static_cast<double>(static_cast<float>(value)), 0};
  if (is_float(dtype)) return {dtype, static_cast<double>(value), 0};
  return {dtype, 0, wrap(dtype, value)};
}

double Scalar::as_real() const {
  if (is_float(dtype)) return real;
  if (dtype == DType::u64) return static_cast<double>(static_cast<uint64_t>(integer));
  return static_cast<double>(integer);
}

bool operator==(const Scalar& a, const Scalar& b) {
  return a.dtype == b.dtype && a.integer == b.integer &&
         std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real);
}

Attrs::Attrs(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

void Attrs::set(std::string_view key, AttrValue value) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  if (at != entries_.end() && at->first == key) {
    at->second = std::move(value);
  } else {
    entries_.emplace(at, std::string(key), std::move(value));
  }
}

void Attrs::erase(std::string_view key) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  if (at != entries_.end() && at->first == key) entries_.erase(at);
}

const AttrValue* Attrs::find(std::string_view key) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

const AttrValue& Attrs::require(std::string_view key) const {
  const AttrValue* value = find(key);
  THX_CHECK(value != nullptr, "no attribute {}", key);
  return *value;
}

void Attrs::refuse_kind(std::string_view key) {
  THX_UNREACHABLE("the attribute {} is of another kind", key);
}

bool Attrs::flag(std::string_view key) const { return has(key) && get<bool>(key); }

size_t Attrs::hash() const {
  size_t h = entries_.size();
  for (const Entry& entry : entries_) {
    h = mix(h, hash_of(std::string_view(entry.first)));
    h = mix(h, entry.second.index());
    h = mix(h, std::visit(HashValue{}, entry.second));
  }
  return h;
}

}  // namespace thx
