// SPDX-License-Identifier: Apache-2.0
// Values in order: those that are read once become part of what reads them, others are bound.
#include "driver/source_text_block.h"

#include <algorithm>
#include <cmath>

#include "frontend/builtins.h"
#include "ir/print.h"
#include "ir/structure.h"
#include "ops/build.h"
#include "ops/control.h"
#include "support/text.h"

namespace thx::source {
namespace {

constexpr size_t kLongest = 72;  // of what stands inside of another expression

constexpr std::string_view kReserved[] = {"let", "if",   "else",   "and",    "or",   "not",  "for",
                                          "in",  "scan", "return", "update", "true", "false"};

bool is_broadcast(Value value) { return name_of(value->op) == "broadcast"; }

}  // namespace

std::string Names::fresh(std::string_view wanted) {
  std::string name;
  for (const char c : wanted) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    name += letter || (c >= '0' && c <= '9' && !name.empty()) ? c : '_';
  }
  if (name.empty() || name == "_") name = "t";
  const auto is_free = [&](const std::string& each) {
    return !taken_.contains(each) && !is_builtin(each) &&
           std::ranges::find(kReserved, each) == std::end(kReserved);
  };
  std::string given = name;
  for (int i = 1; wanted.empty() || !is_free(given); ++i) {
    given = name + (wanted.empty() ? "" : "_") + std::to_string(i);
    if (is_free(given)) break;
  }
  taken_.insert(given);
  return given;
}

Block::Block(const Body& body, std::span<const Value> roots, Names& names,
             std::vector<std::string>& definitions, std::string indent)
    : body_(body),
      roots_(roots.begin(), roots.end()),
      names_(names),
      definitions_(definitions),
      indent_(std::move(indent)) {
  uses_ = use_counts(body.graph, roots);
  const std::vector<Value> values = needed(body.graph, roots);
  // What a broadcast repeats is written wherever the broadcast is; what goes into a region is
  // written in it, at every place where it is read.
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    const int more = is_broadcast(*value) ? uses_[static_cast<size_t>((*value)->id)] - 1
                     : (*value)->regions.empty() && name_of((*value)->op) != "dynamic_slice" ? 0
                                                                                             : 1;
    for (const Value operand : (*value)->operands) {
      uses_[static_cast<size_t>(operand->id)] += std::max(more, 0);
    }
  }
}

void Block::write() {
  for (const Value value : needed(body_.graph, roots_)) {
    if (done_.contains(value.node) || is_parameter(*value)) continue;
    const bool shown_later = constant_of(value) || is_broadcast(value) || is_result(value);
    if (shown_later) continue;
    if (as_scan(value)) {
      spell_scan(value);
    } else if (as_cond(value)) {
      spell_cond(value);
    } else if (is_mark(value)) {
      done_[value.node] = whole(value->operands[0]);
    } else {
      bind(value, spell(value));
    }
  }
}

void Block::bind(Value value, Expression expression) {
  const std::string& name = body_.graph.name(value);
  const bool source = value->operands.empty();
  const bool once = uses_[static_cast<size_t>(value->id)] <= 1 && name.empty();
  if (source || (once && expression.text.size() <= kLongest)) {
    done_[value.node] = std::move(expression);
    return;
  }
  const std::string given = names_.fresh(name);
  lines_.push_back(format("{}let {} = {}", indent_, given, expression.text));
  done_[value.node] = {given, kAtom};
}

std::string Block::at(Value value, int level) {
  const Expression expression = whole(value);
  return expression.level < level ? "(" + expression.text + ")" : expression.text;
}

// A scalar constant; `typed`: where nothing around it says of which dtype.
Expression Block::constant(Value value, bool typed) const {
  const Scalar& scalar = *constant_of(value);
  std::string text = thx::text(scalar);
  if (is_float(scalar.dtype) && std::isnan(scalar.real)) text = "nan";
  const bool negative = text.starts_with('-');
  if (typed) return {format("{}({})", spelling(scalar.dtype), text), kAtom};
  return {text, negative ? kPrefix : kAtom};
}

Expression Block::whole(Value value) {
  const auto found = done_.find(value.node);
  if (found != done_.end()) return found->second;
  if (constant_of(value) && value->type().is_scalar()) return constant(value, true);
  return view(value);
}

Expression Block::spell(Value value) {
  const std::string_view op = name_of(value->op);
  switch (value->family()) {
    case Family::elementwise: return elementwise(value);
    case Family::reduction: return reduction(value);
    case Family::view: return view(value);
    case Family::placement: return placement(value);
    case Family::contraction: return contraction(value);
    case Family::indexing: return indexing(value);
    case Family::cumulative:
    case Family::composite: return along_axis(value);
    default: break;
  }
  if (op == "extent") return {format("i64({})", value->attrs.get<Extent>("extent").text())};
  if (op == "iota") {
    const Shape& shape = value->attrs.shape("shape");
    const auto axis = static_cast<size_t>(value->attrs.integer("axis"));
    std::string range = format("arange({})", shape[axis].text());
    if (shape.size() == 1) return {range};
    std::vector<std::string> parts(shape.size() - axis, "newaxis");
    parts[0] = ":";
    return {format("broadcast_to({}[{}], {})", range, join(parts, ", "), shape_text(shape))};
  }
  throw NoSpelling(format("`{}`", op));
}

// Names for the results of a node that are read; `_` for the others.
std::vector<std::string> Block::result_names(Value node) {
  std::vector<std::string> names(node->types.size(), "_");
  for (const Value value : needed(body_.graph, roots_)) {
    if (!is_result(value) || value->operands[0] != node) continue;
    std::string name = names_.fresh(body_.graph.name(value));
    done_[value.node] = {name, kAtom};
    names[result_index(value)] = std::move(name);
  }
  return names;
}

void Block::spell_scan(Value node) {
  const Scan scan = *as_scan(node);
  const Body& inner = scan.body();
  Block block(inner, inner.results, names_, definitions_, indent_ + "  ");
  std::vector<std::string> carries, first, elements, sequences;
  for (size_t i = 0; i < inner.parameters.size(); ++i) {
    const Value parameter = inner.parameters[i];
    if (i >= scan.carries + scan.sequences) {
      block.name(parameter, at(node->operands[i], kAtom));
      continue;
    }
    const std::string name = names_.fresh(inner.graph.name(parameter));
    block.name(parameter, name);
    if (i < scan.carries) {
      carries.push_back(name);
      first.push_back(format("{} = {}", name, whole(node->operands[i]).text));
    } else {
      elements.push_back(name);
      sequences.push_back(whole(node->operands[i]).text);
    }
  }
  std::vector<std::string> results = result_names(node);
  if (carries.empty()) {
    const std::string idle = names_.fresh("idle");
    carries.push_back(idle);
    first.push_back(idle + " = 0");
    results.insert(results.begin(), "_");
  }
  block.write();
  const std::string pattern = elements.empty()       ? "_"
                              : elements.size() == 1 ? elements[0]
                                                     : tuple(elements);
  const std::string over = sequences.empty()       ? format("range({})", scan.length.text())
                           : sequences.size() == 1 ? sequences[0]
                                                   : tuple(sequences);
  lines_.push_back(format("{}let {} = scan({} for {} in {}{}) {{", indent_, join(results, ", "),
                          join(first, ", "), pattern, over, scan.reverse ? ", reverse=true" : ""));
  lines_.insert(lines_.end(), block.lines().begin(), block.lines().end());
  for (size_t i = 0; i < carries.size(); ++i) {
    lines_.push_back(format("{}  next {} = {}", indent_, carries[i],
                            i < scan.carries ? block.typed(inner.results[i]) : carries[i]));
  }
  for (size_t i = scan.carries; i < inner.results.size(); ++i) {
    lines_.push_back(format("{}  yield {}", indent_, block.typed(inner.results[i])));
  }
  lines_.push_back(indent_ + "}");
}

// Each branch is a definition over what it reads, one for each result.
void Block::spell_cond(Value node) {
  const Cond cond = *as_cond(node);
  const std::vector<std::string> results = result_names(node);
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i] == "_") continue;
    std::vector<std::string> calls;
    for (const Region& region : {cond.then_region(), cond.else_region()}) {
      const std::string name = names_.fresh(calls.empty() ? "then_branch" : "else_branch");
      Block block(*region, {&region->results[i], 1}, names_, definitions_, "  ");
      std::vector<std::string> parameters, arguments;
      for (size_t k = 0; k < region->parameters.size(); ++k) {
        parameters.push_back(names_.fresh(region->graph.name(region->parameters[k])));
        block.name(region->parameters[k], parameters.back());
        arguments.push_back(whole(cond.captures()[k]).text);
      }
      block.write();
      std::string definition = format("def {}({}) {{\n", name, join(parameters, ", "));
      for (const std::string& line : block.lines()) definition += line + "\n";
      definition += format("  return {}\n}}", block.typed(region->results[i]));
      definitions_.push_back(std::move(definition));
      calls.push_back(format("{}({})", name, join(arguments, ", ")));
    }
    lines_.push_back(format("{}let {} = {} if {} else {}", indent_, results[i], calls[0],
                            whole(cond.condition()).text, calls[1]));
  }
}

}  // namespace thx::source
