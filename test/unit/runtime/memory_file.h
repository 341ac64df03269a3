// SPDX-License-Identifier: Apache-2.0
// Checkpoints in memory for tests: a writer, a reader that can fail, and a model of four states.
#pragma once

#include <thx/object.h>

#include <cstring>
#include <string>
#include <vector>

namespace thx::test {

struct MemoryFile {
  std::string bytes;
  int64_t calls_left = -1;  // calls that succeed before one fails; negative: all do
  int64_t calls = 0;

  bool next_fails() {
    ++calls;
    return calls_left >= 0 && calls_left-- == 0;
  }
};

inline int memory_write(void* user, const void* bytes, size_t n) {
  auto* file = static_cast<MemoryFile*>(user);
  if (file->next_fails()) return 1;
  file->bytes.append(static_cast<const char*>(bytes), n);
  return 0;
}

inline int memory_read(void* user, uint64_t offset, void* dst, size_t n) {
  auto* file = static_cast<MemoryFile*>(user);
  if (file->next_fails()) return 1;
  if (offset > file->bytes.size() || n > file->bytes.size() - offset) return 2;
  std::memcpy(dst, file->bytes.data() + offset, n);
  return 0;
}

// A model as an object would lay it out.
struct alignas(THX_ALIGN) SmallModel {
  static constexpr uint64_t kProgram = 0x1234;
  thx_model_header header = {THX_MODEL_MAGIC, THX_ABI_VERSION, 0, kProgram, sizeof(SmallModel)};
  float w[3] = {1.5f, -2.0f, 0.25f};
  float b = 7.0f;
  int64_t steps[2] = {-1, 1LL << 40};
  double scratch[2] = {3.0, 4.0};
  uint8_t mask[4] = {1, 0, 0, 1};

  bool operator==(const SmallModel& o) const {
    return std::memcmp(w, o.w, sizeof w) == 0 && std::memcmp(&b, &o.b, sizeof b) == 0 &&
           std::memcmp(steps, o.steps, sizeof steps) == 0 &&
           std::memcmp(mask, o.mask, sizeof mask) == 0;
  }
};

inline SmallModel empty_model() {
  SmallModel m;
  m.w[0] = m.w[1] = m.w[2] = m.b = -9.0f;
  m.steps[0] = m.steps[1] = 5;
  m.mask[0] = m.mask[1] = m.mask[2] = m.mask[3] = 0;
  return m;
}

inline std::vector<thx_state_entry> small_entries() {
  static const int64_t kThree[] = {3};
  static const int64_t kTwo[] = {1, 2};
  static const int64_t kMask[] = {2, 2};
  const auto entry = [](const char* name, const int64_t* extents, int rank, uint64_t offset,
                        uint64_t elements, int dtype, bool saved) {
    return thx_state_entry{name, extents, offset, elements, 0, dtype, rank, saved ? 1 : 0, 0};
  };
  return {entry("w", kThree, 1, offsetof(SmallModel, w), 3, THX_F32, true),
          entry("b", nullptr, 0, offsetof(SmallModel, b), 1, THX_F32, true),
          entry("scratch", kThree, 1, offsetof(SmallModel, scratch), 2, THX_F64, false),
          entry("w.steps", kTwo, 2, offsetof(SmallModel, steps), 2, THX_I64, true),
          entry("mask", kMask, 2, offsetof(SmallModel, mask), 4, THX_BOOL, true)};
}

inline std::string saved(const SmallModel& m) {
  MemoryFile file;
  const auto entries = small_entries();
  if (thx_state_save(&m, entries.data(), static_cast<int32_t>(entries.size()), "small",
                     memory_write, &file) != THX_OK) {
    return {};
  }
  return file.bytes;
}

inline thx_status load(SmallModel& m, MemoryFile& file) {
  auto entries = small_entries();
  return thx_state_load(&m, entries.data(), static_cast<int32_t>(entries.size()), file.bytes.size(),
                        memory_read, &file);
}

inline thx_status load(SmallModel& m, const std::string& bytes) {
  MemoryFile file{bytes};
  return load(m, file);
}

// A file of that header and data, as another writer would make it.
inline std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 255);
  return bytes + header + data;
}

}  // namespace thx::test
