// SPDX-License-Identifier: Apache-2.0
// A loop function for each function of the program.
#include "schedule/build_nests.h"

#include "schedule/function_builder.h"

namespace thx::loop {

Program build_loops(const thx::Program& program, const Machine& machine, const Guards& guards) {
  Program result;
  for (const thx::Function& function : program.functions)
    result.functions.push_back(FunctionBuilder(function, machine, guards).build());
  if (program.init) {
    Function init = FunctionBuilder(*program.init, machine).build();
    init.name = "init";
    result.functions.push_back(std::move(init));
  }
  return result;
}

}  // namespace thx::loop
