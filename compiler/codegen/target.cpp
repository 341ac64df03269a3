// SPDX-License-Identifier: Apache-2.0
// The levels of x86-64 and what each is tuned for.
#include "codegen/target.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/TargetParser/Host.h>

#include <algorithm>

#include "support/check.h"
#include "support/text.h"

namespace thx::codegen {

namespace {

constexpr std::string_view kTriple = "x86_64-unknown-linux-gnu";

struct Level {
  std::string_view name;
  std::string_view tune;
  int vector_bits;
  bool fma;
  std::vector<std::string_view>
      needs;  // features of LLVM's list that tell whether a machine has it
};

const std::vector<Level>& levels() {
  static const std::vector<Level> kLevels = {
      {"x86-64-v3", "generic", 256, true, {"avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"}},
      {"x86-64-v2", "generic", 128, false, {"sse4.2", "popcnt", "cx16"}},
      // Half of the vector's width by default, because of machines that slow down: not the ones
      // that v4 is chosen for.
      {"x86-64-v4",
       "znver4",
       512,
       true,
       {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma", "bmi2"}},
  };
  return kLevels;
}

bool host_has(const Level& level) {
  const auto features = llvm::sys::getHostCPUFeatures();
  return std::all_of(level.needs.begin(), level.needs.end(), [&](std::string_view feature) {
    const auto found = features.find(llvm::StringRef(feature.data(), feature.size()));
    return found != features.end() && found->second;
  });
}

Target target_of(const Level& level) {
  return {.triple = native_triple(),
          .name = std::string(level.name),
          .cpu = std::string(level.name),
          .tune = std::string(level.tune),
          .features = "",
          .vector_bits = level.vector_bits,
          .fma = level.fma};
}

/// This machine: its own name for tuning, and exactly the features it reports.
Target native_target() {
  Target target = {.triple = native_triple(),
                   .name = "native",
                   .cpu = "x86-64",
                   .tune = llvm::sys::getHostCPUName().str(),
                   .features = "",
                   .vector_bits = 128,
                   .fma = false};
  std::vector<std::string> features;
  for (const auto& entry : llvm::sys::getHostCPUFeatures())
    features.push_back((entry.second ? "+" : "-") + entry.first().str());
  std::sort(features.begin(), features.end());
  target.features = join(features, ",", [](const std::string& feature) { return feature; });
  for (const Level& level : levels()) {
    if (level.vector_bits <= target.vector_bits || !host_has(level)) continue;
    target.vector_bits = level.vector_bits;
    target.fma = level.fma;
  }
  return target;
}

}  // namespace

std::string native_triple() { return std::string(kTriple); }

std::vector<std::string> cpu_names() {
  std::vector<std::string> names;
  for (const Level& level : levels()) names.emplace_back(level.name);
  names.emplace_back("native");
  return names;
}

std::optional<Target> find_target(std::string_view cpu) {
  if (cpu == "native") return native_target();
  for (const Level& level : levels())
    if (level.name == cpu) return target_of(level);
  return std::nullopt;
}

Target default_target() { return target_of(levels().front()); }

bool host_runs(const Target& target) {
  for (const Level& level : levels())
    if (level.name == target.name) return host_has(level);
  return target.name == "native";
}

}  // namespace thx::codegen
