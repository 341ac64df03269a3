// SPDX-License-Identifier: Apache-2.0
// The report as one page: the source on one side, kernels and buffers on the other.
#include <algorithm>
#include <cctype>
#include <set>

#include "driver/explain.h"
#include "driver/explain_formula.h"
#include "driver/explain_lines.h"
#include "driver/explain_page.h"
#include "support/text.h"
#include "support/unicode.h"

namespace thx {

namespace {

constexpr size_t kColours = 8;  // of the style

// For text and for attributes in quotes. What is no text shows as U+FFFD.
std::string escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    const std::string_view bytes = text.substr(i, point.bytes);
    i += point.bytes;
    if (bytes == "&")
      out += "&amp;";
    else if (bytes == "<")
      out += "&lt;";
    else if (bytes == ">")
      out += "&gt;";
    else if (bytes == "\"")
      out += "&quot;";
    else if (bytes == "'")
      out += "&#39;";
    else if (!point.valid || (is_control(point.value) && bytes != "\t"))
      out += "\xEF\xBF\xBD";
    else
      out += bytes;
  }
  return out;
}

// Digits of large numbers in groups of three, with blanks that do not break the line.
std::string grouped(std::string_view text) {
  constexpr size_t kLong = 5;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto is_digit = [&](size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    size_t end = i;
    while (is_digit(end)) ++end;
    const bool is_word = i > 0 && (std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0 ||
                                   text[i - 1] == '_' || text[i - 1] == '.');
    for (size_t at = i; at < end; ++at) {
      out += text[at];
      const size_t rest = end - at - 1;
      if (!is_word && end - i >= kLong && rest > 0 && rest % 3 == 0) out += "\u202f";
    }
    if (end == i) out += text[end++];
    i = end;
  }
  return out;
}

// A part of the source and the kernel that computes it.
struct Piece {
  Span span;
  size_t kernel;
};

class Page {
 public:
  Page(const Explanation& explanation, const ExplainRequest& request, const Sources& sources)
      : e_(explanation), request_(request), sources_(sources) {}

  std::string run() {
    append(out_,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
           "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}: what "
           "became of it</title>\n<style>{1}</style>\n</head>\n<body>\n<a class=\"skip\" "
           "href=\"#main\">To the functions</a>\n<header>\n<h1>{0} <small>what became of "
           "it</small></h1>\n",
           escaped(e_.module), kPageStyle);
    head();
    out_ += "<main id=\"main\">\n";
    for (const ExplainedFunction& function : e_.functions) add(function);
    append(out_, "</main>\n<script>{}</script>\n</body>\n</html>\n", kPageScript);
    return std::move(out_);
  }

 private:
  std::string number(const Extent& extent) const {
    return escaped(grouped(text_with_number(extent, e_.values)));
  }
  bool is_shown(const ExplainedKernel& kernel) const {
    return thx::is_shown(kernel, request_, e_, sources_);
  }
  void open_facts() { out_ += "<dl class=\"facts\">\n"; }
  void close_facts() { out_ += "</dl>\n"; }
  // `html` is escaped already.
  void fact(std::string_view name, std::string_view html) {
    append(out_, "<dt>{}</dt><dd>{}</dd>\n", escaped(name), html);
  }

  void head() {
    open_facts();
    fact("source", escaped(sources_.name(e_.file)));
    fact("compiled", escaped(format("--fp={}, {}{}", e_.fp, e_.cpu,
                                    e_.fused ? ", with fused multiply-adds" : "")));
    if (!e_.dims.empty())
      fact("dims", escaped(join(e_.dims, ", ", [&](const auto& dim) {
             const auto known = e_.values.find(dim.first);
             return known == e_.values.end() ? dim.first
                                             : format("{} = {}", dim.first, known->second);
           })));
    if (!e_.states.empty()) fact("model", number(e_.state) + " bytes");
    close_facts();
    if (!e_.states.empty()) states();
    out_ += "</header>\n<nav aria-label=\"Functions\"><ul>\n";
    for (const ExplainedFunction& function : e_.functions)
      append(out_, "<li><a href=\"#f-{0}\">{0}</a></li>\n", escaped(function.name));
    out_ += "</ul></nav>\n";
  }

  void states() {
    append(out_,
           "<details class=\"states\"><summary>{} state{}</summary><div class=\"scroll\"><table>"
           "<thead><tr><th>name</th><th>type</th><th>bytes</th></tr></thead>\n<tbody>\n",
           e_.states.size(), e_.states.size() == 1 ? "" : "s");
    for (const ExplainedBuffer& state : e_.states)
      append(out_,
             "<tr><td><code>{}</code></td><td class=\"formula\">{}</td><td "
             "class=\"formula\">{}</td></tr>\n",
             escaped(state.name), escaped(state.type), number(state.bytes));
    out_ += "</tbody></table></div></details>\n";
  }

  void add(const ExplainedFunction& function) {
    append(out_,
           "<section id=\"f-{0}\" aria-labelledby=\"h-{0}\">\n<h2 "
           "id=\"h-{0}\"><code>{1}</code></h2>\n",
           escaped(function.name), escaped(function.signature));
    summary(function);
    out_ += "<div class=\"sides\">\n<div>\n<h3>Source</h3>\n";
    source(function);
    out_ += "</div>\n<div>\n<h3>Kernels</h3>\n";
    for (size_t i = 0; i < function.kernels.size(); ++i)
      if (is_shown(function.kernels[i])) add(function, i);
    out_ += "<h3>Buffers</h3>\n";
    buffers(function);
    out_ += "</div>\n</div>\n</section>\n";
  }

  void summary(const ExplainedFunction& function) {
    Extent read = 0, written = 0;
    for (const loop::Traffic& traffic : function.total.buffers) {
      read += traffic.read;
      written += traffic.written;
    }
    out_ += "<dl class=\"tiles\">\n";
    fact("rewrites", counts_of(function));
    fact("kernels", std::to_string(function.kernels.size()));
    fact("flops", number(function.total.flops) +
                      (function.total.exact ? "" : " (an upper bound: conditions decide)"));
    fact("calls", escaped(grouped(calls_text(function.total, e_.values))));
    fact("reads", number(read) + " bytes");
    fact("writes", number(written) + " bytes");
    fact("workspace", number(function.workspace) + " bytes");
    if (function.fallible) fact("fallible", "its updates are committed at the end, or not at all");
    close_facts();
  }

  // Steps without a formula tidy up; they are no rewrites of what the user wrote.
  static std::string counts_of(const ExplainedFunction& function) {
    int made = 0, refused = 0;
    for (const ExplainedRewrite& rewrite : function.rewrites)
      if (!rewrite.from.empty()) made += rewrite.count;
    for (const ExplainedRewrite& rewrite : function.refused_rewrites) refused += rewrite.count;
    return format("{} applied, {} refused", made, refused);
  }

  // ---- The source ----

  void source(const ExplainedFunction& function) {
    std::vector<Piece> pieces;
    for (size_t i = 0; i < function.kernels.size(); ++i)
      for (const ExplainedValue& value : function.kernels[i].values)
        for (const Span span : value.spans)
          if (span.file == e_.file && is_shown(function.kernels[i])) pieces.push_back({span, i});
    const auto lines = happenings(function, e_, sources_);
    const std::string& text = sources_.text(e_.file);
    const auto count = static_cast<uint32_t>(std::ranges::count(text, '\n')) +
                       (text.empty() || text.back() == '\n' ? 0 : 1);
    out_ += "<div class=\"source\">\n";
    for (uint32_t line = 1; line <= count; ++line) {
      const auto found = lines.find(line);
      const bool is_shown = !request_.line || *request_.line == line;
      row(function, line, pieces, is_shown && found != lines.end() ? &found->second : nullptr);
    }
    out_ += "</div>\n";
    if (const auto elsewhere = lines.find(0); elsewhere != lines.end() && !request_.line) {
      out_ += "<h3>Elsewhere</h3>\n<div class=\"row\">";
      list(elsewhere->second);
      out_ += "</div>\n";
    }
  }

  void row(const ExplainedFunction& function, uint32_t line, const std::vector<Piece>& pieces,
           const std::vector<Happening>* list_of) {
    append(out_, "<div class=\"row\" id=\"{}-L{}\"><span class=\"n\">{}</span><code>",
           escaped(function.name), line, line);
    code(function, line, pieces);
    out_ += "</code>";
    if (list_of != nullptr) list(*list_of);
    out_ += "</div>\n";
  }

  // The line, cut where pieces begin and end; each part belongs to the shortest piece around it.
  void code(const ExplainedFunction& function, uint32_t line, const std::vector<Piece>& pieces) {
    const std::string_view text = sources_.line(e_.file, line);
    const uint32_t start = sources_.line_start(e_.file, line);
    const auto end = start + static_cast<uint32_t>(text.size());
    std::set<uint32_t> cuts{start, end};
    for (const Piece& piece : pieces) {
      if (piece.span.begin > start && piece.span.begin < end) cuts.insert(piece.span.begin);
      if (piece.span.end > start && piece.span.end < end) cuts.insert(piece.span.end);
    }
    for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
      const std::string part = escaped(text.substr(*cut - start, *std::next(cut) - *cut));
      const Piece* owner = nullptr;
      for (const Piece& piece : pieces)
        if (piece.span.begin <= *cut && piece.span.end >= *std::next(cut) &&
            (owner == nullptr ||
             piece.span.end - piece.span.begin < owner->span.end - owner->span.begin))
          owner = &piece;
      if (owner == nullptr) {
        out_ += part;
        continue;
      }
      append(out_, "<a class=\"s c{0}\" data-k=\"{1}\" href=\"#{2}-{1}\">{3}</a>",
             owner->kernel % kColours, escaped(function.kernels[owner->kernel].name),
             escaped(function.name), part);
    }
  }

  void list(const std::vector<Happening>& happenings) {
    std::vector<std::string> counts;
    for (const Happening::Kind kind :
         {Happening::Kind::rewritten, Happening::Kind::refused, Happening::Kind::tidied,
          Happening::Kind::computed, Happening::Kind::apart}) {
      const auto count = std::ranges::count(happenings, kind, &Happening::kind);
      const bool many = kind == Happening::Kind::computed && count > 1;
      if (count > 0) counts.push_back(format("{} {}{}", count, label(kind), many ? "s" : ""));
    }
    append(out_, "<details{}><summary>{}</summary><ul>\n", request_.line ? " open" : "",
           join(counts, ", "));
    for (const Happening& each : happenings)
      append(out_, "<li class=\"{}\"><span class=\"what\">{}</span> {}</li>\n", css(each.kind),
             label(each.kind), each.rewrite ? change(each) : escaped(each.text));
    out_ += "</ul></details>";
  }

  // The expression before and after, and below it the rule.
  static std::string change(const Happening& happening) {
    const ExplainedRewrite& rewrite = *happening.rewrite;
    std::string out = format("<code class=\"was\">{}</code>", escaped(rewrite.before));
    if (!rewrite.after.empty())
      append(out, " <span class=\"to\">→</span> <code class=\"now\">{}</code>",
             escaped(rewrite.after));
    std::string cls = rewrite.cls;
    std::ranges::replace(cls, ' ', '-');
    append(out, "<div class=\"rule\"><b>{}</b> <span class=\"class {}\">{}</span> in {}{}{}{}",
           escaped(rewrite.rule), cls, escaped(rewrite.cls), escaped(rewrite.pass),
           happening.place.empty() ? "" : ", at " + happening.place,
           rewrite.count > 1 ? format(", ×{}", rewrite.count) : "",
           rewrite.reason.empty() ? "" : ": " + escaped(rewrite.reason));
    if (!rewrite.from.empty())
      append(out, "<br><code>{} → {}</code>", escaped(rewrite.from), escaped(rewrite.to));
    return out + "</div>";
  }

  static std::string_view css(Happening::Kind kind) {
    switch (kind) {
      case Happening::Kind::rewritten: return "rewritten";
      case Happening::Kind::refused: return "refused";
      case Happening::Kind::tidied: return "tidied";
      case Happening::Kind::computed: return "computed";
      case Happening::Kind::apart: return "apart";
    }
    return {};
  }

  // ---- Kernels and buffers ----

  // The lines that a kernel comes from, as links into the source of the function.
  std::string links(const ExplainedFunction& function, const ExplainedKernel& kernel) const {
    std::set<uint32_t> lines;
    for (const Span span : places_of(kernel))
      if (span.file == e_.file) lines.insert(sources_.locate(span).line);
    return join(lines, ", ", [&](uint32_t line) {
      return format("<a href=\"#{}-L{}\">{}</a>", escaped(function.name), line, line);
    });
  }

  void add(const ExplainedFunction& function, size_t index) {
    const ExplainedKernel& kernel = function.kernels[index];
    append(out_,
           "<article class=\"card c{}\" id=\"{}-{}\" data-k=\"{}\">\n<h4>{} <span "
           "class=\"kind\">{}</span></h4>\n",
           index % kColours, escaped(function.name), escaped(kernel.name), escaped(kernel.name),
           escaped(kernel.name), escaped(kernel.kind));
    open_facts();
    if (const std::string lines = links(function, kernel); !lines.empty()) fact("lines", lines);
    if (!kernel.runs.is(1)) fact("runs", number(kernel.runs) + " times");
    if (!kernel.values.empty())
      fact("computes", join(computed_parts(kernel), ", ", [](const ComputedPart& part) {
             return part.stored ? "<b>" + escaped(part.text) + "</b>" : escaped(part.text);
           }));
    for (const ExplainedValue& value : kernel.values)
      if (value.stored)
        fact("stores", format("<code>{}{}{}</code>", escaped(value.name),
                              value.name.empty() ? "" : " = ", escaped(value.expression)));
    fact("flops", number(kernel.counts.flops) + (kernel.counts.exact ? "" : " (upper bound)"));
    if (!kernel.counts.calls.empty())
      fact("calls", escaped(grouped(calls_text(kernel.counts, e_.values))));
    fact("reads", escaped(grouped(moves_text(kernel, false, e_.values))));
    fact("writes", escaped(grouped(moves_text(kernel, true, e_.values))));
    close_facts();
    out_ += "</article>\n";
  }

  void buffers(const ExplainedFunction& function) {
    out_ +=
        "<div class=\"scroll\"><table>\n<thead><tr><th>name</th><th>type</th><th>bytes</th>"
        "<th>where</th><th>written by</th><th>read by</th></tr></thead>\n<tbody>\n";
    const auto kernels = [&](const std::vector<std::string>& names) {
      return join(names, ", ", [&](const std::string& name) {
        const auto found = std::ranges::find(function.kernels, name, &ExplainedKernel::name);
        if (found == function.kernels.end() || !is_shown(*found)) return escaped(name);
        return format("<a href=\"#{0}-{1}\">{1}</a>", escaped(function.name), escaped(name));
      });
    };
    for (const ExplainedBuffer& buffer : function.buffers) {
      if (request_.line && line_of(buffer.spans, e_, sources_) != *request_.line) continue;
      append(
          out_,
          "<tr><td><code>{}</code></td><td class=\"formula\">{}</td><td class=\"formula\">{}</td>"
          "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
          escaped(buffer.name), escaped(buffer.type), number(buffer.bytes), escaped(buffer.kind),
          kernels(buffer.writers), kernels(buffer.readers));
    }
    out_ += "</tbody>\n</table></div>\n";
  }

  const Explanation& e_;
  const ExplainRequest& request_;
  const Sources& sources_;
  std::string out_;
};

}  // namespace

std::string explain_html(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources) {
  return Page(explanation, request, sources).run();
}

}  // namespace thx
