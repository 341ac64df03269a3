// SPDX-License-Identifier: Apache-2.0
#include <llvm/IR/Module.h>

#include "schedule/loop_ir.h"
#include "passes/fold.h"
