// SPDX-License-Identifier: Apache-2.0
// What the unit tests read besides the compiler's headers, precompiled once for all of them.
#pragma once

#include <gtest/gtest.h>

#include "precompiled_compiler.h"
