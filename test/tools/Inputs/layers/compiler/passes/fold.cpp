// SPDX-License-Identifier: Apache-2.0
#include <llvm/IR/Module.h>

#include "ops/op_def.h"
#include "schedule/loop_ir.h"
// Op::add may be spoken of.
bool is_add(Node node) { return node.op == Op::add; }
