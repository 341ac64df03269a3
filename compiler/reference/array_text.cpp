// SPDX-License-Identifier: Apache-2.0
// The text form of arrays, both ways.
#include <algorithm>
#include <cmath>

#include "ir/cursor.h"
#include "ir/print.h"
#include "reference/array.h"
#include "support/text.h"

namespace thx::reference {
namespace {

void print(std::string& out, const Array& array, size_t axis, size_t& next) {
  if (axis == array.extents.size()) {
    const Scalar& element = array.elements[next++];
    // Which NaN an operation makes differs between machines.
    out += std::isnan(element.real) ? "nan" : thx::text(element);
    return;
  }
  out += '[';
  for (int64_t i = 0; i < array.extents[axis]; ++i) {
    if (i > 0) out += ", ";
    print(out, array, axis + 1, next);
  }
  out += ']';
}

class Reader {
 public:
  Reader(std::string_view text, DType dtype) : in_(text, 0), array_{dtype, {}, {}} {}

  Result<Array> run() {
    read(0);
    if (!in_.failed() && !in_.at_end()) in_.fail("expected nothing more");
    if (in_.failed()) return in_.error();
    for (int64_t& extent : array_.extents) extent = std::max<int64_t>(extent, 0);
    return array_;
  }

 private:
  static constexpr size_t kMaxRank = 16;
  static constexpr int64_t kUnknown = -1;

  void read(size_t axis) {
    if (axis > kMaxRank) {
      in_.fail("brackets are nested too deeply");
      return;
    }
    if (!in_.take("[")) {
      scalar(axis);
      return;
    }
    if (axis == array_.extents.size()) {
      if (!array_.elements.empty()) in_.fail("rows differ in rank");
      array_.extents.push_back(kUnknown);
    }
    int64_t length = 0;
    if (!in_.take("]")) {
      do {
        read(axis + 1);
        ++length;
      } while (!in_.failed() && in_.take(","));
      in_.expect("]");
    }
    if (array_.extents[axis] == kUnknown) array_.extents[axis] = length;
    if (array_.extents[axis] != length) in_.fail("rows differ in extent");
  }

  void scalar(size_t axis) {
    if (axis != array_.extents.size()) in_.fail("rows differ in rank");
    array_.elements.push_back(in_.scalar(array_.dtype));
  }

  Cursor in_;
  Array array_;
};

}  // namespace

std::string text(const Array& array) {
  std::string out;
  size_t next = 0;
  print(out, array, 0, next);
  return out;
}

Result<Array> parse_array(std::string_view text, DType dtype) { return Reader(text, dtype).run(); }

}  // namespace thx::reference
