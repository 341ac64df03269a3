// SPDX-License-Identifier: Apache-2.0
#include "grouping/group.h"
#include "../ir/op.h"
