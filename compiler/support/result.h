// SPDX-License-Identifier: Apache-2.0
// A value, or the one message that says why there is none.
#pragma once

#include <utility>
#include <variant>

#include "support/check.h"
#include "support/diagnostic.h"

namespace thx {

// What a reader of a text form returns; frontends that find many errors use Diagnostics instead.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: a value is a result
  Result(Diagnostic error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: so is an error

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const Diagnostic& error() const {
    THX_CHECK(!ok(), "a result with a value has no error");
    return std::get<1>(state_);
  }
  T& value() & {
    check();
    return std::get<0>(state_);
  }
  const T& value() const& {
    check();
    return std::get<0>(state_);
  }
  T&& value() && {
    check();
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  void check() const { THX_CHECK(ok(), "no value: {}", std::get<1>(state_).message()); }

  std::variant<T, Diagnostic> state_;
};

}  // namespace thx
