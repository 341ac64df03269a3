// SPDX-License-Identifier: Apache-2.0
// Draws a message with its source lines: markers under the text, their labels stacked below.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "support/diagnostic.h"
#include "support/text.h"
#include "support/unicode.h"

namespace thx {
namespace {

constexpr size_t kTabStop = 4;
constexpr size_t kWindow = 160;       // columns of a long line that are shown
constexpr size_t kWindowBefore = 60;  // of these, before the first marker
constexpr size_t kMostBytes = 1024;   // of a line that are looked at, around the error's own mark

// A mark under one line of source: where, with what, and the words below it.
struct Mark {
  uint32_t begin;  // bytes from the start of the line
  uint32_t end;
  bool primary;
  size_t order;  // in which it was reported
  std::string text;
};

// A source line as it appears on the screen, and the screen column of each of its bytes.
struct Picture {
  std::string text;
  std::vector<size_t> columns;  // one per byte, and one for the end
};

// A character of one byte and one column.
bool is_plain(char byte) { return byte >= ' ' && byte <= '~'; }

Picture draw(std::string_view line) {
  Picture picture;
  picture.text.reserve(line.size());
  picture.columns.reserve(line.size() + 1);
  size_t column = 0;
  for (size_t i = 0; i < line.size();) {
    if (is_plain(line[i])) {
      picture.columns.push_back(column++);
      picture.text += line[i++];
      continue;
    }
    const CodePoint point = decode_utf8(line, i);
    for (size_t k = 0; k < point.bytes; ++k) picture.columns.push_back(column);
    if (line[i] == '\t') {
      const size_t width = kTabStop - column % kTabStop;
      picture.text.append(width, ' ');
      column += width;
    } else if (!point.valid || is_control(point.value)) {
      picture.text += "\uFFFD";
      column += 1;
    } else {
      picture.text += line.substr(i, point.bytes);
      column += display_width(point.value);
    }
    i += point.bytes;
  }
  picture.columns.push_back(column);
  return picture;
}

// Cuts a long line to the columns around its first mark; the columns of marks move along.
void clip(Picture& picture, size_t first_mark) {
  if (picture.columns.back() <= kWindow) return;
  const size_t from = first_mark > kWindowBefore ? first_mark - kWindowBefore : 0;
  const size_t to = std::min(from + kWindow, picture.columns.back());
  std::string text;
  size_t column = 0;
  for (size_t i = 0; i < picture.text.size();) {
    if (is_plain(picture.text[i])) {
      if (column >= from && column < to) text += picture.text[i];
      ++column;
      ++i;
      continue;
    }
    const CodePoint point = decode_utf8(picture.text, i);
    if (column >= from && column < to) text += picture.text.substr(i, point.bytes);
    column += display_width(point.value);
    i += point.bytes;
  }
  const size_t shift = from > 0 ? 4 : 0;
  picture.text = (from > 0 ? "... " : "") + text + (to < column ? " ..." : "");
  for (size_t& c : picture.columns) c = std::clamp(c, from, to) - from + shift;
}

// The part of a very long line around its primary mark, or its first; the marks move along.
std::string_view cut(std::string_view line, std::vector<Mark>& marks) {
  if (line.size() <= kMostBytes) return line;
  const auto own =
      std::find_if(marks.begin(), marks.end(), [](const Mark& m) { return m.primary; });
  const size_t middle = own == marks.end() ? marks.front().begin : own->begin;
  const auto is_inside = [&](size_t at) { return (line[at] & '\xC0') == '\x80'; };  // a character
  size_t from = middle - std::min(middle, kMostBytes / 2);
  while (from > 0 && is_inside(from)) --from;
  size_t to = std::min(from + kMostBytes, line.size());
  while (to < line.size() && is_inside(to)) ++to;
  for (Mark& mark : marks) {
    mark.begin = static_cast<uint32_t>(std::clamp<size_t>(mark.begin, from, to) - from);
    mark.end = static_cast<uint32_t>(std::clamp<size_t>(mark.end, from, to) - from);
  }
  return line.substr(from, to - from);
}

// Writes `text` into `canvas` from `column` on, growing it with blanks.
void paint(std::string& canvas, size_t column, size_t width, char mark) {
  if (canvas.size() < column + width) canvas.resize(column + width, ' ');
  std::fill_n(canvas.begin() + static_cast<std::ptrdiff_t>(column), width, mark);
}

class Snippet {
 public:
  Snippet(const Diagnostic& diagnostic, const Sources& sources)
      : diagnostic_(diagnostic), sources_(sources) {
    add(diagnostic.at(), true, "");
    for (const Diagnostic::Label& label : diagnostic.labels()) {
      add(label.at, label.at == diagnostic.at(), label.text);
    }
    for (const auto& [place, marks] : lines_) {
      margin_ = std::max(margin_, std::to_string(place.second).size());
    }
  }

  size_t margin() const { return margin_; }

  std::string render() const {
    const Span at = diagnostic_.at();
    const LineColumn start = sources_.locate(at);
    std::string out = format("{:>{}}--> {}:{}:{}\n", "", margin_, sources_.name(at.file),
                             start.line, start.column);
    render_file(out, at.file);
    uint32_t last = at.file;
    for (const auto& [place, marks] : lines_) {
      if (place.first == at.file || place.first == last) continue;
      last = place.first;
      const uint32_t offset = sources_.line_start(last, place.second) + marks.front().begin;
      const LineColumn first = sources_.locate(last, offset);
      append(out, "{:>{}}::: {}:{}:{}\n", "", margin_, sources_.name(last), first.line,
             first.column);
      render_file(out, last);
    }
    return out;
  }

 private:
  using Place = std::pair<uint32_t, uint32_t>;  // file, line

  void add(Span at, bool primary, std::string text) {
    const LineColumn start = sources_.locate(at);
    const uint32_t line_start = sources_.line_start(at.file, start.line);
    const auto width = static_cast<uint32_t>(sources_.line(at.file, start.line).size());
    const uint32_t begin = std::min(at.begin - line_start, width);
    const uint32_t end = std::min(at.end - line_start, width);  // a span ends on its first line
    std::vector<Mark>& marks = lines_[{at.file, start.line}];
    marks.push_back({begin, std::max(begin, end), primary, marks.size(), std::move(text)});
  }

  void render_file(std::string& out, uint32_t file) const {
    append(out, "{:>{}} |\n", "", margin_);
    uint32_t last = 0;
    for (const auto& [place, marks] : lines_) {
      if (place.first != file) continue;
      if (last != 0 && place.second > last + 1) out += "...\n";
      last = place.second;
      render_line(out, place, marks);
    }
  }

  void render_line(std::string& out, Place place, std::vector<Mark> marks) const {
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return std::pair(a.begin, a.order) < std::pair(b.begin, b.order);
    });
    Picture picture = draw(cut(sources_.line(place.first, place.second), marks));
    size_t anchor = picture.columns[marks.front().begin];
    for (const Mark& mark : marks) {
      const size_t own = picture.columns[mark.begin];
      if (mark.primary && own > kWindow / 2) anchor = std::max(anchor, own - kWindow / 2);
    }
    clip(picture, anchor);
    append(out, "{:>{}} | {}\n", place.second, margin_, picture.text);

    std::string canvas;
    for (const bool primary : {false, true}) {  // the error's own mark lies on top
      for (const Mark& mark : marks) {
        if (mark.primary != primary) continue;
        const size_t from = picture.columns[mark.begin];
        const size_t to = picture.columns[mark.end];
        paint(canvas, from, std::max<size_t>(to - from, 1), primary ? '^' : '-');
      }
    }
    append(out, "{:>{}} | {}\n", "", margin_, canvas);
    for (const Mark& mark : marks) {
      if (mark.text.empty()) continue;
      append(out, "{:>{}} | {:>{}}{}\n", "", margin_, "", picture.columns[mark.begin], mark.text);
    }
  }

  const Diagnostic& diagnostic_;
  const Sources& sources_;
  std::map<Place, std::vector<Mark>> lines_;
  size_t margin_ = 1;
};

}  // namespace

std::string render_text(const Diagnostic& diagnostic, const Sources& sources) {
  std::string out = format("{}[{}]: {}\n", to_string(diagnostic.severity()),
                           to_string(diagnostic.id()), diagnostic.message());
  size_t margin = 1;
  if (!diagnostic.at().empty()) {
    const Snippet snippet(diagnostic, sources);
    margin = snippet.margin();
    out += snippet.render();
  }
  for (const std::string& note : diagnostic.notes()) {
    append(out, "{:>{}} = note: {}\n", "", margin, note);
  }
  for (const std::string& help : diagnostic.helps()) {
    append(out, "{:>{}} = help: {}\n", "", margin, help);
  }
  return out;
}

}  // namespace thx
