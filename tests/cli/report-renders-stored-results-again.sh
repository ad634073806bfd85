#!/usr/bin/env bash
# `dnsclaim report` gives the same bytes each time, only the format asked for,
# well-formed HTML that needs nothing from elsewhere, and refuses what is no
# results file.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
fail() { echo "$1"; exit 1; }

cp tests/data/results-sample.json "$d/results.json"
"$DNSCLAIM" report "$d" >"$d/files"
[ "$(wc -l <"$d/files")" = 8 ] || fail "expected eight, found: $(cat "$d/files")"
mkdir "$d/first"
cp "$d"/verdict.txt "$d"/report.txt "$d"/report.html "$d/first/"
"$DNSCLAIM" report "$d" >/dev/null
for f in verdict.txt report.txt report.html; do cmp "$d/$f" "$d/first/$f"; done

rm "$d"/*.txt "$d"/report.html
"$DNSCLAIM" report "$d" --format text >/dev/null
[ -e "$d/report.txt" ] && [ ! -e "$d/report.html" ] || fail "--format text wrote something else"

# a reader's style is kept, and used
echo "set border 0" >>"$d/figures/style.gp"
cp "$d/figures/1-volume-daily.svg" "$d/before.svg"
"$DNSCLAIM" report "$d" >/dev/null
tail -n 1 "$d/figures/style.gp" | grep -q 'border 0' || fail "style.gp was written over"
cmp -s "$d/before.svg" "$d/figures/1-volume-daily.svg" && fail "style.gp was not used"

/usr/bin/python3 - "$d/report.html" <<'PY'
import html.parser, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
void = {"meta", "link", "br", "img", "input", "hr"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids = [], set()
    def handle_starttag(self, tag, attrs):
        if tag not in void:
            self.open.append(tag)
        for key, value in attrs:
            assert not key.startswith("on"), (tag, key)
            if key in ("src", "href", "xlink:href"):
                assert value.startswith("#"), f"{tag} fetches {value}"
            if key == "id":
                assert value not in self.ids, f"id {value} twice"
                self.ids.add(value)
        assert tag not in ("link", "iframe", "object"), tag
    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in void:
            self.open.pop()
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()
page = Page()
page.feed(text)
import base64, hashlib
(script,) = re.findall(r"<script>(.*?)</script>", text, re.S)   # one, and the policy names it
digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert f"script-src 'sha256-{digest}'" in text, digest
assert not page.open, page.open
assert text.count('<svg role="img" aria-label="') == text.count("<svg") == 7
assert not re.search(r"@import|url\((?!#)", text)
PY

set +e
echo '{"other": 1}' >"$d/results.json"
"$DNSCLAIM" report "$d" 2>"$d/err"; [ $? = 1 ] || fail "other JSON: expected exit 1"
grep -q 'expected the results of dnsclaim' "$d/err" || fail "other JSON: $(cat "$d/err")"
"$DNSCLAIM" report 2>/dev/null; [ $? = 2 ] || fail "no folder: expected exit 2"
"$DNSCLAIM" report "$d" --format pdf 2>/dev/null; [ $? = 2 ] || fail "--format pdf: expected exit 2"
"$DNSCLAIM" report "$d/none" 2>/dev/null; [ $? = 1 ] || fail "missing folder: expected exit 1"
exit 0
