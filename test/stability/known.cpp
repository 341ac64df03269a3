// SPDX-License-Identifier: Apache-2.0
// The list of groups that are known to fail.
#include "known.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "support/text.h"

namespace thx::stability {

Known::Known(const std::string& path) {
  if (path.empty()) return;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(stream, line);) {
    line = line.substr(0, line.find('#'));
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (line.empty()) continue;
    const bool whole = line.starts_with("all ");
    groups_[whole ? line.substr(4) : line] = {.whole = whole};
  }
}

bool Known::count(const std::string& group, bool passed) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return false;
  ++cases_;
  ++found->second.cases;
  if (!passed) {
    ++failed_;
    ++found->second.failed;
  }
  return true;
}

std::vector<std::string> Known::report(bool all, bool complete) const {
  std::vector<std::string> better;
  for (const auto& [group, counts] : groups_) {
    if (counts.whole && !all && counts.failed > 0) {
      std::fputs(
          format("FAIL {}: is listed as failing outside of the sample only\n", group).c_str(),
          stdout);
      better.push_back(group);
      continue;
    }
    if (counts.failed > 0 || (counts.whole && !all) || (counts.cases == 0 && !complete)) continue;
    std::fputs(format("FAIL {}: is listed as known to fail, but all of its {} cases pass\n", group,
                      counts.cases)
                   .c_str(),
               stdout);
    better.push_back(group);
  }
  return better;
}

}  // namespace thx::stability
