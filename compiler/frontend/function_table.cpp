// SPDX-License-Identifier: Apache-2.0
// All built-in functions by name, and the page that lists them.
#include <cctype>
#include <unordered_map>

#include "frontend/functions.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

struct Table {
  std::deque<FunctionEntry> entries;
  std::unordered_map<std::string_view, const FunctionEntry*> by_name;

  Table() {
    for (const auto& list :
         {elementwise_functions(), formula_functions(), reduction_functions(),
          statistics_functions(), row_functions(), shape_functions(), joining_functions(),
          moving_functions(), making_functions(), drawing_functions(), product_functions(),
          matrix_functions(), gradient_functions()}) {
      for (const Builtin& builtin : list) add(builtin);
    }
  }

  void add(const Builtin& builtin) {
    entries.push_back({builtin, read_parameters(builtin.parameters)});
    for (const std::string_view name : split(builtin.names, ' ')) {
      const bool fresh = by_name.emplace(name, &entries.back()).second;
      THX_CHECK(fresh, "two functions are called {}", name);
    }
  }
};

const Table& table() {
  static const Table functions;
  return functions;
}

// `|` would end a cell.
std::string cell(std::string_view text) {
  return join(split(text, '|'), "\\|", [](std::string_view part) { return part; });
}

// Rows speak of x, y and w; functions of three arguments call them as NumPy does.
std::string meaning(const FunctionEntry& entry) {
  const std::string text = cell(entry.builtin.doc);
  if (!entry.builtin.op || entry.parameters.size() != 3) return text;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto is_letter = [&](size_t at) { return at < text.size() && isalpha(text[at]) != 0; };
    const size_t operand = std::string_view("xyw").find(text[i]);
    const bool alone = !is_letter(i + 1) && (i == 0 || !is_letter(i - 1));
    if (alone && operand != std::string_view::npos) {
      out += entry.parameters[operand].names[0];
    } else {
      out += text[i];
    }
  }
  return out;
}

// As they are written in the table of functions, with the first name of each.
std::string spell_parameters(const FunctionEntry& entry) {
  return join(split(entry.builtin.parameters, ','), ",", [](std::string_view parameter) {
    const size_t other = parameter.find('|');
    if (other == std::string_view::npos) return std::string(parameter);
    const size_t value = parameter.find('=');
    std::string spelled(parameter.substr(0, other));
    if (value != std::string_view::npos) spelled += parameter.substr(value);
    return spelled;
  });
}

std::string other_names(const FunctionEntry& entry) {
  std::string text;
  for (const Parameter& parameter : entry.parameters) {
    const std::vector<std::string_view> others(parameter.names.begin() + 1, parameter.names.end());
    if (others.empty()) continue;
    append(text, "; `{}` is also {}", parameter.names[0],
           join(others, ", ", [](std::string_view name) { return format("`{}`", name); }));
  }
  return text;
}

}  // namespace

std::string_view FunctionEntry::name() const { return split(builtin.names, ' ')[0]; }

const FunctionEntry* find_function(std::string_view name) {
  const auto found = table().by_name.find(name);
  return found == table().by_name.end() ? nullptr : found->second;
}

const std::deque<FunctionEntry>& all_functions() { return table().entries; }

std::string function_table() {
  std::string page = "| function | also | meaning |\n|---|---|---|\n";
  for (const FunctionEntry& entry : all_functions()) {
    std::vector<std::string_view> others = split(entry.builtin.names, ' ');
    others.erase(others.begin());
    append(page, "| `{}({})` | {} | {}{} |\n", entry.name(), spell_parameters(entry),
           join(others, ", ", [](std::string_view name) { return format("`{}`", name); }),
           meaning(entry), other_names(entry));
  }
  return page;
}

}  // namespace thx
