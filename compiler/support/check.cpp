// SPDX-License-Identifier: Apache-2.0
// Turns a broken invariant into an InternalError that names its place in the sources.
#include "support/check.h"

#include <string_view>

namespace thx {
namespace {

// The path from `compiler/` on, so that messages do not depend on where Thx was built.
std::string_view inside_repository(std::string_view path) {
  const size_t at = path.rfind("compiler/");
  return at == std::string_view::npos ? path : path.substr(at);
}

}  // namespace

void fail_check(const char* file, int line, const char* condition, const std::string& message) {
  throw InternalError(format("{}:{}: {} ({})", inside_repository(file), line, message, condition));
}

}  // namespace thx
