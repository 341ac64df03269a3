// SPDX-License-Identifier: Apache-2.0
// Generated wrappers where every name of one letter is a macro.
// clang-format off: the macros come after the C++ library, which has std::numbers::e
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include "letters.h"
#include "clashes.hpp"
#include "fallible.hpp"
#include "logreg.hpp"
#include "oddities.hpp"
#include "seeds.hpp"
#include "softmax_regression.hpp"
// clang-format on

thx_status try_all();

thx_status try_all() {
  Clashes model(3, 4, 5);
  return model.status();
}
