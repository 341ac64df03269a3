// SPDX-License-Identifier: Apache-2.0
// Reads tables of cases from JSON lines.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/text.h"
#include "table.h"

namespace thx::tables {

namespace {

namespace json = llvm::json;

[[noreturn]] void fail(const std::string& message) { throw std::runtime_error(message); }

std::string text_of(const json::Value& value) {
  const auto text = value.getAsString();
  if (!text) fail("a string is missing");
  return text->str();
}

template <class T, class Number>
void append(HostArray& array, Number number) {
  const T value = static_cast<T>(number);
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  array.bytes.insert(array.bytes.end(), bytes, bytes + sizeof value);
}

void append_element(HostArray& array, const char* text) {
  switch (array.dtype) {
    case DType::f32: append<float>(array, std::strtof(text, nullptr)); break;
    case DType::f64: append<double>(array, std::strtod(text, nullptr)); break;
    case DType::u64: append<uint64_t>(array, std::strtoull(text, nullptr, 10)); break;
    case DType::i8: append<int8_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::i16: append<int16_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::i32: append<int32_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::i64: append<int64_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::u8: append<uint8_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::u16: append<uint16_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::u32: append<uint32_t>(array, std::strtoll(text, nullptr, 10)); break;
    case DType::boolean: append<uint8_t>(array, std::strtoll(text, nullptr, 10)); break;
  }
}

// ["f32", [2], "1 2"], with a tolerance behind them where the value is not exact.
HostArray array_of(const json::Array& parts) {
  const std::optional<DType> dtype = dtype_named(text_of(parts[0]));
  if (!dtype) fail("no dtype: " + text_of(parts[0]));
  HostArray array{.dtype = *dtype, .extents = {}, .bytes = {}};
  for (const json::Value& extent : *parts[1].getAsArray())
    array.extents.push_back(extent.getAsInteger().value());
  std::istringstream numbers(text_of(parts[2]));
  for (std::string number; numbers >> number;) append_element(array, number.c_str());
  if (std::optional<int64_t> bytes = byte_count(array.dtype, array.extents);
      bytes != static_cast<int64_t>(array.bytes.size()))
    fail("numbers do not fill " + type_text(array));
  return array;
}

Tolerance tolerance_of(const json::Array& parts) {
  Tolerance result;
  if (parts.size() < 4) return result;
  const json::Object& tolerance = *parts[3].getAsObject();
  if (const auto ulp = tolerance.getInteger("ulp")) result.ulp = *ulp;
  if (const auto rtol = tolerance.getNumber("rtol")) result.rtol = *rtol;
  result.atol = tolerance.getNumber("atol").value_or(0);
  return result;
}

Arguments arguments_of(const json::Object* object) {
  Arguments result;
  if (!object) return result;
  for (const auto& [key, value] : *object) result.emplace(key.str(), array_of(*value.getAsArray()));
  return result;
}

std::vector<Wanted> wanted_of(const json::Object* object) {
  std::vector<Wanted> result;
  if (!object) return result;
  for (const auto& [key, value] : *object) {
    const json::Array& parts = *value.getAsArray();
    result.push_back({key.str(), array_of(parts), tolerance_of(parts)});
  }
  std::sort(result.begin(), result.end(),
            [](const Wanted& a, const Wanted& b) { return a.name < b.name; });
  return result;
}

Call call_of(const json::Object& line) {
  Call call;
  call.name = line.getString("case")->str();
  call.function = line.getString("function")->str();
  if (const json::Object* dims = line.getObject("dims"))
    for (const auto& [key, value] : *dims) call.dims[key.str()] = value.getAsInteger().value();
  call.inputs = arguments_of(line.getObject("in"));
  call.state = arguments_of(line.getObject("state"));
  call.fresh = line.get("state") != nullptr;
  call.outputs = wanted_of(line.getObject("out"));
  call.after = wanted_of(line.getObject("after"));
  if (const auto status = line.getString("status")) call.status = status->str();
  return call;
}

// The lines of `source`, or the file that `file` names beside the table.
std::string source_of(const json::Object& line, const std::filesystem::path& folder) {
  std::string text;
  if (const auto file = line.getString("file")) {
    std::ifstream stream(folder / file->str());
    if (!stream) fail("cannot read " + (folder / file->str()).string());
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
  }
  for (const json::Value& part : *line.getArray("source")) text += text_of(part) + "\n";
  return text;
}

void add_line(Table& table, const json::Object& line, const std::filesystem::path& folder) {
  if (const auto name = line.getString("refused")) {
    Refused refused{.name = name->str(), .source = source_of(line, folder), .errors = {}};
    for (const json::Value& id : *line.getArray("errors")) refused.errors.push_back(text_of(id));
    table.refused.push_back(std::move(refused));
  } else if (line.get("case")) {
    const std::string name = line.getString("program")->str();
    const auto program = std::find_if(table.programs.begin(), table.programs.end(),
                                      [&](const TestProgram& each) { return each.name == name; });
    if (program == table.programs.end()) fail("a case stands behind its program: " + name);
    program->calls.push_back(call_of(line));
  } else {
    TestProgram program;
    program.name = line.getString("program")->str();
    program.source = source_of(line, folder);
    if (const auto floatx = line.getString("floatx"))
      program.float_x = dtype_named(floatx->str()).value();
    table.programs.push_back(std::move(program));
  }
}

}  // namespace

Table read_table(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) fail("cannot read " + path);
  Table table;
  int number = 0;
  for (std::string text; std::getline(stream, text);) {
    ++number;
    if (text.empty()) continue;
    llvm::Expected<json::Value> value = json::parse(text);
    if (!value) fail(format("{}:{}: {}", path, number, llvm::toString(value.takeError())));
    try {
      add_line(table, *value->getAsObject(), std::filesystem::path(path).parent_path());
    } catch (const std::exception& error) {
      fail(format("{}:{}: {}", path, number, error.what()));
    }
  }
  return table;
}

}  // namespace thx::tables
