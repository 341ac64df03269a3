// SPDX-License-Identifier: Apache-2.0
// What the rewriting passes tell about their work, and the limit that is set to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace thx {

/// One rewrite that was made, for the manifest and for messages.
struct Firing {
  std::string_view rule;                // of a rule or step; lives as long as the compiler
  SpanSet spans;                        // of all that it took, in the source
  std::string_view pass;                // empty outside of the list of passes
  std::string function = {};            // in which it was made
  std::string before = {}, after = {};  // expressions; with `explains`
};

/// A rule that fitted a program and was not applied.
struct RefusedRule {
  enum class Reason : uint8_t {
    mode,    // the fp mode does not admit its class
    shared,  // an inner value is used elsewhere: the rewrite would compute it beside, not instead
    guard,   // what its variables stand for does not fulfil the rule's condition
  };
  std::string_view rule;
  Reason reason;
  SpanSet spans;
  std::string_view pass;
  std::string function = {};
  std::string before = {};  // the expression that it fitted
};

/// One sentence for people: "--fp=default does not admit it", without a full stop.
std::string_view words(RefusedRule::Reason reason);

/// Filled by the rewriting passes of one compilation, in the order in which they run.
struct RewriteLog {
  std::vector<Firing> firings = {};
  /// With `explains`: each one once, as the program stood when its pass had ended.
  std::vector<RefusedRule> refusals = {};
  /// Whether refusals are recorded, and expressions written out.
  bool explains = false;
  /// Rewrites that may be made in all, over all passes; what would come next is left undone. The
  /// program is right at every limit, so that the rewrite that spoils a result is found by halving.
  std::optional<size_t> limit = {};
  std::string_view pass = {};  // the one that runs: set by the runner

  bool is_spent() const { return limit && firings.size() >= *limit; }
};

}  // namespace thx
