#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixed text says no more of a look-up than that it was made: docs/words.txt.

    words.py RULES FILE...

A .c or .h file is read by its string literals, .ipynb by its cells, .html by its text without
<q>, <blockquote>, <code> and <td class="data">; anything else as it is. Quoted text and dotted names are exempt.
Prints file:line: word: text, and exits with 1 if a word is found.
"""
import html.parser
import json
import re
import sys

QUOTED = re.compile(r'“[^”]*”|"[^"\n]*"|‘[^’]*’', re.S)
NAME = re.compile(r"[\w*-]+(?:\.[\w-]+)+")  # of a host, or of a function: data
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def rules(path):
    words, allowed = [], []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("+"):
            allowed.append(line[1:].strip())
        elif line and not line.startswith("#"):
            words.append(line)
    return (re.compile(r"\b(?:" + "|".join(words) + ")", re.I),
            [re.compile(re.escape(a), re.I) for a in allowed])


class Page(html.parser.HTMLParser):
    """Text of a page, quotations, data and scripts left out."""
    OWN = {"q", "blockquote", "code", "script", "style", "title", "pre"}

    def __init__(self):
        super().__init__()
        self.text, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        if tag in self.OWN or "data" in (dict(attrs).get("class") or "").split():
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.text.append((self.getpos()[0], data))


def pieces(path):
    """(line, text) of what is fixed in the file."""
    source = open(path, encoding="utf-8", errors="replace").read()
    if path.endswith((".c", ".h")):
        for number, line in enumerate(source.split("\n"), 1):
            if not line.startswith("#include"):
                for literal in LITERAL.findall(line):
                    yield number, QUOTED.sub("", literal)
    elif path.endswith(".ipynb"):
        for number, cell in enumerate(json.loads(source)["cells"], 1):
            yield number, QUOTED.sub("", "".join(cell["source"]))
    elif path.endswith(".html"):
        page = Page()
        page.feed(source)
        for number, text in page.text:
            yield number, QUOTED.sub("", text)
    else:
        kept = QUOTED.sub(lambda m: "\n" * m.group().count("\n"), source)
        for number, line in enumerate(kept.split("\n"), 1):
            if not line.lstrip().startswith("|"):  # the study, as it was given
                yield number, line


def main():
    word, allowed = rules(sys.argv[1])
    found = 0
    for path in sys.argv[2:]:
        for number, text in pieces(path):
            text = NAME.sub("", text)
            for phrase in allowed:
                text = phrase.sub("", text)
            for m in word.finditer(text):
                found += 1
                print(f"{path}:{number}: {m.group()}: {text.strip()[:90]}")
    return 1 if found else 0


sys.exit(main())
