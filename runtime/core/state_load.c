// SPDX-License-Identifier: Apache-2.0
// Reads a checkpoint into a model. The file is untrusted: the first pass checks all of it, the
// second copies.
#include "json.h"
#include "state.h"

typedef struct loading {
  thx_state_entry* entries;
  int32_t n;
  int32_t next;  // where the search for a name starts: files mostly follow the declaration
  int differs;   // other names, dtypes or shapes than the model's
  int has_metadata, is_thx, has_crc;
  uint32_t crc;
  thx_json json;
  thx_json_text text;
} loading;

// The saved entry of the name in l->text, or NULL.
static thx_state_entry* find_entry(loading* l) {
  for (int32_t step = 0; step < l->n; ++step) {
    const int32_t i = (l->next + step) % l->n;
    if (l->entries[i].saved && thx_json_is(&l->text, l->entries[i].name)) {
      l->next = (i + 1) % l->n;
      return &l->entries[i];
    }
  }
  return NULL;
}

static int parse_crc(loading* l) {
  uint32_t crc = 0;
  if (l->text.length != 8 || l->has_crc) return 0;
  for (int i = 0; i < 8; ++i) {
    const char c = l->text.bytes[i];
    const int is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'a' && c <= 'f')) return 0;
    crc = crc << 4 | (uint32_t)(is_digit ? c - '0' : c - 'a' + 10);
  }
  l->crc = crc;
  l->has_crc = 1;
  return 1;
}

static int parse_metadata(loading* l) {
  int64_t count = 0;
  if (l->has_metadata) return 0;
  l->has_metadata = 1;
  while (thx_json_more(&l->json, '{', '}', &count)) {
    int is_crc, is_format;
    if (!thx_json_string(&l->json, &l->text)) return 0;
    is_crc = thx_json_is(&l->text, "crc32");
    is_format = thx_json_is(&l->text, "format");
    if (!thx_json_punct(&l->json, ':') || !thx_json_string(&l->json, &l->text)) return 0;
    if (is_crc && !parse_crc(l)) return 0;
    if (is_format && thx_json_is(&l->text, "thx")) l->is_thx = 1;
  }
  return count >= 0;
}

static int parse_shape(loading* l, const thx_state_entry* entry) {
  int64_t count = 0;
  while (thx_json_more(&l->json, '[', ']', &count)) {
    uint64_t extent;
    if (!thx_json_natural(&l->json, &extent)) return 0;
    if (entry != NULL && (count > entry->rank || (uint64_t)entry->extents[count - 1] != extent))
      l->differs = 1;
  }
  if (entry != NULL && count != entry->rank) l->differs = 1;
  return count >= 0;
}

static int parse_offsets(loading* l, uint64_t* begin, uint64_t* end) {
  int64_t count = 0;
  while (thx_json_more(&l->json, '[', ']', &count)) {
    if (count > 2 || !thx_json_natural(&l->json, count == 1 ? begin : end)) return 0;
  }
  return count == 2 && *begin <= *end;
}

// The description of one tensor; its name is in l->text.
static int parse_tensor(loading* l) {
  thx_state_entry* entry = find_entry(l);
  unsigned parts = 0;  // bits: dtype, shape, data_offsets
  int64_t count = 0;
  uint64_t begin = 0, end = 0;
  if (entry == NULL) l->differs = 1;
  if (entry != NULL && entry->seen) return 0;
  while (thx_json_more(&l->json, '{', '}', &count)) {
    unsigned part;
    if (!thx_json_string(&l->json, &l->text)) return 0;
    part = thx_json_is(&l->text, "dtype") ? 1u : 0u;
    if (thx_json_is(&l->text, "shape")) part = 2u;
    if (thx_json_is(&l->text, "data_offsets")) part = 4u;
    if (part == 0 || (parts & part) != 0 || !thx_json_punct(&l->json, ':')) return 0;
    parts |= part;
    if (part == 1u) {
      if (!thx_json_string(&l->json, &l->text)) return 0;
      if (entry != NULL && !thx_json_is(&l->text, kDtypes[entry->dtype].name)) l->differs = 1;
    }
    if (part == 2u && !parse_shape(l, entry)) return 0;
    if (part == 4u && !parse_offsets(l, &begin, &end)) return 0;
  }
  if (count < 0 || parts != 7u) return 0;
  if (entry == NULL) return 1;
  entry->seen = 1;
  entry->file_begin = begin;
  return l->differs || end - begin == entry_bytes(entry);
}

static int parse_header(loading* l) {
  int64_t count = 0;
  if (!thx_json_ahead(&l->json, '{')) return 0;
  while (thx_json_more(&l->json, '{', '}', &count)) {
    if (!thx_json_string(&l->json, &l->text)) return 0;
    if (!thx_json_punct(&l->json, ':')) return 0;
    if (thx_json_is(&l->text, "__metadata__")) {
      if (!parse_metadata(l)) return 0;
    } else if (!parse_tensor(l)) {
      return 0;
    }
  }
  if (count < 0 || !thx_json_done(&l->json)) return 0;
  for (int32_t i = 0; i < l->n; ++i) {
    if (l->entries[i].saved && !l->entries[i].seen) l->differs = 1;
  }
  return 1;
}

// Whether the tensors fill the data exactly. Beginnings are followed upwards: each one found is
// greater than the last, so that the sum of the sizes shows that none is left.
static int fills(const loading* l, uint64_t total) {
  uint64_t sum = 0, reached = 0;
  int32_t at = 0;
  for (int32_t i = 0; i < l->n; ++i) {
    const thx_state_entry* entry = &l->entries[i];
    const uint64_t size = entry_bytes(entry);
    if (!entry->saved) continue;
    if (size > total - sum || entry->file_begin > total - size) return 0;
    sum += size;
  }
  if (sum != total) return 0;
  while (reached < total) {
    int32_t step = 0;
    for (; step < l->n; ++step, at = (at + 1) % l->n) {
      const thx_state_entry* entry = &l->entries[at];
      if (entry->saved && entry->file_begin == reached && entry_bytes(entry) != 0) break;
    }
    if (step == l->n) return 0;
    reached += entry_bytes(&l->entries[at]);
  }
  return 1;
}

// The checksum of a range of the file; 0 for a failed reader.
static int checksum(thx_read_at_fn read, void* user, uint64_t offset, uint64_t n, uint32_t* crc) {
  unsigned char buffer[2048];
  while (n > 0) {
    const size_t part = n < sizeof buffer ? (size_t)n : sizeof buffer;
    if (read(user, offset, buffer, part) != 0) return 0;
    *crc = thx_crc32(*crc, buffer, part);
    offset += part;
    n -= part;
  }
  return 1;
}

// The first pass. *data is where the data starts, *crc their checksum.
static thx_status check_file(thx_state_entry* entries, int32_t n, uint64_t size,
                             thx_read_at_fn read, void* user, uint64_t* data, uint32_t* crc) {
  unsigned char prefix[8];
  uint64_t length = 0;
  loading l;
  if (size < 8 || read(user, 0, prefix, 8) != 0) return THX_E_IO;
  for (int i = 7; i >= 0; --i) length = length << 8 | prefix[i];
  if (length > size - 8) return THX_E_IO;
  l.entries = entries;
  l.n = n;
  l.next = l.differs = l.has_metadata = l.is_thx = l.has_crc = 0;
  l.crc = 0;
  thx_json_begin(&l.json, read, user, 8, 8 + length);
  if (!parse_header(&l)) return THX_E_IO;
  if (l.differs) return THX_E_ABI;
  *data = 8 + length;
  if (!fills(&l, size - *data) || (l.is_thx && !l.has_crc)) return THX_E_IO;
  *crc = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (!entries[i].saved) continue;
    if (!checksum(read, user, *data + entries[i].file_begin, entry_bytes(&entries[i]), crc))
      return THX_E_IO;
  }
  return l.has_crc && l.crc != *crc ? THX_E_IO : THX_OK;
}

thx_status thx_state_load(void* model, thx_state_entry* entries, int32_t n, uint64_t size,
                          thx_read_at_fn read, void* user) {
  thx_model_header* header = (thx_model_header*)model;
  unsigned char* bytes = (unsigned char*)model;
  uint64_t data = 0;
  uint32_t expected = 0, crc = 0;
  thx_status status;
  for (int32_t i = 0; i < n; ++i) {
    entries[i].seen = 0;
    entries[i].file_begin = 0;
  }
  status = check_file(entries, n, size, read, user, &data, &expected);
  if (status != THX_OK) return status;
  header->flags |= THX_MODEL_TORN;
  for (int32_t i = 0; i < n; ++i) {
    const size_t part = (size_t)entry_bytes(&entries[i]);
    unsigned char* dst = bytes + entries[i].offset;
    if (!entries[i].saved || part == 0) continue;
    if (read(user, data + entries[i].file_begin, dst, part) != 0) return THX_E_IO;
    crc = thx_crc32(crc, dst, part);
    if (entries[i].dtype == THX_BOOL) {
      for (size_t k = 0; k < part; ++k) dst[k] = dst[k] != 0;
    }
  }
  if (crc != expected) return THX_E_IO;  // the file changed between the passes
  header->flags &= ~THX_MODEL_TORN;
  return THX_OK;
}
