// SPDX-License-Identifier: Apache-2.0
// Reading a source and writing a build: all files or none.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "driver/compile.h"
#include "driver/place.h"
#include "driver/read_source.h"
#include "driver/settings.h"
#include "support/text.h"

namespace thx {

namespace fs = std::filesystem;

std::optional<uint32_t> read_source(const std::string& path, Sources& sources,
                                    Diagnostics& diagnostics) {
  std::error_code ec;
  if (fs::is_directory(path, ec)) {
    diagnostics.report(
        Diagnostic(Err::cannot_read, {}, format("cannot read `{}`: it is a folder", path)));
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) {
    Diagnostic& error = diagnostics.report(Diagnostic(
        Err::cannot_read, {}, format("cannot read `{}`: {}", path, std::strerror(errno))));
    if (const std::string part = existing_file(path); !part.empty())
      error.help(format("`{}` is there; this command takes whole files, without `{}`", part,
                        path.substr(part.size())));
    return std::nullopt;
  }
  return sources.add(path, std::move(text));
}

namespace {

// Files under temporary names beside their final ones; removed unless all are renamed.
class Batch {
 public:
  ~Batch() {
    std::error_code ec;
    for (const auto& [temporary, path] : files_) fs::remove(temporary, ec);
  }

  /// False, with errno set, where the file cannot be written. A renamed file would take the place
  /// of a device or pipe, which are refused, and of a link, which is followed.
  bool add(fs::path path, const std::string& bytes) {
    std::error_code ec;
    if (fs::is_symlink(path, ec) && fs::exists(path, ec)) path = fs::canonical(path, ec);
    if (fs::exists(path, ec) && !fs::is_regular_file(path, ec)) {
      errno = fs::is_directory(path, ec) ? EISDIR : EINVAL;
      return false;
    }
    const fs::path temporary = path.string() + ".part";
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    if (!file) return false;
    files_.emplace_back(temporary, path);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    return !file.fail();
  }

  bool commit(std::error_code& ec) {
    for (const auto& [temporary, path] : files_) {
      fs::rename(temporary, path, ec);
      if (ec) return false;
    }
    return true;
  }

 private:
  std::vector<std::pair<fs::path, fs::path>> files_;
};

void cannot_write(const fs::path& path, const std::string& why, Diagnostics& diagnostics) {
  diagnostics.report(
      Diagnostic(Err::cannot_write, {}, format("cannot write `{}`: {}", path.string(), why)));
}

// A make rule: what the build wrote depends on what it read.
std::string dependencies(const Compiled& compiled, const CompileOptions& options,
                         const Sources& sources) {
  auto escaped = [](const std::string& path) {
    std::string out;
    for (const char c : path) {
      if (c == ' ' || c == '#' || c == '\\') out += '\\';
      out += c == '$' ? "$$" : std::string(1, c);
    }
    return out;
  };
  std::string rule;
  for (const auto& [name, bytes] : compiled.files)
    rule += (rule.empty() ? "" : " ") + escaped((fs::path(options.output) / name).string());
  rule += ":";
  for (uint32_t file = 1; file <= sources.size(); ++file)
    if (sources.name(file) != kFlagsName) rule += " " + escaped(sources.name(file));
  return rule + "\n";
}

}  // namespace

void write_file(const std::string& path, const std::string& bytes, Diagnostics& diagnostics) {
  std::error_code ec;
  if (const fs::path folder = fs::path(path).parent_path(); !folder.empty())
    fs::create_directories(folder, ec);
  Batch batch;
  if (ec) return cannot_write(path, ec.message(), diagnostics);
  if (!batch.add(path, bytes)) return cannot_write(path, std::strerror(errno), diagnostics);
  if (!batch.commit(ec)) cannot_write(path, ec.message(), diagnostics);
}

void write_files(const Compiled& compiled, const CompileOptions& options, const Sources& sources,
                 Diagnostics& diagnostics) {
  if (options.output == "-") {
    for (const auto& [name, bytes] : compiled.files)
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return;
  }
  const fs::path folder(options.output);
  std::error_code ec;
  fs::create_directories(folder, ec);
  if (ec) return cannot_write(folder, ec.message(), diagnostics);
  Batch batch;
  for (const auto& [name, bytes] : compiled.files)
    if (!batch.add(folder / name, bytes))
      return cannot_write(folder / name, std::strerror(errno), diagnostics);
  if (!options.depfile.empty() &&
      !batch.add(options.depfile, dependencies(compiled, options, sources)))
    return cannot_write(options.depfile, std::strerror(errno), diagnostics);
  if (!batch.commit(ec)) cannot_write(folder, ec.message(), diagnostics);
}

}  // namespace thx
