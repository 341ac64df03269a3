// SPDX-License-Identifier: Apache-2.0
// Functions of the language as compiled kernels in this process.
#include "compiled.h"

#include <stdexcept>

#include "support/text.h"

namespace thx::math_check {
namespace {

std::string source_of(const Reference& reference, DType dtype, int order) {
  const bool two = reference.operands == 2;
  const std::string arguments = two ? "(x, y)" : "(x)";
  std::string text =
      format("module math\ndim N\ninput x : {0}[N]\ninput y : {0}[N]\n", spelling(dtype));
  const auto add = [&](std::string_view function, std::string_view value, std::string_view made) {
    text += format("let {} = {}\nfunction {}{} -> {}\n", value, made, function, arguments, value);
  };
  add("value", "v", format("{}{}", reference.name, arguments));
  if (order > 0) add("slope0", "g0", "grad(v.sum(), x)");
  if (order > 0 && two) add("slope1", "g1", "grad(v.sum(), y)");
  if (order > 1) add("curve0", "h0", "grad(g0.sum(), x)");
  if (order > 1 && two) add("curve1", "h1", "grad(g0.sum(), y)");
  if (order > 1 && two) add("curve2", "h2", "grad(g1.sum(), y)");
  return text;
}

}  // namespace

Compiled::Compiled(const Reference& reference, DType dtype, const CompileAs& as, int order)
    : operands_(reference.operands) {
  if (!folder_.exists()) throw std::runtime_error("no temporary folder can be made");
  CompileOptions options;
  options.file = folder_.file("math.thx");
  options.fp = as.strict ? FpMode::strict : FpMode::standard;
  options.cpu = as.cpu;
  if (!write_bytes(options.file, source_of(reference, dtype, order)))
    throw std::runtime_error("cannot write " + options.file);
  program_ = LoadedProgram::compile(options, sources_, diagnostics_);
  if (program_) return;
  std::string text;
  for (const Diagnostic& each : diagnostics_.all()) text += render_text(each, sources_);
  throw std::runtime_error(format("{} does not compile:\n{}", reference.name, text));
}

template <class T>
std::vector<T> Compiled::run(const std::string& function, const std::vector<T>& xs,
                             const std::vector<T>& ys) const {
  const DType dtype = sizeof(T) == 4 ? DType::f32 : DType::f64;
  const auto count = static_cast<int64_t>(xs.size());
  Arguments arguments;
  arguments.emplace("x", HostArray::of(dtype, {count}, xs));
  if (operands_ == 2) arguments.emplace("y", HostArray::of(dtype, {count}, ys));
  const Result<CallResult> result = program_->call(function, std::move(arguments));
  if (!result || !result.value().ok()) throw std::runtime_error(function + " cannot be called");
  const HostArray& array = result.value().outputs.at(0).second;
  std::vector<T> values(xs.size());
  std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
  return values;
}

template std::vector<float> Compiled::run(const std::string&, const std::vector<float>&,
                                          const std::vector<float>&) const;
template std::vector<double> Compiled::run(const std::string&, const std::vector<double>&,
                                           const std::vector<double>&) const;

BoundCall Compiled::bind(const std::string& function, DType dtype) const {
  Arguments arguments;
  arguments.emplace("x", HostArray::zeros(dtype, {int64_t{kBlock}}));
  Result<BoundCall> call = program_->bind(function, std::move(arguments));
  if (!call) throw std::runtime_error(function + " cannot be called");
  return std::move(call.value());
}

template <class T>
const T* Block<T>::run() {
  const CallResult& result = call_.run();
  if (!result.ok()) throw std::runtime_error(result.message);
  return reinterpret_cast<const T*>(result.outputs.at(0).second.bytes.data());
}
template class Block<float>;
template class Block<double>;

}  // namespace thx::math_check
