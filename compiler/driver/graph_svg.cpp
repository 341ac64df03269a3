// SPDX-License-Identifier: Apache-2.0
// Has Graphviz draw.
#include <cerrno>
#include <cstring>

#include "driver/graph.h"
#include "support/system_program.h"
#include "support/text.h"

namespace thx {

std::optional<std::string> graph_svg(const std::string& text, Diagnostics& diagnostics) {
  const TemporaryFolder folder;
  const std::filesystem::path from = folder.file("g.dot"), made = folder.file("g.svg"),
                              messages = folder.file("messages");
  if (!folder.exists() || !write_bytes(from, text)) {
    diagnostics.report(
        Diagnostic(Err::cannot_write, {}, format("no temporary file: {}", std::strerror(errno))));
    return std::nullopt;
  }
  const std::optional<int> status =
      run_program({"dot", "-Tsvg", "-o", made.string(), from.string()}, messages);
  if (!status) {
    diagnostics
        .report(Diagnostic(Err::cannot_write, {},
                           format("pictures need `dot` of Graphviz: {}", std::strerror(errno))))
        .help("install Graphviz, or write its text with `-o FILE.dot`");
    return std::nullopt;
  }
  std::optional<std::string> bytes = *status == 0 ? read_bytes(made) : std::nullopt;
  if (!bytes)
    diagnostics.report(Diagnostic(Err::cannot_write, {}, "`dot` refuses"))
        .note(std::string(trim(read_bytes(messages).value_or(""))));
  return bytes;
}

}  // namespace thx
