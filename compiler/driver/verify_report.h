// SPDX-License-Identifier: Apache-2.0
// What thxc verify has to say of each function, as a table and as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thx {

/// Numbers of one kind of comparison.
struct VerifyTally {
  int64_t compared = 0;   // elements
  int64_t undecided = 0;  // of them: different, where the bound is infinite
  int64_t in_f64 = 0;     // of them: different in f32 where the bound is infinite, and right in f64
  double largest = 0;     // difference relative to its bound
  std::string largest_at;  // the pass and value where that is

  void add(const VerifyTally& other);
};

/// One function with what it was compared by.
struct VerifyEntry {
  std::string function;
  int64_t rounds = 0;
  int64_t refused = 0;  // of them: calls that all forms refused with the same status
  std::map<std::string, VerifyTally> checks;
  std::vector<std::string> notes;  // what was not compared, and why
  bool failed = false;
};

struct VerifyReport {
  std::vector<VerifyEntry> entries;
  double seconds = 0;
  double budget = 0;
  bool out_of_time = false;  // some rounds were left out
  uint64_t seed = 0;

  bool failed() const;
};

/// The kinds of comparison, in order of the table.
inline constexpr std::string_view kObjectCheck = "object = loops";
inline constexpr std::string_view kLoopPassCheck = "loop passes";
inline constexpr std::string_view kLevelCheck = "loops ~ tensors";
inline constexpr std::string_view kTensorPassCheck = "tensor passes";
inline constexpr std::string_view kDifferenceCheck = "gradients ~ differences";
inline constexpr std::string_view kForwardCheck = "gradients ~ forward mode";

std::string verify_table(const VerifyReport& report);
/// One object a line: one for each function, then one for the whole.
std::string verify_json(const VerifyReport& report);

}  // namespace thx
