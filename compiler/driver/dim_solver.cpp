// SPDX-License-Identifier: Apache-2.0
// Compares shapes with types; what does not fit is said with the array that a dim came from.
#include "driver/dim_solver.h"

#include <set>

#include "support/text.h"

namespace thx {

namespace {

/// The dim that an extent is, if it is nothing more.
std::optional<std::string> bare_dim(const Extent& extent) {
  std::set<std::string> symbols;
  extent.collect_symbols(symbols);
  if (symbols.size() != 1 || extent != Extent::symbol(*symbols.begin())) return std::nullopt;
  return *symbols.begin();
}

std::string misfit(const Claim& claim) {
  return format("{} is {}, but {} {}", claim.what, type_text(claim.array), claim.taker,
                text(claim.type));
}

}  // namespace

std::optional<Diagnostic> DimSolver::bind(const Claim& claim) {
  if (claim.array.dtype != claim.type.dtype)
    return Diagnostic(Err::dtype_mismatch, {}, misfit(claim));
  if (claim.array.rank() != claim.type.rank())
    return Diagnostic(Err::shape_mismatch, {},
                      format("{}: {} {} instead of {}", misfit(claim), claim.array.rank(),
                             claim.array.rank() == 1 ? "axis" : "axes", claim.type.rank()));
  for (size_t axis = 0; axis < claim.type.shape.size(); ++axis) {
    const std::optional<std::string> dim = bare_dim(claim.type.shape[axis]);
    if (!dim || values_.contains(*dim)) continue;
    values_[*dim] = claim.array.extents[axis];
    binders_[*dim] = claim.name;
  }
  return std::nullopt;
}

std::optional<Diagnostic> DimSolver::compare(const Claim& claim) const {
  for (size_t axis = 0; axis < claim.type.shape.size(); ++axis) {
    const Extent& extent = claim.type.shape[axis];
    const std::optional<int64_t> expected = extent.evaluate(values_);
    if (!expected || *expected == claim.array.extents[axis]) continue;
    return Diagnostic(Err::shape_mismatch, {},
                      format("{}: axis {} is {}{}", misfit(claim), axis, claim.array.extents[axis],
                             expectation(extent, *expected)));
  }
  return std::nullopt;
}

// " instead of 5", ", and N is 5 in `y`", ", and 2*N is 10 where N is 5 in `y`"
std::string DimSolver::expectation(const Extent& extent, int64_t expected) const {
  if (extent.is_known()) return format(" instead of {}", expected);
  if (const std::optional<std::string> dim = bare_dim(extent))
    return format(", and {} is {}", *dim, origin(*dim));
  std::set<std::string> symbols;
  extent.collect_symbols(symbols);
  return format(", and {} is {} where ", extent.text(), expected) +
         join(symbols, ", ", [this](const std::string& symbol) {
           return format("{} is {}", symbol, origin(symbol));
         });
}

std::string DimSolver::origin(const std::string& dim) const {
  const auto binder = binders_.find(dim);
  const int64_t value = values_.find(dim)->second;
  return binder == binders_.end() ? std::to_string(value)
                                  : format("{} in `{}`", value, binder->second);
}

}  // namespace thx
