// SPDX-License-Identifier: Apache-2.0
// Lays out inputs as a context wants them, calls, and compares element by element.
#include "run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "support/text.h"

namespace thx::stability {

namespace {

constexpr double kMasked = 7;  // what the contexts give where a mask is false
constexpr double kWeights[] = {1, -2, 0.5, 3};

bool masked(const Context& context, int64_t i) {
  return std::string_view(context.more) == "m" && i % 3 == 1;
}

HostArray floats(DType dtype, std::vector<int64_t> extents, const std::vector<double>& values) {
  if (dtype == DType::f64) return HostArray::of<double>(dtype, std::move(extents), values);
  return HostArray::of<float>(dtype, std::move(extents), {values.begin(), values.end()});
}

double element(const HostArray& array, int64_t i) {
  return array.dtype == DType::f32 ? array.at<float>(i) : array.at<double>(i);
}

// The layout of one case's inputs.
class Call {
 public:
  explicit Call(const Case& each)
      : case_(each),
        context_(*each.context),
        dtype_(each.wanted->dtype),
        elements_(each.formula->layout == Layout::elements),
        count_(static_cast<int64_t>(each.wanted->inputs->at("x").size())),
        columns_(elements_ ? 1 : each.formula->columns),
        rows_(count_ / columns_) {}

  int64_t calls() const { return context_.by_row ? rows_ : 1; }

  Arguments arguments(const std::map<std::string, std::string>& names, int64_t row) const {
    Arguments result;
    for (const auto& [key, name] : names) {
      const auto input = case_.wanted->inputs->find(key);
      if (input == case_.wanted->inputs->end())
        result.emplace(name, further(key));
      else if (key == "i")
        result.emplace(name, labels(input->second));
      else
        result.emplace(name, values(key, input->second, row));
    }
    return result;
  }

  // What is right for element `place` of an output in call `row`.
  Bound wanted(const std::string& output, int64_t place, int64_t row) const {
    const bool value = output == "value";
    const bool per_row = !elements_ && value && case_.formula->layout == Layout::rows;
    int64_t index = context_.by_row ? (per_row ? row : row * columns_ + place) : place;
    if (!per_row && context_.transposed) index = place % rows_ * columns_ + place / rows_;
    if (masked(context_, index)) return exactly(value ? kMasked : 0, dtype_);
    if (!exact(per_row ? index * columns_ : index)) return {};
    if (!value && may_overflow(index)) return {};
    double factor = context_.outer;
    if (!value) factor *= context_.inner * context_.repeated;
    if (output.size() == 2) factor *= context_.inner;  // a second derivative
    if (!value && std::string_view(context_.more) == "w") factor *= kWeights[index % 4];
    return scaled((*case_.wanted->outputs.at(output))[static_cast<size_t>(index)], factor, dtype_);
  }

  int64_t expected_count(const std::string& output) const {
    const bool per_row = !elements_ && output == "value" && case_.formula->layout == Layout::rows;
    return (per_row ? rows_ : count_) / calls();
  }

  // The arguments of the element or row, for whoever reads a failure.
  std::string at(int64_t place, const std::string& output, int64_t row) const {
    const bool per_row = !elements_ && output == "value" && case_.formula->layout == Layout::rows;
    int64_t index = context_.by_row ? row * columns_ : per_row ? place * columns_ : place;
    if (!per_row && context_.transposed && !context_.by_row)
      index = place % rows_ * columns_ + place / rows_;
    std::vector<std::string> texts;
    for (const auto& [name, values] : *case_.wanted->inputs) {
      const bool by_row = static_cast<int64_t>(values.size()) != count_;
      const int64_t begin = by_row ? index / columns_ : index / columns_ * columns_;
      const int64_t end = begin + (by_row ? 1 : columns_);
      std::vector<std::string> row_texts;
      for (int64_t i = begin; i < end; ++i)
        row_texts.push_back(number(values[static_cast<size_t>(i)]));
      texts.push_back(name + " = " + join(row_texts, " "));
    }
    return join(texts, ", ") +
           (elements_ || per_row ? "" : format(", column {}", index % columns_));
  }

  std::string number(double value) const {
    if (std::isnan(value)) return "nan";
    return dtype_ == DType::f32 ? format("{}", static_cast<float>(value)) : format("{}", value);
  }

 private:
  bool moved(const std::string& argument) const { return case_.wanted->outputs.contains(argument); }

  double before(double value) const {
    return dtype_ == DType::f32 ? static_cast<float>(value) / static_cast<float>(context_.inner)
                                : value / context_.inner;
  }

  // Whether a gradient of so large a number, several times, may overflow on the way: as a sum, or
  // by a factor that the cost has.
  bool may_overflow(int64_t index) const {
    const bool weighted = std::string_view(context_.more) == "w";
    if (context_.repeated == 1 && std::abs(context_.outer) <= 1 && !weighted) return false;
    const double largest = dtype_ == DType::f32 ? std::numeric_limits<float>::max()
                                                : std::numeric_limits<double>::max();
    return std::any_of(case_.wanted->inputs->begin(), case_.wanted->inputs->end(),
                       [&](const auto& input) {
                         // An index stands once for each row.
                         const bool by_row = static_cast<int64_t>(input.second.size()) != count_;
                         const int64_t at = by_row ? index / columns_ : index;
                         const double value = std::abs(input.second[static_cast<size_t>(at)]);
                         return std::isfinite(value) && value > largest / 16;
                       });
  }

  // Whether the formula sees exactly the inputs that its values are recorded for.
  bool exact(int64_t index) const {
    if (context_.inner == 1) return true;
    const int64_t begin = index / columns_ * columns_;
    for (const auto& [name, values] : *case_.wanted->inputs) {
      if (!moved(name)) continue;
      for (int64_t i = begin; i < begin + columns_; ++i) {
        const double value = values[static_cast<size_t>(i)];
        const double back = context_.inner * before(value);
        if (value == value && back != value) return false;
      }
    }
    return true;
  }

  std::vector<int64_t> extents(int64_t count) const {
    if (elements_) {
      const std::string_view shape = context_.shape;
      if (shape == "[N, 1]") return {count, 1};
      return shape == "[R, 4]" ? std::vector<int64_t>{count / 4, 4} : std::vector<int64_t>{count};
    }
    if (context_.by_row) return {columns_};
    return context_.transposed ? std::vector<int64_t>{columns_, rows_}
                               : std::vector<int64_t>{rows_, columns_};
  }

  HostArray values(const std::string& name, const std::vector<double>& all, int64_t row) const {
    std::vector<double> laid;
    const int64_t begin = context_.by_row ? row * columns_ : 0;
    const int64_t count = context_.by_row ? columns_ : count_;
    for (int64_t i = 0; i < count; ++i) {
      int64_t index = begin + i;
      if (context_.transposed) index = i % rows_ * columns_ + i / rows_;
      const double value = all[static_cast<size_t>(index)];
      laid.push_back(moved(name) && context_.inner != 1 ? before(value) : value);
    }
    return floats(dtype_, extents(count), laid);
  }

  HostArray labels(const std::vector<double>& all) const {
    return HostArray::of<int64_t>(DType::i64, {rows_}, {all.begin(), all.end()});
  }

  // Mask, permutation and its inverse, scalar, weights.
  HostArray further(const std::string& key) const {
    if (key == "s") return floats(dtype_, {}, {1});
    const int64_t count = elements_ ? count_ : rows_;
    if (key == "m") {
      std::vector<uint8_t> mask;
      for (int64_t i = 0; i < count; ++i) mask.push_back(masked(context_, i) ? 0 : 1);
      return HostArray::of<uint8_t>(DType::boolean, extents(count), mask);
    }
    if (key == "w") {
      std::vector<double> weights;
      for (int64_t i = 0; i < count; ++i) weights.push_back(kWeights[i % 4]);
      return floats(dtype_, elements_ ? extents(count) : std::vector<int64_t>{count}, weights);
    }
    // Every third one first, then the others: p; where they went: q.
    std::vector<int64_t> order, inverse(static_cast<size_t>(count));
    for (int64_t start = 0; start < 3; ++start)
      for (int64_t i = start; i < count; i += 3) order.push_back(i);
    for (size_t i = 0; i < order.size(); ++i)
      inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
    return HostArray::of<int64_t>(DType::i64, {count}, key == "p" ? order : inverse);
  }

  const Case& case_;
  const Context& context_;
  DType dtype_;
  bool elements_;
  int64_t count_, columns_, rows_;
};

}  // namespace

std::vector<Verdict> run(const LoadedProgram& program, const std::string& function,
                         const Case& each, const std::map<std::string, std::string>& names,
                         const Formulas& formulas) {
  const Call call(each);
  const DType dtype = each.wanted->dtype;
  std::vector<Verdict> verdicts;
  for (const auto& [output, bounds] : each.wanted->outputs)
    if (output == "value" || each.with_gradient) verdicts.push_back({output, ""});
  if (!each.spelling->also.empty()) verdicts.push_back({"also", ""});
  for (int64_t row = 0; row < call.calls(); ++row) {
    const Result<CallResult> result = program.call(function, call.arguments(names, row), {});
    for (Verdict& verdict : verdicts) {
      if (!verdict.failure.empty()) continue;
      if (!result || !result.value().ok()) {
        verdict.failure = !result ? result.error().message() : result.value().message;
        continue;
      }
      const HostArray* got = result.value().output(output_name(verdict.output));
      const bool also = verdict.output == "also";
      const std::string output = also ? "value" : verdict.output;
      if (!got || got->dtype != dtype || got->count() != call.expected_count(output)) {
        verdict.failure = got ? "is " + type_text(*got) : "is missing";
        continue;
      }
      const Formula* of = also ? formulas.find(each.spelling->also_formula) : nullptr;
      if (also && of == nullptr) {
        verdict.failure = format("no given file has the formula {}", each.spelling->also_formula);
        continue;
      }
      for (int64_t i = 0; i < got->count() && verdict.failure.empty(); ++i) {
        const Bound bound =
            also ? (*of->wanted[dtype == DType::f64].outputs.at("value"))[static_cast<size_t>(i)]
                 : call.wanted(output, i, row);
        const double value = element(*got, i);
        if (!admits(bound, value, dtype))
          verdict.failure = format("{}: got {}, wanted {}", call.at(i, output, row),
                                   call.number(value), describe(bound, dtype));
      }
    }
  }
  return verdicts;
}

}  // namespace thx::stability
