// SPDX-License-Identifier: Apache-2.0
// Tells the user's names from C++'s words, macros and what the class uses itself.
#include "codegen/wrapper_names.h"

#include <algorithm>
#include <set>

#include "codegen/c_names.h"

namespace thx::codegen {

namespace {

// What a generated class uses itself: members, and locals of its functions.
constexpr std::string_view kOwnNames[] = {
    "m_",         "ws_",        "memory_", "status_", "arguments", "bytes", "error",
    "ex",         "get",        "initial", "largest", "load",      "make",  "options",
    "save",       "save_bytes", "seed",    "status",  "std",       "thx",   "ws",
    "load_bytes", "path",       "min",     "max"};

bool is_own(const std::string& name) {
  return std::ranges::find(kOwnNames, name) != std::end(kOwnNames);
}

// `name`, with as many `_` behind it as tell it from all in `taken`; it is taken then.
std::string told_apart(std::string name, std::set<std::string>& taken) {
  while (is_own(name) || !taken.insert(name).second) name += "_";
  return name;
}

}  // namespace

Interface for_class(Interface interface) {
  std::set<std::string> dims;
  for (std::string& name : interface.dim_names) name = told_apart(name, dims);
  for (EntryPoint& entry : interface.entries) {
    std::set<std::string> taken = dims;
    for (Parameter& parameter : entry.parameters)
      parameter.c_name = parameter.kind == Parameter::Kind::dim
                             ? interface.dim_names[static_cast<size_t>(parameter.index)]
                             : told_apart(parameter.c_name, taken);
  }
  return interface;
}

std::map<std::string, std::string> method_names(const Interface& interface) {
  std::map<std::string, std::string> names;
  std::set<std::string> taken{interface.class_name};
  auto method_name = [&](const std::string& name) {
    return told_apart(is_reserved_word(name) || is_capital(name) ? name + "_" : name, taken);
  };
  for (const Field& field : interface.fields) names[field.name] = method_name(field.c_name);
  for (const Field& block : interface.params) names[block.name] = method_name(block.c_name);
  for (const EntryPoint& entry : interface.entries) {
    names[entry.name] = method_name(entry.name);
    names[entry.name + " workspace"] = method_name(entry.name + "_workspace");
  }
  return names;
}

}  // namespace thx::codegen
