// SPDX-License-Identifier: Apache-2.0
#include "thx/thx.h"
#include "support/text.h"
