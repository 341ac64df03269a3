// SPDX-License-Identifier: Apache-2.0
// Names and texts of the status codes.
#include <thx/thx.h>

typedef struct status_text {
  char name[16];
  char text[72];
} status_text;

// In the order of the codes; in place, so that the table needs no relocation.
static const status_text kStatusTexts[] = {
    {"THX_OK", "success"},
    {"THX_E_DIM", "a dim is negative, does not fit another, or a size overflows"},
    {"THX_E_NULL", "a pointer to a non-empty array is NULL"},
    {"THX_E_ALIGN", "a pointer is not aligned"},
    {"THX_E_WORKSPACE", "the memory handed over is too small"},
    {"THX_E_ALIAS", "a written range overlaps another range"},
    {"THX_E_ABI", "made by another program or version, or other names, dtypes or dims"},
    {"THX_E_INDEX", "an index is outside its extent"},
    {"THX_E_DOMAIN", "an operation has no result for this operand"},
    {"THX_E_NONFINITE", "a guarded value is NaN, infinite or beyond its bound"},
    {"THX_E_DEVICE", "the device is missing or failed"},
    {"THX_E_IO", "reading or writing failed, or the bytes are truncated or altered"},
};

static const status_text* find_status(thx_status status) {
  const thx_status count = (thx_status)(sizeof kStatusTexts / sizeof kStatusTexts[0]);
  return status >= 0 && status < count ? &kStatusTexts[status] : NULL;
}

const char* thx_status_name(thx_status status) {
  const status_text* found = find_status(status);
  return found == NULL ? "THX_E_?" : found->name;
}

const char* thx_status_text(thx_status status) {
  const status_text* found = find_status(status);
  return found == NULL ? "not a status" : found->text;
}
