// SPDX-License-Identifier: Apache-2.0
// Runs a program of the system on files in a folder of its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace thx {

/// A folder that nobody else has, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  bool exists() const { return !path_.empty(); }
  const std::filesystem::path& path() const { return path_; }  // empty where it does not exist
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// False, and errno says why, where it cannot be written whole.
bool write_bytes(const std::filesystem::path& path, const std::string& bytes);
std::optional<std::string> read_bytes(const std::filesystem::path& path);

/// Runs words[0], which is looked for on PATH, and waits; what it says goes to `messages`. The exit
/// status; nothing where the program cannot be started, and errno says why.
std::optional<int> run_program(const std::vector<std::string>& words,
                               const std::filesystem::path& messages);

}  // namespace thx
