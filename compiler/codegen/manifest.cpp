// SPDX-License-Identifier: Apache-2.0
// Writes the manifest from the interface.
#include "codegen/manifest.h"

#include <cmath>

#include "support/text.h"

namespace thx::codegen {

namespace {

constexpr int kSchema = 1;

std::string list(const std::vector<std::string>& items, std::string_view indent) {
  if (items.empty()) return "[]";
  const std::string inner = std::string(indent) + "  ";
  return "[\n" + inner + join(items, ",\n" + inner) + "\n" + std::string(indent) + "]";
}

std::string_view kind_name(Parameter::Kind kind) {
  switch (kind) {
    case Parameter::Kind::model: return "model";
    case Parameter::Kind::dim: return "dim";
    case Parameter::Kind::scalar: return "input";
    case Parameter::Kind::array: return "input";
    case Parameter::Kind::output: return "output";
    case Parameter::Kind::workspace: return "workspace";
    case Parameter::Kind::workspace_bytes: return "workspace_bytes";
    case Parameter::Kind::exec: return "exec";
  }
  return "";
}

std::string shape_json(const Shape& shape) {
  return "[" + join(shape, ", ", [](const Extent& e) { return quote_json(e.text()); }) + "]";
}

std::string parameter_json(const Parameter& parameter) {
  std::string out =
      format("{{\"name\": {}, \"c_name\": {}, \"kind\": {}", quote_json(parameter.name),
             quote_json(parameter.c_name), quote_json(kind_name(parameter.kind)));
  const bool array = parameter.kind == Parameter::Kind::scalar ||
                     parameter.kind == Parameter::Kind::array ||
                     parameter.kind == Parameter::Kind::output;
  if (array)
    append(out, ", \"dtype\": {}, \"shape\": {}", quote_json(spelling(parameter.type.dtype)),
           shape_json(parameter.type.shape));
  return out + "}";
}

std::string dim_json(const Dim& dim, const std::string& c_name) {
  return format("{{\"name\": {}, \"c_name\": {}, \"of_state\": {}, \"value\": {}}}",
                quote_json(dim.name), quote_json(c_name), dim.of_state,
                dim.value ? format("{}", *dim.value) : "null");
}

std::string field_json(const Field& field) {
  return format(
      "{{\"name\": {}, \"c_name\": {}, \"dtype\": {}, \"shape\": {}, \"offset\": {}, "
      "\"saved\": {}, \"param\": {}, \"line\": {}}}",
      quote_json(field.name), quote_json(field.c_name), quote_json(spelling(field.type.dtype)),
      shape_json(field.type.shape), quote_json(field.offset.text()), field.saved, field.param,
      field.line);
}

// All params of one dtype, as one array.
std::string block_json(const Field& block) {
  return format("{{\"c_name\": {}, \"dtype\": {}, \"offset\": {}, \"elements\": {}}}",
                quote_json(block.c_name), quote_json(spelling(block.type.dtype)),
                quote_json(block.offset.text()),
                quote_json(element_count(block.type.shape).text()));
}

std::string kernel_json(const loop::Kernel& kernel) {
  return format("{{\"name\": {}, \"kind\": {}}}", quote_json(kernel.name), quote_json(kernel.kind));
}

std::string function_json(const EntryPoint& entry, const Program& program,
                          const loop::Program& loops) {
  const Function& function = program.functions[static_cast<size_t>(entry.function)];
  std::vector<std::string> parameters, updates, kernels;
  for (const Parameter& parameter : entry.parameters)
    parameters.push_back(parameter_json(parameter));
  for (const StateUse& use : function.states)
    if (use.next) updates.push_back(quote_json(use.name));
  for (const loop::Kernel& kernel : loops.functions[static_cast<size_t>(entry.function)].kernels)
    kernels.push_back(kernel_json(kernel));
  std::string out = "{\n";
  append(out, "      \"name\": {},\n      \"symbol\": {},\n      \"line\": {},\n",
         quote_json(entry.name), quote_json(entry.symbol), entry.line);
  append(out, "      \"const\": {},\n      \"fallible\": {},\n", !entry.updates, entry.fallible);
  append(out, "      \"workspace_bytes\": {},\n", quote_json(entry.workspace_bytes.text()));
  append(out, "      \"updates\": [{}],\n", join(updates, ", "));
  append(out, "      \"parameters\": {},\n", list(parameters, "      "));
  append(out, "      \"kernels\": {}\n    }}", list(kernels, "      "));
  return out;
}

std::string rewrite_json(const ManifestFacts::Rewrite& rewrite) {
  return format("{{\"rule\": {}, \"count\": {}, \"lines\": [{}]}}", quote_json(rewrite.rule),
                rewrite.count, join(rewrite.lines, ", ", [](int n) { return std::to_string(n); }));
}

std::string fast_json(const std::optional<Interface::Fast>& fast) {
  if (!fast) return "null";
  const auto names = [](const std::vector<std::string>& list) {
    return join(list, ", ", [](const std::string& name) { return quote_json(name); });
  };
  return format("{{\"allowed\": [{}], \"fired\": [{}]}}", names(fast->allowed), names(fast->fired));
}

}  // namespace

std::string emit_manifest(const Interface& interface, const Program& program,
                          const loop::Program& loops, const ManifestFacts& facts) {
  std::vector<std::string> dims, fields, params, functions, symbols, rewrites, guarded;
  for (const GuardedValue& value : interface.guarded)
    guarded.push_back(format("{{\"function\": {}, \"name\": {}, \"line\": {}, \"bound\": {}}}",
                             quote_json(value.function), quote_json(value.name), value.line,
                             std::isinf(value.bound) ? "null" : format_double(value.bound)));
  for (size_t i = 0; i < program.dims.size(); ++i)
    dims.push_back(dim_json(program.dims[i], interface.dim_names[i]));
  for (const Field& field : interface.fields) fields.push_back(field_json(field));
  for (const Field& block : interface.params) params.push_back(block_json(block));
  for (const EntryPoint& entry : interface.entries)
    functions.push_back(function_json(entry, program, loops));
  for (const std::string& symbol : facts.undefined_symbols) symbols.push_back(quote_json(symbol));
  for (const ManifestFacts::Rewrite& rewrite : facts.rewrites)
    rewrites.push_back(rewrite_json(rewrite));
  std::string out = "{\n";
  append(out, "  \"schema\": {},\n  \"thxc\": {},\n", kSchema, quote_json(THX_VERSION));
  append(out, "  \"module\": {},\n  \"source\": {},\n", quote_json(interface.module),
         quote_json(interface.source_name));
  append(out, "  \"prefix\": {},\n  \"abi\": 1,\n  \"program\": \"{:016x}\",\n",
         quote_json(interface.prefix), interface.program_hash);
  append(out, "  \"cpu\": {},\n  \"fp\": \"{}\",\n  \"fused_multiply_add\": {},\n",
         quote_json(facts.cpu), name_of(facts.fp), facts.fused);
  append(out, "  \"fast\": {},\n", fast_json(interface.fast));
  append(out, "  \"floatX\": {},\n", quote_json(spelling(facts.float_x)));
  append(out, "  \"align\": {},\n  \"state_bytes\": {},\n  \"init_workspace_bytes\": {},\n", kAlign,
         quote_json(interface.state_bytes.text()),
         quote_json(interface.init_workspace_bytes.text()));
  append(out, "  \"dims\": {},\n  \"state\": {},\n", list(dims, "  "), list(fields, "  "));
  append(out, "  \"params\": {},\n", list(params, "  "));
  append(out, "  \"functions\": {},\n", list(functions, "  "));
  append(out, "  \"guarded\": {},\n", list(guarded, "  "));
  append(out, "  \"rewrites\": {},\n", list(rewrites, "  "));
  append(out, "  \"undefined_symbols\": {}\n}}\n", list(symbols, "  "));
  return out;
}

}  // namespace thx::codegen
