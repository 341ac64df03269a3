// SPDX-License-Identifier: Apache-2.0
// A sequence that grows without moving what it holds.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace thx {

/// Elements are added at the end and keep their addresses. They lie in blocks, each twice as long
/// as the one before: few allocations for many elements, and little for a few.
template <class T>
class StableVector {
 public:
  StableVector() = default;
  StableVector(const StableVector&) = delete;
  StableVector& operator=(const StableVector&) = delete;
  ~StableVector() {
    for (size_t i = 0; i < size_; ++i) std::destroy_at(&(*this)[i]);
    for (size_t block = 0; block < blocks_.size() && blocks_[block] != nullptr; ++block)
      std::allocator<T>().deallocate(blocks_[block], length_of(block));
  }

  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    const size_t block = block_of(size_);
    if (blocks_[block] == nullptr) blocks_[block] = std::allocator<T>().allocate(length_of(block));
    T* const made = std::construct_at(&(*this)[size_], std::forward<Arguments>(arguments)...);
    ++size_;
    return *made;
  }

  T& operator[](size_t i) { return blocks_[block_of(i)][i + kFirst - length_of(block_of(i))]; }
  const T& operator[](size_t i) const {
    return blocks_[block_of(i)][i + kFirst - length_of(block_of(i))];
  }
  T& back() { return (*this)[size_ - 1]; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kFirst = 8;  // elements of the first block; a power of two
  static constexpr size_t block_of(size_t i) {
    return static_cast<size_t>(std::bit_width(i + kFirst) - std::bit_width(kFirst));
  }
  static constexpr size_t length_of(size_t block) { return kFirst << block; }

  std::array<T*, 32> blocks_ = {};
  size_t size_ = 0;
};

}  // namespace thx
