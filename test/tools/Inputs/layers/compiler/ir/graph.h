// SPDX-License-Identifier: Apache-2.0
#include "passes/fold.h"
#include "ir/op.h"
