// SPDX-License-Identifier: Apache-2.0
// The directory at the end of a zip archive, and members by zlib.
#include "driver/zip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "driver/memory.h"
#include "support/text.h"

namespace thx {

namespace {

// Signatures and sizes of the records, by their names in the specification (APPNOTE.TXT).
constexpr uint32_t kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50,
                   kLocator64Signature = 0x07064b50, kCentralSignature = 0x02014b50,
                   kLocalSignature = 0x04034b50;
constexpr uint64_t kEndBytes = 22, kLocator64Bytes = 20, kEnd64Bytes = 56, kCentralBytes = 46,
                   kLocalBytes = 30, kMaxComment = 0xffff;
constexpr uint16_t kStored = 0, kDeflated = 8, kEncrypted = 1, kZip64Extra = 1;
constexpr uint32_t kIn64 = 0xffffffff;  // the number stands in a zip64 record
// Deflate gives at most 1032 bytes for one.
constexpr uint64_t kMaxRatio = 1032;

Diagnostic bad(std::string message) { return Diagnostic(Err::bad_array, {}, std::move(message)); }
Diagnostic malformed() { return bad("the archive is truncated or malformed"); }

/// Numbers of an archive; what lies outside reads as 0 and is remembered.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool has(uint64_t at, uint64_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }
  uint64_t number(uint64_t at, int count) const {
    uint64_t value = 0;
    if (has(at, static_cast<uint64_t>(count)))
      for (int i = count; i-- > 0;)
        value = value << 8 | std::to_integer<uint64_t>(bytes_[at + static_cast<uint64_t>(i)]);
    return value;
  }
  uint16_t u16(uint64_t at) const { return static_cast<uint16_t>(number(at, 2)); }
  uint32_t u32(uint64_t at) const { return static_cast<uint32_t>(number(at, 4)); }
  uint64_t u64(uint64_t at) const { return number(at, 8); }
  uint64_t size() const { return bytes_.size(); }
  std::string text(uint64_t at, uint64_t count) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, count};
  }

 private:
  std::span<const std::byte> bytes_;
};

struct Directory {
  uint64_t begin = 0, bytes = 0, count = 0;
};

std::optional<Directory> find_directory(const Reader& in) {
  if (in.size() < kEndBytes) return std::nullopt;
  const uint64_t last = in.size() - kEndBytes;
  const uint64_t first = last - std::min(last, kMaxComment);
  for (uint64_t at = last + 1; at-- > first;) {
    if (in.u32(at) != kEndSignature || at + kEndBytes + in.u16(at + 20) != in.size()) continue;
    Directory found{in.u32(at + 16), in.u32(at + 12), in.u16(at + 10)};
    const bool wide = found.begin == kIn64 || found.bytes == kIn64 || found.count == 0xffff;
    if (wide && at >= kLocator64Bytes && in.u32(at - kLocator64Bytes) == kLocator64Signature) {
      const uint64_t end64 = in.u64(at - kLocator64Bytes + 8);
      if (!in.has(end64, kEnd64Bytes) || in.u32(end64) != kEnd64Signature) return std::nullopt;
      found = {in.u64(end64 + 48), in.u64(end64 + 40), in.u64(end64 + 32)};
    }
    if (!in.has(found.begin, found.bytes) || found.count > found.bytes / kCentralBytes)
      return std::nullopt;
    return found;
  }
  return std::nullopt;
}

/// Sizes that do not fit 32 bits stand in an extra field, those alone, in this order.
bool read_zip64(const Reader& in, uint64_t at, uint64_t bytes, ZipMember& member) {
  uint64_t* const wide[] = {&member.size, &member.stored, &member.offset};
  if (std::ranges::none_of(wide, [](const uint64_t* value) { return *value == kIn64; }))
    return true;
  const uint64_t end = at + bytes;
  while (at + 4 <= end) {
    const uint16_t id = in.u16(at);
    const uint64_t length = in.u16(at + 2);
    at += 4;
    if (length > end - at) return false;
    if (id != kZip64Extra) {
      at += length;
      continue;
    }
    const uint64_t field_end = at + length;
    for (uint64_t* value : wide) {
      if (*value != kIn64) continue;
      if (field_end - at < 8) return false;
      *value = in.u64(at);
      at += 8;
    }
    return true;
  }
  return false;
}

Result<std::vector<std::byte>> inflated(std::span<const std::byte> stored, uint64_t size) {
  std::vector<std::byte> result(size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return bad("zlib cannot be used");
  constexpr uint64_t kMost = std::numeric_limits<uInt>::max();
  uint64_t in = 0, out = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stored.data() + in));
    stream.avail_in = static_cast<uInt>(std::min<uint64_t>(kMost, stored.size() - in));
    stream.next_out = reinterpret_cast<Bytef*>(result.data() + out);
    stream.avail_out = static_cast<uInt>(std::min<uint64_t>(kMost, size - out));
    const uint64_t before_in = stream.avail_in, before_out = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    in += before_in - stream.avail_in;
    out += before_out - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out != size || in != stored.size())
    return bad("its compressed bytes are damaged, or not as many as declared");
  return result;
}

uint32_t crc_of(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

Result<std::vector<ZipMember>> zip_members(std::span<const std::byte> archive) {
  const Reader in(archive);
  const std::optional<Directory> directory = find_directory(in);
  if (!directory) return malformed();
  std::vector<ZipMember> members;
  uint64_t at = directory->begin;
  const uint64_t end = directory->begin + directory->bytes;
  for (uint64_t i = 0; i < directory->count; ++i) {
    if (end - at < kCentralBytes || in.u32(at) != kCentralSignature) return malformed();
    const uint64_t name = in.u16(at + 28), extra = in.u16(at + 30), comment = in.u16(at + 32);
    if (end - at - kCentralBytes < name + extra + comment) return malformed();
    ZipMember member{.name = in.text(at + kCentralBytes, name),
                     .offset = in.u32(at + 42),
                     .stored = in.u32(at + 20),
                     .size = in.u32(at + 24),
                     .crc32 = in.u32(at + 16),
                     .method = in.u16(at + 10),
                     .flags = in.u16(at + 8)};
    if (!read_zip64(in, at + kCentralBytes + name, extra, member)) return malformed();
    members.push_back(std::move(member));
    at += kCentralBytes + name + extra + comment;
  }
  return members;
}

Result<std::vector<std::byte>> zip_read(std::span<const std::byte> archive,
                                        const ZipMember& member) {
  const Reader in(archive);
  if ((member.flags & kEncrypted) != 0) return bad("it is encrypted");
  if (member.method != kStored && member.method != kDeflated)
    return bad(format("it is compressed by method {}; stored and deflated members can be read",
                      member.method));
  if (!in.has(member.offset, kLocalBytes) || in.u32(member.offset) != kLocalSignature)
    return malformed();
  const uint64_t begin =
      member.offset + kLocalBytes + in.u16(member.offset + 26) + in.u16(member.offset + 28);
  if (!in.has(begin, member.stored)) return malformed();
  if (member.method == kStored ? member.size != member.stored
                               : member.size / kMaxRatio > member.stored)
    return bad(format("it claims {} bytes, which its {} stored bytes cannot give", member.size,
                      member.stored));
  if (!fits_memory(member.size)) return too_large(member.size, "it is an array");
  const std::span<const std::byte> stored = archive.subspan(begin, member.stored);
  Result<std::vector<std::byte>> bytes = member.method == kStored
                                             ? std::vector<std::byte>(stored.begin(), stored.end())
                                             : inflated(stored, member.size);
  if (bytes && crc_of(*bytes) != member.crc32) return bad("its bytes are altered: the CRC differs");
  return bytes;
}

}  // namespace thx
