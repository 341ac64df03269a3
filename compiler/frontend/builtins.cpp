// SPDX-License-Identifier: Apache-2.0
// The tables of built-in names.
#include "frontend/builtins.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>
#include <unordered_set>
#include <utility>

#include "frontend/functions.h"
#include "support/text.h"

namespace thx {
namespace {

using std::string_view;

// Names with a lowering of their own.
constexpr string_view kSpecial[] = {"grad",     "jvp",     "vjp",  "hvp",
                                    "jacobian", "hessian", "vmap", "newaxis"};

constexpr std::pair<string_view, double> kConstants[] = {
    {"pi", std::numbers::pi},
    {"inf", std::numeric_limits<double>::infinity()},
    {"nan", std::numeric_limits<double>::quiet_NaN()},
};

constexpr std::pair<string_view, string_view> kInstead[] = {
    {"cbrt", "write `sign(x) * abs(x) ** (1 / 3)`"},
    {"fmod", "write `x - y * trunc(x / y)`"},
    {"cumprod", "write `exp(cumsum(log(x)))` where x is positive"},
    {"average", "write `(x * w).sum() / w.sum()`"},
    {"median", "compute it in the application and pass it as an input"},
    {"einsum", "use `@`, `tensordot`, or `*` and `sum(axis=...)`"},
    {"take", "write `x[idx]`"},
    {"take_along_axis", "write `x[arange(N), y]`"},
    {"nonzero", "use `where(mask, x, 0)`: its extent depends on data"},
    {"nan_to_num", "write `where(isnan(x), 0, x)`"},
    {"linalg", "compute the factorisation in the application and pass it as an input"},
};

// Of the language, without a short way round.
constexpr string_view kLater[] = {"sort",      "argsort", "topk",     "quantile",   "conv1d",
                                  "conv2d",    "cross",   "bincount", "max_pool2d", "unique",
                                  "histogram", "erfinv",  "rot90",    "meshgrid"};

constexpr string_view kLaterMembers[] = {"random.bernoulli",
                                         "random.randint",
                                         "random.choice",
                                         "random.permutation",
                                         "random.gumbel",
                                         "random.exponential",
                                         "random.poisson",
                                         "random.truncated_normal",
                                         "linalg.solve",
                                         "linalg.cholesky",
                                         "linalg.inv",
                                         "linalg.det",
                                         "linalg.eigh",
                                         "linalg.svd",
                                         "linalg.qr",
                                         "linalg.slogdet",
                                         "linalg.lstsq",
                                         "linalg.pinv",
                                         "linalg.solve_triangular"};

constexpr std::pair<string_view, string_view> kElsewhere[] = {
    {"None", "leave the argument out; a new axis is `newaxis`"},
    {"True", "write `true`"},
    {"False", "write `false`"},
    {"int", "write `i64(...)`"},
    {"float", "write `floatX(...)`"},
    {"float32", "write `f32`"},
    {"float64", "write `f64`"},
    {"len", "write `x.shape[0]`"},
    {"size", "write `x.size`"},
    {"shape", "write `x.shape`"},
    {"T", "functions stand without a prefix: `exp(x)`; the transpose is the field `x.T`"},
    {"print", "make the value an output of a function"},
    {"normal", "write `random.normal(...)`"},
    {"cross_entropy", "write `-log_softmax(z)[arange(N), y].mean()`"},
    {"swish", "write `x * sigmoid(x)`"},
    {"silu", "write `x * sigmoid(x)`"},
    {"gelu", "write `0.5 * x * (1 + tanh(0.7978845608 * (x + 0.044715 * x**3)))`"},
    {"elu", "write `where(x > 0, x, expm1(minimum(x, 0)))`"},
    {"leaky_relu", "write `where(x > 0, x, 0.01 * x)`"},
    {"item", "an array of one element is indexed: `x[0]`"},
    {"np", "functions stand without a prefix: `exp(x)`"},
    {"numpy", "functions stand without a prefix: `exp(x)`"},
    {"jnp", "functions stand without a prefix: `exp(x)`"},
    {"jax", "functions stand without a prefix: `exp(x)`"},
    {"torch", "functions stand without a prefix: `exp(x)`"},
    {"tf", "functions stand without a prefix: `exp(x)`"},
    {"math", "functions stand without a prefix: `exp(x)`"},
    {"F", "functions stand without a prefix: `exp(x)`"},
    {"lax", "functions stand without a prefix: `exp(x)`"},
    {"scipy", "functions stand without a prefix: `exp(x)`"},
    {"keras", "functions stand without a prefix: `exp(x)`"},
    {"view", "write `x.reshape(...)`"},
    {"permute", "write `transpose(x, (1, 0))`"},
    {"dimshuffle", "write `transpose(x, (1, 0))`, and `x[:, newaxis]` for a new axis"},
    {"cat", "write `concatenate([x, y])`"},
    {"detach", "write `stop_gradient(x)`"},
    {"backward", "gradients are values: `grad(J, w)`"},
    {"value_and_grad", "use the cost itself and `grad(J, w)`; they share their work"},
    {"jit", "everything is compiled; leave it out"},
    {"switch", "write `where(c, a, b)`"},
    {"ifelse", "write `a if c else b`"},
    {"set_subtensor", "write `x.at[i].set(v)`"},
    {"inc_subtensor", "write `x.at[i].add(v)`"},
    {"reduce_mean", "write `mean(x)`"},
    {"reduce_sum", "write `sum(x)`"},
    {"reduce_max", "write `max(x)`"},
    {"at", "write `x.at[i].set(v)` or `x.at[i].add(v)`"},
    {"numel", "write `x.size`"},
    {"mse_loss", "write `((a - b)**2).mean()`"},
    {"requires_grad", "every value can be differentiated by; leave it out"},
    {"nn", "layers are definitions: `def dense(x, W, b) = x @ W + b`"},
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

}  // namespace

std::optional<double> builtin_constant(string_view name) {
  const auto entry = find_pair(kConstants, name);
  if (entry == std::end(kConstants)) return std::nullopt;
  return entry->second;
}

std::optional<string_view> instead_of(string_view name) {
  const auto entry = find_pair(kInstead, name);
  if (entry != std::end(kInstead)) return entry->second;
  if (contains(kLater, name)) return "compute it in the application and pass it as an input";
  if (contains(kLaterMembers, name)) {
    return name.starts_with("random") ? "use `random.normal`, `random.uniform` or "
                                        "`random.integers`, or fill the state in the application"
                                      : "compute it in the application and pass it as an input";
  }
  return std::nullopt;
}

bool is_dtype_name(string_view name) { return contains(kTypeNames, name); }

std::optional<DType> supported_dtype(string_view name, DType float_x) {
  if (name == "floatX") return float_x;
  return dtype_named(name);
}

std::optional<std::string> dtype_meant_by(string_view name) {
  constexpr std::pair<string_view, string_view> kOtherTypes[] = {
      {"float", "floatX"}, {"float32", "f32"}, {"float64", "f64"}, {"double", "f64"},
      {"int", "i64"},      {"int64", "i64"},   {"long", "i64"},    {"int32", "i32"},
      {"int16", "i16"},    {"int8", "i8"},     {"uint8", "u8"},    {"byte", "u8"},
      {"uint16", "u16"},   {"uint32", "u32"},  {"uint64", "u64"},  {"uint", "u64"},
      {"short", "i16"},    {"size_t", "u64"},  {"half", "f16"},    {"float16", "f16"},
      {"bool_", "bool"},   {"boolean", "bool"}};
  if (const auto known = find_pair(kOtherTypes, name); known != std::end(kOtherTypes)) {
    return std::string(known->second);
  }
  return nearest(
      name, {"f32", "f64", "floatX", "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"});
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
    for (const FunctionEntry& entry : all_functions()) {
      for (const string_view name : split(entry.builtin.names, ' ')) {
        if (name.find('.') == string_view::npos) add(name);
      }
    }
    for (const auto& [name, value] : kConstants) add(name);
    for (const auto& [name, help] : kInstead) add(name);
    for (const string_view name : kSpecial) add(name);
    for (const string_view name : kLater) add(name);
    for (const string_view name : kTypeNames) add(name);
    for (const string_view name : kNamespaces) add(name);
    return list;
  }();
  return names;
}

}  // namespace thx
