// SPDX-License-Identifier: Apache-2.0
// Writes the state of a model in the safetensors format: checksum, header, data, without an
// allocation.
#include "state.h"

// Bytes on their way to the caller's writer. With write == NULL they are only counted.
typedef struct sink {
  thx_write_fn write;
  void* user;
  uint64_t count;
  uint32_t held;
  int failed;
  char buffer[256];
} sink;

static void flush(sink* out) {
  if (out->held != 0 && !out->failed && out->write(out->user, out->buffer, out->held) != 0)
    out->failed = 1;
  out->held = 0;
}

static void put(sink* out, char c) {
  ++out->count;
  if (out->write == NULL) return;
  if (out->held == sizeof out->buffer) flush(out);
  out->buffer[out->held++] = c;
}

static void put_text(sink* out, const char* text) {
  for (; *text != '\0'; ++text) put(out, *text);
}

// A JSON string; bytes from 0x80 on are UTF-8 and stand for themselves.
static void put_string(sink* out, const char* text) {
  static const char kDigits[] = "0123456789abcdef";
  put(out, '"');
  for (; *text != '\0'; ++text) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x20) {
      put_text(out, "\\u00");
      put(out, kDigits[c >> 4]);
      put(out, kDigits[c & 15]);
    } else {
      if (c == '"' || c == '\\') put(out, '\\');
      put(out, *text);
    }
  }
  put(out, '"');
}

static void put_natural(sink* out, uint64_t value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + (char)(value % 10));
    value /= 10;
  } while (value != 0);
  while (n > 0) put(out, digits[--n]);
}

static void put_header(sink* out, const thx_state_entry* entries, int32_t n, const char* module,
                       uint32_t crc) {
  static const char kDigits[] = "0123456789abcdef";
  uint64_t begin = 0;
  put_text(out, "{\"__metadata__\":{\"format\":\"thx\",\"module\":");
  put_string(out, module);
  put_text(out, ",\"crc32\":\"");
  for (int shift = 28; shift >= 0; shift -= 4) put(out, kDigits[crc >> shift & 15]);
  put_text(out, "\"}");
  for (int32_t i = 0; i < n; ++i) {
    const thx_state_entry* entry = &entries[i];
    const uint64_t end = begin + entry_bytes(entry);
    if (!entry->saved) continue;
    put(out, ',');
    put_string(out, entry->name);
    put_text(out, ":{\"dtype\":\"");
    put_text(out, kDtypes[entry->dtype].name);
    put_text(out, "\",\"shape\":[");
    for (int32_t axis = 0; axis < entry->rank; ++axis) {
      if (axis != 0) put(out, ',');
      put_natural(out, (uint64_t)entry->extents[axis]);
    }
    put_text(out, "],\"data_offsets\":[");
    put_natural(out, begin);
    put(out, ',');
    put_natural(out, end);
    put_text(out, "]}");
    begin = end;
  }
  put(out, '}');
  while (out->count % 8 != 0) put(out, ' ');
}

thx_status thx_state_save(const void* model, const thx_state_entry* entries, int32_t n,
                          const char* module, thx_write_fn write, void* user) {
  const unsigned char* bytes = (const unsigned char*)model;
  uint32_t crc = 0;
  sink out = {NULL, NULL, 0, 0, 0, {0}};
  uint64_t length;
  for (int32_t i = 0; i < n; ++i) {
    const thx_state_entry* entry = &entries[i];
    if (entry->saved) crc = thx_crc32(crc, bytes + entry->offset, (size_t)entry_bytes(entry));
  }
  put_header(&out, entries, n, module, crc);
  length = out.count;
  out.write = write;
  out.user = user;
  for (int i = 0; i < 8; ++i) put(&out, (char)(unsigned char)(length >> 8 * i & 255));
  out.count = 0;
  put_header(&out, entries, n, module, crc);
  flush(&out);
  for (int32_t i = 0; i < n && !out.failed; ++i) {
    const size_t size = (size_t)entry_bytes(&entries[i]);
    if (!entries[i].saved || size == 0) continue;
    if (write(user, bytes + entries[i].offset, size) != 0) out.failed = 1;
  }
  return out.failed ? THX_E_IO : THX_OK;
}
