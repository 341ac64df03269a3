// SPDX-License-Identifier: Apache-2.0
// The files of one compilation: the one that is compiled, and those that it imports.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "support/diagnostic.h"

namespace thx {

struct SourceFile {
  static constexpr size_t kMissing = SIZE_MAX;

  std::shared_ptr<const ast::Module> module;
  std::string name;             // the last part of its path
  std::vector<size_t> imports;  // for each `import` in order: the file's index, or kMissing
};

// Imported files stand before those that import them; the last is the one that is compiled.
struct SourceFiles {
  std::vector<SourceFile> files;

  const SourceFile& main() const { return files.back(); }
};

// Parses `file` of `sources` and reads, in turn, all that is imported: beside the file that imports
// it, then in `folders`. Each file is read once, however it is reached. Reports what is not found
// and files that import each other.
SourceFiles read_files(Sources& sources, uint32_t file, const std::vector<std::string>& folders,
                       Diagnostics& diagnostics);

// A file by itself, whose imports find nothing.
SourceFiles single_file(const ast::Module& module, const Sources& sources);

}  // namespace thx
