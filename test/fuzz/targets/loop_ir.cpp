// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the text of loop IR. What is read prints and reads back; the verifier ends.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schedule/parse.h"
#include "schedule/print.h"
#include "schedule/verify.h"
#include "support/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace thx;
  const Result<loop::Program> program =
      loop::parse_loop({reinterpret_cast<const char*>(data), size});
  if (!program || !loop::verify(*program).empty()) return 0;
  const std::string text = loop::print(*program);
  const Result<loop::Program> again = loop::parse_loop(text);
  THX_CHECK(again.ok(), "{}", again.error().message());
  THX_CHECK(loop::print(*again) == text, "the text reads back differently");
  return 0;
}
