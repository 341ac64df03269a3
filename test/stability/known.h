// SPDX-License-Identifier: Apache-2.0
// Groups of cases (formula, output, dtype) that are known to fail.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace thx::stability {

class Known {
 public:
  /// Reads a file with a group a line, as `softplus value f32`; `#` starts a comment. No path:
  /// none.
  explicit Known(const std::string& path);
  /// Counts a case of a group; whether the group is listed.
  bool count(const std::string& group, bool passed);
  int cases() const { return cases_; }
  int failed() const { return failed_; }
  /// Names, in the output too, the listed groups of which all cases passed, and where `complete`
  /// those that have no cases.
  std::vector<std::string> report(bool all, bool complete) const;

 private:
  struct Counts {
    int cases = 0, failed = 0;
    bool whole = false;  // listed as failing outside of the sample: `all` before the group
  };
  std::map<std::string, Counts> groups_;
  int cases_ = 0, failed_ = 0;
};

}  // namespace thx::stability
