#!/usr/bin/env bash
# Names and words made to run something (a script, a bidirectional mark, 255 octets, back-ticks
# of gnuplot, TeX, Markdown, a spreadsheet's formula) are text in every format.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
fail() { echo "$1"; exit 1; }

/usr/bin/python3 tests/data/hostile.py >"$d/simulated-hostile.csv"
"$DNSCLAIM" ingest --quiet -o "$d/case.db" "$d/simulated-hostile.csv"
"$DNSCLAIM" test --quiet "$d/case.db" tests/data/hostile-study.yaml -o "$d/r"
/usr/bin/python3 tests/check-schema.py "$d/r/results.json"
[ -z "$(find "$d" . -maxdepth 4 -name 'pwned*')" ] || fail "a name was run"
grep -q '<script>' "$d/r/results.json" || fail "the study's words are not in the results"

/usr/bin/python3 - "$d/r" <<'PY'
import csv, glob, html.parser, json, os, re, sys, xml.etree.ElementTree
where = sys.argv[1]
read = lambda name: open(os.path.join(where, name), encoding="utf-8", newline="").read()

class Page(html.parser.HTMLParser):
    scripts = 0
    def handle_starttag(self, tag, attrs):
        assert tag not in ("img", "iframe", "object", "a", "link", "base", "form"), tag
        self.scripts += tag == "script"
        for key, value in attrs:
            assert not key.startswith("on"), (tag, key)
            assert key not in ("src", "action"), (tag, key)
            assert key not in ("href", "xlink:href") or value.startswith("#"), value
page = Page()
page.feed(read("report.html"))
assert page.scripts <= 1, "a script beside the page's own"
assert "&lt;script&gt;" in read("report.html")

treacherous = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]")
for name in ("report.html", "report.txt", "verdict.txt", "report.md", "report.tex", "paper.tex"):
    found = treacherous.search(read(name).replace("\f", ""))
    assert not found, f"{name}: {found}"

text = read("report.md")
block = re.sub(r"(?m)^    .*$", "", text)   # indented: nothing is a mark there
assert "<" not in block, "a tag in Markdown"
for m in re.finditer(r"(?<!\\)\[", block):
    assert block[m.start() - 1] == "!", block[m.start() - 20:m.start() + 40]
assert not re.search(r"https?://|www\.", block), "a link in Markdown"
assert not re.search(r"(?<!\\)`(?!/|figures/|`)[^`\n]*\$", block)
rows = [line for line in block.split("\n") if line.startswith("|")]
columns = [len(re.findall(r"(?<!\\)\|", line)) for line in rows]
for before, line, n in zip(columns, rows[1:], columns[1:]):
    assert n == before or not line.startswith("|--") and not line.startswith("|:--"), line

# Every control sequence is one of ours: none comes from a name.
ours = set(re.findall(r"\\\\([a-zA-Z]+|.)", open("report/latex.c").read() +
                      open("report/escape.c").read() + open("report/report.c").read()))
used = set(re.findall(r"\\([a-zA-Z]+|.)", read("report.tex")))
ours |= set("\\{}$&#%_^~") | {"section", "subsection", "subsubsection", "raggedleft", "raggedright"}
assert used <= ours, used - ours
for banned in (r"\input{/", r"\write", r"\def", r"\end{document}"):
    assert banned not in read("report.tex"), banned

for path in glob.glob(os.path.join(where, "tables", "*.csv")):
    table = list(csv.reader(open(path, encoding="utf-8", newline="")))
    assert all(len(row) == len(table[0]) for row in table), path
    for row in table:
        for field in row:
            assert not re.match(r"[=@+]|-[^\d]", field), (path, field)

for path in glob.glob(os.path.join(where, "figures", "*.gp")):
    if not path.endswith("style.gp"):
        outside = re.sub(r"'(?:[^'\n]|'')*'", "", open(path, encoding="utf-8").read())
        assert "`" not in outside and "pwned" not in outside, path

# Every figure is there as data, script, SVG and PDF, the newest kinds among them; a picture
# holds no script and fetches nothing.
results = json.loads(read("results.json"))
plots = [p["type"] for owner in [results["scan"], *results["claims"]] for p in owner["plots"]]
assert {"volcano", "controls", "raster", "settings", "power"} <= set(plots), plots
for ending in ("tsv", "gp", "svg", "pdf"):
    files = glob.glob(os.path.join(where, "figures", "*." + ending))
    assert len(files) - (ending == "gp") == len(plots), (ending, len(files), len(plots))
for path in glob.glob(os.path.join(where, "figures", "*.svg")):
    for _, e in xml.etree.ElementTree.iterparse(path):
        assert not e.tag.endswith(("}script", "}foreignObject", "}image", "}a")), (path, e.tag)
        for key, value in e.attrib.items():
            assert not key.startswith("on"), (path, key)
            assert not key.endswith("href") or value.startswith("#"), (path, value)
assert any(row["claims"] for row in results["scan"]["rows"]), "the claims' pairs are not listed"
PY
