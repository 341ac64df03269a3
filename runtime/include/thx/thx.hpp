// SPDX-License-Identifier: Apache-2.0
// What generated C++17 wrappers share: views of arrays, owned workspaces, errors. With and without
// exceptions.
#ifndef THX_THX_HPP
#define THX_THX_HPP

#include <thx/hosted.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define THX_EXCEPTIONS 1
#include <stdexcept>
#include <string>
#else
#define THX_EXCEPTIONS 0
#endif

namespace thx {

#if THX_EXCEPTIONS
// What a wrapper throws; status() is what the C function answered.
class error : public std::runtime_error {
 public:
  error(thx_status status, const std::string& what) : std::runtime_error(what), status_(status) {}
  thx_status status() const noexcept { return status_; }

 private:
  thx_status status_;
};
#endif

// An array of the caller's: a container with data() and size(), {pointer, n}, or nullptr.
template <class Element>
class view {
 public:
  view() noexcept = default;
  view(std::nullptr_t) noexcept {}  // NOLINT: an output that is not wanted
  view(Element* data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <class Container,
            class = typename std::enable_if<std::is_convertible<
                decltype(std::declval<Container&>().data()), Element*>::value>::type,
            class = decltype(std::declval<Container&>().size())>
  view(Container&& container)  // NOLINT: a vector is an array
      : data_(container.data()), size_(container.size()) {}
  template <std::size_t count>
  view(Element (&array)[count]) noexcept : data_(array), size_(count) {}  // NOLINT

  Element* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  Element* begin() const noexcept { return data_; }
  Element* end() const noexcept { return data_ + size_; }
  Element& operator[](std::size_t place) const noexcept { return data_[place]; }

 private:
  Element* data_ = nullptr;
  std::size_t size_ = 0;
};

// Memory for one call at a time, aligned as generated code wants it. Empty where memory ran out.
class workspace {
 public:
  workspace() noexcept = default;
  explicit workspace(std::size_t bytes) noexcept
      : bytes_(bytes), memory_(bytes == 0 ? nullptr : new(std::nothrow) unsigned char[bytes + 63]) {
    if (!memory_) bytes_ = 0;
  }
  void* data() const noexcept {
    unsigned char* start = memory_.get();
    if (start == nullptr) return nullptr;
    return start + ((0u - reinterpret_cast<std::uintptr_t>(start)) & 63u);
  }
  std::size_t size() const noexcept { return bytes_; }

 private:
  std::size_t bytes_ = 0;
  std::unique_ptr<unsigned char[]> memory_;
};

namespace detail {

inline thx_exec serial(thx_error* err) noexcept {
  thx_exec ex;
  std::memset(&ex, 0, sizeof ex);
  ex.size = static_cast<std::uint32_t>(sizeof ex);
  ex.err = err;
  return ex;
}

// Throws where that is possible, answers the status otherwise.
inline thx_status finish(thx_status status, const char* function, const char* argument) {
  if (status == THX_OK) return status;
#if THX_EXCEPTIONS
  std::string text = std::string(function) + ": " + thx_status_name(status);
  if (argument != nullptr && *argument != 0)
    text += std::string(status == THX_E_NONFINITE ? " (value `" : " (argument `") + argument + "`)";
  throw error(status, text + ": " + thx_status_text(status));
#else
  (void)function;
  (void)argument;
  return status;
#endif
}

// The number of elements of an array is not what its shape needs.
inline thx_status wrong_count(const char* function, const char* argument, std::size_t count,
                              const char* shape, std::int64_t needed) {
#if THX_EXCEPTIONS
  throw error(THX_E_DIM, std::string(function) + ": `" + argument + "` has " +
                             std::to_string(count) + " elements, " + shape + " needs " +
                             std::to_string(needed));
#else
  (void)function, (void)argument, (void)count, (void)shape, (void)needed;
  return THX_E_DIM;
#endif
}

// A dim from the number of elements of an array whose other extents are known.
inline void solve(std::int64_t& dim, std::size_t count, std::int64_t others) noexcept {
  if (dim < 0 && others > 0) dim = static_cast<std::int64_t>(count) / others;
}

}  // namespace detail
}  // namespace thx

#endif
