// SPDX-License-Identifier: Apache-2.0
// Includes the freestanding headers alone.
#include <thx/object.h>

thx_status answer(void);
thx_status answer(void) { return THX_OK; }
