#!/usr/bin/env bash
# The lines of R that docs/r.md prints run as printed. Passes with a note where R is missing:
# `make test-slow` installs it.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
if ! Rscript -e 'library(DBI); library(RSQLite); library(jsonlite)' >/dev/null 2>&1; then
    echo "note: docs/r.md not run: no R with DBI, RSQLite and jsonlite"
    exit 0
fi
awk '/^```r/ {on = 1; next} /^```/ {on = 0} on' docs/r.md >"$d/lines.R"
[ "$(wc -l <"$d/lines.R")" -ge 15 ] || { echo "docs/r.md: expected fifteen lines"; exit 1; }
bash studies/demo.sh "$DNSCLAIM" "$d" studies/quickstart >/dev/null 2>&1
(cd "$d" && Rscript --vanilla lines.R) >"$d/out" 2>&1 || { cat "$d/out"; exit 1; }
grep -q 'at-work *stands' "$d/out" || { cat "$d/out"; exit 1; }
