// SPDX-License-Identifier: Apache-2.0
// Finds the file and the member that a place names, and reads it.
#include "driver/arrays.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "driver/memory.h"
#include "driver/npy.h"
#include "driver/zip.h"
#include "support/text.h"

namespace thx {

namespace {

namespace fs = std::filesystem;

Diagnostic at_place(const std::string& place, const Diagnostic& error) {
  Diagnostic result(error.id(), {}, format("`{}`: {}", place, error.message()));
  for (const std::string& help : error.helps()) result.help(help);
  return result;
}

Diagnostic cannot_read(const std::string& path, std::string_view why) {
  return Diagnostic(Err::cannot_read, {}, format("cannot read `{}`: {}", path, why));
}

Result<std::vector<std::byte>> read_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return cannot_read(path, "it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status))
    return cannot_read(path, "it is no regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot_read(path, std::strerror(errno));
  const uintmax_t size = fs::file_size(path, error);
  if (error) return cannot_read(path, error.message());
  if (!fits_memory(size)) return too_large(size, format("the file `{}`", path));
  std::vector<std::byte> bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (static_cast<uintmax_t>(file.gcount()) != size) return cannot_read(path, "it ends too early");
  return bytes;
}

std::string name_of(const ZipMember& member) {
  constexpr std::string_view kSuffix = ".npy";
  return member.name.ends_with(kSuffix) ? member.name.substr(0, member.name.size() - kSuffix.size())
                                        : member.name;
}

std::string list(const std::vector<ZipMember>& members) {
  constexpr size_t kMost = 20;
  std::vector<std::string> names;
  for (const ZipMember& member : members) {
    if (names.size() == kMost) {
      names.emplace_back("…");
      break;
    }
    names.push_back("`" + name_of(member) + "`");
  }
  return names.empty() ? "none" : join(names, ", ");
}

Result<HostArray> parse_member(const std::vector<std::byte>& archive,
                               const std::optional<std::string>& wanted) {
  const Result<std::vector<ZipMember>> members = zip_members(archive);
  if (!members) return members.error();
  if (!wanted && members->size() != 1)
    return Diagnostic(Err::bad_array, {}, "it is an archive; which of its arrays is meant?")
        .help(format("write FILE:ARRAY; its arrays are {}", list(*members)));
  for (const ZipMember& member : *members) {
    if (wanted && member.name != *wanted && name_of(member) != *wanted) continue;
    Result<std::vector<std::byte>> bytes = zip_read(archive, member);
    if (!bytes) return bytes.error();
    return parse_npy(std::move(*bytes));
  }
  return Diagnostic(Err::bad_array, {}, "the archive has no such array")
      .help(format("its arrays are {}", list(*members)));
}

bool is_archive(const std::vector<std::byte>& bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'};
}

}  // namespace

Result<HostArray> parse_array(std::vector<std::byte> bytes,
                              const std::optional<std::string>& member) {
  if (is_archive(bytes)) return parse_member(bytes, member);
  if (member)
    return Diagnostic(Err::bad_array, {},
                      format("it is no archive, so it has no array `{}`", *member));
  return parse_npy(std::move(bytes));
}

Result<HostArray> read_array(const std::string& place) {
  std::string path = place;
  std::optional<std::string> member;
  std::error_code error;
  const size_t colon = place.rfind(':');
  if (colon != std::string::npos && !fs::exists(place, error)) {
    path = place.substr(0, colon);
    member = place.substr(colon + 1);
  }
  Result<std::vector<std::byte>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  Result<HostArray> array = parse_array(std::move(*bytes), member);
  if (!array) return at_place(place, array.error());
  return array;
}

}  // namespace thx
