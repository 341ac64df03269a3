// SPDX-License-Identifier: Apache-2.0
// What every page of `thxc explain --html` has: its style, and the script that marks what belongs
// together while one points at it. The page is complete without the script.
#pragma once

#include <string_view>

namespace thx {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light dark;
  --back: #fff; --text: #1c2127; --soft: #57616c; --line: #d8dde3; --card: #f6f8fa; --mark: #fff3bf;
  --good: #17633a; --bad: #a4341f; --warn: #7a5200; --link: #0b57a4; --was: #fdeeeb; --now: #e6f5ec; }
@media (prefers-color-scheme: dark) { :root {
  --back: #15191e; --text: #e3e7eb; --soft: #9aa5b1; --line: #333b44; --card: #1d2329; --mark: #54481a;
  --good: #7fd1a0; --bad: #f0937f; --warn: #e2b866; --link: #8ab8f0; --was: #3a211d; --now: #1a3325; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 120rem; padding: 1rem 1.5rem 4rem; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
@media (max-width: 40rem) { body { padding: .7rem .7rem 3rem; } }
h1 { font-size: 1.5rem; margin: 0 0 .4rem; } h1 small { font-weight: 400; font-size: 1rem; color: var(--soft); }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; } h2 code { overflow-wrap: anywhere; font-size: 1rem; }
section { scroll-margin-top: 2.5rem; }
code, .source, td.formula { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, button:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; z-index: 2; background: var(--back); }
nav { position: sticky; top: 0; z-index: 1; background: var(--back); border-bottom: 1px solid var(--line);
  display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: .4rem 0; margin-top: .6rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1rem; list-style: none; padding: 0; margin: 0; flex: 1; }
button { font: inherit; font-size: 13px; color: var(--text); background: var(--card); cursor: pointer;
  border: 1px solid var(--line); border-radius: 5px; padding: .05rem .6rem; margin-left: .4rem; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .9rem; margin: .4rem 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .9rem; margin: .4rem 0;
  padding: .6rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.tiles dt { color: var(--soft); } .tiles dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.sides { display: grid; grid-template-columns: minmax(0, 12fr) minmax(0, 9fr); gap: 1.5rem; align-items: start; }
@media (max-width: 68rem) { .sides { grid-template-columns: minmax(0, 1fr); } }
.source { border: 1px solid var(--line); border-radius: 6px; padding: .4rem 0; }
.row { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); scroll-margin-top: 3rem; }
@media (max-width: 40rem) { .row { grid-template-columns: 2.2rem minmax(0, 1fr); } }
.row > .n { color: var(--soft); text-align: right; padding-right: .8rem; user-select: none; }
.row > code { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: .5rem; tab-size: 4; }
.row:target, .card:target { background: var(--mark); }
.row details { grid-column: 2; font-family: system-ui, sans-serif; margin: 0 .6rem .4rem 0; }
.row details[open] { border-left: 2px solid var(--line); padding-left: .6rem; margin-bottom: .8rem; }
summary { cursor: pointer; color: var(--soft); font-size: 12.5px; }
.states { margin: .3rem 0; } .states .scroll { max-width: 50rem; margin-top: .3rem; }
.row ul { margin: .2rem 0; padding: 0; font-size: 13px; list-style: none; }
.row li { margin: .45rem 0; overflow-wrap: anywhere; } .what { font-weight: 600; margin-right: .3rem; }
.refused .what, .apart .what { color: var(--bad); } .rewritten .what { color: var(--good); }
.tidied { color: var(--soft); }
.was, .now { padding: .1rem .3rem; border-radius: 4px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.rewritten .was { background: var(--was); } .refused .was { background: var(--card); } .now { background: var(--now); }
.to { color: var(--soft); } .rule { color: var(--soft); margin: .15rem 0 0 .1rem; } .rule code { font-size: 12px; }
.class { border: 1px solid currentColor; border-radius: 8px; padding: 0 .4rem; font-size: 11.5px; white-space: nowrap; }
.more-accurate { color: var(--good); } .rounding { color: var(--warn); } .special-values { color: var(--bad); }
a.s { color: inherit; text-decoration: none; border-bottom: 2px solid var(--k); }
a.s:hover, a.s:focus, .on { background: var(--mark); }
.card { border: 1px solid var(--line); border-left: 5px solid var(--k); border-radius: 6px;
  background: var(--card); padding: .5rem .8rem; margin: 0 0 .7rem; scroll-margin-top: 3rem; }
.card h4 { margin: 0 0 .2rem; font-size: .95rem; } .card .kind { font-weight: 400; color: var(--soft); }
.card .facts { font-size: 13px; margin: .2rem 0 0; } .card code { font-size: 12px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } tr:last-child td { border-bottom: 0; }
td.formula { overflow-wrap: anywhere; min-width: 6rem; }
.c0 { --k: #3b78c2; } .c1 { --k: #c2703b; } .c2 { --k: #3f9a5f; } .c3 { --k: #a055b8; }
.c4 { --k: #b8495f; } .c5 { --k: #1f9a9a; } .c6 { --k: #8a8330; } .c7 { --k: #6f6fd0; }
@media print { .sides { grid-template-columns: 1fr; } nav { position: static; } button { display: none; } }
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
for (const [words, open] of [["open all", true], ["close all", false]]) {
  const button = document.createElement("button");
  button.textContent = words;
  button.addEventListener("click", () => { for (const e of document.querySelectorAll(".row details")) e.open = open; });
  document.querySelector("nav").append(button);
}
const show = () => {
  const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const e of row ? row.querySelectorAll("details") : []) e.open = true;
};
addEventListener("hashchange", show);
show();
)js";

}  // namespace thx
