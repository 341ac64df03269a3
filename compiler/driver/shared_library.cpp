// SPDX-License-Identifier: Apache-2.0
// Runs `cc -shared` in a folder of its own, which is removed afterwards.
#include "driver/shared_library.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "support/system_program.h"
#include "support/text.h"

namespace thx {

namespace {

namespace fs = std::filesystem;

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
  if (!folder.exists() || !write_bytes(from, object) ||
      !write_bytes(shown, format("{{ global: {}_*; local: *; }};\n", prefix))) {
    diagnostics.report(
        cannot_link(format("--emit shared: no temporary file: {}", std::strerror(errno))));
    return std::nullopt;
  }
  // No build id and no names of files: the same source gives the same bytes.
  const std::optional<int> status =
      run_program({"cc", "-shared", "-o", made.string(), from.string(), runtime->string(),
                   "-Wl,--version-script=" + shown.string(), "-Wl,-soname=" + name,
                   "-Wl,--build-id=none", "-Wl,-s", "-Wl,-z,noexecstack"},
                  messages);
  if (!status) {
    diagnostics
        .report(cannot_link(
            format("--emit shared needs the linker `cc` of the system: {}", std::strerror(errno))))
        .help("install a C compiler, or write --emit lib and link where there is one");
    return std::nullopt;
  }
  std::optional<std::string> bytes = *status == 0 ? read_bytes(made) : std::nullopt;
  if (!bytes)
    diagnostics.report(cannot_link("--emit shared: `cc` refuses"))
        .note(std::string(trim(read_bytes(messages).value_or(""))));
  return bytes;
}

}  // namespace thx
