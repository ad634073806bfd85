#!/usr/bin/env bash
# --json tells progress as JSON lines and --quiet tells none; the completion knows every command
# and option; an installed program has its page, completion and studies.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
fail() { echo "$1"; exit 1; }

/usr/bin/python3 tests/data/hostile.py >"$d/simulated.csv"
"$DNSCLAIM" ingest --json -o "$d/case.db" "$d/simulated.csv" 2>"$d/err" >/dev/null
grep '^{' "$d/err" | /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert lines and all({"what", "unit", "done", "total", "rate", "left_s"} == set(v) for v in lines), lines'
"$DNSCLAIM" test "$d/case.db" tests/data/hostile-study.yaml -o "$d/r" --quiet >"$d/out" 2>"$d/err"
[ ! -s "$d/out" ] && [ ! -s "$d/err" ] || fail "--quiet: $(cat "$d/out" "$d/err")"
for word in dnsclaim when 'study sha256' 'case sha256' seed threads; do
    grep -q "^$word " "$d/r/run.log" || fail "run.log: no $word"
done
grep -q "^source sha256 $(sha256sum <"$d/simulated.csv" | cut -d ' ' -f 1) simulated.csv$" "$d/r/run.log" ||
    fail "run.log: no digest of the source"

"$DNSCLAIM" completion >"$d/completion"
complete() { # WORD... : what bash offers for the last
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dnsclaim
             printf "%s\n" "${COMPREPLY[@]}"' - "$d/completion" dnsclaim "$@"
}
for c in $("$DNSCLAIM" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
    complete "$c" | grep -qx "$c" || fail "completion knows no $c"
    for o in $("$DNSCLAIM" "$c" --help | sed -n 's/^  \(--[a-z][a-z-]*\).*/\1/p'); do
        complete "$c" "$o" | grep -qxe "$o" || fail "completion of $c knows no $o"
    done
done
complete list ri | grep -qx rivals || fail "completion of list knows no rivals"

make -s -o all install B="$(dirname "$DNSCLAIM")" DESTDIR="$d/root" PREFIX=/usr >/dev/null
for f in bin/dnsclaim share/man/man1/dnsclaim.1 share/bash-completion/completions/dnsclaim \
         share/dnsclaim/studies/quickstart/study.yaml share/dnsclaim/results.schema.json; do
    [ -s "$d/root/usr/$f" ] || fail "make install: no $f"
done
