// SPDX-License-Identifier: Apache-2.0
// What happened to each line of the source, in words: what the text and the page both show.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/explain.h"

namespace thx {

struct Happening {
  enum class Kind : uint8_t { rewritten, refused, tidied, computed, apart } kind;
  std::string text;  // of a rewrite the user's expression: what it was and what it is now
  SpanSet spans;
  // Of a rewrite, as often as it was made or refused here; `place` is `15:19`.
  std::optional<ExplainedRewrite> rewrite = {};
  std::string place = {};
};
/// `log-of-sigmoid (more accurate, in stabilize, at 15:19) ×2: log(sigmoid(x)) -> -softplus(-x)`
std::string rule_text(const Happening& happening);
/// `rewritten`, `refused`, `tidied`, `kernel`, `not fused`.
std::string_view label(Happening::Kind kind);

/// By line of the explained file, each in the order of `Happening::Kind`. Line 0 has what belongs
/// to no place there, such as what an imported file says.
std::map<uint32_t, std::vector<Happening>> happenings(const ExplainedFunction& function,
                                                      const Explanation& explanation,
                                                      const Sources& sources);

/// Where the values of a kernel come from; of a kernel without values its own places.
std::vector<Span> places_of(const ExplainedKernel& kernel);
/// `lines 13, 15, nn.thx:4`: where a kernel comes from.
std::string lines_text(const ExplainedKernel& kernel, const Explanation& explanation,
                       const Sources& sources);

/// Whether a report for a line has the kernel: it computes something of it.
bool is_shown(const ExplainedKernel& kernel, const ExplainRequest& request,
              const Explanation& explanation, const Sources& sources);

/// What a kernel computes, in words: values that leave it or have a name, then how often each other
/// operator.
struct ComputedPart {
  std::string text;
  bool stored = false;
};
std::vector<ComputedPart> computed_parts(const ExplainedKernel& kernel);

/// `exp N, pow 2*N`, or `none`.
std::string calls_text(const loop::Counts& counts, const Extent::Values& values);
/// `x 4*F*N, w 4*F`: what a kernel reads (`written` false) or writes of each buffer.
std::string moves_text(const ExplainedKernel& kernel, bool written, const Extent::Values& values);

}  // namespace thx
