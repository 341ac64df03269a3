// SPDX-License-Identifier: Apache-2.0
// The report as JSON; docs/explain.md has its schema.
#include "driver/explain.h"
#include "driver/explain_lines.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr int kSchema = 1;

// Members of an object, one after the other.
class Object {
 public:
  // `value` is JSON already.
  Object& raw(std::string_view key, std::string_view value) {
    append(out_, "{}\n{}: {}", out_.empty() ? "" : ",", quote_json(key), value);
    return *this;
  }
  Object& text(std::string_view key, std::string_view value) { return raw(key, quote_json(value)); }
  Object& number(std::string_view key, int64_t value) { return raw(key, std::to_string(value)); }
  Object& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  template <class Range, class Spell>
  Object& list(std::string_view key, const Range& range, Spell&& spell) {
    return raw(key, "[" + join(range, ",", std::forward<Spell>(spell)) + "]");
  }
  std::string close() const { return "{" + out_ + "\n}"; }

 private:
  std::string out_;
};

class JsonReport {
 public:
  JsonReport(const Explanation& explanation, const ExplainRequest& request, const Sources& sources)
      : e_(explanation), request_(request), sources_(sources) {}

  std::string run() const {
    Object out;
    out.number("schema", kSchema).text("thxc", THX_VERSION).text("module", e_.module);
    out.text("source", sources_.name(e_.file)).text("fp", e_.fp).text("cpu", e_.cpu);
    out.flag("fused_multiply_add", e_.fused);
    out.list("dims", e_.dims, [&](const auto& dim) {
      const auto known = e_.values.find(dim.first);
      return Object()
          .text("name", dim.first)
          .raw("value", known == e_.values.end() ? "null" : std::to_string(known->second))
          .close();
    });
    out.raw("state_bytes", formula(e_.state));
    out.list("state", e_.states, [&](const ExplainedBuffer& state) {
      return Object()
          .text("name", state.name)
          .text("type", state.type)
          .raw("bytes", formula(state.bytes))
          .raw("offset", formula(state.offset))
          .raw("spans", spans(state.spans))
          .close();
    });
    out.list("functions", e_.functions,
             [&](const ExplainedFunction& function) { return of(function); });
    return indented(out.close()) + "\n";
  }

 private:
  std::string formula(const Extent& extent) const {
    const std::optional<int64_t> number = extent.evaluate(e_.values);
    return format("{{\"formula\": {}, \"value\": {}}}", quote_json(extent.text()),
                  number ? std::to_string(*number) : "null");
  }

  std::string spans(const SpanSet& set) const {
    return "[" +
           join(set, ", ",
                [&](const Span& span) {
                  const LineColumn begin = sources_.locate(span.file, span.begin);
                  const LineColumn end = sources_.locate(span.file, span.end);
                  return format(
                      "{{\"file\": {}, \"begin\": {}, \"end\": {}, \"line\": {}, \"column\": {}, "
                      "\"end_line\": {}, \"end_column\": {}}}",
                      quote_json(sources_.name(span.file)), span.begin, span.end, begin.line,
                      begin.column, end.line, end.column);
                }) +
           "]";
  }

  static std::string names(const std::vector<std::string>& list) {
    return "[" + join(list, ", ", [](const std::string& name) { return quote_json(name); }) + "]";
  }

  void counts(Object& out, const loop::Counts& counts) const {
    out.raw("flops", formula(counts.flops)).raw("function_flops", formula(counts.function_flops));
    out.list("calls", counts.calls, [&](const loop::FunctionCalls& each) {
      return format("{{\"function\": {}, \"dtype\": {}, \"calls\": {}}}",
                    quote_json(name_of(each.function)), quote_json(spelling(each.dtype)),
                    formula(each.calls));
    });
    out.flag("exact", counts.exact);
  }

  void traffic(Object& out, const loop::Traffic& traffic) const {
    out.raw("loaded", formula(traffic.loaded)).raw("stored", formula(traffic.stored));
    out.raw("read", formula(traffic.read)).raw("written", formula(traffic.written));
  }

  std::string of(const ExplainedRewrite& rewrite) const {
    Object out;
    out.text("pass", rewrite.pass).text("rule", rewrite.rule).text("class", rewrite.cls);
    out.raw("from", rewrite.from.empty() ? "null" : quote_json(rewrite.from));
    out.raw("to", rewrite.to.empty() ? "null" : quote_json(rewrite.to));
    out.text("before", rewrite.before);
    if (rewrite.reason.empty()) out.text("after", rewrite.after);
    if (!rewrite.reason.empty()) out.text("reason", rewrite.reason);
    return out.number("count", rewrite.count).raw("spans", spans(rewrite.spans)).close();
  }

  std::string of(const ExplainedKernel& kernel) const {
    Object out;
    out.text("name", kernel.name).text("kind", kernel.kind).raw("runs", formula(kernel.runs));
    out.list("values", kernel.values, [&](const ExplainedValue& value) {
      return Object()
          .raw("name", value.name.empty() ? "null" : quote_json(value.name))
          .text("op", value.op)
          .text("type", value.type)
          .flag("stored", value.stored)
          .raw("expression", value.stored ? quote_json(value.expression) : "null")
          .raw("spans", spans(value.spans))
          .close();
    });
    counts(out, kernel.counts);
    out.list("buffers", kernel.accesses, [&](const ExplainedAccess& access) {
      Object buffer;
      buffer.text("name", access.buffer);
      const bool reads = access.access != loop::Access::out;
      const bool writes = access.access != loop::Access::in;
      buffer.text("access", reads && writes ? "inout" : reads ? "in" : "out");
      traffic(buffer, access.traffic);
      return buffer.close();
    });
    return out.raw("spans", spans(kernel.spans)).close();
  }

  std::string of(const ExplainedRefusal& refusal) const {
    return Object()
        .text("producer", refusal.producer)
        .text("consumer", refusal.consumer)
        .text("reason", refusal.reason)
        .number("count", refusal.count)
        .raw("producer_spans", spans(refusal.producer_spans))
        .raw("consumer_spans", spans(refusal.consumer_spans))
        .close();
  }

  std::string of(const ExplainedBuffer& buffer) const {
    Object out;
    out.text("name", buffer.name).text("type", buffer.type).text("kind", buffer.kind);
    out.raw("bytes", formula(buffer.bytes));
    out.raw("offset", buffer.kind == "workspace" ? formula(buffer.offset) : "null");
    out.raw("writers", names(buffer.writers)).raw("readers", names(buffer.readers));
    return out.raw("spans", spans(buffer.spans)).close();
  }

  // The elements of `all` that belong to the line that was asked for.
  template <class Range>
  Range shown(const Range& all, auto spans_of) const {
    Range result;
    for (const auto& each : all)
      if (!request_.line || line_of(spans_of(each), e_, sources_) == *request_.line)
        result.push_back(each);
    return result;
  }

  std::vector<ExplainedKernel> shown_kernels(const ExplainedFunction& function) const {
    std::vector<ExplainedKernel> result;
    for (const ExplainedKernel& kernel : function.kernels)
      if (is_shown(kernel, request_, e_, sources_)) result.push_back(kernel);
    return result;
  }

  std::string of(const ExplainedFunction& function) const {
    const auto own = [](const auto& each) { return each.spans; };
    const auto spell = [&](const auto& each) { return of(each); };
    Object out;
    out.text("name", function.name).text("signature", function.signature);
    out.raw("line",
            function.span.empty() ? "null" : std::to_string(sources_.locate(function.span).line));
    out.flag("fallible", function.fallible).raw("workspace_bytes", formula(function.workspace));
    Object total;
    counts(total, function.total);
    loop::Traffic sum;
    for (const loop::Traffic& each : function.total.buffers) {
      sum.loaded += each.loaded;
      sum.stored += each.stored;
      sum.read += each.read;
      sum.written += each.written;
    }
    traffic(total, sum);
    total.raw("copied", formula(function.copied));
    out.raw("total", total.close());
    out.list("rewrites", shown(function.rewrites, own), spell);
    out.list("refused_rewrites", shown(function.refused_rewrites, own), spell);
    out.list("kernels", shown_kernels(function), spell);
    out.list("refusals",
             shown(function.refusals, [](const auto& each) { return each.consumer_spans; }), spell);
    out.list("buffers", shown(function.buffers, own), spell);
    return out.close();
  }

  // One member a line; objects that stand on one line stay there.
  static std::string indented(std::string_view json) {
    std::string out;
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.size(); ++i) {
      const char c = json[i];
      if (quoted) {
        out += c;
        if (c == '\\')
          out += json[++i];
        else if (c == '"')
          quoted = false;
        continue;
      }
      quoted = c == '"';
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      out += c;
      if (c != '\n') continue;
      const bool closes = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
      out.append(2 * (depth - (closes ? 1 : 0)), ' ');
    }
    return out;
  }

  const Explanation& e_;
  const ExplainRequest& request_;
  const Sources& sources_;
};

}  // namespace

std::string explain_json(const Explanation& explanation, const ExplainRequest& request,
                         const Sources& sources) {
  return JsonReport(explanation, request, sources).run();
}

}  // namespace thx
