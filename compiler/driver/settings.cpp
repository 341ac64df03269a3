// SPDX-License-Identifier: Apache-2.0
// The table of settings: what each one is called, takes and changes.
#include "driver/settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "driver/settings_sources.h"
#include "support/text.h"

namespace thx {

namespace {

void bad_value(const Setting& setting, std::string_view rest, Diagnostics& diagnostics) {
  diagnostics.report(Diagnostic(Err::bad_option, setting.at,
                                format("{} {}: {}", setting.shown, setting.text, rest)));
}

void not_yet(const Setting& setting, std::string help, Diagnostics& diagnostics) {
  const std::string value = setting.text.empty() ? "" : " " + setting.text;
  diagnostics
      .report(Diagnostic(Err::unsupported, setting.at,
                         format("{}{} is not supported yet", setting.shown, value)))
      .help(std::move(help));
}

void float_x(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  if (setting.text != "f32" && setting.text != "f64")
    bad_value(setting, "write f32 or f64", diagnostics);
  options.float_x = setting.text == "f64" ? DType::f64 : DType::f32;
}

void fp(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  const std::optional<FpMode> mode = find_fp_mode(setting.text);
  if (!mode) bad_value(setting, "write default, strict or fast", diagnostics);
  options.fp = mode.value_or(FpMode::standard);
}

void cpu(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  if (setting.text.find(',') != std::string::npos)
    not_yet(setting, "an object is made for one level: name the lowest that it shall run on",
            diagnostics);
  options.cpu = setting.text;
}

void target(const Setting& setting, CompileOptions&, Diagnostics& diagnostics) {
  not_yet(setting, "leave it out: objects are made for this machine's operating system",
          diagnostics);
}

void blas(const Setting& setting, CompileOptions&, Diagnostics& diagnostics) {
  if (setting.text != "none")
    not_yet(setting, "none is the default and loses nothing on small products", diagnostics);
}

void prefix(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  const std::string& name = setting.text;
  const bool is_name = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                       std::ranges::all_of(name, [](unsigned char c) {
                         return c == '_' || (c < 128 && std::isalnum(c) != 0);
                       });
  if (!is_name) bad_value(setting, "not a name of C", diagnostics);
  options.prefix = name;
}

void emit(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  options.emit.clear();
  for (const std::string_view name : split(setting.text, ',')) {
    const auto* entry = std::ranges::find(kArtifacts, name, &ArtifactInfo::name);
    if (entry != std::end(kArtifacts)) {
      options.emit.insert(entry->artifact);
      continue;
    }
    const std::string known =
        join(kArtifacts, ", ", [](const ArtifactInfo& a) { return std::string(a.name); });
    const Setting one{std::string(name), setting.shown, setting.at};
    if (name == "ptx" || name == "html" || name == "py")
      not_yet(one, "write one of " + known, diagnostics);
    else
      bad_value(one, "not one of " + known, diagnostics);
  }
}

void max_workspace(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  options.max_workspace = parse_bytes(setting.text);
  if (!options.max_workspace)
    bad_value(setting, "write a number of bytes, or one with K, M or G behind it", diagnostics);
}

void include(const Setting& setting, CompileOptions& options, Diagnostics&) {
  for (const std::string_view folder : split(setting.text, ','))
    options.include.emplace_back(folder);
}

void later(const Setting& setting, CompileOptions&, Diagnostics& diagnostics) {
  not_yet(setting, "leave it out", diagnostics);
}

void nan_guard(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  constexpr double kBound = 1e10;  // as NanGuardMode of Theano has it
  const std::optional<double> bound =
      setting.text.empty() ? std::optional(kBound) : parse_double(setting.text);
  if (!bound || !(*bound > 0)) bad_value(setting, "write a bound above 0, or inf", diagnostics);
  options.nan_guard = bound;
}

void guard_updates(const Setting& setting, CompileOptions& options, Diagnostics& diagnostics) {
  if (!setting.text.empty()) bad_value(setting, "it takes no value", diagnostics);
  options.guard_updates = true;
}

struct Known {
  std::string_view key;
  bool has_value;
  void (*apply)(const Setting&, CompileOptions&, Diagnostics&);
};

constexpr Known kKnown[] = {
    {"floatx", true, float_x},
    {"fp", true, fp},
    {"cpu", true, cpu},
    {"emit", true, emit},
    {"prefix", true, prefix},
    {"max_workspace", true, max_workspace},
    {"include", true, include},
    {"target", true, target},
    {"blas", true, blas},
    {"optimize", true, later},
    {"debug", false, later},
    {"profile", false, later},
    {"nan_guard", false, nan_guard},
    {"guard_updates", false, guard_updates},
};

constexpr std::string_view kDefine = "define.";

const Known* find_known(std::string_view key) {
  const auto* found = std::ranges::find(kKnown, key, &Known::key);
  return found == std::end(kKnown) ? nullptr : found;
}

}  // namespace

void check_known(const std::string& key, const Setting& setting, bool has_value,
                 Diagnostics& diagnostics) {
  if (key.starts_with(kDefine) && key.size() > kDefine.size() && has_value) return;
  const Known* known = find_known(key);
  if (known == nullptr) {
    std::vector<std::string> keys;
    for (const Known& each : kKnown) keys.emplace_back(each.key);
    keys.emplace_back("define.NAME");
    diagnostics
        .report(Diagnostic(Err::bad_option, setting.at,
                           format("there is no setting `{}`", setting.shown)))
        .help("the settings are " + join(keys, ", "));
    return;
  }
  if (known->has_value && !has_value)
    diagnostics.report(Diagnostic(Err::bad_option, setting.at,
                                  format("`{0}` needs a value: {0}=VALUE", setting.shown)));
}

void apply(const Settings& settings, CompileOptions& options, Diagnostics& diagnostics) {
  for (const auto& [key, setting] : settings) {
    if (key.starts_with(kDefine)) {
      options.defines.emplace_back(key.substr(kDefine.size()), setting.text);
      continue;
    }
    if (const Known* known = find_known(key)) known->apply(setting, options, diagnostics);
  }
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0 || end - rest > 1) return std::nullopt;
  int shift = 0;
  if (rest != end) {
    const size_t unit = std::string_view("KMG").find(*rest);
    if (unit == std::string_view::npos) return std::nullopt;
    shift = 10 * (static_cast<int>(unit) + 1);
  }
  if (number > (INT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

}  // namespace thx
