// SPDX-License-Identifier: Apache-2.0
// Reads formulas from JSON lines.
#include <llvm/Support/JSON.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "formulas.h"
#include "support/text.h"

namespace thx::stability {

namespace {

namespace json = llvm::json;

std::string text_of(const json::Value& value) {
  const auto text = value.getAsString();
  if (!text) throw std::runtime_error("a string is missing");
  return text->str();
}

std::string member(const json::Object& object, llvm::StringRef key) {
  const auto text = object.getString(key);
  return text ? text->str() : "";
}

double number_of(const std::string& text, DType dtype) {
  return dtype == DType::f32 ? std::strtof(text.c_str(), nullptr)
                             : std::strtod(text.c_str(), nullptr);
}

// `*`, `nan`, `=V` by bits, or `V` with how many floats are admitted below and above it: `V` 4 and
// 3, `V'` 3 and 4, `V~n` n and n, `V~n~m` n and m.
Bound bound_of(const std::string& token, DType dtype) {
  if (token == "*") return {};
  if (token == "nan") return {.kind = Bound::Kind::nan};
  if (token[0] == '=') {
    const double value = number_of(token.substr(1), dtype);
    const int64_t place = ordinal(value, dtype);
    return {Bound::Kind::bits, place, place, value == 0 && std::signbit(value)};
  }
  int64_t below = 4, above = 3;
  if (token.back() == '\'') std::swap(below, above);
  if (const size_t first = token.find('~'); first != std::string::npos) {
    const size_t second = token.find('~', first + 1);
    below = std::stoll(token.substr(first + 1));
    above = second == std::string::npos ? below : std::stoll(token.substr(second + 1));
  }
  const int64_t place = ordinal(number_of(token, dtype), dtype);
  return {Bound::Kind::interval, place - below, place + above, false};
}

// Tokens, separated by blanks; `n*token` stands for n of them.
template <class Each>
void each_token(const std::string& text, Each each) {
  std::istringstream stream(text);
  for (std::string token; stream >> token;) {
    const size_t star = token.find('*');
    int64_t times = 1;
    if (star != std::string::npos && star > 0) {
      times = std::stoll(token.substr(0, star));
      token = token.substr(star + 1);
    }
    for (int64_t i = 0; i < times; ++i) each(token);
  }
}

DType dtype_of(const json::Object& line) { return dtype_named(member(line, "dtype")).value(); }

Spelling spelling_of(const json::Value& value) {
  Spelling spelling;
  if (const auto text = value.getAsString()) {
    spelling.text = text->str();
    return spelling;
  }
  const json::Object& object = *value.getAsObject();
  spelling.text = member(object, "text");
  spelling.definition = member(object, "def");
  spelling.rank = static_cast<int>(object.getInteger("rank").value_or(0));
  if (const json::Array* lets = object.getArray("lets"))
    for (const json::Value& each : *lets)
      spelling.lets.emplace_back(text_of((*each.getAsArray())[0]),
                                 text_of((*each.getAsArray())[1]));
  if (const json::Array* also = object.getArray("also")) {
    spelling.also = text_of((*also)[0]);
    spelling.also_formula = text_of((*also)[1]);
  }
  return spelling;
}

Layout layout_of(const std::string& text) {
  if (text == "rows") return Layout::rows;
  return text == "rows of elements" ? Layout::rows_of_elements : Layout::elements;
}

void add_formula(Formulas& all, const json::Object& line) {
  Formula formula;
  formula.name = member(line, "formula");
  formula.layout = layout_of(member(line, "layout"));
  formula.columns = line.getInteger("columns").value_or(0);
  formula.contexts = member(line, "contexts");
  for (const json::Value& each : *line.getArray("arguments"))
    formula.arguments.push_back(text_of(each));
  for (const json::Value& each : *line.getArray("spellings"))
    formula.spellings.push_back(spelling_of(each));
  for (size_t i = 0; i < 2; ++i) {
    Wanted& wanted = formula.wanted[i];
    wanted.dtype = i == 0 ? DType::f32 : DType::f64;
    const json::Object* found = line.getObject(i == 0 ? "f32" : "f64");
    if (!found) throw std::runtime_error(formula.name + " has no values in one dtype");
    wanted.inputs = &all.inputs.at(member(*found, "inputs"));
    for (const auto& [key, value] : *found)
      if (key.str() != "inputs") wanted.outputs.emplace(key.str(), &all.bounds.at(text_of(value)));
  }
  all.formulas.push_back(std::move(formula));
}

void add_line(Formulas& all, const json::Object& line) {
  if (line.get("inputs")) {
    Inputs& inputs = all.inputs[member(line, "inputs")];
    for (const auto& [key, value] : *line.getObject("values"))
      each_token(text_of(value), [&](const std::string& token) {
        inputs[key.str()].push_back(number_of(token, dtype_of(line)));
      });
  } else if (line.get("bounds")) {
    Bounds& bounds = all.bounds[member(line, "bounds")];
    each_token(member(line, "values"), [&](const std::string& token) {
      bounds.push_back(bound_of(token, dtype_of(line)));
    });
  } else {
    add_formula(all, line);
  }
}

}  // namespace

const Formula* Formulas::find(const std::string& name) const {
  for (const Formula& formula : formulas)
    if (formula.name == name) return &formula;
  return nullptr;
}

void read_formulas(const std::string& path, Formulas& formulas) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot read " + path);
  int number = 0;
  for (std::string text; std::getline(stream, text);) {
    ++number;
    llvm::Expected<json::Value> value = json::parse(text);
    if (!value)
      throw std::runtime_error(
          format("{}:{}: {}", path, number, llvm::toString(value.takeError())));
    try {
      add_line(formulas, *value->getAsObject());
    } catch (const std::exception& error) {
      throw std::runtime_error(format("{}:{}: {}", path, number, error.what()));
    }
  }
}

}  // namespace thx::stability
