// SPDX-License-Identifier: Apache-2.0
// The picture of a program: `thxc graph`, in the language of Graphviz and as SVG.
#pragma once

#include <optional>
#include <string>

#include "ir/function.h"
#include "support/diagnostic.h"

namespace thx {

/// A function as a cluster of a digraph: values by family, kernels and regions as clusters inside,
/// inputs, outputs, states and updates apart. Constants and what only spreads them are left out,
/// chains of elementwise operators are one node, and beyond `most_values` values the rest is left
/// out and a note says how much. `function` empty: every function, `init` last.
std::string graph_text(const Program& program, const std::string& function,
                       size_t most_values = 250);

/// Runs Graphviz's `dot`; error[cannot_write] where it is missing or refuses.
std::optional<std::string> graph_svg(const std::string& text, Diagnostics& diagnostics);

}  // namespace thx
