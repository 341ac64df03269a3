// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the text of tensor IR. What is read and keeps the rules prints and reads back.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ir/parse.h"
#include "ir/print.h"
#include "ops/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace thx;
  const Result<Program> program = parse_program({reinterpret_cast<const char*>(data), size});
  if (!program || !verify_program(*program).empty()) return 0;
  const std::string text = print(*program);
  const Result<Program> again = parse_program(text);
  THX_CHECK(again.ok(), "{}", again.error().message());
  THX_CHECK(print(*again) == text, "the text reads back differently");
  return 0;
}
