// SPDX-License-Identifier: Apache-2.0
// Files of the hosted runtime: written whole or not at all, and read within their bounds.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thx/hosted.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace thx {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "thx-file-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string at(const char* name) const { return (folder / name).string(); }
  std::string read(const char* name) const {
    std::ifstream in(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const char* name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
  }

  fs::path folder;
};

thx_status save_text(const void* model, thx_write_fn write, void* user, const thx_exec*) {
  const auto& text = *static_cast<const std::string*>(model);
  const size_t half = text.size() / 2;
  if (write(user, text.data(), half) != 0) return THX_E_IO;
  return write(user, text.data() + half, text.size() - half) != 0 ? THX_E_IO : THX_OK;
}

thx_status save_then_fail(const void* model, thx_write_fn write, void* user, const thx_exec* ex) {
  save_text(model, write, user, ex);
  return THX_E_ABI;
}

thx_status load_text(void* model, uint64_t size, thx_read_at_fn read, void* user, const thx_exec*) {
  auto& text = *static_cast<std::string*>(model);
  text.resize(size);
  return read(user, 0, text.data(), size) != 0 ? THX_E_IO : THX_OK;
}

TEST_F(FileTest, SavesAndLoads) {
  const std::string text(100000, 'a');
  EXPECT_EQ(thx_file_save(at("m").c_str(), save_text, &text, nullptr), THX_OK);
  EXPECT_EQ(read("m"), text);
  EXPECT_EQ(files(), 1u);
  std::string back;
  EXPECT_EQ(thx_file_load(at("m").c_str(), load_text, &back, nullptr), THX_OK);
  EXPECT_EQ(back, text);
}

TEST_F(FileTest, TheOldFileStaysUntilTheCommit) {
  write("m", "old");
  thx_file_writer* file = nullptr;
  ASSERT_EQ(thx_file_create(at("m").c_str(), &file), THX_OK);
  EXPECT_EQ(thx_file_write(file, "new!", 4), 0);
  EXPECT_EQ(read("m"), "old");
  EXPECT_EQ(thx_file_commit(file), THX_OK);
  EXPECT_EQ(read("m"), "new!");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, AFailedSaveLeavesTheOldFileAlone) {
  write("m", "old");
  const std::string text = "new";
  EXPECT_EQ(thx_file_save(at("m").c_str(), save_then_fail, &text, nullptr), THX_E_ABI);
  EXPECT_EQ(read("m"), "old");
  EXPECT_EQ(files(), 1u);
}

// A full disk, as the limit on the size of files shows it.
TEST_F(FileTest, AFullDiskLeavesTheOldFileAlone) {
  write("m", "old");
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {1000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string text(100000, 'a');
  const thx_status status = thx_file_save(at("m").c_str(), save_text, &text, nullptr);
  const int error = errno;
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(status, THX_E_IO);
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(read("m"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, ACommitAfterAFailedWriteFails) {
  thx_file_writer* file = nullptr;
  ASSERT_EQ(thx_file_create(at("m").c_str(), &file), THX_OK);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {2, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_NE(thx_file_write(file, "abcdef", 6), 0);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(thx_file_write(file, "ghi", 3), 0) << "nothing follows a gap";
  EXPECT_EQ(thx_file_commit(file), THX_E_IO);
  EXPECT_EQ(errno, EFBIG);
  EXPECT_EQ(files(), 0u);
}

TEST_F(FileTest, ARenameThatFailsCleansUp) {
  thx_file_writer* file = nullptr;
  ASSERT_EQ(thx_file_create(at("m").c_str(), &file), THX_OK);
  EXPECT_EQ(thx_file_write(file, "x", 1), 0);
  fs::create_directory(folder / "m");
  write("m/inside", "");
  EXPECT_EQ(thx_file_commit(file), THX_E_IO);
  EXPECT_EQ(errno, EISDIR);
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, TwoWritersOfOnePath) {
  thx_file_writer *a = nullptr, *b = nullptr;
  ASSERT_EQ(thx_file_create(at("m").c_str(), &a), THX_OK);
  ASSERT_EQ(thx_file_create(at("m").c_str(), &b), THX_OK);
  EXPECT_EQ(thx_file_write(a, "aaa", 3), 0);
  EXPECT_EQ(thx_file_write(b, "bb", 2), 0);
  EXPECT_EQ(thx_file_commit(a), THX_OK);
  EXPECT_EQ(read("m"), "aaa");
  thx_file_abandon(b);
  EXPECT_EQ(read("m"), "aaa");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, LinksAndPermissionsAreKept) {
  write("real", "old");
  ASSERT_EQ(chmod(at("real").c_str(), 0640), 0);
  fs::create_symlink("real", folder / "link");
  const std::string text = "new";
  EXPECT_EQ(thx_file_save(at("link").c_str(), save_text, &text, nullptr), THX_OK);
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read("real"), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(folder / "real").permissions()), 0640u);
}

TEST_F(FileTest, WhatIsNoRegularFileIsRefused) {
  thx_file_writer* writer = nullptr;
  thx_file_reader* reader = nullptr;
  EXPECT_EQ(thx_file_create(folder.c_str(), &writer), THX_E_IO);
  EXPECT_EQ(errno, EISDIR);
  EXPECT_EQ(thx_file_create("/dev/null", &writer), THX_E_IO);
  EXPECT_EQ(thx_file_open("/dev/zero", &reader), THX_E_IO);
  EXPECT_EQ(thx_file_open(folder.c_str(), &reader), THX_E_IO);
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(thx_file_open(at("pipe").c_str(), &reader), THX_E_IO) << "and does not wait";
  EXPECT_EQ(thx_file_create(at("pipe").c_str(), &writer), THX_E_IO);
  fs::create_symlink("nowhere", folder / "dangling");
  EXPECT_EQ(thx_file_create(at("dangling").c_str(), &writer), THX_E_IO);
  EXPECT_EQ(thx_file_create(at("missing/m").c_str(), &writer), THX_E_IO);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(thx_file_open(at("missing").c_str(), &reader), THX_E_IO);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(thx_file_create(nullptr, &writer), THX_E_NULL);
  EXPECT_EQ(thx_file_open(nullptr, &reader), THX_E_NULL);
  EXPECT_EQ(thx_file_commit(nullptr), THX_E_NULL);
  thx_file_abandon(nullptr);
  thx_file_close(nullptr);
}

TEST_F(FileTest, ReadsWithinBounds) {
  write("m", "0123456789");
  thx_file_reader* file = nullptr;
  ASSERT_EQ(thx_file_open(at("m").c_str(), &file), THX_OK);
  EXPECT_EQ(thx_file_size(file), 10u);
  char bytes[10] = {};
  EXPECT_EQ(thx_file_read_at(file, 3, bytes, 4), 0);
  EXPECT_EQ(std::string(bytes, 4), "3456");
  EXPECT_EQ(thx_file_read_at(file, 10, bytes, 0), 0);
  EXPECT_NE(thx_file_read_at(file, 7, bytes, 4), 0);
  EXPECT_NE(thx_file_read_at(file, UINT64_MAX, bytes, 4), 0);
  fs::resize_file(folder / "m", 5);
  EXPECT_NE(thx_file_read_at(file, 3, bytes, 4), 0) << "the file became shorter";
  thx_file_close(file);
}

}  // namespace
}  // namespace thx
