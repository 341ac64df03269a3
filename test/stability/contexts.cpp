// SPDX-License-Identifier: Apache-2.0
// The table of contexts, and the text of a formula in one of them.
#include "contexts.h"

#include <set>
#include <string_view>

namespace thx::stability {

namespace {

// Elementwise formulas. Every one gives back the input's own layout.
const std::vector<Context> kOfElements = {
    {.name = "plain"},
    {.name = "matrix", .shape = "[R, 4]"},
    {.name = "transposed", .shape = "[R, 4]", .argument = "#.T", .result = "(%).T"},
    {.name = "reversed", .argument = "#[::-1]", .result = "(%)[::-1]"},
    {.name = "in parts",
     .shape = "[!P]",
     .result = "concatenate([e@(<[:3]>), e@(<[3:]>)])",
     .defined = true},
    {.name = "strided",
     .shape = "[!P]",
     .result = "stack([e@(<[::2]>), e@(<[1::2]>)], axis=1).reshape((!P,))",
     .defined = true},
    {.name = "reshaped",
     .shape = "[!P]",
     .argument = "#.reshape((!R, 4))",
     .result = "(%).reshape((!P,))"},
    {.name = "column",
     .shape = "[N, 1]",
     .argument = "broadcast_to(#, (N, 3))",
     .result = "(%)[:, 1:2]",
     .cost = "sum(f@)",
     .repeated = 3},
    {.name = "broadcast",
     .shape = "[N, 1]",
     .argument = "(# - zeros((1, 3), dtype=#.dtype))",
     .result = "(%)[:, 2:]",
     .cost = "sum(f@)",
     .repeated = 3},
    {.name = "new axis", .argument = "#[:, newaxis]", .result = "(%)[:, 0]"},
    {.name = "gathered", .argument = "#[?p]", .result = "(%)[?q]", .more = "pq"},
    {.name = "where mask", .result = "where(?m, %, 7)", .more = "m"},
    {.name = "where not", .result = "where(not ?m, 7, %)", .more = "m"},
    {.name = "where twice", .result = "where(?m, where(?m, %, 3), 7)", .more = "m"},
    {.name = "if", .result = "e@(<>) if ?s > 0 else zeros_like(#)", .more = "s", .defined = true},
    {.name = "scan", .result = "l@", .defined = true},
    {.name = "def", .result = "e@(<>)", .defined = true},
    {.name = "negated", .result = "-(%)", .outer = -1},
    {.name = "times minus one", .result = "(%) * -1", .outer = -1},
    {.name = "times three", .result = "3 * (%)", .outer = 3},
    {.name = "times half", .result = "(%) * 0.5", .outer = 0.5},
    {.name = "by minus four", .result = "(%) / -4", .outer = -0.25},
    {.name = "of twice", .argument = "(2 * #)", .inner = 2},
    {.name = "of half", .argument = "(# / 2)", .inner = 0.5},
    {.name = "of minus", .argument = "(-#)", .inner = -1},
    {.name = "weighted", .cost = "sum(?w * $)", .more = "w"},
    {.name = "dotted", .cost = "dot($, ?w)", .more = "w"},
    {.name = "product",
     .shape = "[R, 4]",
     .cost = "sum(matmul($, ones((4, 3), dtype=$.dtype)))",
     .repeated = 3},
    {.name = "product from the left",
     .shape = "[R, 4]",
     .cost = "sum(matmul(ones((3, R), dtype=$.dtype), $))",
     .repeated = 3},
    {.name = "of a gather",
     .argument = "#[?p]",
     .result = "(%)[?q]",
     .cost = "sum($[?p])",
     .more = "pq"},
    {.name = "column sums", .shape = "[R, 4]", .cost = "$.sum(axis=0).sum()"},
};

// Formulas of rows.
const std::vector<Context> kOfRows = {
    {.name = "rows", .shape = "[R, !C]", .axis = "1", .back = "[:, newaxis]"},
    {.name = "last axis", .shape = "[R, C]", .axis = "-1", .back = "[..., newaxis]"},
    {.name = "columns", .shape = "[C, R]", .axis = "0", .back = "[newaxis, :]", .transposed = true},
    {.name = "transposed",
     .shape = "[R, C]",
     .argument = "#.T",
     .of_elements = "(%).T",
     .axis = "0",
     .back = "[newaxis]"},
    {.name = "rows of columns",
     .shape = "[C, R]",
     .argument = "#.T",
     .of_elements = "(%).T",
     .axis = "1",
     .back = "[:, newaxis]",
     .transposed = true},
    {.name = "cube",
     .shape = "[!R, !C]",
     .argument = "#.reshape((2, !R // 2, !C))",
     .result = "(%).reshape((!R,))",
     .of_elements = "(%).reshape((!R, !C))",
     .axis = "2",
     .back = "[:, :, newaxis]"},
    {.name = "middle axis",
     .shape = "[!R, !C]",
     .argument = "#.reshape((2, !R // 2, !C)).transpose(0, 2, 1)",
     .result = "(%).reshape((!R,))",
     .of_elements = "(%).transpose(0, 2, 1).reshape((!R, !C))",
     .axis = "1",
     .back = "[:, newaxis, :]"},
    {.name = "vector", .shape = "[C]", .axis = "0", .back = "[newaxis]", .by_row = true},
    {.name = "reversed",
     .shape = "[R, C]",
     .argument = "#[::-1]",
     .result = "(%)[::-1]",
     .axis = "1",
     .back = "[:, newaxis]"},
    {.name = "mirrored",
     .shape = "[R, C]",
     .argument = "#[:, ::-1]",
     .of_elements = "(%)[:, ::-1]",
     .axis = "1",
     .back = "[:, newaxis]"},
    {.name = "gathered",
     .shape = "[R, C]",
     .argument = "#[?p]",
     .result = "(%)[?q]",
     .axis = "-1",
     .back = "[:, newaxis]",
     .more = "pq"},
    {.name = "if",
     .shape = "[R, C]",
     .result = "e@(<>) if ?s > 0 else 2 * e@(<>)",
     .axis = "1",
     .back = "[:, newaxis]",
     .more = "s",
     .defined = true},
    {.name = "def",
     .shape = "[R, C]",
     .result = "e@(<>)",
     .axis = "1",
     .back = "[:, newaxis]",
     .defined = true},
    {.name = "negated",
     .shape = "[R, C]",
     .result = "-(%)",
     .axis = "1",
     .back = "[:, newaxis]",
     .outer = -1},
    {.name = "times three",
     .shape = "[R, C]",
     .result = "3 * (%)",
     .axis = "1",
     .back = "[:, newaxis]",
     .outer = 3},
    {.name = "by minus four",
     .shape = "[C, R]",
     .result = "(%) / -4",
     .axis = "0",
     .back = "[newaxis, :]",
     .outer = -0.25,
     .transposed = true},
    {.name = "of twice",
     .shape = "[R, C]",
     .argument = "(2 * #)",
     .axis = "1",
     .back = "[:, newaxis]",
     .inner = 2},
    {.name = "of minus",
     .shape = "[C, R]",
     .argument = "(-#)",
     .axis = "0",
     .back = "[newaxis, :]",
     .inner = -1,
     .transposed = true},
};

// Formulas that index rows by position stand in these.
bool keeps_rows(const Context& context) {
  static const std::set<std::string> kNames = {"rows", "last axis", "rows of columns", "def",
                                               "if",   "negated",   "times three",     "of twice"};
  return kNames.contains(context.name);
}

}  // namespace

std::vector<const Context*> contexts_of(const Formula& formula, const Spelling& spelling) {
  std::vector<const Context*> result;
  const bool elements = formula.layout == Layout::elements;
  for (const Context& each : elements ? kOfElements : kOfRows) {
    const int rank = std::string_view(each.shape).find(',') == std::string_view::npos ? 1 : 2;
    const bool whole = each.outer == 1 && each.inner == 1;
    if (formula.contexts == "unscaled" && !whole) continue;
    if (formula.contexts == "rows" && !keeps_rows(each)) continue;
    if (spelling.rank != 0 && (rank != spelling.rank || each.inner != 1)) continue;
    if (!spelling.also.empty() && (std::string_view(each.name) != "plain")) continue;
    result.push_back(&each);
  }
  return result;
}

}  // namespace thx::stability
