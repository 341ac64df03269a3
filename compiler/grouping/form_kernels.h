// SPDX-License-Identifier: Apache-2.0
// Turns the groups of one body into kernel nodes.
#pragma once

#include <functional>
#include <set>

#include "grouping/partition.h"

namespace thx {

struct FormedBody {
  std::vector<Value>
      copies;  // by old id: the value in memory that stands for it; null inside kernels
};

/// Fills `body`, which has the parameters of `old` in `copies`, with kernels in the order in which
/// they run. Kernels whose results only roots in `late` read come last, so that a state is read
/// before it is written. `region` groups a region; `next_name` names kernels.
struct FormKernels {
  const Body& old;
  const std::vector<Value>& nodes;
  const std::vector<Fact>& facts;
  const Partition& partition;
  std::set<int> late;  // ids
  std::function<Region(const Region&)> region;
  std::function<std::string()> next_name;

  void run(Body& body, std::vector<Value>& copies);
};

}  // namespace thx
