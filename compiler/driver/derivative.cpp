// SPDX-License-Identifier: Apache-2.0
// Lowers the derivative as a function, resolves and simplifies it, and writes it as text.
#include "driver/derivative.h"

#include "driver/read_source.h"
#include "driver/source_text.h"
#include "driver/test_programs.h"
#include "frontend/files.h"
#include "support/text.h"

namespace thx {

std::string derivative_text(const CompileOptions& options, const DerivativeRequest& request,
                            Sources& sources, Diagnostics& diagnostics) {
  const std::optional<uint32_t> file = read_source(options.file, sources, diagnostics);
  if (!file) return {};
  const SourceFiles files = read_files(sources, *file, options.include, diagnostics);
  Program program =
      lower_derivative(files, sources, {options.float_x, options.defines}, request, diagnostics);
  if (diagnostics.has_errors()) return {};
  if (!differentiate(program, options, diagnostics)) return {};
  const Result<std::string> text = source_text(program, program.functions[0]);
  if (text) return *text;
  diagnostics.report(Diagnostic(Err::unsupported, {},
                                format("the derivative holds {}, which has no spelling yet",
                                       text.error().message()))
                         .help("`thxc build --emit tensor-ir` shows it"));
  return {};
}

}  // namespace thx
