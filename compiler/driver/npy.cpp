// SPDX-License-Identifier: Apache-2.0
// Reads the header, a Python dictionary of three entries, and brings elements into order.
#include "driver/npy.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "support/text.h"

namespace thx {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeader = size_t{1} << 16;  // NumPy itself reads no more than 10,000
constexpr size_t kMaxRank = 64;                 // NumPy's own

Diagnostic bad(std::string message) { return Diagnostic(Err::bad_array, {}, std::move(message)); }

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> extents;
};

/// Reads the dictionary; what goes wrong first is kept.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  std::optional<Header> run() {
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      if (!entry()) return std::nullopt;
      if (!take(',') && !at('}')) return std::nullopt;
    }
    if (!trim(rest_).empty() || seen_ != 7) return std::nullopt;
    return std::move(header_);
  }
  const std::string& refused() const { return refused_; }

 private:
  void blanks() {
    const size_t first = rest_.find_first_not_of(" \t\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  bool at(char c) {
    blanks();
    return rest_.starts_with(c);
  }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view text) {
    blanks();
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::optional<std::string> string() {
    const char quote = at('"') ? '"' : '\'';
    if (!take(quote)) return std::nullopt;
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return std::nullopt;
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool entry() {
    const std::optional<std::string> key = string();
    if (!key || !take(':')) return false;
    if (*key == "descr") return once(1) && descr();
    if (*key == "fortran_order") return once(2) && fortran_order();
    return *key == "shape" && once(4) && shape();
  }
  bool once(int bit) {
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    return true;
  }

  bool descr() {
    if (at('[')) {
      refused_ = "it holds records, not numbers";
      return false;
    }
    std::optional<std::string> text = string();
    if (text) header_.descr = std::move(*text);
    return text.has_value();
  }
  bool fortran_order() {
    header_.fortran_order = at('T');
    return word("True") || word("False");
  }
  bool shape() {
    if (!take('(')) return false;
    while (!take(')')) {
      blanks();
      int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0 || header_.extents.size() == kMaxRank) return false;
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      if (rest_.starts_with('L')) rest_.remove_prefix(1);  // as Python 2 wrote it
      header_.extents.push_back(extent);
      if (!take(',') && !at(')')) return false;
    }
    return true;
  }

  std::string_view rest_;
  Header header_;
  std::string refused_;
  int seen_ = 0;
};

struct Element {
  DType dtype;
  bool swapped;
};

Result<Element> element_of(const std::string& descr) {
  if (descr.size() < 2) return bad(format("its elements are `{}`, which is no dtype", descr));
  const char order = descr[0];
  const std::string_view kind = std::string_view(descr).substr(1);
  constexpr std::pair<std::string_view, DType> kKinds[] = {
      {"b1", DType::boolean}, {"i1", DType::i8},  {"i2", DType::i16}, {"i4", DType::i32},
      {"i8", DType::i64},     {"u1", DType::u8},  {"u2", DType::u16}, {"u4", DType::u32},
      {"u8", DType::u64},     {"f4", DType::f32}, {"f8", DType::f64}};
  const auto* found = std::ranges::find(kKinds, kind, &std::pair<std::string_view, DType>::first);
  if (std::string_view("<>=|").find(order) != std::string_view::npos && found != std::end(kKinds))
    return Element{found->second, order == '>' && bytes_of(found->second) > 1};
  if (kind[0] == 'O') return bad("it holds Python objects, not numbers");
  return bad(
      format("its elements are `{}`; the dtypes are {}", descr,
             join(kDTypes, ", ", [](const DTypeInfo& d) { return std::string(d.spelling); })));
}

void swap_bytes(std::vector<std::byte>& bytes, size_t element) {
  for (size_t at = 0; at + element <= bytes.size(); at += element)
    std::reverse(bytes.begin() + static_cast<ptrdiff_t>(at),
                 bytes.begin() + static_cast<ptrdiff_t>(at + element));
}

/// From column-major: walks the result in order and the source by its strides.
std::vector<std::byte> row_major(const std::vector<std::byte>& bytes, size_t element,
                                 const std::vector<int64_t>& extents) {
  std::vector<size_t> strides;
  size_t stride = element;
  for (const int64_t extent : extents) {
    strides.push_back(stride);
    stride *= static_cast<size_t>(extent);
  }
  std::vector<std::byte> result(bytes.size());
  std::vector<int64_t> index(extents.size(), 0);
  size_t from = 0;
  for (size_t to = 0; to < result.size(); to += element) {
    std::memcpy(result.data() + to, bytes.data() + from, element);
    for (size_t axis = extents.size(); axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < extents[axis]) break;
      from -= strides[axis] * static_cast<size_t>(extents[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

size_t number_at(const std::vector<std::byte>& bytes, size_t at, size_t count) {
  size_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<size_t>(bytes[at + i]);
  return value;
}

}  // namespace

Result<HostArray> parse_npy(std::vector<std::byte> bytes) {
  const auto text = [&](size_t at, size_t count) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()) + at, count);
  };
  if (bytes.size() < 10 || text(0, kMagic.size()) != kMagic) return bad("it is no .npy file");
  const int version = std::to_integer<int>(bytes[6]);
  if (version < 1 || version > 3) return bad(format("it is of version {} of the format", version));
  const size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) return bad("it ends inside its header");
  const size_t length = number_at(bytes, 8, start - 8);
  if (length > kMaxHeader) return bad(format("its header has {} bytes", length));
  if (bytes.size() - start < length) return bad("it ends inside its header");
  HeaderReader reader(text(start, length));
  std::optional<Header> header = reader.run();
  if (!header) return bad(reader.refused().empty() ? "its header is malformed" : reader.refused());
  const Result<Element> element = element_of(header->descr);
  if (!element) return element.error();
  HostArray array{element->dtype, std::move(header->extents), {}};
  const std::optional<int64_t> expected = byte_count(array.dtype, array.extents);
  const size_t held = bytes.size() - start - length;
  if (!expected || static_cast<uint64_t>(*expected) != held)
    return bad(format("it is {} by its header, but holds {} bytes of data{}", type_text(array),
                      held, expected ? format(" instead of {}", *expected) : ""));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(start + length));
  const auto size = static_cast<size_t>(bytes_of(array.dtype));
  if (element->swapped) swap_bytes(bytes, size);
  if (header->fortran_order && array.rank() > 1) bytes = row_major(bytes, size, array.extents);
  if (is_bool(array.dtype))
    for (std::byte& value : bytes) value = std::byte{value != std::byte{0}};
  array.bytes = std::move(bytes);
  return array;
}

std::string npy_text(const HostArray& array) {
  const DTypeInfo& dtype = info(array.dtype);
  const char kind = is_bool(array.dtype)                        ? 'b'
                    : dtype.kind == DTypeKind::floating         ? 'f'
                    : dtype.kind == DTypeKind::unsigned_integer ? 'u'
                                                                : 'i';
  std::string shape =
      join(array.extents, ", ", [](int64_t extent) { return std::to_string(extent); });
  if (array.rank() == 1) shape += ",";
  std::string header = format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}), }}",
                              dtype.bytes == 1 ? '|' : '<', kind, dtype.bytes, shape);
  const size_t unpadded = kMagic.size() + 4 + header.size() + 1;
  header.append((64 - unpadded % 64) % 64, ' ');
  header += '\n';
  std::string text(kMagic);
  text += '\1';
  text += '\0';
  text += static_cast<char>(header.size() & 0xff);
  text += static_cast<char>(header.size() >> 8);
  text += header;
  text.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  return text;
}

}  // namespace thx
