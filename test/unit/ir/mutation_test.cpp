// SPDX-License-Identifier: Apache-2.0
// Damaged texts are refused or read; what is read and keeps the rules prints and reads back.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "ir/parse.h"
#include "ir/print.h"
#include "ir/verify.h"

namespace thx {
namespace {

class Mutator {
 public:
  explicit Mutator(std::string text) : text_(std::move(text)) {}

  // A copy with one to three places deleted, doubled, swapped or overwritten.
  std::string next() {
    std::string result = text_;
    for (size_t edits = pick(3) + 1; edits > 0; --edits) {
      const size_t at = pick(result.size());
      const size_t length = std::min(pick(12) + 1, result.size() - at);
      const std::string piece = result.substr(at, length);
      switch (pick(4)) {
        case 0: result.erase(at, length); break;
        case 1: result.insert(at, piece); break;
        case 2: result.insert(pick(result.size()), piece); break;
        default: result[at] = kBytes[pick(kBytes.size())]; break;
      }
    }
    return result;
  }

 private:
  static constexpr std::string_view kBytes = "%@(){}[],:=01239.-+*/ \n\"\\abNx_\xc3\x00";
  size_t pick(size_t n) { return n == 0 ? 0 : generator_() % n; }

  std::string text_;
  std::mt19937 generator_{11};
};

TEST(Mutations, NeverBreakReaderVerifierOrPrinter) {
  std::ifstream file(THX_SOURCE_DIR "/test/ir/round-trip.ir");
  Mutator mutator(std::string(std::istreambuf_iterator<char>(file), {}));
  int good = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = mutator.next();
    const Result<Program> program = parse_program(text, 1);
    if (!program || !verify_structure(*program).empty()) continue;
    ++good;
    const std::string printed = print(*program);
    const Result<Program> again = parse_program(printed);
    ASSERT_TRUE(again) << again.error().message() << "\n" << text << "\n" << printed;
    ASSERT_EQ(print(*again), printed) << text;
  }
  EXPECT_GT(good, 100);
}

}  // namespace
}  // namespace thx
