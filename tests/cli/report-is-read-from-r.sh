#!/usr/bin/env bash
# The lines of R and of Python that docs/r.md prints run as printed, and read the same figures. Each
# passes with a note where R or pandas is missing: `make test-slow` installs them.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
bash studies/demo.sh "$DNSCLAIM" "$d" studies/quickstart >/dev/null 2>&1
# lines LANGUAGE LEAST: what stands in its fence
lines() {
    awk -v fence="^\`\`\`$1\$" '$0 ~ fence {on = 1; next} /^```/ {on = 0} on' docs/r.md >"$d/lines.$1"
    [ "$(wc -l <"$d/lines.$1")" -ge "$2" ] || { echo "docs/r.md: expected $2 lines of $1"; exit 1; }
}
# run LANGUAGE COMMAND...: them, in the folder of the case
run() {
    (cd "$d" && "${@:2}" "lines.$1") >"$d/out.$1" 2>"$d/err" || { cat "$d/out.$1" "$d/err"; exit 1; }
    [ ! -s "$d/err" ] || { echo "$1 warns:"; cat "$d/err"; exit 1; }
    grep -q 'at-work *stands' "$d/out.$1" || { cat "$d/out.$1"; exit 1; }
    grep '\.tsv ' "$d/out.$1" | sed 's/ *$//' | LC_ALL=C sort >"$d/figures.$1"
}
lines r 25
lines python 25
if Rscript -e 'library(DBI); library(RSQLite); library(jsonlite)' >/dev/null 2>&1; then
    run r Rscript --vanilla
else
    echo "note: docs/r.md not run: no R with DBI, RSQLite and jsonlite"
fi
if /usr/bin/python3 -c 'import pandas' >/dev/null 2>&1; then
    run python /usr/bin/python3
else
    echo "note: docs/r.md not run: no pandas"
fi
if [ -e "$d/figures.r" ] && [ -e "$d/figures.python" ]; then
    [ "$(wc -l <"$d/figures.r")" -gt 12 ] || { echo "expected a line a series"; cat "$d/figures.r"; exit 1; }
    diff "$d/figures.r" "$d/figures.python" || { echo "R and pandas read figures otherwise"; exit 1; }
fi
