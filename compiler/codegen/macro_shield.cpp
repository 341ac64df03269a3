// SPDX-License-Identifier: Apache-2.0
// Writes the directives that set macros aside: push_macro, which every compiler in use knows.
#include "codegen/macro_shield.h"

#include "support/text.h"

namespace thx::codegen {

std::set<std::string> parameter_names(const Interface& interface) {
  std::set<std::string> names(interface.dim_names.begin(), interface.dim_names.end());
  names.insert(interface.prefix);
  if (interface.has_state()) names.insert({"m", "n"});
  for (const EntryPoint& entry : interface.entries)
    for (const Parameter& parameter : entry.parameters) names.insert(parameter.c_name);
  return names;
}

MacroShield::MacroShield(const std::set<std::string>& names) {
  for (const std::string& name : names)
    if (name.size() == 1 && name[0] >= 'a' && name[0] <= 'z') letters_.insert(name);
}

std::string MacroShield::begin() const {
  std::string out;
  for (const std::string& name : letters_)
    append(out, "#pragma push_macro(\"{0}\")\n#undef {0}\n", name);
  return out.empty() ? out
                     : "/* Macros of these names are set aside up to the end. */\n" + out + "\n";
}

std::string MacroShield::end() const {
  std::string out;
  for (const std::string& name : letters_) append(out, "#pragma pop_macro(\"{}\")\n", name);
  return out.empty() ? out : out + "\n";
}

}  // namespace thx::codegen
