// SPDX-License-Identifier: Apache-2.0
// Checks extents with dims at the values they are given: bounded from above in f64, not negative,
// and as the requirements of functions say.
#include "frontend/sizes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/text.h"

namespace thx {
namespace {

constexpr double kMostElements = 5e17;  // 2^62 bytes of eight-byte elements, and a little less

class Sizes {
 public:
  Sizes(const Program& program, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    for (const Dim& dim : program.dims) {
      if (!dim.value) continue;
      values_[dim.name] = &dim;
      numbers_[dim.name] = *dim.value;
    }
  }

  bool known() const { return !values_.empty(); }

  // False after the first report. Requirements first: they say more than the extents they guard.
  bool check(const Function& function) {
    for (const Requirement& requirement : function.requirements) {
      if (!check(Type{DType::i64, {requirement.left, requirement.right}}) ||
          !check_holds(requirement)) {
        return false;
      }
    }
    std::vector<const Body*> bodies = {function.body.get()};
    while (!bodies.empty()) {
      const Body& body = *bodies.back();
      bodies.pop_back();
      for (int32_t id = 0; id < body.graph.size(); ++id) {
        const Value value = body.graph.at(id);
        for (const Type& type : value->types) {
          if (!check(type) || !check_signs(type, body.graph.spans(value).first())) return false;
        }
        for (const auto& [key, attr] : value->attrs.entries()) {
          const auto* extent = std::get_if<Extent>(&attr);
          if (extent && !check(Type{DType::i64, {*extent}})) return false;
        }
        for (const Region& region : value->regions) bodies.push_back(region.get());
      }
    }
    return true;
  }

  bool check(const Type& type) {
    double elements = 1;
    for (const Extent& extent : type.shape) elements *= std::max(bound(extent), 1.0);
    if (elements <= kMostElements) return true;
    std::set<std::string> symbols;
    for (const Extent& extent : type.shape) extent.collect_symbols(symbols);
    const Dim* largest = nullptr;
    for (const std::string& symbol : symbols) {
      const auto at = values_.find(symbol);
      if (at == values_.end()) continue;
      if (!largest || *at->second->value > *largest->value) largest = at->second;
    }
    if (!largest) return true;
    diagnostics_.report({Err::bad_extent, largest->span,
                         format("with {} = {} a value of {} is larger than any memory",
                                largest->name, *largest->value, text(type))});
    return false;
  }

 private:
  // "with N = 3 and M = 2", of the dims of some extents.
  std::string known_dims(const std::set<std::string>& symbols) const {
    std::vector<std::string> parts;
    for (const std::string& symbol : symbols) {
      const auto at = numbers_.find(symbol);
      if (at != numbers_.end()) parts.push_back(format("{} = {}", symbol, at->second));
    }
    return format("with {}", join(parts, " and "));
  }

  bool check_signs(const Type& type, Span span) {
    for (const Extent& extent : type.shape) {
      const std::optional<int64_t> value = extent.evaluate(numbers_);
      if (extent.is_known() || !value || *value >= 0) continue;
      std::set<std::string> symbols;
      extent.collect_symbols(symbols);
      diagnostics_.report(
          {Err::bad_extent, span,
           format("{} the extent {} is {}", known_dims(symbols), extent.text(), *value)});
      return false;
    }
    return true;
  }

  bool check_holds(const Requirement& requirement) {
    const std::optional<int64_t> left = requirement.left.evaluate(numbers_);
    const std::optional<int64_t> right = requirement.right.evaluate(numbers_);
    const bool equal = requirement.kind == Requirement::Kind::equal;
    if (!left || !right || (equal ? *left == *right : *left >= *right)) return true;
    std::set<std::string> symbols;
    requirement.left.collect_symbols(symbols);
    requirement.right.collect_symbols(symbols);
    diagnostics_.report(
        {Err::bad_extent, requirement.span,
         format("{} this needs {} {} {}, which does not hold", known_dims(symbols),
                requirement.left.text(), equal ? "==" : ">=", requirement.right.text())});
    return false;
  }

  double bound(const Extent& extent) const {
    double sum = 0;
    for (const Extent::Term& term : extent.terms()) {
      double product = std::fabs(static_cast<double>(term.coefficient));
      for (const Extent::Factor& factor : term.factors) product *= bound(factor);
      sum += product;
    }
    return sum;
  }

  double bound(const Extent::Factor& factor) const {
    if (!factor.symbol.empty()) {
      const auto at = values_.find(factor.symbol);
      return at == values_.end() ? 1 : std::fabs(static_cast<double>(*at->second->value));
    }
    return std::max({bound(*factor.a), bound(*factor.b), 1.0});
  }

  std::map<std::string, const Dim*, std::less<>> values_;
  Extent::Values numbers_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_sizes(const Program& program, Diagnostics& diagnostics) {
  Sizes sizes(program, diagnostics);
  if (!sizes.known()) return;
  for (const Function& function : program.functions) {
    if (!sizes.check(function)) return;
  }
  for (const State& state : program.states) {
    if (!sizes.check(state.type)) return;
  }
  if (program.init) sizes.check(*program.init);
}

}  // namespace thx
