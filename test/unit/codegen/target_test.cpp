// SPDX-License-Identifier: Apache-2.0
// The levels of CPU and what schedules learn of them.
#include "codegen/target.h"

#include <gtest/gtest.h>

namespace thx::codegen {
namespace {

TEST(Target, HasAMachineForEveryLevel) {
  EXPECT_EQ(default_target().name, "x86-64-v3");
  EXPECT_EQ(find_target("x86-64-v2")->machine().vector_bytes, 16);
  EXPECT_FALSE(find_target("x86-64-v2")->machine().fma);
  EXPECT_EQ(find_target("x86-64-v3")->machine().vector_bytes, 32);
  EXPECT_TRUE(find_target("x86-64-v3")->machine().fma);
  EXPECT_EQ(find_target("x86-64-v4")->machine().vector_bytes, 64);
  for (const std::string& name : cpu_names()) EXPECT_EQ(find_target(name)->name, name);
}

TEST(Target, KnowsNoOtherName) {
  EXPECT_FALSE(find_target("x86-64-v5"));
  EXPECT_FALSE(find_target(""));
}

TEST(Target, OfThisMachineRunsHere) {
  const Target native = *find_target("native");
  EXPECT_TRUE(host_runs(native));
  for (const std::string& name : cpu_names()) {
    const Target target = *find_target(name);
    if (host_runs(target)) EXPECT_GE(native.vector_bits, target.vector_bits);
  }
}

}  // namespace
}  // namespace thx::codegen
