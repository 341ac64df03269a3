// SPDX-License-Identifier: Apache-2.0
// All built-in functions by name, and the page that lists them.
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
          matrix_functions()}) {
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
    const std::vector<std::string_view> names = split(entry.builtin.names, ' ');
    const std::vector<std::string_view> others(names.begin() + 1, names.end());
    append(page, "| `{}({})` | {} | {} |\n", names[0], entry.builtin.parameters,
           join(others, ", ", [](std::string_view name) { return format("`{}`", name); }),
           entry.builtin.doc);
  }
  return page;
}

}  // namespace thx
