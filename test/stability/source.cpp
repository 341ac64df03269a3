// SPDX-License-Identifier: Apache-2.0
// The text of a formula in a context.
#include "contexts.h"
#include "support/text.h"

namespace thx::stability {

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// `x[:3], y[:3]` for `<[:3]>`: what stands between the signs, behind every argument.
std::string with_arguments(std::string text, const std::vector<std::string>& names) {
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    const size_t end = text.find('>', at);
    const std::string behind = text.substr(at + 1, end - at - 1);
    text.replace(at, end - at + 1,
                 join(names, ", ", [&](const std::string& name) { return name + behind; }));
  }
  return text;
}

bool is_rows(const Case& each) { return each.formula->layout != Layout::elements; }

// The numbers of elements, rows and columns in the text.
std::string with_numbers(std::string text, const Case& each) {
  const auto count = static_cast<int64_t>(each.wanted->inputs->begin()->second.size());
  const auto total = static_cast<int64_t>(each.wanted->inputs->at("x").size());
  const int64_t columns = is_rows(each) ? each.formula->columns : 4;
  text = replaced(text, "!P", format("{}", count));
  text = replaced(text, "!R", format("{}", total / columns));
  return replaced(text, "!C", format("{}", columns));
}

// Arguments, the axis of a row, and what gives it back, put into a formula's text.
std::string placed(std::string text, const Context& context,
                   const std::map<std::string, std::string>& arguments) {
  for (const auto& [name, argument] : arguments) text = replaced(text, "{" + name + "}", argument);
  text = replaced(text, "{axis}", context.axis);
  return replaced(text, "{back}", context.back);
}

}  // namespace

// The name of an input of that type, declared at its first use.
std::string Source::input(const std::string& name, const std::string& type) {
  std::vector<std::string>& types = types_[name];
  for (size_t i = 0; i < types.size(); ++i)
    if (types[i] == type) return i == 0 ? name : format("{}_{}", name, i);
  types.push_back(type);
  std::string made = types.size() == 1 ? name : format("{}_{}", name, types.size() - 1);
  declarations_ += format("input {} : {}\n", made, type);
  return made;
}

std::map<std::string, std::string> Source::inputs(const Case& each) {
  const std::string dtype(spelling(dtype_));
  const std::string shape = with_numbers(each.context->shape, each);
  const bool numbered = std::string_view(each.context->shape).find("!R") != std::string_view::npos;
  const std::string rows = numbered ? with_numbers("[!R]", each) : "[R]";
  const std::string along = is_rows(each) ? rows : shape;
  std::map<std::string, std::string> result;
  for (const auto& [name, values] : *each.wanted->inputs)
    result[name] = name == "i" ? input(name, "i64" + rows) : input(name, dtype + shape);
  if (!each.with_gradient) result.erase("w");  // weights stand in the cost alone
  for (const char more : std::string_view(each.context->more)) {
    if (more == 'w' && !each.with_gradient) continue;
    const std::string type = more == 'm'   ? "bool" + along
                             : more == 's' ? dtype
                             : more == 'w' ? dtype + along
                                           : "i64" + along;
    result[std::string(1, more)] = input(std::string(1, more), type);
  }
  return result;
}

// The formula's text `formula` put into the context, as `v@`; `given` are the inputs.
void Source::result(const Case& each, const std::string& formula,
                    const std::vector<std::string>& given) {
  const Context& context = *each.context;
  const bool elements = each.formula->layout == Layout::rows_of_elements && *context.of_elements;
  std::string text = with_arguments(elements ? context.of_elements : context.result, given);
  if (std::string_view(context.name) == "scan") {
    const auto& names = each.formula->arguments;
    const std::string steps = join(names, ", ", [](const std::string& n) { return n + "_"; });
    const bool one = names.size() == 1;
    body_ += format("let k@, l@ = scan(c = 0.0 for {} in {}) {{ next c = c; yield e@({}) }}\n",
                    one ? steps : "(" + steps + ")", one ? given[0] : "(" + join(given, ", ") + ")",
                    steps);
  }
  // The formula has a name of its own only where the cost is made of it.
  const bool named = std::string_view(context.cost).find("f@") != std::string_view::npos;
  if (named) body_ += "let f@ = " + formula + "\n";
  text = replaced(std::move(text), "%", named ? "f@" : formula);
  body_ += "let v@ = " + replaced(std::move(text), "#", given[0]) + "\n";
}

// The lets of the gradients, and the outputs that they are.
std::string Source::gradients(const Case& each, const std::map<std::string, std::string>& names) {
  std::vector<std::string> made, by;
  std::string outputs;
  for (const std::string& name : each.formula->arguments) {
    if (!each.wanted->outputs.contains(name)) continue;
    made.push_back("g" + name + "@");
    by.push_back(names.at(name));
    outputs += format(", {} = {}", output_name(name), made.back());
    if (!each.wanted->outputs.contains(name + name)) continue;
    outputs += format(", {} = grad(sum({}), {})", output_name(name + name), made.back(), by.back());
  }
  const bool weighted = each.wanted->inputs->contains("w");
  const std::string cost = replaced(weighted ? "sum(?w * $)" : each.context->cost, "$", "v@");
  body_ += format("let {} = grad({}, [{}])\n", join(made, ", "), cost, join(by, ", "));
  return outputs;
}

std::map<std::string, std::string> Source::add(const Case& each, int number) {
  const Formula& formula = *each.formula;
  const Context& context = *each.context;
  const std::map<std::string, std::string> names = inputs(each);
  std::map<std::string, std::string> arguments;
  std::vector<std::string> given;
  for (const std::string& name : formula.arguments) {
    given.push_back(names.at(name));
    const bool moved = each.wanted->outputs.contains(name) || context.inner == 1;
    const std::string text = name == "i" || !moved ? "#" : context.argument;
    arguments[name] = context.defined ? name : replaced(text, "#", names.at(name));
  }
  if (!each.spelling->definition.empty())
    body_ += "def " + placed(each.spelling->definition, context, {}) + "\n";
  std::string text = placed(each.spelling->text, context, arguments);
  if (context.defined) body_ += format("def e@({}) {{\n", join(formula.arguments, ", "));
  for (const auto& [name, let] : each.spelling->lets)
    body_ += format("{}let {} = {}\n", context.defined ? "  " : "", name,
                    placed(let, context, arguments));
  if (context.defined) body_ += "  return " + text + "\n}\n";
  result(each, text, given);
  std::string outputs = "value = v@";
  if (each.with_gradient) outputs += gradients(each, names);
  if (!each.spelling->also.empty()) outputs += ", also = " + each.spelling->also;
  std::vector<std::string> used;
  for (const auto& [key, name] : names) used.push_back(name);
  body_ += format("function c@({}) -> ({})\n", join(used, ", "), outputs);
  body_ = with_numbers(std::move(body_), each);
  for (const auto& [key, name] : names) body_ = replaced(std::move(body_), "?" + key, name);
  body_ = replaced(std::move(body_), "@", format("_{}", number));
  declarations_ += std::exchange(body_, "");
  return names;
}

}  // namespace thx::stability
