// SPDX-License-Identifier: Apache-2.0
// Spoils programs by their text.
#include "driver/wrong_pass.h"

#include <cstdlib>
#include <string>

#include "ir/parse.h"
#include "ir/print.h"
#include "schedule/parse.h"
#include "schedule/print.h"
#include "support/check.h"

namespace thx {
namespace {

bool is_wrong(std::string_view pass) {
  if constexpr (!THX_VERIFY_EACH) return false;
  const char* wrong = std::getenv("THX_WRONG_PASS");
  return wrong != nullptr && pass == wrong;
}

std::string spoilt(std::string text) {
  for (const auto& [right, wrong] :
       {std::pair<std::string_view, std::string_view>{" = mul ", " = add "},
        {" = add ", " = sub "}}) {
    const size_t at = text.find(right);
    if (at != std::string::npos) return text.replace(at, right.size(), wrong);
  }
  return text;
}

}  // namespace

void spoil_on_demand(std::string_view pass, Program& program) {
  if (!is_wrong(pass)) return;
  Result<Program> read = parse_program(spoilt(print(program)));
  THX_CHECK(read.ok(), "the spoilt program does not read back: {}", read.error().message());
  program = std::move(*read);
}

void spoil_on_demand(std::string_view pass, loop::Program& program) {
  if (!is_wrong(pass)) return;
  Result<loop::Program> read = loop::parse_loop(spoilt(loop::print(program)));
  THX_CHECK(read.ok(), "the spoilt program does not read back: {}", read.error().message());
  for (size_t i = 0; i < program.functions.size(); ++i) {  // what the text does not tell
    read->functions[i].output_slots = program.functions[i].output_slots;
    read->functions[i].assumed = program.functions[i].assumed;
  }
  program = std::move(*read);
}

}  // namespace thx
