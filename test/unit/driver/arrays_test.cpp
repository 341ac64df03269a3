// SPDX-License-Identifier: Apache-2.0
// Arrays in files and literals: what is read, what is refused, and that no bytes do harm.
#include "driver/arrays.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "driver/npy.h"
#include "driver/print_array.h"
#include "driver/zip.h"
#include "support/text.h"
#include "unit/driver/own_folder.h"

namespace thx {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

/// A .npy file with any header.
std::string npy(const std::string& header, std::string_view data, int version = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    text += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return text + header + std::string(data);
}

std::string header(std::string_view descr, std::string_view shape,
                   std::string_view fortran = "False") {
  return format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n", descr, fortran, shape);
}

std::string read(const std::string& text) {
  const Result<HostArray> array = parse_npy(bytes_of_text(text));
  if (!array) return array.error().message();
  return format("{} {}", type_text(*array), array_text(*array));
}

TEST(Npy, ReadsEveryDType) {
  using namespace std::string_view_literals;
  EXPECT_EQ(read(npy(header("|b1", "(3,)"), "\0\1\2"sv)), "bool[3] [False  True  True]");
  EXPECT_EQ(read(npy(header("|i1", "(2,)"), "\1\xff"sv)), "i8[2] [ 1 -1]");
  EXPECT_EQ(read(npy(header("|u1", "(2,)"), "\1\xff"sv)), "u8[2] [  1 255]");
  EXPECT_EQ(read(npy(header("<i2", "(1,)"), "\1\2"sv)), "i16[1] [513]");
  EXPECT_EQ(read(npy(header(">i2", "(1,)"), "\1\2"sv)), "i16[1] [258]");
  EXPECT_EQ(read(npy(header("<u2", "(1,)"), "\xfe\xff"sv)), "u16[1] [65534]");
  EXPECT_EQ(read(npy(header(">i4", "()"), "\xff\xff\xff\xfe"sv)), "i32 -2");
  EXPECT_EQ(read(npy(header("<u4", "()"), "\xff\xff\xff\xff"sv)), "u32 4294967295");
  EXPECT_EQ(read(npy(header("=i8", "()"), "\1\0\0\0\0\0\0\0"sv)), "i64 1");
  EXPECT_EQ(read(npy(header(">u8", "()"), "\0\0\0\0\0\0\1\0"sv)), "u64 256");
  EXPECT_EQ(read(npy(header("<f4", "(1, 1)"), "\0\0\xc0\x3f"sv)), "f32[1, 1] [[1.5]]");
  EXPECT_EQ(read(npy(header(">f8", "(1,)"), "\x3f\xf8\0\0\0\0\0\0"sv)), "f64[1] [1.5]");
}

TEST(Npy, ReadsEveryForm) {
  for (const int version : {1, 2, 3})
    EXPECT_EQ(read(npy(header("|i1", "(2,)"), "\1\2", version)), "i8[2] [1 2]");
  EXPECT_EQ(read(npy("{\"shape\": (2L,), 'fortran_order': True, 'descr': '|i1'}", "\1\2")),
            "i8[2] [1 2]");
  EXPECT_EQ(read(npy(header("|i1", "(2, 3)", "True"), "\1\2\3\4\5\6")),
            "i8[2, 3] [[1 3 5]\n [2 4 6]]");
  EXPECT_EQ(read(npy(header("|i1", "(2, 1, 2)", "True"), "\1\2\3\4")),
            "i8[2, 1, 2] [[[1 3]]\n\n [[2 4]]]");
  EXPECT_EQ(read(npy(header("<f8", "(0, 5)"), "")), "f64[0, 5] []");
}

TEST(Npy, RefusesTheRest) {
  EXPECT_EQ(read(""), "it is no .npy file");
  EXPECT_EQ(read("hello, world: text"), "it is no .npy file");
  EXPECT_EQ(read(npy(header("|i1", "(2,)"), "\1\2", 9)), "it is of version 9 of the format");
  EXPECT_EQ(read(npy(header("|i1", "(2,)"), "").substr(0, 30)), "it ends inside its header");
  EXPECT_EQ(read(std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)),
            "its header has 4294967295 bytes");
  EXPECT_EQ(read(npy(header("|i1", "(2,)"), "\1")),
            "it is i8[2] by its header, but holds 1 bytes of data instead of 2");
  EXPECT_EQ(read(npy(header("|i1", "(2,)"), "\1\2\3")),
            "it is i8[2] by its header, but holds 3 bytes of data instead of 2");
  EXPECT_EQ(read(npy(header("<f8", "(4611686018427387904, 2)"), "")),
            "it is f64[4611686018427387904, 2] by its header, but holds 0 bytes of data");
  EXPECT_EQ(read(npy(header("<f8", "(99999999999999999999,)"), "")), "its header is malformed");
  EXPECT_EQ(read(npy(header("<f8", "(-1,)"), "")), "its header is malformed");
  EXPECT_EQ(read(npy(header("<f8", "(1"), "")), "its header is malformed");
  EXPECT_EQ(read(npy("{'descr': '<f8'}", "")), "its header is malformed");
  EXPECT_EQ(read(npy("{'descr': '<f8', 'descr': '<f8', 'shape': (), 'fortran_order': True}", "")),
            "its header is malformed");
  EXPECT_EQ(read(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': ()}", "")),
            "it holds records, not numbers");
  EXPECT_EQ(read(npy(header("|O", "(1,)"), "x")), "it holds Python objects, not numbers");
  EXPECT_EQ(read(npy(header("f", "(1,)"), "x")), "its elements are `f`, which is no dtype");
  EXPECT_EQ(read(npy(header("<c8", "(1,)"), "12345678")),
            "its elements are `<c8`; the dtypes are bool, i8, i16, i32, i64, u8, u16, u32, u64, "
            "f32, f64");
}

TEST(Npy, WritesWhatItReads) {
  for (const DTypeInfo& dtype : kDTypes)
    for (const std::vector<int64_t>& extents :
         {std::vector<int64_t>{}, {0}, {3}, {2, 3}, {2, 0, 3}, {1, 2, 1, 2}}) {
      HostArray array = HostArray::zeros(dtype.dtype, extents);
      for (size_t i = 0; i < array.bytes.size(); ++i)
        array.bytes[i] = static_cast<std::byte>(is_bool(dtype.dtype) ? i % 2 : i + 1);
      const std::string text = npy_text(array);
      EXPECT_EQ((text.size() - array.bytes.size()) % 64, 0u);
      const Result<HostArray> again = parse_npy(bytes_of_text(text));
      ASSERT_TRUE(again) << again.error().message();
      EXPECT_EQ(*again, array);
    }
}

void number(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
}

std::string deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct MemberText {
  std::string name, data;
  bool compressed = false;
  uint64_t claimed = 0;  // size, where it is not the data's
  bool wide = false;     // sizes in zip64 fields
};

/// A zip archive.
std::string zip(const std::vector<MemberText>& members) {
  std::string out, central;
  for (const MemberText& member : members) {
    const std::string stored = member.compressed ? deflated(member.data) : member.data;
    const uint64_t size = member.claimed != 0 ? member.claimed : member.data.size();
    const uint64_t crc =
        crc32_z(0, reinterpret_cast<const Bytef*>(member.data.data()), member.data.size());
    const uint64_t offset = out.size();
    std::string extra;
    if (member.wide) {
      number(extra, 7, 2);  // a field of another kind comes first
      number(extra, 3, 2);
      extra += "abc";
      number(extra, 1, 2);
      number(extra, 16, 2);
      number(extra, size, 8);
      number(extra, stored.size(), 8);
    }
    const auto shared = [&](std::string& to) {
      number(to, 20, 2);
      number(to, 0, 2);
      number(to, member.compressed ? 8 : 0, 2);
      number(to, 0, 4);
      number(to, crc, 4);
      number(to, member.wide ? 0xffffffff : stored.size(), 4);
      number(to, member.wide ? 0xffffffff : size, 4);
      number(to, member.name.size(), 2);
      number(to, extra.size(), 2);
    };
    number(out, 0x04034b50, 4);
    shared(out);
    out += member.name + extra + stored;
    number(central, 0x02014b50, 4);
    number(central, 20, 2);
    shared(central);
    number(central, 0, 2 + 2 + 2 + 4);
    number(central, offset, 4);
    central += member.name + extra;
  }
  const uint64_t begin = out.size();
  out += central;
  number(out, 0x06054b50, 4);
  number(out, 0, 4);
  number(out, members.size(), 2);
  number(out, members.size(), 2);
  number(out, central.size(), 4);
  number(out, begin, 4);
  number(out, 0, 2);
  return out;
}

std::string read_zip(const std::string& text, const std::string& name) {
  const Bytes archive = bytes_of_text(text);
  const Result<std::vector<ZipMember>> members = zip_members(archive);
  if (!members) return members.error().message();
  for (const ZipMember& member : *members) {
    if (member.name != name) continue;
    const Result<Bytes> bytes = zip_read(archive, member);
    if (!bytes) return bytes.error().message();
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
  return "none";
}

TEST(Zip, ReadsMembers) {
  const std::string text = zip({{"a", "hello"},
                                {"b", std::string(5000, 'x'), true},
                                {"c", "wide", true, 0, true},
                                {"d", "", false}});
  EXPECT_EQ(read_zip(text, "a"), "hello");
  EXPECT_EQ(read_zip(text, "b"), std::string(5000, 'x'));
  EXPECT_EQ(read_zip(text, "c"), "wide");
  EXPECT_EQ(read_zip(text, "d"), "");
  EXPECT_EQ(read_zip(text, "e"), "none");
  EXPECT_EQ(read_zip(zip({}), "e"), "none");
}

TEST(Zip, RefusesTheRest) {
  constexpr const char* kMalformed = "the archive is truncated or malformed";
  const std::string text = zip({{"a", "hello"}});
  EXPECT_EQ(read_zip("PK", "a"), kMalformed);
  EXPECT_EQ(read_zip(text.substr(0, text.size() - 1), "a"), kMalformed);
  EXPECT_EQ(read_zip(text.substr(1), "a"), kMalformed);
  std::string altered = text;
  altered[31] = 'H';
  EXPECT_EQ(read_zip(altered, "a"), "its bytes are altered: the CRC differs");
  const std::string zeros(100'000, '\0');
  EXPECT_EQ(read_zip(zip({{"a", zeros, true, 99'999}}), "a"),
            "its compressed bytes are damaged, or not as many as declared");
  EXPECT_EQ(read_zip(zip({{"a", zeros, true, 100'001}}), "a"),
            "its compressed bytes are damaged, or not as many as declared");
  EXPECT_EQ(read_zip(zip({{"a", "hello", true, uint64_t{1} << 40, true}}), "a"),
            "it claims 1099511627776 bytes, which its 7 stored bytes cannot give");
  EXPECT_EQ(read_zip(zip({{"a", "hello", false, 6}}), "a"),
            "it claims 6 bytes, which its 5 stored bytes cannot give");
}

/// Any bytes give an array whose parts fit each other, or an error.
void expect_harmless(const std::string& text) {
  const Result<HostArray> array = parse_array(bytes_of_text(text), {});
  if (!array) {
    EXPECT_FALSE(array.error().message().empty());
    return;
  }
  const std::optional<int64_t> bytes = byte_count(array->dtype, array->extents);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(static_cast<size_t>(*bytes), array->bytes.size());
  if (array->rank() < 8) EXPECT_FALSE(array_text(*array).empty());
}

TEST(Arrays, MutatedFilesAreHarmless) {
  const std::string plain = npy(header(">f4", "(2, 3)", "True"), std::string(24, '\x11'));
  const std::string packed = zip({{"data.npy", plain, true, 0, true}});
  std::mt19937 random(1);
  for (const std::string& text : {plain, packed, zip({{"data.npy", plain}})}) {
    for (size_t length = 0; length < text.size(); ++length) expect_harmless(text.substr(0, length));
    for (int round = 0; round < 5000; ++round) {
      std::string mutated = text;
      for (uint32_t n = 1 + random() % 4; n > 0; --n) {
        const size_t at = random() % mutated.size();
        switch (random() % 4) {
          case 0: mutated[at] = static_cast<char>(random()); break;
          case 1: mutated[at] = '\xff'; break;
          case 2: mutated.erase(at, 1 + random() % 4); break;
          default: mutated.insert(at, 1, static_cast<char>(random())); break;
        }
        if (mutated.empty()) break;
      }
      expect_harmless(mutated);
    }
  }
}

TEST(Arrays, PlacesOfArrays) {
  const std::string folder = own_folder().string() + "/";
  const std::string one = npy(header("|i1", "()"), "\1"), two = npy(header("|i1", "()"), "\2");
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + name, std::ios::binary) << text;
    return folder + name;
  };
  const std::string single = write("single.npz", zip({{"data.npy", one}}));
  const std::string both = write("both.npz", zip({{"a.npy", one}, {"b", two, true}}));
  const std::string array = write("one.npy", one);
  const std::string colon = write("odd:name.npy", two);
  const auto result = [](const std::string& place) {
    const Result<HostArray> array = read_array(place);
    return array ? array_text(*array) : array.error().message();
  };
  EXPECT_EQ(result(single), "1");
  EXPECT_EQ(result(single + ":data"), "1");
  EXPECT_EQ(result(both + ":a"), "1");
  EXPECT_EQ(result(both + ":a.npy"), "1");
  EXPECT_EQ(result(both + ":b"), "2");
  EXPECT_EQ(result(array), "1");
  EXPECT_EQ(result(colon), "2");
  EXPECT_EQ(result(both), format("`{}`: it is an archive; which of its arrays is meant?", both));
  EXPECT_EQ(read_array(both).error().helps().front(), "write FILE:ARRAY; its arrays are `a`, `b`");
  EXPECT_EQ(result(both + ":c"), format("`{}:c`: the archive has no such array", both));
  EXPECT_EQ(result(array + ":a"),
            format("`{}:a`: it is no archive, so it has no array `a`", array));
  EXPECT_EQ(result(folder + "none.npy"),
            format("cannot read `{}none.npy`: No such file or directory", folder));
  EXPECT_EQ(result(folder), format("cannot read `{}`: it is a folder", folder));
  EXPECT_EQ(result("/dev/zero"), "cannot read `/dev/zero`: it is no regular file");
}

}  // namespace
}  // namespace thx
