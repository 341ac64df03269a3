// SPDX-License-Identifier: Apache-2.0
// The JSON reader that json.h describes.
#include "json.h"

void thx_json_begin(thx_json* json, thx_read_at_fn read, void* user, uint64_t begin, uint64_t end) {
  json->read = read;
  json->user = user;
  json->next = begin;
  json->end = end;
  json->at = 0;
  json->have = 0;
}

// The next byte, or -1.
static int peek(thx_json* json) {
  if (json->at == json->have) {
    const uint64_t left = json->end - json->next;
    const size_t n = left < sizeof json->buffer ? (size_t)left : sizeof json->buffer;
    if (n == 0) return -1;
    if (json->read(json->user, json->next, json->buffer, n) != 0) {
      json->end = json->next;  // a failed reader is not asked again
      return -1;
    }
    json->next += n;
    json->at = 0;
    json->have = (uint32_t)n;
  }
  return json->buffer[json->at];
}

static int take(thx_json* json) {
  const int c = peek(json);
  if (c >= 0) ++json->at;
  return c;
}

static int peek_token(thx_json* json) {
  int c = peek(json);
  while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
    ++json->at;
    c = peek(json);
  }
  return c;
}

int thx_json_ahead(thx_json* json, char c) { return peek_token(json) == c; }

int thx_json_punct(thx_json* json, char c) {
  if (peek_token(json) != c) return 0;
  ++json->at;
  return 1;
}

int thx_json_done(thx_json* json) { return peek_token(json) < 0 && json->next == json->end; }

int thx_json_more(thx_json* json, char open, char close, int64_t* count) {
  const int first = *count == 0;
  if (first && !thx_json_punct(json, open)) {
    *count = -1;
    return 0;
  }
  if (thx_json_punct(json, close)) return 0;
  if (!first && !thx_json_punct(json, ',')) {
    *count = -1;
    return 0;
  }
  if (!first && thx_json_ahead(json, close)) {
    *count = -1;
    return 0;
  }
  ++*count;
  return 1;
}

int thx_json_natural(thx_json* json, uint64_t* value) {
  int c = peek_token(json);
  uint64_t sum = 0;
  if (c < '0' || c > '9') return 0;
  if (c == '0') {
    ++json->at;
    c = peek(json);
    *value = 0;
    return c < '0' || c > '9';
  }
  for (; c >= '0' && c <= '9'; c = peek(json)) {
    const uint64_t digit = (uint64_t)(c - '0');
    if (sum > (UINT64_MAX - digit) / 10) return 0;
    sum = sum * 10 + digit;
    ++json->at;
  }
  *value = sum;
  return 1;
}

static void append(thx_json_text* text, uint32_t byte) {
  if (text->length < sizeof text->bytes) text->bytes[text->length] = (char)byte;
  ++text->length;
}

static void append_code_point(thx_json_text* text, uint32_t c) {
  if (c < 0x80) {
    append(text, c);
    return;
  }
  if (c < 0x800) {
    append(text, 0xC0u | c >> 6);
  } else {
    if (c < 0x10000) {
      append(text, 0xE0u | c >> 12);
    } else {
      append(text, 0xF0u | c >> 18);
      append(text, 0x80u | (c >> 12 & 0x3Fu));
    }
    append(text, 0x80u | (c >> 6 & 0x3Fu));
  }
  append(text, 0x80u | (c & 0x3Fu));
}

static int take_four_digits(thx_json* json, uint32_t* value) {
  uint32_t sum = 0;
  for (int i = 0; i < 4; ++i) {
    const int c = take(json);
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return 0;
    sum = sum << 4 | (uint32_t)digit;
  }
  *value = sum;
  return 1;
}

// After `\u`: one code point, of one or two halves.
static int take_code_point(thx_json* json, thx_json_text* text) {
  uint32_t c, low;
  if (!take_four_digits(json, &c)) return 0;
  if (c >= 0xDC00 && c <= 0xDFFF) return 0;
  if (c >= 0xD800 && c <= 0xDBFF) {
    if (take(json) != '\\' || take(json) != 'u' || !take_four_digits(json, &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return 0;
    c = 0x10000u + ((c & 0x3FFu) << 10 | (low & 0x3FFu));
  }
  append_code_point(text, c);
  return 1;
}

static int take_escape(thx_json* json, thx_json_text* text) {
  static const char kEscapes[] = "\"\\/bfnrt";
  static const char kMeanings[] = "\"\\/\b\f\n\r\t";
  const int c = take(json);
  if (c == 'u') return take_code_point(json, text);
  for (int i = 0; kEscapes[i] != '\0'; ++i) {
    if (c == kEscapes[i]) {
      append(text, (unsigned char)kMeanings[i]);
      return 1;
    }
  }
  return 0;
}

int thx_json_string(thx_json* json, thx_json_text* text) {
  text->length = 0;
  if (!thx_json_punct(json, '"')) return 0;
  for (;;) {
    const int c = take(json);
    if (c == '"') return 1;
    if (c < 0x20) return 0;
    if (c != '\\') {
      append(text, (uint32_t)c);
    } else if (!take_escape(json, text)) {
      return 0;
    }
  }
}

int thx_json_is(const thx_json_text* text, const char* name) {
  uint64_t i = 0;
  if (text->length > sizeof text->bytes) return 0;
  for (; i < text->length; ++i) {
    if (name[i] == '\0' || name[i] != text->bytes[i]) return 0;
  }
  return name[i] == '\0';
}
