#!/usr/bin/env bash
# The commands that README.md prints under "Five minutes" work as printed, and the
# study that the man page prints is a valid one.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT

# The block after the heading, without the build, in a folder of its own.
awk '/^## Five minutes/ {on = 1} on && /^```/ {n++; next} on && n == 1' README.md |
    grep -v -e '^make' -e '^dnsclaim=' >"$d/commands"
[ "$(wc -l <"$d/commands")" -ge 5 ] || { echo "README.md: expected 5 commands"; exit 1; }
ln -s "$PWD/studies" "$d/studies"
(export dnsclaim=$DNSCLAIM && cd "$d" && bash -eu commands) >"$d/log" 2>&1 || { cat "$d/log"; exit 1; }
for f in report.html verdict.txt results.json figures; do
    [ -e "$d/report/$f" ] || { echo "README.md promises report/$f; none there"; exit 1; }
done
/usr/bin/python3 tests/check-schema.py "$d/report/results.json"

sed -n '/^\.nf/,/^\.fi/p' docs/dnsclaim.1 | grep -v '^\.' | sed 's/\\-/-/g' >"$d/study.yaml"
[ "$(wc -l <"$d/study.yaml")" -ge 8 ] || { echo "dnsclaim.1: expected a study"; exit 1; }
"$DNSCLAIM" test "$d/office.db" "$d/study.yaml" -o "$d/again" --dry-run >"$d/log" 2>&1 ||
    { cat "$d/log"; exit 1; }
