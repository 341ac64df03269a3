// SPDX-License-Identifier: Apache-2.0
// The tables of built-in names.
#include "frontend/builtins.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>
#include <unordered_set>
#include <utility>

#include "support/text.h"

namespace thx {
namespace {

using std::string_view;

// Functions whose lowering is more than their operator.
constexpr std::array<string_view, 23> kFunctions = {
    "grad",       "mean",        "cast",        "zeros",      "ones",        "full",
    "zeros_like", "ones_like",   "full_like",   "arange",     "range",       "transpose",
    "matmul",     "dot",         "logical_and", "logical_or", "logical_not", "floor_divide",
    "remainder",  "true_divide", "mod",         "divide",     "power"};

// Rows whose names are the IR's, not the language's.
constexpr std::array<string_view, 10> kInternal = {
    "sub", "mul", "div", "neg", "bit_and", "bit_or", "bit_xor", "bit_not", "cast", "add"};

constexpr std::pair<string_view, Op> kAliases[] = {
    {"add", Op::add},      {"subtract", Op::sub}, {"multiply", Op::mul},
    {"negative", Op::neg}, {"absolute", Op::abs}, {"expit", Op::sigmoid},
    {"amax", Op::max},     {"amin", Op::min},     {"invert", Op::bit_not},
};

constexpr std::pair<string_view, double> kConstants[] = {
    {"pi", std::numbers::pi},
    {"inf", std::numeric_limits<double>::infinity()},
    {"nan", std::numeric_limits<double>::quiet_NaN()},
};

constexpr std::pair<string_view, string_view> kInstead[] = {
    {"clip", "write `minimum(maximum(x, lo), hi)`"},
    {"var", "write `((x - x.mean()) ** 2).mean()`"},
    {"std", "write `sqrt(((x - x.mean()) ** 2).mean())`"},
    {"norm", "write `sqrt((x ** 2).sum())`"},
    {"cosh", "write `(exp(x) + exp(-x)) / 2`"},
    {"sinh", "write `(exp(x) - exp(-x)) / 2`"},
    {"exp2", "write `2 ** x`"},
    {"log2", "write `log(x) / log(2)`"},
    {"log10", "write `log(x) / log(10)`"},
    {"outer", "write `matmul` of a column input and a row input"},
    {"eye", "use state without an initial value, filled by the application"},
    {"linspace", "write `lo + (hi - lo) * arange(n) / (n - 1)`"},
    {"cross_entropy", "write `-log_softmax(z)[arange(N), y].mean()`"},
    {"swish", "write `x * sigmoid(x)`"},
    {"silu", "write `x * sigmoid(x)`"},
    {"gelu", "write `0.5 * x * (1 + tanh(0.7978845608 * (x + 0.044715 * x**3)))`"},
    {"isnan", "write `x != x`"},
    {"newaxis", "declare the input with an axis of extent 1"},
    {"stop_gradient", "pass the value as an input"},
    {"clip_gradient", "clip the result of `grad` in the update"},
    {"scale_gradient", "scale the result of `grad` in the update"},
    {"jvp", "use `grad` of a scalar cost"},
    {"vjp", "use `grad` of `(y * u).sum()`"},
    {"hvp", "write `grad((grad(J, x) * v).sum(), x)`"},
    {"jacobian", "use `grad` of a scalar cost"},
    {"hessian", "use `grad` of `grad`"},
    {"vmap", "write the expression with its leading axis"},
    {"concat", "keep the parts as separate values"},
    {"concatenate", "keep the parts as separate values"},
    {"stack", "keep the parts as separate values"},
    {"reshape", "declare the input with the shape that is needed"},
    {"linalg", "compute the factorisation in the application and pass it as an input"},
};

// Of the language, without a short way round.
constexpr string_view kLater[] = {
    "sin",      "cos",          "tan",     "asin",      "acos",   "atan",      "arcsin",
    "arccos",   "arctan",       "arctan2", "atan2",     "floor",  "ceil",      "round",
    "trunc",    "erf",          "erfc",    "gammaln",   "lgamma", "digamma",   "psi",
    "cumsum",   "cumprod",      "sort",    "argsort",   "argmax", "argmin",    "topk",
    "tile",     "repeat",       "pad",     "flip",      "roll",   "squeeze",   "expand_dims",
    "diag",     "trace",        "tril",    "triu",      "einsum", "tensordot", "take",
    "median",   "quantile",     "isinf",   "isfinite",  "conv1d", "conv2d",    "max_pool2d",
    "one_hot",  "bincount",     "unique",  "histogram", "ravel",  "flatten",   "swapaxes",
    "moveaxis", "broadcast_to", "cbrt",    "hypot",     "fmod",   "identity"};

constexpr std::pair<string_view, string_view> kElsewhere[] = {
    {"None", "leave the argument out"},
    {"True", "write `true`"},
    {"False", "write `false`"},
    {"int", "write `i64(...)`"},
    {"float", "write `floatX(...)`"},
    {"float32", "write `f32`"},
    {"float64", "write `f64`"},
    {"astype", "write `cast(x, f64)`"},
    {"len", "write `x.shape[0]`"},
    {"size", "write `x.size`"},
    {"shape", "write `x.shape`"},
    {"T", "it is a field: `.T`, without brackets"},
    {"print", "make the value an output of a function"},
    {"normal", "write `random.normal(...)`"},
    {"np", "functions stand without a prefix: `exp(x)`"},
    {"numpy", "functions stand without a prefix: `exp(x)`"},
    {"jnp", "functions stand without a prefix: `exp(x)`"},
    {"torch", "functions stand without a prefix: `exp(x)`"},
    {"math", "functions stand without a prefix: `exp(x)`"},
};

constexpr string_view kTypeNames[] = {"bool", "i8",  "i16",  "i32", "i64", "u8",  "u16",  "u32",
                                      "u64",  "f16", "bf16", "f32", "f64", "c64", "c128", "floatX"};

constexpr string_view kNamespaces[] = {"random", "linalg"};

template <class Table>
bool contains(const Table& table, string_view name) {
  return std::find(std::begin(table), std::end(table), name) != std::end(table);
}

template <class Table>
auto find_pair(const Table& table, string_view name) {
  return std::find_if(std::begin(table), std::end(table),
                      [&](const auto& entry) { return entry.first == name; });
}

bool has_function_form(Op op) {
  const Family family = family_of(op);
  return family == Family::elementwise || family == Family::reduction ||
         family == Family::composite;
}

}  // namespace

std::optional<Op> function_op(string_view name) {
  if (const auto alias = find_pair(kAliases, name); alias != std::end(kAliases)) {
    return alias->second;
  }
  const std::optional<Op> op = op_named(name);
  if (!op || !has_function_form(*op) || contains(kInternal, name)) return std::nullopt;
  return op;
}

std::optional<double> builtin_constant(string_view name) {
  const auto entry = find_pair(kConstants, name);
  if (entry == std::end(kConstants)) return std::nullopt;
  return entry->second;
}

std::optional<string_view> instead_of(string_view name) {
  const auto entry = find_pair(kInstead, name);
  if (entry != std::end(kInstead)) return entry->second;
  if (contains(kLater, name)) return "compute it in the application and pass it as an input";
  return std::nullopt;
}

bool is_dtype_name(string_view name) { return contains(kTypeNames, name); }

std::optional<DType> supported_dtype(string_view name, DType float_x) {
  if (name == "floatX") return float_x;
  const std::optional<DType> dtype = dtype_named(name);
  if (!dtype) return std::nullopt;
  const bool supported = is_float(*dtype) || is_bool(*dtype) || *dtype == DType::i64;
  return supported ? dtype : std::nullopt;
}

std::optional<std::string> dtype_meant_by(string_view name) {
  constexpr std::pair<string_view, string_view> kOtherTypes[] = {
      {"float", "floatX"}, {"float32", "f32"}, {"float64", "f64"}, {"double", "f64"},
      {"int", "i64"},      {"int64", "i64"},   {"long", "i64"},    {"boolean", "bool"},
      {"bool_", "bool"},   {"int32", "i64"}};
  if (const auto known = find_pair(kOtherTypes, name); known != std::end(kOtherTypes)) {
    return std::string(known->second);
  }
  return nearest(name, {"f32", "f64", "floatX", "i64", "bool"});
}

std::optional<string_view> known_elsewhere(string_view name) {
  const auto entry = find_pair(kElsewhere, name);
  if (entry == std::end(kElsewhere)) return std::nullopt;
  return entry->second;
}

bool is_namespace(string_view name) { return contains(kNamespaces, name); }

bool is_builtin(string_view name) {
  static const std::unordered_set<string_view> names(builtin_names().begin(),
                                                     builtin_names().end());
  return names.contains(name);
}

const std::vector<std::string>& builtin_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    const auto add = [&](string_view name) { list.emplace_back(name); };
    for (const OpInfo& op : kOps) {
      if (function_op(op.name)) add(op.name);
    }
    for (const auto& [name, op] : kAliases) add(name);
    for (const auto& [name, value] : kConstants) add(name);
    for (const auto& [name, help] : kInstead) add(name);
    for (const string_view name : kFunctions) add(name);
    for (const string_view name : kLater) add(name);
    for (const string_view name : kTypeNames) add(name);
    for (const string_view name : kNamespaces) add(name);
    return list;
  }();
  return names;
}

}  // namespace thx
