// SPDX-License-Identifier: Apache-2.0
// Sorts what happened by lines.
#include "driver/explain_lines.h"

#include <algorithm>

#include "driver/explain_formula.h"
#include "support/text.h"

namespace thx {

namespace {

std::string times(int count) { return count > 1 ? format(" ×{}", count) : std::string(); }

class Lines {
 public:
  Lines(const Explanation& explanation, const Sources& sources)
      : explanation_(explanation), sources_(sources) {}

  // In the order of Happening::Kind.
  void add(const ExplainedFunction& function) {
    add(Happening::Kind::rewritten, function.rewrites);
    add(Happening::Kind::refused, function.refused_rewrites);
    add_steps(function.rewrites);
    for (const ExplainedKernel& kernel : function.kernels) add_kernel(kernel);
    for (const ExplainedRefusal& refusal : function.refusals)
      add({Happening::Kind::apart,
           format("{} and {}{}: {}", refusal.producer, refusal.consumer, times(refusal.count),
                  refusal.reason),
           refusal.consumer_spans});
  }

  std::map<uint32_t, std::vector<Happening>> take() { return std::move(lines_); }

 private:
  uint32_t line(const SpanSet& spans) const { return line_of(spans, explanation_, sources_); }
  void add(Happening happening) { lines_[line(happening.spans)].push_back(std::move(happening)); }

  // One entry for all that say the same of a line.
  void add(Happening::Kind kind, const std::vector<ExplainedRewrite>& rewrites) {
    std::vector<std::pair<uint32_t, ExplainedRewrite>> merged;
    for (const ExplainedRewrite& rewrite : rewrites) {
      if (kind == Happening::Kind::rewritten && rewrite.from.empty()) continue;
      const uint32_t here = line(rewrite.spans);
      const auto same = std::ranges::find_if(merged, [&](const auto& each) {
        return each.first == here && each.second.rule == rewrite.rule &&
               each.second.pass == rewrite.pass && each.second.reason == rewrite.reason &&
               each.second.before == rewrite.before && each.second.after == rewrite.after;
      });
      if (same == merged.end()) {
        merged.emplace_back(here, rewrite);
        continue;
      }
      same->second.count += rewrite.count;
      same->second.spans.insert(rewrite.spans);
    }
    for (const auto& [here, rewrite] : merged)
      lines_[here].push_back({.kind = kind,
                              .text = rewrite.after.empty()
                                          ? rewrite.before
                                          : format("{} -> {}", rewrite.before, rewrite.after),
                              .spans = rewrite.spans,
                              .rewrite = rewrite,
                              .place = place(rewrite.spans)});
  }

  // Where a thing of this line begins.
  std::string place(const SpanSet& spans) const {
    Span last;
    for (const Span span : spans)
      if (span.file == explanation_.file) last = span;
    if (last.empty()) return {};
    const LineColumn at = sources_.locate(last);
    return format("{}:{}", at.line, at.column);
  }

  // Steps make no formula another one: one entry for all of a line.
  void add_steps(const std::vector<ExplainedRewrite>& rewrites) {
    std::map<uint32_t, std::map<std::string, int>> counts;
    std::map<uint32_t, SpanSet> spans;
    for (const ExplainedRewrite& rewrite : rewrites) {
      if (!rewrite.from.empty()) continue;
      const uint32_t at = line(rewrite.spans);
      counts[at][rewrite.rule] += rewrite.count;
      spans[at].insert(rewrite.spans);
    }
    for (const auto& [at, rules] : counts)
      lines_[at].push_back(
          {Happening::Kind::tidied,
           join(rules, ", ", [](const auto& rule) { return rule.first + times(rule.second); }),
           spans[at]});
  }

  // The values that a kernel computes, by line: those with names first.
  void add_kernel(const ExplainedKernel& kernel) {
    struct Found {
      std::vector<std::string> names;
      std::map<std::string, int> others;
      SpanSet spans;
    };
    std::map<uint32_t, Found> found;
    for (const ExplainedValue& value : kernel.values) {
      Found& here = found[line(value.spans)];
      here.spans.insert(value.spans);
      if (value.name.empty())
        ++here.others[value.op];
      else
        here.names.push_back(format("{} ({})", value.name, value.op));
    }
    for (auto& [at, here] : found) {
      for (const auto& [op, count] : here.others) here.names.push_back(op + times(count));
      lines_[at].push_back(
          {Happening::Kind::computed,
           format("{} ({}) computes {}", kernel.name, kernel.kind, join(here.names, ", ")),
           here.spans});
    }
  }

  const Explanation& explanation_;
  const Sources& sources_;
  std::map<uint32_t, std::vector<Happening>> lines_;
};

}  // namespace

std::string_view label(Happening::Kind kind) {
  switch (kind) {
    case Happening::Kind::rewritten: return "rewritten";
    case Happening::Kind::refused: return "refused";
    case Happening::Kind::tidied: return "tidied";
    case Happening::Kind::computed: return "kernel";
    case Happening::Kind::apart: return "not fused";
  }
  return {};
}

std::string rule_text(const Happening& happening) {
  const ExplainedRewrite& rewrite = *happening.rewrite;
  std::string text =
      format("{} ({}, in {}{}{}){}", rewrite.rule, rewrite.cls, rewrite.pass,
             happening.place.empty() ? "" : ", at ", happening.place, times(rewrite.count));
  if (!rewrite.from.empty()) append(text, ": {} -> {}", rewrite.from, rewrite.to);
  if (!rewrite.reason.empty()) append(text, ": {}", rewrite.reason);
  return text;
}

std::map<uint32_t, std::vector<Happening>> happenings(const ExplainedFunction& function,
                                                      const Explanation& explanation,
                                                      const Sources& sources) {
  Lines lines(explanation, sources);
  lines.add(function);
  return lines.take();
}

uint32_t line_of(const SpanSet& spans, const Explanation& explanation, const Sources& sources) {
  Span last;
  for (const Span span : spans)
    if (span.file == explanation.file) last = span;
  return last.empty() ? 0 : sources.locate(last).line;
}

std::vector<Span> places_of(const ExplainedKernel& kernel) {
  std::vector<Span> places(kernel.spans.begin(), kernel.spans.end());
  for (const ExplainedValue& value : kernel.values)
    places.insert(places.end(), value.spans.begin(), value.spans.end());
  std::ranges::sort(places);
  return places;
}

std::string lines_text(const ExplainedKernel& kernel, const Explanation& explanation,
                       const Sources& sources) {
  std::vector<std::string> lines;
  for (const Span span : places_of(kernel)) {
    const uint32_t line = sources.locate(span).line;
    std::string text = span.file == explanation.file
                           ? std::to_string(line)
                           : format("{}:{}", sources.name(span.file), line);
    if (std::ranges::find(lines, text) == lines.end()) lines.push_back(std::move(text));
  }
  if (lines.empty()) return {};
  return (lines.size() == 1 ? "line " : "lines ") + join(lines, ", ");
}

bool is_shown(const ExplainedKernel& kernel, const ExplainRequest& request,
              const Explanation& explanation, const Sources& sources) {
  return !request.line || std::ranges::any_of(kernel.values, [&](const ExplainedValue& value) {
    return line_of(value.spans, explanation, sources) == *request.line;
  });
}

std::vector<ComputedPart> computed_parts(const ExplainedKernel& kernel) {
  std::vector<ComputedPart> parts;
  std::map<std::string, int> others;
  for (const ExplainedValue& value : kernel.values)
    if (!value.name.empty())
      parts.push_back({format("{} ({})", value.name, value.op), value.stored});
    else if (value.stored)
      parts.push_back({value.op, true});
    else
      ++others[value.op];
  for (const auto& [op, count] : others) parts.push_back({op + times(count), false});
  return parts;
}

std::string calls_text(const loop::Counts& counts, const Extent::Values& values) {
  if (counts.calls.empty()) return "none";
  return join(counts.calls, ", ", [&](const loop::FunctionCalls& each) {
    return format("{} {}", name_of(each.function), text_with_number(each.calls, values));
  });
}

std::string moves_text(const ExplainedKernel& kernel, bool written, const Extent::Values& values) {
  std::vector<std::string> parts;
  for (const ExplainedAccess& access : kernel.accesses) {
    const Extent& bytes = written ? access.traffic.written : access.traffic.read;
    if (!bytes.is(0))
      parts.push_back(format("{} {}", access.buffer, text_with_number(bytes, values)));
  }
  return parts.empty() ? "nothing" : join(parts, ", ");
}

}  // namespace thx
