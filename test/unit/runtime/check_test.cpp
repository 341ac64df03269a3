// SPDX-License-Identifier: Apache-2.0
// The checks of entry points: structs, models, ranges, the order of answers; and the ABI's layouts.
#include <gtest/gtest.h>
#include <thx/object.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace thx {
namespace {

// What generated code has in its bones.
static_assert(sizeof(thx_exec) == 64 && offsetof(thx_exec, user) == 8 &&
              offsetof(thx_exec, parallel_for) == 16 && offsetof(thx_exec, team) == 24 &&
              offsetof(thx_exec, team_run) == 32 && offsetof(thx_exec, barrier) == 40 &&
              offsetof(thx_exec, err) == 48 && offsetof(thx_exec, device) == 56);
static_assert(sizeof(thx_error) == 24 && offsetof(thx_error, argument) == 4 &&
              offsetof(thx_error, line) == 8 && offsetof(thx_error, index) == 16);
static_assert(sizeof(thx_init) == 32 && offsetof(thx_init, seed) == 8 &&
              offsetof(thx_init, ws) == 16 && offsetof(thx_init, ws_bytes) == 24);
static_assert(sizeof(thx_model_header) == 32 && offsetof(thx_model_header, abi) == 8 &&
              offsetof(thx_model_header, flags) == 12 &&
              offsetof(thx_model_header, program) == 16 && offsetof(thx_model_header, bytes) == 24);
static_assert(sizeof(thx_range) == 40 && offsetof(thx_range, bytes) == 8 &&
              offsetof(thx_range, given) == 16 && offsetof(thx_range, align) == 24 &&
              offsetof(thx_range, flags) == 28 && offsetof(thx_range, argument) == 32);
static_assert(sizeof(thx_state_entry) == 56 && offsetof(thx_state_entry, extents) == 8 &&
              offsetof(thx_state_entry, offset) == 16 &&
              offsetof(thx_state_entry, elements) == 24 &&
              offsetof(thx_state_entry, file_begin) == 32 &&
              offsetof(thx_state_entry, dtype) == 40 && offsetof(thx_state_entry, rank) == 44 &&
              offsetof(thx_state_entry, saved) == 48 && offsetof(thx_state_entry, seen) == 52);

thx_exec exec_with(thx_error* err) {
  thx_exec ex = {};
  ex.size = sizeof ex;
  ex.err = err;
  return ex;
}

TEST(Status, NamesAndTexts) {
  EXPECT_STREQ(thx_status_name(THX_OK), "THX_OK");
  EXPECT_STREQ(thx_status_name(THX_E_DIM), "THX_E_DIM");
  EXPECT_STREQ(thx_status_name(THX_E_IO), "THX_E_IO");
  EXPECT_STREQ(thx_status_name(THX_E_IO + 1), "THX_E_?");
  EXPECT_STREQ(thx_status_name(-1), "THX_E_?");
  for (thx_status s = THX_OK; s <= THX_E_IO; ++s) EXPECT_GT(std::strlen(thx_status_text(s)), 5u);
  EXPECT_STREQ(thx_status_text(INT32_MIN), "not a status");
}

TEST(CheckExec, SizeFlagsAndAlignment) {
  thx_exec ex = exec_with(nullptr);
  EXPECT_EQ(thx_check_exec(nullptr), THX_OK);
  EXPECT_EQ(thx_check_exec(&ex), THX_OK);
  ex.size = sizeof ex + 8;  // a later version's
  EXPECT_EQ(thx_check_exec(&ex), THX_OK);
  ex.size = sizeof ex - 1;
  EXPECT_EQ(thx_check_exec(&ex), THX_E_ABI);
  ex = exec_with(nullptr);
  ex.flags = 1;
  EXPECT_EQ(thx_check_exec(&ex), THX_E_ABI);
  const char* odd = reinterpret_cast<const char*>(&ex) + 1;
  EXPECT_EQ(thx_check_exec(reinterpret_cast<const thx_exec*>(odd)), THX_E_ALIGN);
  thx_init opts = {};
  EXPECT_EQ(thx_check_init(nullptr), THX_OK);
  EXPECT_EQ(thx_check_init(&opts), THX_E_ABI);
  opts.size = sizeof opts;
  EXPECT_EQ(thx_check_init(&opts), THX_OK);
}

TEST(Fail, WritesWhereItCan) {
  thx_error err = {-1, -1, -1, -1, -1};
  thx_exec ex = exec_with(&err);
  EXPECT_EQ(thx_fail(nullptr, THX_E_DIM, 1, 2, 3), THX_E_DIM);
  ex.size = 4;  // what lies behind it is unknown
  EXPECT_EQ(thx_fail(&ex, THX_E_DIM, 1, 2, 3), THX_E_DIM);
  EXPECT_EQ(err.status, -1);
  ex.size = sizeof ex;
  EXPECT_EQ(thx_fail(&ex, THX_E_INDEX, 4, 18, -7), THX_E_INDEX);
  EXPECT_EQ(err.status, THX_E_INDEX);
  EXPECT_EQ(err.argument, 4);
  EXPECT_EQ(err.line, 18);
  EXPECT_EQ(err.index, -7);
}

TEST(Model, PlaceSealCheckAttach) {
  alignas(64) unsigned char memory[256] = {};
  void* place = nullptr;
  EXPECT_EQ(thx_model_place(nullptr, 256, 100, &place), THX_E_NULL);
  EXPECT_EQ(thx_model_place(memory + 1, 162, 100, &place), THX_E_WORKSPACE);
  EXPECT_EQ(thx_model_place(memory + 1, 3, 0, &place), THX_E_WORKSPACE);
  EXPECT_EQ(thx_model_place(memory + 1, 163, 100, &place), THX_OK);
  EXPECT_EQ(place, memory + 64);
  EXPECT_EQ(thx_model_place(memory, 100, UINT64_MAX, &place), THX_E_WORKSPACE);
  EXPECT_EQ(thx_model_place(memory, 100, 100, &place), THX_OK);
  EXPECT_EQ(place, memory);

  const int64_t dims[2] = {30, 4};
  thx_error err = {};
  thx_exec ex = exec_with(&err);
  EXPECT_EQ(thx_model_check(memory, 9, 0, &ex, 12), THX_E_ABI);
  EXPECT_EQ(err.argument, 1);
  EXPECT_EQ(err.line, 12);
  thx_model_seal(memory, 9, 100, dims, 2);
  EXPECT_EQ(thx_model_check(memory, 9, 0, &ex, 0), THX_OK);
  EXPECT_EQ(thx_model_check(memory, 8, 0, &ex, 0), THX_E_ABI);
  EXPECT_EQ(thx_model_check(nullptr, 9, 0, &ex, 0), THX_E_NULL);
  EXPECT_EQ(thx_model_check(memory + 8, 9, 0, &ex, 0), THX_E_ALIGN);
  ex.flags = 2;
  EXPECT_EQ(thx_model_check(memory, 9, 0, &ex, 0), THX_E_ABI);
  EXPECT_EQ(thx_model_check(nullptr, 9, 0, &ex, 0), THX_E_NULL);

  EXPECT_EQ(thx_model_attach(memory, 100, 9, 2), THX_OK);
  EXPECT_EQ(thx_model_attach(memory, 99, 9, 2), THX_E_ABI);
  EXPECT_EQ(thx_model_attach(memory, 10, 9, 2), THX_E_ABI);
  EXPECT_EQ(thx_model_attach(memory, 100, 7, 2), THX_E_ABI);
  EXPECT_EQ(thx_model_attach(memory + 4, 90, 9, 2), THX_E_ALIGN);
  EXPECT_EQ(thx_model_attach(nullptr, 100, 9, 2), THX_E_NULL);
  auto* header = reinterpret_cast<thx_model_header*>(memory);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(memory), 8), "THXMODEL");
  header->flags = THX_MODEL_TORN;
  EXPECT_EQ(thx_model_check(memory, 9, 0, nullptr, 0), THX_E_ABI);
  EXPECT_EQ(thx_model_check(memory, 9, THX_MODEL_TORN, nullptr, 0), THX_OK);
  EXPECT_EQ(thx_model_attach(memory, 100, 9, 2), THX_E_ABI);
  header->flags = 0;
  reinterpret_cast<int64_t*>(header + 1)[1] = -1;
  EXPECT_EQ(thx_model_attach(memory, 100, 9, 2), THX_E_ABI);
}

thx_range range(const void* begin, uint64_t bytes, uint32_t flags, int32_t argument) {
  return {begin, bytes, 0, 4, flags, argument, 0};
}

TEST(Alias, WrittenOverlapsNothing) {
  const char* p = reinterpret_cast<const char*>(uintptr_t{4096});
  const auto fault = [](std::initializer_list<thx_range> ranges) {
    return thx_alias_check(ranges.begin(), static_cast<int32_t>(ranges.size()));
  };
  EXPECT_EQ(fault({}), 0);
  EXPECT_EQ(fault({range(p, 16, 0, 1), range(p, 16, 0, 2), range(p + 4, 4, 0, 3)}), 0);
  EXPECT_EQ(fault({range(p, 16, THX_RANGE_WRITTEN, 1), range(p + 12, 4, 0, 4)}), 4);
  EXPECT_EQ(fault({range(p + 12, 4, 0, 1), range(p, 16, THX_RANGE_WRITTEN, 5)}), 5);
  EXPECT_EQ(fault({range(p, 16, THX_RANGE_WRITTEN, 1), range(p + 16, 4, 0, 4)}), 0);
  EXPECT_EQ(fault({range(p + 16, 4, THX_RANGE_WRITTEN, 1), range(p, 16, 0, 4)}), 0);
  EXPECT_EQ(fault({range(p, 16, THX_RANGE_WRITTEN, 1), range(p + 8, 0, 0, 4)}), 0);
  EXPECT_EQ(fault({range(nullptr, 1 << 20, THX_RANGE_WRITTEN, 1), range(p, 16, 0, 4)}), 0);
  // Sizes that would wrap around the address space.
  EXPECT_EQ(fault({range(p, UINT64_MAX, 0, 1), range(p + 64, 4, THX_RANGE_WRITTEN, 2)}), 2);
  EXPECT_EQ(fault({range(p, 4, 0, 1), range(p + 64, UINT64_MAX, THX_RANGE_WRITTEN, 2)}), 0);
}

TEST(CheckRanges, KindsInOrderEachByPosition) {
  alignas(64) float memory[64];
  const char* odd = reinterpret_cast<const char*>(memory) + 2;
  thx_error err = {};
  const thx_exec ex = exec_with(&err);
  thx_range ranges[] = {range(memory, 16, 0, 3), range(memory + 4, 16, THX_RANGE_WRITTEN, 4),
                        range(memory + 16, 64, THX_RANGE_WRITTEN | THX_RANGE_WORKSPACE, 5)};
  ranges[2].given = 64;
  ranges[2].align = 64;
  const auto check = [&] { return thx_check_ranges(ranges, 3, &ex, 18); };
  EXPECT_EQ(check(), THX_OK);
  ranges[1].begin = memory;
  EXPECT_EQ(check(), THX_E_ALIAS);
  EXPECT_EQ(err.argument, 4);
  ranges[2].given = 63;
  EXPECT_EQ(check(), THX_E_WORKSPACE);
  EXPECT_EQ(err.index, 64);
  EXPECT_EQ(err.argument, 5);
  ranges[0].begin = odd;
  EXPECT_EQ(check(), THX_E_ALIGN);
  EXPECT_EQ(err.argument, 3);
  ranges[2].begin = nullptr;
  EXPECT_EQ(check(), THX_E_NULL);
  EXPECT_EQ(err.argument, 5);
  EXPECT_EQ(err.line, 18);
}

TEST(CheckRanges, EmptyAndOptionalArrays) {
  alignas(64) float memory[64];
  thx_range ranges[] = {range(nullptr, 0, 0, 1), range(reinterpret_cast<const char*>(1), 0, 0, 2),
                        range(nullptr, 16, THX_RANGE_WRITTEN | THX_RANGE_OPTIONAL, 3),
                        range(memory, 16, THX_RANGE_WRITTEN | THX_RANGE_OPTIONAL, 4),
                        range(nullptr, 0, THX_RANGE_WRITTEN | THX_RANGE_WORKSPACE, 5)};
  EXPECT_EQ(thx_check_ranges(ranges, 5, nullptr, 0), THX_OK);
}

TEST(CpuLevel, IsStable) {
  const int32_t level = thx_cpu_level();
  EXPECT_EQ(level, thx_cpu_level());
#if defined(__x86_64__)
  EXPECT_GE(level, 1);
  EXPECT_LE(level, 4);
  EXPECT_EQ(level >= 3, static_cast<bool>(__builtin_cpu_supports("x86-64-v3")));
  EXPECT_EQ(level >= 4, static_cast<bool>(__builtin_cpu_supports("x86-64-v4")));
#else
  EXPECT_EQ(level, 0);
#endif
}

}  // namespace
}  // namespace thx
