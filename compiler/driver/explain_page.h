// SPDX-License-Identifier: Apache-2.0
// What every page of `thxc explain --html` has: its style, and the script that marks what belongs
// together while one points at it. The page is complete without the script.
#pragma once

#include <string_view>

namespace thx {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light dark;
  --back: #fff; --text: #1c2127; --soft: #5b6570; --line: #d8dde3; --card: #f6f8fa; --mark: #fff3bf;
  --good: #1a6b3c; --bad: #a4341f; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root {
  --back: #15191e; --text: #e3e7eb; --soft: #9aa5b1; --line: #333b44; --card: #1d2329; --mark: #54481a;
  --good: #7fd1a0; --bad: #f0937f; --link: #8ab8f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 120rem; padding: 1rem 1.5rem 4rem; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; } h2 code { overflow-wrap: anywhere; font-size: 1rem; }
code, pre, .source, td.formula { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
a { color: var(--link); } a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1rem; list-style: none; padding: 0; margin: .5rem 0; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.sides { display: grid; grid-template-columns: minmax(0, 11fr) minmax(0, 9fr); gap: 1.5rem; align-items: start; }
@media (max-width: 68rem) { .sides { grid-template-columns: minmax(0, 1fr); } }
.source { border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: .4rem 0; }
.row { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); scroll-margin-top: 1rem; }
.row > .n { color: var(--soft); text-align: right; padding-right: .8rem; user-select: none; }
.row code { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: .5rem; tab-size: 4; }
.row:target, .card:target { background: var(--mark); }
.row details { grid-column: 2; font-family: system-ui, sans-serif; margin: 0 .5rem .35rem 0; }
summary { cursor: pointer; color: var(--soft); font-size: 12.5px; }
.row ul { margin: .1rem 0 .2rem; padding-left: 1.1rem; font-size: 13px; }
.row li { margin: .1rem 0; overflow-wrap: anywhere; } .what { font-weight: 600; margin-right: .4rem; }
.refused .what, .apart .what { color: var(--bad); } .rewritten .what { color: var(--good); }
.tidied { color: var(--soft); }
a.s { color: inherit; text-decoration: none; border-bottom: 2px solid var(--k); }
a.s:hover, a.s:focus, .on { background: var(--mark); }
.card { border: 1px solid var(--line); border-left: 5px solid var(--k); border-radius: 6px;
  background: var(--card); padding: .5rem .8rem; margin: 0 0 .7rem; scroll-margin-top: 1rem; }
.card h4 { margin: 0 0 .2rem; font-size: .95rem; } .card .kind { font-weight: 400; color: var(--soft); }
.card .facts { font-size: 13px; margin: .2rem 0 0; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } tr:last-child td { border-bottom: 0; }
td.formula { overflow-wrap: anywhere; min-width: 6rem; }
.c0 { --k: #3b78c2; } .c1 { --k: #c2703b; } .c2 { --k: #3f9a5f; } .c3 { --k: #a055b8; }
.c4 { --k: #b8495f; } .c5 { --k: #1f9a9a; } .c6 { --k: #8a8330; } .c7 { --k: #6f6fd0; }
@media print { .sides { grid-template-columns: 1fr; } }
)css";

inline constexpr std::string_view kPageScript = R"js(
for (const side of document.querySelectorAll("section")) {
  const mark = (id, on) => { for (const e of side.querySelectorAll('[data-k="' + id + '"]')) e.classList.toggle("on", on); };
  for (const e of side.querySelectorAll("[data-k]")) {
    const id = e.dataset.k;
    for (const name of ["mouseenter", "focusin"]) e.addEventListener(name, () => mark(id, true));
    for (const name of ["mouseleave", "focusout"]) e.addEventListener(name, () => mark(id, false));
  }
}
)js";

}  // namespace thx
