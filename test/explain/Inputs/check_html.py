# SPDX-License-Identifier: Apache-2.0
"""Reads a page of `thxc explain --html` strictly and prints the text of its source lines."""
import html.parser
import sys

VOID = {"meta", "br"}
ALLOWED = {"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "small", "br", "h2", "h3", "h4", "dl",
           "dt", "dd", "nav", "ul", "li", "main", "section", "div", "span", "code", "details",
           "summary", "article", "b", "table", "thead", "tbody", "tr", "th", "td", "script"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.rows = [], [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED, tag
        attrs = dict(attrs)
        assert "src" not in attrs and not any(name.startswith("on") for name in attrs), attrs
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if "href" in attrs:
            assert attrs["href"].startswith("#"), attrs["href"]
            self.links.append(attrs["href"][1:])
        if tag not in VOID:
            self.open.append(tag)
        if tag == "code" and self.open[-2:] == ["div", "code"] and "details" not in self.open:
            self.rows.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if "code" in self.open and "div" in self.open and "details" not in self.open and self.rows:
            self.rows[-1] += data


page = Page()
text = open(sys.argv[1], encoding="utf-8").read()
page.feed(text)
page.close()
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)), "an id stands twice"
assert set(page.links) <= set(page.ids), set(page.links) - set(page.ids)
assert "http" not in text.split("<style>")[0] and "url(" not in text and "@import" not in text
print("\n".join(page.rows[:16]))
