// SPDX-License-Identifier: Apache-2.0
// A folder for the files of tests that no other run of them shares.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace thx {

/// Removed when the tests end.
inline const std::filesystem::path& own_folder() {
  struct Folder {
    Folder()
        : path(std::filesystem::path(testing::TempDir()) /
               ("thx_driver_" + std::to_string(getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() {
      std::error_code error;
      std::filesystem::remove_all(path, error);
    }
    std::filesystem::path path;
  };
  static const Folder kFolder;
  return kFolder.path;
}

}  // namespace thx
