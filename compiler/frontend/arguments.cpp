// SPDX-License-Identifier: Apache-2.0
// The arguments of a call are bound to the parameters that a function's line spells, once for all
// functions; then the kinds of arguments that many functions take.
#include <algorithm>
#include <numeric>

#include "frontend/functions.h"
#include "ops/build.h"
#include "support/check.h"
#include "support/text.h"

namespace thx {
namespace {

std::string quoted(std::string_view name) { return format("`{}`", name); }

// "`sum(x, axis=all, keepdims=false)`", for messages.
std::string spell_call(const FunctionEntry& entry) {
  return format("it is called `{}({})`", entry.name(), entry.builtin.parameters);
}

Operand nothing(Span at) {
  Operand operand;
  operand.kind = Operand::Kind::nothing;
  operand.span = at;
  return operand;
}

class Binding {
 public:
  Binding(Lowering& l, const FunctionEntry& entry, const Call& call)
      : l_(l), entry_(entry), call_(call), values_(entry.parameters.size()) {
    for (Operand& value : values_) value = nothing(call.place.mark);
  }

  std::optional<Arguments> run() {
    bind_positional();
    for (const Keyword& keyword : call_.keywords) bind_keyword(keyword);
    for (size_t i = 0; i < values_.size() && good_; ++i) check_given(i);
    if (!good_) return std::nullopt;
    return Arguments(entry_, call_.place, std::move(values_));
  }

 private:
  Diagnostic& fail(Err id, Span at, std::string message) {
    good_ = false;
    return l_.report(id, at, std::move(message));
  }

  void bind_positional() {
    size_t next = 0;
    for (size_t i = 0; i < call_.positional.size(); ++i) {
      const bool left = next < values_.size() && !entry_.parameters[next].named_only;
      if (!left) {
        const auto places = std::count_if(entry_.parameters.begin(), entry_.parameters.end(),
                                          [](const Parameter& p) { return !p.named_only; });
        fail(Err::bad_argument, call_.positional[i].span,
             format("{} takes {} argument{} at most", call_.place.spelled, places,
                    places == 1 ? "" : "s"))
            .help(spell_call(entry_));
        return;
      }
      if (entry_.parameters[next].variadic) return bind_rest(next, i);
      values_[next++] = call_.positional[i];
    }
  }

  // `x.reshape(2, 3)` and `x.reshape((2, 3))` are one.
  void bind_rest(size_t parameter, size_t first) {
    std::vector<Operand> rest(call_.positional.begin() + static_cast<ptrdiff_t>(first),
                              call_.positional.end());
    if (rest.size() == 1) {
      values_[parameter] = std::move(rest[0]);
      return;
    }
    const Span span = rest.front().span.to(rest.back().span);
    values_[parameter] = Operand::of_sequence(std::move(rest), span);
    values_[parameter].computed = true;  // no tuple that the user wrote
  }

  void bind_keyword(const Keyword& keyword) {
    for (size_t i = 0; i < values_.size(); ++i) {
      const std::vector<std::string_view>& names = entry_.parameters[i].names;
      if (std::find(names.begin(), names.end(), keyword.name) == names.end()) continue;
      if (!values_[i].is(Operand::Kind::nothing)) {
        suggest_comparison(
            fail(Err::bad_argument, keyword.span, format("`{}` is given twice", keyword.name)),
            call_, keyword);
        return;
      }
      values_[i] = keyword.value;
      return;
    }
    Diagnostic& error =
        fail(Err::bad_argument, keyword.span,
             format("{} takes no argument `{}`", call_.place.spelled, keyword.name));
    std::vector<std::string> names;
    for (const Parameter& parameter : entry_.parameters) names.emplace_back(parameter.names[0]);
    const auto near = nearest(keyword.name, names);
    error.help(near ? format("did you mean `{}`?", *near) : spell_call(entry_));
    if (!near) suggest_comparison(error, call_, keyword);
  }

  void check_given(size_t i) {
    const Parameter& parameter = entry_.parameters[i];
    if (!parameter.otherwise.empty() || !values_[i].is(Operand::Kind::nothing)) return;
    fail(Err::missing_argument, call_.place.mark,
         format("{} needs an argument {}", call_.place.spelled, quoted(parameter.names[0])))
        .help(spell_call(entry_));
  }

  Lowering& l_;
  const FunctionEntry& entry_;
  const Call& call_;
  std::vector<Operand> values_;
  bool good_ = true;
};

}  // namespace

std::vector<Parameter> read_parameters(std::string_view text) {
  std::vector<Parameter> parameters;
  bool named_only = false;
  int depth = 0;  // commas inside brackets belong to what is meant otherwise
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (text[i] == '(' || text[i] == ')')) depth += text[i] == '(' ? 1 : -1;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    std::string_view part = trim(text.substr(begin, i - begin));
    begin = i + 1;
    if (part.empty()) continue;
    if (part == "*") {
      named_only = true;
      continue;
    }
    Parameter parameter;
    parameter.named_only = named_only;
    parameter.variadic = part[0] == '*';
    if (parameter.variadic) part.remove_prefix(1);
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos) parameter.otherwise = part.substr(equals + 1);
    parameter.names = split(part.substr(0, equals), '|');
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

const Operand& Arguments::operator[](std::string_view name) const {
  for (size_t i = 0; i < values_.size(); ++i) {
    if (entry_.parameters[i].names[0] == name) return values_[i];
  }
  THX_UNREACHABLE("{} has no parameter {}", entry_.name(), name);
}

std::optional<Arguments> bind_arguments(Lowering& l, const FunctionEntry& entry, const Call& call) {
  return Binding(l, entry, call).run();
}

Value value_argument(Lowering& l, const Arguments& a, std::string_view name) {
  const Operand& operand = a[name];
  return all_numbers(l, {&operand, 1}, a.place) ? to_value(l, operand) : Value{};
}

Value float_argument(Lowering& l, const Arguments& a, std::string_view name) {
  const Operand& operand = a[name];
  if (!all_numbers(l, {&operand, 1}, a.place)) return {};
  const DType dtype = default_dtype(l, operand);
  return to_value(l, operand, is_float(dtype) ? dtype : l.float_x);
}

std::optional<bool> flag_argument(Lowering& l, const Arguments& a, std::string_view name,
                                  bool otherwise) {
  return a.has(name) ? flag(l, a[name]) : otherwise;
}

std::optional<DType> dtype_argument(Lowering& l, const Arguments& a, DType otherwise) {
  const Operand& operand = a["dtype"];
  if (operand.is(Operand::Kind::nothing)) return otherwise;
  if (operand.is(Operand::Kind::dtype)) return operand.dtype;
  l.report(Err::bad_argument, operand.span, format("`dtype` needs a dtype, not {}", spell(operand)))
      .help(operand.is(Operand::Kind::integer) && a.builtin().parameters.starts_with("shape")
                ? "a shape of several extents stands in parentheses: `zeros((N, M))`"
                : "write `dtype=f64`");
  return std::nullopt;
}

std::optional<int64_t> known_integer(Lowering& l, const Operand& operand, std::string_view what) {
  if (operand.poisoned()) return std::nullopt;
  constexpr int64_t kMost = int64_t{1} << 52;  // no extent, and so no step or shift, is larger
  if (operand.is(Operand::Kind::integer) && (operand.weak || operand.extent.is_known())) {
    const int64_t value = operand.weak ? operand.integer : operand.extent.known();
    if (!operand.beyond && value >= -kMost && value <= kMost) return value;
    l.report(Err::bad_argument, operand.span, format("{} is beyond any extent", what));
    return std::nullopt;
  }
  l.report(Err::bad_argument, operand.span,
           format("{} is an integer literal, not {}", what, spell(operand)));
  return std::nullopt;
}

std::optional<int64_t> integer_argument(Lowering& l, const Arguments& a, std::string_view name,
                                        int64_t otherwise) {
  if (!a.has(name)) return otherwise;
  return known_integer(l, a[name], format("`{}`", name));
}

std::optional<int64_t> one_axis(Lowering& l, const Operand& operand, int rank, const Operand& of) {
  if (operand.poisoned()) return std::nullopt;
  const bool known =
      operand.is(Operand::Kind::integer) && (operand.weak || operand.extent.is_known());
  if (!known) {
    l.report(Err::bad_axis, operand.span,
             format("an axis is an integer literal, not {}", spell(operand)));
    return std::nullopt;
  }
  const int64_t given = operand.weak ? operand.integer : operand.extent.known();
  const int64_t axis = given < 0 && given >= -rank ? given + rank : given;
  if (axis >= 0 && axis < rank) return axis;
  Diagnostic& error =
      l.report(Err::bad_axis, operand.span, format("{} has no axis {}", spell(of), given));
  error.label(of.span, spell(of));
  if (rank == 1) error.help("its one axis is 0, or -1");
  if (rank > 1) error.help(format("its axes are 0 to {}, or -{} to -1", rank - 1, rank));
  return std::nullopt;
}

std::optional<int64_t> axis_argument(Lowering& l, const Arguments& a, std::string_view name,
                                     const Operand& of, int64_t otherwise) {
  const auto rank = static_cast<int>(shape_of(of).size());
  if (a.has(name)) return one_axis(l, a[name], rank, of);
  if (rank > 0) return otherwise < 0 ? otherwise + rank : otherwise;
  l.report(Err::bad_axis, a.place.mark,
           format("{} needs an array, not {}", a.place.spelled, spell(of)))
      .label(of.span, spell(of));
  return std::nullopt;
}

std::vector<Operand> parts_of(const Operand& operand) {
  return operand.is(Operand::Kind::sequence) ? operand.parts : std::vector{operand};
}

std::optional<int64_t> axis_or_flat(Lowering& l, const Arguments& a, Value& x) {
  if (a.has("axis")) return axis_argument(l, a, "axis", a["x"], 0);
  x = reshape(l.graph(), x, {element_count(x->shape())}, a.at());
  return 0;
}

std::optional<AxisList> axes_argument(Lowering& l, const Arguments& a, std::string_view name,
                                      const Operand& of) {
  const auto rank = static_cast<int>(shape_of(of).size());
  if (!a.has(name)) return axis_run(0, rank);
  AxisList axes;
  for (const Operand& part : parts_of(a[name])) {
    const std::optional<int64_t> axis = one_axis(l, part, rank, of);
    if (!axis) return std::nullopt;
    if (contains(axes, *axis)) {
      l.report(Err::bad_axis, part.span, format("axis {} is named twice", part.integer));
      return std::nullopt;
    }
    axes.push_back(*axis);
  }
  return axes;
}

}  // namespace thx
