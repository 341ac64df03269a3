// SPDX-License-Identifier: Apache-2.0
// A strict JSON reader over a range of a file, through a small buffer: no heap, no recursion, any
// input.
#ifndef THX_CORE_JSON_H
#define THX_CORE_JSON_H

#include <thx/thx.h>

typedef struct thx_json {
  thx_read_at_fn read;
  void* user;
  uint64_t next;  // offset in the file of the first byte that is not in the buffer yet
  uint64_t end;
  uint32_t at, have;  // within the buffer
  unsigned char buffer[512];
} thx_json;

// A decoded string; what does not fit is counted, not kept.
typedef struct thx_json_text {
  uint64_t length;
  char bytes[256];
} thx_json_text;

void thx_json_begin(thx_json* json, thx_read_at_fn read, void* user, uint64_t begin, uint64_t end);

// Each answers 1, or 0 where the input is something else, ends or cannot be read. Blanks before a
// token are skipped.
int thx_json_punct(thx_json* json, char c);
int thx_json_string(thx_json* json, thx_json_text* text);
int thx_json_natural(thx_json* json, uint64_t* value);
// Nothing but blanks is left.
int thx_json_done(thx_json* json);

// Whether the next token starts with c; nothing is consumed.
int thx_json_ahead(thx_json* json, char c);

// For `{ a , b }` and `[ a , b ]`: whether another member follows. Opening and closing brackets and
// commas are consumed. *count, 0 at first, is the number of members so far, or negative after
// malformed input.
int thx_json_more(thx_json* json, char open, char close, int64_t* count);

int thx_json_is(const thx_json_text* text, const char* name);

#endif
