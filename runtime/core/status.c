// SPDX-License-Identifier: Apache-2.0
// Names and texts of the status codes.
#include <thx/thx.h>

// Pairs of name and text in the order of the codes.
static const char* const kStatusTexts[][2] = {
    {"THX_OK", "success"},
    {"THX_E_DIM", "a dim is negative, does not fit another, or a size overflows"},
    {"THX_E_NULL", "a pointer to a non-empty array is NULL"},
    {"THX_E_ALIGN", "a pointer is not aligned"},
    {"THX_E_WORKSPACE", "the memory handed over is too small"},
    {"THX_E_ALIAS", "a written range overlaps another range"},
    {"THX_E_ABI", "made by another program or version, or other names, dtypes or dims"},
    {"THX_E_INDEX", "an index is outside its extent"},
    {"THX_E_DOMAIN", "an operation has no result for this operand"},
    {"THX_E_NONFINITE", "an update is infinite or NaN"},
    {"THX_E_DEVICE", "the device is missing or failed"},
    {"THX_E_IO", "reading or writing failed, or the bytes are truncated or altered"},
};

static const char* status_part(thx_status status, int part, const char* other) {
  const thx_status count = (thx_status)(sizeof kStatusTexts / sizeof kStatusTexts[0]);
  return status >= 0 && status < count ? kStatusTexts[status][part] : other;
}

const char* thx_status_name(thx_status status) { return status_part(status, 0, "THX_E_?"); }

const char* thx_status_text(thx_status status) { return status_part(status, 1, "not a status"); }
