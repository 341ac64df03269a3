// SPDX-License-Identifier: Apache-2.0
// NumPy's layout of arrays: which elements are shown, how wide they are, where lines break.
#include "driver/print_array.h"

#include <algorithm>
#include <cmath>

#include "support/check.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr int64_t kThreshold = 200, kEdge = 3;
constexpr size_t kLineWidth = 75;
constexpr int kPrecision = 8;

double float_at(const HostArray& array, int64_t i) {
  return array.dtype == DType::f32 ? array.at<float>(i) : array.at<double>(i);
}

std::string integer_text(const HostArray& array, int64_t i) {
  switch (array.dtype) {
    case DType::i8: return std::to_string(array.at<int8_t>(i));
    case DType::i16: return std::to_string(array.at<int16_t>(i));
    case DType::i32: return std::to_string(array.at<int32_t>(i));
    case DType::i64: return std::to_string(array.at<int64_t>(i));
    case DType::u8: return std::to_string(array.at<uint8_t>(i));
    case DType::u16: return std::to_string(array.at<uint16_t>(i));
    case DType::u32: return std::to_string(array.at<uint32_t>(i));
    case DType::u64: return std::to_string(array.at<uint64_t>(i));
    default: THX_UNREACHABLE("{} is no integer", spelling(array.dtype));
  }
}

/// The digits of a finite number that are needed to tell it from its neighbours, at most
/// kPrecision behind the point: "1." and "0.25"; in scientific form "1.", "2.5", and the exponent.
struct Digits {
  std::string whole, fraction, exponent;
};

Digits split_point(const std::string& text) {
  const size_t point = text.find('.');
  if (point == std::string::npos) return {text, "", ""};
  return {text.substr(0, point), text.substr(point + 1), ""};
}

std::string without_zeros(std::string fraction) {
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return fraction;
}

// The shortest digits in the form of a printf conversion: fmt without a precision gives them.
template <class T>
Digits shortest(T value, bool scientific) {
  if (!scientific) {
    // fmt 9 has no shortest form of fixed notation: the fewest digits that read back the same.
    for (int precision = 0; precision < kPrecision; ++precision) {
      const std::string text = format("{:.{}f}", value, precision);
      if (static_cast<T>(std::strtod(text.c_str(), nullptr)) == value &&
          (sizeof(T) == 8 || std::strtof(text.c_str(), nullptr) == value)) {
        Digits digits = split_point(text);
        return digits;
      }
    }
    Digits digits = split_point(format("{:.{}f}", value, kPrecision));
    digits.fraction = without_zeros(digits.fraction);
    return digits;
  }
  std::string text;
  for (int precision = 0; precision <= kPrecision; ++precision) {
    text = format("{:.{}e}", value, precision);
    if (sizeof(T) == 8 ? std::strtod(text.c_str(), nullptr) == value
                       : std::strtof(text.c_str(), nullptr) == value)
      break;
  }
  const size_t e = text.find('e');
  Digits digits = split_point(text.substr(0, e));
  digits.fraction = without_zeros(digits.fraction);
  digits.exponent = text.substr(e + 1);
  return digits;
}

/// How the elements that are shown are written.
class ElementFormat {
 public:
  ElementFormat(const HostArray& array, const std::vector<int64_t>& shown) : array_(array) {
    if (is_float(array.dtype))
      measure_floats(shown);
    else
      for (const int64_t i : shown) width_ = std::max(width_, plain(i).size());
  }

  std::string text(int64_t i) const {
    if (!is_float(array_.dtype)) return padded(plain(i), width_);
    const double value = float_at(array_, i);
    if (!std::isfinite(value)) return padded(special(value), left_ + right_ + 1);
    if (scientific_) {  // all as long as the longest, with the digits that the value has
      std::string text = format("{:.{}e}", value, fraction_);
      if (fraction_ == 0) text.insert(text.find('e'), ".");
      return padded(text, left_ + 1 + right_);
    }
    Digits digits = digits_of(i);
    digits.fraction.resize(right_, ' ');
    return padded(digits.whole, left_) + "." + digits.fraction;
  }

 private:
  static std::string padded(const std::string& text, size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
  }
  static std::string special(double value) {
    return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  }
  std::string plain(int64_t i) const {
    if (is_bool(array_.dtype)) return array_.at<uint8_t>(i) != 0 ? "True" : "False";
    return integer_text(array_, i);
  }
  Digits digits_of(int64_t i) const {
    return array_.dtype == DType::f32 ? shortest(array_.at<float>(i), scientific_)
                                      : shortest(array_.at<double>(i), scientific_);
  }

  void measure_floats(const std::vector<int64_t>& shown) {
    double most = 0, least = INFINITY;
    size_t special_width = 0;
    for (const int64_t i : shown) {
      const double value = std::fabs(float_at(array_, i));
      if (!std::isfinite(value)) {
        special_width = std::max(special_width, special(float_at(array_, i)).size());
      } else if (value != 0) {
        most = std::max(most, value);
        least = std::min(least, value);
      }
    }
    scientific_ = most != 0 && (most >= 1e8 || least < 1e-4 || ratio(most, least) > 1000);
    for (const int64_t i : shown) {
      if (!std::isfinite(float_at(array_, i))) continue;
      const Digits digits = digits_of(i);
      left_ = std::max(left_, digits.whole.size());
      fraction_ = std::max(fraction_, digits.fraction.size());
      exponent_ = std::max(exponent_, digits.exponent.size());
    }
    right_ = scientific_ ? fraction_ + 1 + exponent_ : fraction_;
    if (special_width > left_ + right_ + 1) left_ = special_width - right_ - 1;
  }
  double ratio(double most, double least) const {
    return array_.dtype == DType::f32 ? static_cast<float>(most) / static_cast<float>(least)
                                      : most / least;
  }

  const HostArray& array_;
  size_t width_ = 0;                                           // of anything but floats
  size_t left_ = 0, right_ = 0, fraction_ = 0, exponent_ = 0;  // around the point
  bool scientific_ = false;
};

class Printer {
 public:
  explicit Printer(const HostArray& array)
      : array_(array),
        summary_(array.count() > kThreshold),
        shown_(shown_elements()),
        format_(array, shown_) {}

  std::string run() const { return block(0, 0, " ", kLineWidth); }

 private:
  // The places along an axis that are shown; -1 stands for those between.
  std::vector<int64_t> places(size_t axis) const {
    const int64_t extent = array_.extents[axis];
    std::vector<int64_t> result;
    const bool shortened = summary_ && extent > 2 * kEdge;
    for (int64_t i = 0; i < extent; ++i) {
      if (shortened && i == kEdge) {
        result.push_back(-1);
        i = extent - kEdge;
      }
      result.push_back(i);
    }
    return result;
  }

  std::vector<int64_t> shown_elements() const {
    std::vector<int64_t> elements{0};
    for (size_t axis = 0; axis < array_.extents.size(); ++axis) {
      std::vector<int64_t> next;
      for (const int64_t element : elements)
        for (const int64_t place : places(axis))
          if (place >= 0) next.push_back(element * array_.extents[axis] + place);
      elements = std::move(next);
    }
    return elements;
  }

  // The part at `offset` (in blocks of what is below `axis`). Nests as deep as the rank.
  std::string block(size_t axis, int64_t offset, const std::string& indent, size_t width) const {
    std::string text, line = indent;
    const bool last_axis = axis + 1 == array_.extents.size();
    const std::string separator(array_.extents.size() - axis - 1, '\n');
    bool first = true;
    for (const int64_t place : places(axis)) {
      const int64_t inside = offset * array_.extents[axis] + place;
      if (!last_axis) {
        text += (first ? "" : separator) + indent +
                (place < 0 ? "..." : block(axis + 1, inside, indent + " ", width - 1));
      } else {
        const std::string word = place < 0 ? "..." : format_.text(inside);
        if (line.size() + word.size() > width - 1 && line.size() > indent.size()) {
          text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
          line = indent;
        }
        line += word + " ";
      }
      first = false;
    }
    if (last_axis) text += line.substr(0, line.size() - 1);
    return "[" + text.substr(indent.size()) + "]";
  }

  const HostArray& array_;
  const bool summary_;
  const std::vector<int64_t> shown_;
  const ElementFormat format_;
};

}  // namespace

std::string array_text(const HostArray& array) {
  if (array.rank() == 0) {
    // Of a NaN neither the sign nor what it carries says anything.
    if (is_float(array.dtype) && std::isnan(float_at(array, 0))) return "nan";
    if (array.dtype == DType::f32) return format_float(array.at<float>(0));
    if (array.dtype == DType::f64) return format_double(array.at<double>(0));
    if (is_bool(array.dtype)) return array.at<uint8_t>(0) != 0 ? "True" : "False";
    return integer_text(array, 0);
  }
  return array.count() == 0 ? "[]" : Printer(array).run();
}

}  // namespace thx
