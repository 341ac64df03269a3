// SPDX-License-Identifier: Apache-2.0
// Runs `cc -shared` in a folder of its own, which is removed afterwards.
#include "driver/shared_library.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "support/text.h"

extern char** environ;

namespace thx {

namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code ec;
    std::string name = (fs::temp_directory_path(ec) / "thxc-XXXXXX").string();
    if (!ec && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ec;
    if (!path_.empty()) fs::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  bool exists() const { return !path_.empty(); }
  fs::path file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

bool write(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return !file.fail();
}

std::optional<std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Beside the compiler: in its build folder, or where it is installed.
std::optional<fs::path> find_runtime() {
  std::error_code ec;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ec);
  if (ec) return std::nullopt;
  const fs::path root = binary.parent_path().parent_path();
  for (const char* folder : {"runtime", THX_LIBRARY_FOLDER}) {
    const fs::path library = root / folder / "libthx_core.a";
    if (fs::exists(library, ec)) return library;
  }
  return std::nullopt;
}

// The exit status; nothing where the program cannot be started, and errno says why.
std::optional<int> run(const std::vector<std::string>& words, const fs::path& messages) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    errno = error;
    return std::nullopt;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

Diagnostic cannot_link(std::string why) { return {Err::cannot_link, {}, std::move(why)}; }

}  // namespace

std::optional<std::string> link_shared(const std::string& object, const std::string& prefix,
                                       const std::string& name, Diagnostics& diagnostics) {
  const std::optional<fs::path> runtime = find_runtime();
  if (!runtime) {
    diagnostics.report(cannot_link("--emit shared: there is no libthx_core.a beside thxc"))
        .help("thxc finds it in ../runtime of a build and in ../" THX_LIBRARY_FOLDER
              " of an installation; --emit lib needs none");
    return std::nullopt;
  }
  const TemporaryFolder folder;
  const fs::path from = folder.file("object.o"), shown = folder.file("shown.map"),
                 made = folder.file(name), messages = folder.file("messages");
  if (!folder.exists() || !write(from, object) ||
      !write(shown, format("{{ global: {}_*; local: *; }};\n", prefix))) {
    diagnostics.report(
        cannot_link(format("--emit shared: no temporary file: {}", std::strerror(errno))));
    return std::nullopt;
  }
  // No build id and no names of files: the same source gives the same bytes.
  const std::optional<int> status =
      run({"cc", "-shared", "-o", made.string(), from.string(), runtime->string(),
           "-Wl,--version-script=" + shown.string(), "-Wl,-soname=" + name, "-Wl,--build-id=none",
           "-Wl,-s", "-Wl,-z,noexecstack"},
          messages);
  if (!status) {
    diagnostics
        .report(cannot_link(
            format("--emit shared needs the linker `cc` of the system: {}", std::strerror(errno))))
        .help("install a C compiler, or write --emit lib and link where there is one");
    return std::nullopt;
  }
  std::optional<std::string> bytes = *status == 0 ? read(made) : std::nullopt;
  if (!bytes)
    diagnostics.report(cannot_link("--emit shared: `cc` refuses"))
        .note(std::string(trim(read(messages).value_or(""))));
  return bytes;
}

}  // namespace thx
