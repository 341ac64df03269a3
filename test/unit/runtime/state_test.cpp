// SPDX-License-Identifier: Apache-2.0
// Checkpoints: what is written, what comes back, what other writers make, and what fails how.
#include <gtest/gtest.h>

#include "memory_file.h"

namespace thx::test {
namespace {

TEST(StateSave, Bytes) {
  const std::string bytes = saved(SmallModel());
  ASSERT_GT(bytes.size(), 8u);
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  ASSERT_EQ(bytes.size(), 8 + length + 12 + 4 + 16 + 4);
  std::string header = bytes.substr(8, length);
  header.erase(header.find_last_not_of(' ') + 1);
  EXPECT_EQ(header,
            "{\"__metadata__\":{\"format\":\"thx\",\"module\":\"small\",\"crc32\":\"423b42ef\"},"
            "\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
            "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[12,16]},"
            "\"w.steps\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[16,32]},"
            "\"mask\":{\"dtype\":\"BOOL\",\"shape\":[2,2],\"data_offsets\":[32,36]}}");
}

TEST(StateSave, SameBytesTwiceAndNoEmptyWrite) {
  EXPECT_EQ(saved(SmallModel()), saved(SmallModel()));
}

TEST(StateSave, EveryFailingWriteIsReported) {
  MemoryFile whole;
  const auto entries = small_entries();
  const SmallModel m;
  const int32_t n = static_cast<int32_t>(entries.size());
  ASSERT_EQ(thx_state_save(&m, entries.data(), n, "small", memory_write, &whole), THX_OK);
  for (int64_t k = 0; k < whole.calls; ++k) {
    MemoryFile file;
    file.calls_left = k;
    EXPECT_EQ(thx_state_save(&m, entries.data(), n, "small", memory_write, &file), THX_E_IO);
    EXPECT_EQ(file.calls, k + 1) << "a failed writer is not called again";
  }
}

TEST(StateSave, EscapesNames) {
  float value = 2.0f;
  thx_state_entry entry = {"q\"\\\n\xc3\xa9", nullptr, 0, 1, 0, THX_F32, 0, 1, 0};
  MemoryFile file;
  struct {
    thx_model_header header;
    float value;
  } m = {};
  m.value = value;
  entry.offset = sizeof m.header;
  ASSERT_EQ(thx_state_save(&m, &entry, 1, "a\"b", memory_write, &file), THX_OK);
  EXPECT_NE(file.bytes.find("\"q\\\"\\\\\\u000a\xc3\xa9\":"), std::string::npos);
  m.value = 0;
  EXPECT_EQ(thx_state_load(&m, &entry, 1, file.bytes.size(), memory_read, &file), THX_OK);
  EXPECT_EQ(m.value, 2.0f);
}

TEST(StateLoad, RoundTrip) {
  const SmallModel original;
  SmallModel m = empty_model();
  m.scratch[0] = 11.0;
  EXPECT_EQ(load(m, saved(original)), THX_OK);
  EXPECT_TRUE(m == original);
  EXPECT_EQ(m.scratch[0], 11.0) << "transient state is not touched";
  EXPECT_EQ(m.header.flags, 0u);
}

TEST(StateLoad, ProgramWithoutState) {
  thx_model_header m = {};
  MemoryFile file;
  ASSERT_EQ(thx_state_save(&m, nullptr, 0, "none", memory_write, &file), THX_OK);
  EXPECT_EQ(thx_state_load(&m, nullptr, 0, file.bytes.size(), memory_read, &file), THX_OK);
  file.bytes += 'x';
  EXPECT_EQ(thx_state_load(&m, nullptr, 0, file.bytes.size(), memory_read, &file), THX_E_IO);
}

const std::string kW = R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})";
const std::string kB = R"("b":{"dtype":"F32","shape":[],"data_offsets":[12,16]})";
const std::string kSteps = R"("w.steps":{"dtype":"I64","shape":[1,2],"data_offsets":[16,32]})";
const std::string kMask = R"("mask":{"dtype":"BOOL","shape":[2,2],"data_offsets":[32,36]})";

std::string data_of(const SmallModel& m) {
  std::string data(reinterpret_cast<const char*>(m.w), 12);
  data.append(reinterpret_cast<const char*>(&m.b), 4);
  data.append(reinterpret_cast<const char*>(m.steps), 16);
  return data.append(reinterpret_cast<const char*>(m.mask), 4);
}

thx_status load_header(const std::string& header) {
  SmallModel m = empty_model();
  const thx_status status = load(m, file_of(header, data_of(SmallModel())));
  EXPECT_TRUE(m == (status == THX_OK ? SmallModel() : empty_model())) << header;
  EXPECT_EQ(m.header.flags, 0u);
  return status;
}

std::string braced(std::initializer_list<std::string> members) {
  std::string text;
  for (const std::string& member : members) text += (text.empty() ? "{" : ",") + member;
  return text + "}";
}

TEST(StateLoad, FilesOfOtherWriters) {
  EXPECT_EQ(load_header(braced({kW, kB, kSteps, kMask})), THX_OK);
  EXPECT_EQ(load_header(braced({kMask, kSteps, kW, kB})), THX_OK);
  EXPECT_EQ(load_header(braced({R"("__metadata__":{})", kW, kB, kSteps, kMask}) + "   "), THX_OK);
  EXPECT_EQ(load_header(braced(
                {kW, kB, kSteps, R"("__metadata__":{"format":"pt","a":"\ud83d\ude00"})", kMask})),
            THX_OK);
  EXPECT_EQ(load_header("{\n \"\\u0077\" : { \"data_offsets\" : [ 0 , 12 ] , \"shape\":[3],"
                        "\"dtype\":\"\\u0046\\u00332\" }\t,\r" +
                        kB + "," + kSteps + "," + kMask + "}\n"),
            THX_OK);
}

TEST(StateLoad, DataInAnotherOrder) {
  const SmallModel m;
  const std::string data = data_of(m);
  const std::string other = data.substr(16, 16) + data.substr(32, 4) + data.substr(0, 16);
  std::string header = R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[20,32]},)"
                       R"("b":{"dtype":"F32","shape":[],"data_offsets":[32,36]},)"
                       R"("w.steps":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]},)"
                       R"("mask":{"dtype":"BOOL","shape":[2,2],"data_offsets":[16,20]}})";
  SmallModel loaded = empty_model();
  EXPECT_EQ(load(loaded, file_of(header, other)), THX_OK);
  EXPECT_TRUE(loaded == m);
  // The checksum is that of the states in order of declaration.
  header.insert(1, R"("__metadata__":{"crc32":"423b42ef"},)");
  loaded = empty_model();
  EXPECT_EQ(load(loaded, file_of(header, other)), THX_OK);
  EXPECT_TRUE(loaded == m);
}

TEST(StateLoad, BooleansBecomeZeroOrOne) {
  SmallModel m;
  std::string data = data_of(m);
  data[32] = 77;
  EXPECT_EQ(load(m, file_of(braced({kW, kB, kSteps, kMask}), data)), THX_OK);
  EXPECT_EQ(m.mask[0], 1);
}

TEST(StateLoad, OtherProgramsAreAbi) {
  EXPECT_EQ(load_header(braced({kW, kB, kSteps})), THX_E_ABI);
  EXPECT_EQ(load_header("{}"), THX_E_ABI);
  const auto with_w = [](const char* w) { return braced({w, kB, kSteps, kMask}); };
  for (const char* w : {R"("v":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})",
                        R"("w":{"dtype":"I32","shape":[3],"data_offsets":[0,12]})",
                        R"("w":{"dtype":"F64","shape":[3],"data_offsets":[0,24]})",
                        R"("w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]})",
                        R"("w":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]})",
                        R"("w":{"dtype":"F32","shape":[],"data_offsets":[0,12]})",
                        R"("scratch":{"dtype":"F64","shape":[2],"data_offsets":[0,16]})"}) {
    EXPECT_EQ(load_header(with_w(w)), THX_E_ABI) << w;
  }
  const std::string extra = R"("extra":{"dtype":"F32","shape":[0],"data_offsets":[36,36]})";
  EXPECT_EQ(load_header(braced({kW, kB, kSteps, kMask, extra})), THX_E_ABI);
  const std::string name(5000, 'w');
  const std::string longer = "\"" + name + R"(":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})";
  EXPECT_EQ(load_header(with_w(longer.c_str())), THX_E_ABI);
}

TEST(StateLoad, MalformedHeadersAreIo) {
  const auto with_w = [](const std::string& w) { return braced({w, kB, kSteps, kMask}); };
  const std::string rest = "," + kB + "," + kSteps + "," + kMask + "}";
  for (const std::string& header : {
           std::string(""),
           std::string("{"),
           std::string("[]"),
           std::string("null"),
           std::string("  "),
           "{" + kW,
           "{" + kW + rest + "x",
           "{" + kW + rest + "{}",
           "{," + kW + rest,
           "{" + kW + "," + rest,
           "{" + kW + "," + kB + ",}",
           "{" + kW + " " + kB + "}",
           with_w(kW + "," + kW),
           with_w(R"("w":[])"),
           with_w(R"("w":{})"),
           with_w(R"("w" {"dtype":"F32"})"),
           with_w(R"("w":{"dtype":"F32","shape":[3]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,12],"x":1})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"shape":[3],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,12,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[12,0]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,13]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[1,13]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[12,24]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[1000000,1000012]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,18446744073709551628]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3],"data_offsets":)"
                  R"([18446744073709551604,18446744073709551615]})"),
           with_w(R"("w":{"dtype":"F32","shape":[-3],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[03],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3.0],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3e0],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32","shape":[3,],"data_offsets":[0,12]})"),
           with_w(R"("w":{"dtype":"F32,"shape":[3],"data_offsets":[0,12]})"),
           with_w(R"("\x":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})"),
           with_w(R"("\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})"),
           with_w(R"("\udc00":{"dtype":"F32","shape":[3],"data_offsets":[0,12]})"),
           with_w("\"\n\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}"),
           with_w(R"("__metadata__":{"a":1},)" + kW),
           with_w(R"("__metadata__":{"a":{}},)" + kW),
           with_w(R"("__metadata__":{},"__metadata__":{},)" + kW),
           with_w(R"("__metadata__":{"crc32":"423b42e"},)" + kW),
           with_w(R"("__metadata__":{"crc32":"00000000"},)" + kW),
           with_w(R"("__metadata__":{"crc32":""},)" + kW),
           with_w(R"("__metadata__":{"format":"thx"},)" + kW),
       }) {
    EXPECT_EQ(load_header(header), THX_E_IO) << header;
  }
}

TEST(StateLoad, NestedInputNeedsNoStack) {
  EXPECT_EQ(load_header(std::string(1 << 20, '[')), THX_E_IO);
  EXPECT_EQ(load_header("{\"w\":" + std::string(1 << 20, '{')), THX_E_IO);
  EXPECT_EQ(load_header("{" + std::string(1 << 20, ' ')), THX_E_IO);
}

TEST(StateLoad, AFailingReaderTearsOnlyInTheSecondPass) {
  const std::string bytes = saved(SmallModel());
  MemoryFile whole{bytes};
  SmallModel m = empty_model();
  ASSERT_EQ(load(m, whole), THX_OK);
  int torn = 0;
  for (int64_t k = 0; k < whole.calls; ++k) {
    MemoryFile file{bytes, k};
    m = empty_model();
    EXPECT_EQ(load(m, file), THX_E_IO);
    EXPECT_EQ(file.calls, k + 1);
    if (m.header.flags == THX_MODEL_TORN) {
      ++torn;
      EXPECT_EQ(thx_model_check(&m, SmallModel::kProgram, 0, nullptr, 0), THX_E_ABI);
      EXPECT_EQ(load(m, bytes), THX_OK) << "a torn model is healed by a load";
      EXPECT_EQ(m.header.flags, 0u);
      EXPECT_TRUE(m == SmallModel());
    } else {
      EXPECT_EQ(torn, 0);
      EXPECT_TRUE(m == empty_model());
    }
  }
  EXPECT_EQ(torn, 4);
}

// The file changes between the passes.
int changing_read(void* user, uint64_t offset, void* dst, size_t n) {
  auto* file = static_cast<MemoryFile*>(user);
  const int failed = memory_read(user, offset, dst, n);
  if (file->calls > 6) static_cast<char*>(dst)[0] ^= 1;
  return failed;
}

TEST(StateLoad, AFileThatChangesIsRefused) {
  MemoryFile file{saved(SmallModel())};
  SmallModel m = empty_model();
  auto entries = small_entries();
  EXPECT_EQ(thx_state_load(&m, entries.data(), static_cast<int32_t>(entries.size()),
                           file.bytes.size(), changing_read, &file),
            THX_E_IO);
  EXPECT_EQ(m.header.flags, THX_MODEL_TORN);
}

}  // namespace
}  // namespace thx::test
