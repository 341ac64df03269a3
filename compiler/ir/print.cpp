// SPDX-License-Identifier: Apache-2.0
// Writes tensor IR as text: one operation a line, names from the source where there are any.
#include "ir/print.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

bool is_word(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), inner);
}

std::string text(const std::vector<int64_t>& integers) {
  return "[" + join(integers, ", ", [](int64_t i) { return format("{}", i); }) + "]";
}

struct SpellAttr {
  std::string operator()(int64_t value) const { return format("{}", value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const {
    return is_word(value) ? value : quote_json(value);
  }
  std::string operator()(const std::vector<int64_t>& value) const { return text(value); }
  std::string operator()(const Extent& value) const { return value.text(); }
  std::string operator()(const Shape& value) const { return text(value); }
  std::string operator()(const Scalar& value) const { return text(value); }
  std::string operator()(DType value) const { return std::string(spelling(value)); }
};

// Gives every value of one body a name of its own.
class Names {
 public:
  Names() { taken_.insert("_"); }  // means: nobody reads this result

  // `hint` where it is free, `hint.1` and so on where it is not; a number where there is none.
  std::string choose(std::string_view hint) {
    if (hint.empty()) return format("{}", numbered_++);
    const std::string base = clean(hint);
    std::string name = base;
    while (!taken_.insert(name).second) name = format("{}.{}", base, ++repeats_[base]);
    return name;
  }

 private:
  static std::string clean(std::string_view hint) {
    std::string name(hint);
    for (char& c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '.' ||
                         static_cast<unsigned char>(c) >= 0x80;
      if (!plain) c = '_';
    }
    if (name[0] >= '0' && name[0] <= '9') name.insert(0, "_");
    return name;
  }

  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> repeats_;
  int numbered_ = 0;
};

// Writes one body: a function's or a region's.
class BodyPrinter {
 public:
  BodyPrinter(std::string& out, const Graph& graph, std::span<const Value> roots, int depth,
              const PrintOptions& options)
      : out_(out),
        graph_(graph),
        roots_(roots),
        depth_(depth),
        options_(options),
        texts_(static_cast<size_t>(graph.size())) {}

  /// Names a parameter and writes `%name: type`.
  void parameter(Value value, std::string_view name) {
    text_of(value) = names_.choose(name);
    append(out_, "%{}: {}", text_of(value), text(value->type()));
  }

  void lines() {
    const std::vector<Value> values = needed(graph_, roots_);
    std::unordered_map<const Node*, std::vector<Value>> results;
    for (const Value value : values)
      if (value->op == Op::result) results[value->operands[0].node].push_back(value);
    for (const Value value : values) {
      if (value->op == Op::parameter || value->op == Op::result) continue;
      indent();
      if (has_result_list(value->op)) {
        result_names(value, results[value.node]);
      } else {
        text_of(value) = names_.choose(graph_.name(value));
        append(out_, "%{}", text_of(value));
      }
      operation(value);
    }
  }

  std::string reference(Value value) const {
    const std::string& name = texts_[static_cast<size_t>(value->id)];
    return "%" + (name.empty() ? "?" : name);
  }

  void indent(size_t more = 0) { out_.append(2 * (static_cast<size_t>(depth_) + more), ' '); }

 private:
  std::string& text_of(Value value) { return texts_[static_cast<size_t>(value->id)]; }

  void result_names(Value value, const std::vector<Value>& results) {
    for (size_t i = 0; i < value->types.size(); ++i) {
      if (i > 0) out_ += ", ";
      const auto is_ith = [&](Value result) {
        return result->attrs.integer("index") == static_cast<int64_t>(i);
      };
      const auto found = std::find_if(results.begin(), results.end(), is_ith);
      if (found == results.end()) {
        out_ += '_';
        continue;
      }
      text_of(*found) = names_.choose(graph_.name(*found));
      append(out_, "%{}", text_of(*found));
    }
  }

  void operation(Value value) {
    append(out_, " = {}", name_of(value->op));
    std::string_view separator = " ";
    for (const Value operand : value->operands) {
      append(out_, "{}{}", separator, reference(operand));
      separator = ", ";
    }
    attributes(*value);
    if (!value->regions.empty()) regions(*value);
    out_ += " : ";
    out_ += join(value->types, ", ", [](const Type& type) { return text(type); });
    if (options_.spans && !graph_.spans(value).empty()) {
      out_ += " //";
      for (const Span& span : graph_.spans(value))
        append(out_, " {}:{}-{}", span.file, span.begin, span.end);
    }
    out_ += '\n';
  }

  void attributes(const Node& node) {
    const AttrValue* constant = node.op == Op::constant ? node.attrs.find("value") : nullptr;
    if (constant != nullptr) append(out_, " {}", text(*constant));
    bool first = true;
    for (const auto& [key, value] : node.attrs.entries()) {
      if (&value == constant || (node.op == Op::cast && key == "dtype")) continue;  // in the type
      append(out_, "{}{} = {}", first ? " {" : ", ", key, text(value));
      first = false;
    }
    if (!first) out_ += '}';
  }

  void regions(const Node& node) {
    out_ += " {\n";
    for (size_t i = 0; i < node.regions.size(); ++i) {
      indent(1);
      out_ += region_name(node.op, i);
      region(*node.regions[i]);
    }
    indent();
    out_ += '}';
  }

  void region(const Body& body) {
    BodyPrinter inner(out_, body.graph, body.results, depth_ + 2, options_);
    out_ += '(';
    for (size_t i = 0; i < body.parameters.size(); ++i) {
      if (i > 0) out_ += ", ";
      inner.parameter(body.parameters[i], body.graph.name(body.parameters[i]));
    }
    out_ += ") {\n";
    inner.lines();
    inner.indent();
    out_ += "yield";
    for (size_t i = 0; i < body.results.size(); ++i)
      append(out_, "{}{}", i == 0 ? " " : ", ", inner.reference(body.results[i]));
    out_ += '\n';
    indent(1);
    out_ += "}\n";
  }

  std::string& out_;
  const Graph& graph_;
  std::span<const Value> roots_;
  int depth_;
  const PrintOptions& options_;
  std::vector<std::string> texts_;  // by id; empty for values that are not written
  Names names_;
};

// Up to the opening brace.
void print_signature(std::string& out, const Function& function, bool init, BodyPrinter& body) {
  if (init) {
    out += "init";
  } else {
    append(out, "func @{}(", function.name);
    for (size_t i = 0; i < function.inputs.size(); ++i) {
      if (i > 0) out += ", ";
      body.parameter(function.inputs[i].value, function.inputs[i].name);
    }
    out += ')';
  }
  for (size_t i = 0; i < function.states.size(); ++i) {
    out += i == 0 ? " state(" : ", ";
    body.parameter(function.states[i].current, function.states[i].name);
  }
  out += function.states.empty() ? " {\n" : ") {\n";
}

void print_function(std::string& out, const Function& function, bool init, int depth,
                    const PrintOptions& options) {
  const std::vector<Value> roots = function.roots();
  BodyPrinter body(out, function.graph(), roots, depth + 1, options);
  const std::string margin(2 * static_cast<size_t>(depth), ' ');
  out += margin;
  print_signature(out, function, init, body);
  for (const Requirement& requirement : function.requirements) {
    const bool equality = requirement.kind == Requirement::Kind::equal;
    append(out, "{}  require {} {} {}\n", margin, requirement.left.text(),
           equality ? "==" : ">=", requirement.right.text());
  }
  body.lines();
  for (const StateUse& state : function.states)
    if (state.next)
      append(out, "{}  update %{} = {}\n", margin, state.name, body.reference(state.next));
  if (!init) {
    append(out, "{}  return", margin);
    for (size_t i = 0; i < function.outputs.size(); ++i)
      append(out, "{}{} = {}", i == 0 ? " " : ", ", function.outputs[i].name,
             body.reference(function.outputs[i].value));
    out += '\n';
  }
  append(out, "{}}}\n", margin);
}

void print_dim(std::string& out, const Dim& dim) {
  append(out, "  dim {}", dim.name);
  if (dim.source_value) append(out, " = {}", *dim.source_value);
  if (dim.value != dim.source_value && dim.value) append(out, " value {}", *dim.value);
  if (dim.bound) append(out, " <= {}", dim.bound->text());
  if (dim.of_state) out += " state";
  out += '\n';
}

}  // namespace

std::string text(const AttrValue& value) { return std::visit(SpellAttr{}, value); }

std::string text(const Scalar& scalar) {
  if (scalar.dtype == DType::f32) return format_float(static_cast<float>(scalar.real));
  if (is_float(scalar.dtype)) return format_double(scalar.real);
  if (is_bool(scalar.dtype)) return scalar.integer != 0 ? "true" : "false";
  if (scalar.dtype == DType::u64) return format("{}", static_cast<uint64_t>(scalar.integer));
  return format("{}", scalar.integer);
}

std::string print(const Program& program, const PrintOptions& options) {
  std::string out = format("program {} {{\n", program.module);
  for (const Dim& dim : program.dims) print_dim(out, dim);
  for (const State& state : program.states)
    append(out, "  state %{}: {}{}{}\n", state.name, text(state.type), state.param ? " param" : "",
           state.saved ? "" : " transient");
  for (const Function& function : program.functions)
    print_function(out, function, false, 1, options);
  if (program.init) print_function(out, *program.init, true, 1, options);
  out += "}\n";
  return out;
}

std::string print(const Function& function, const PrintOptions& options) {
  std::string out;
  print_function(out, function, false, 0, options);
  return out;
}

}  // namespace thx
