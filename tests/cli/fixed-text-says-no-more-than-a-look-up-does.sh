#!/usr/bin/env bash
# No fixed text uses a word of docs/words.txt of look-ups: sources, help, lists, man page, reports, notebooks.
# Every word of the fixture is found, so the check can fail.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
d=$DNSCLAIM

"$d" --help >"$dir/help.txt"
for c in $("$d" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
    "$d" "$c" --help >>"$dir/help.txt"
done
for t in formats models statistics nulls claims corrections rivals; do
    "$d" list $t >>"$dir/list.txt"
done
"$d" simulate studies/quickstart/scenario.yaml -o "$dir/simulated-office.csv" 2>/dev/null
"$d" ingest --quiet -o "$dir/case.db" "$dir/simulated-office.csv"
"$d" test --quiet "$dir/case.db" studies/quickstart/study.yaml -o "$dir/report" >/dev/null
python3 tests/words.py docs/words.txt base/*.[ch] ingest/*.[ch] stats/*.[ch] models/*.[ch] report/*.[ch] \
    cli/*.[ch] docs/dnsclaim.1 notebooks/*.ipynb "$dir"/*.txt "$dir"/report/*.txt "$dir"/report/*.html

lines=$(grep -c . tests/data/words-said-of-look-ups.txt)
found=$(python3 tests/words.py docs/words.txt tests/data/words-said-of-look-ups.txt | cut -d: -f2 | sort -u | wc -l || true)
[ "$found" = "$lines" ] || { echo "of $lines sentences of the fixture $found were refused"; exit 1; }
! python3 tests/words.py docs/words.txt tests/data/words-said-of-look-ups.txt >/dev/null
echo 'int f(void) { puts("a second channel"); }' >"$dir/planted.c"
! python3 tests/words.py docs/words.txt "$dir/planted.c" >/dev/null
echo 'int f(void) { puts("as claimed: “a second channel” of channel.example.net"); }' >"$dir/quoted.c"
python3 tests/words.py docs/words.txt "$dir/quoted.c"
