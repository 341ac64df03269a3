// SPDX-License-Identifier: Apache-2.0
// Writes archives with LLVM's archive writer.
#include "codegen/archive.h"

#include <llvm/Object/ArchiveWriter.h>

#include "support/check.h"

namespace thx::codegen {

std::string make_archive(const std::string& member, const std::string& object) {
  llvm::NewArchiveMember entry{llvm::MemoryBufferRef(object, member)};
  std::vector<llvm::NewArchiveMember> members;
  members.push_back(std::move(entry));
  auto written = llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NormalSymtab,
                                            llvm::object::Archive::K_GNU,
                                            /*Deterministic=*/true, /*Thin=*/false);
  THX_CHECK(static_cast<bool>(written), "an archive that cannot be written");
  return (*written)->getBuffer().str();
}

}  // namespace thx::codegen
