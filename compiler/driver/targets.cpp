// SPDX-License-Identifier: Apache-2.0
// Lists the targets of the code generator.
#include "driver/targets.h"

#include "codegen/target.h"
#include "support/text.h"

namespace thx {

std::string describe_targets() {
  std::string out = format("target {}, the only one\n", codegen::native_triple());
  const std::string standard = codegen::default_target().name;
  for (const std::string& name : codegen::cpu_names()) {
    const codegen::Target target = *codegen::find_target(name);
    append(out, "  --cpu {:<10} vectors of {:>2} bytes, {}fused multiply-add{}{}{}\n", name,
           target.vector_bits / 8, target.fma ? "" : "no ",
           name == "native" ? format("; this machine: {}", target.tune) : "",
           codegen::host_runs(target) ? "" : "; this machine cannot run it",
           name == standard ? "; the default" : "");
  }
  return out;
}

}  // namespace thx
