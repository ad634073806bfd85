#!/usr/bin/env bash
# Threads, order of files and of rows do not show in a case; parts add up to the whole.
. tests/lib.sh

rows 20000 1 >"$work/a.csv"
rows 15000 2 >"$work/b.csv"
rows 5000 3 >"$work/c.csv"
in=("$work/a.csv" "$work/b.csv" "$work/c.csv")

for t in 1 2 8; do
    expect 0 "$DNSCLAIM" ingest -o "$work/t$t.case" --threads $t "${in[@]}"
    cmp "$work/t1.case" "$work/t$t.case" || fail "$t threads give other bytes than 1"
done
expect 0 "$DNSCLAIM" ingest -o "$work/reverse.case" "${in[2]}" "${in[1]}" "${in[0]}"
cmp "$work/t1.case" "$work/reverse.case" || fail "the order of files shows in the case"
printf '%s\n' "${in[1]}" "" "${in[0]}" >"$work/list"
expect 0 "$DNSCLAIM" ingest -o "$work/list.case" --files-from "$work/list" "${in[2]}"
cmp "$work/t1.case" "$work/list.case" || fail "--files-from gives another case"

sha() { "$DNSCLAIM" info --json "$1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["sha256"])'; }
whole=$(sha "$work/t1.case")
for f in a b c; do
    (head -1 "$work/$f.csv"; tail -n +2 "$work/$f.csv" | sort -R --random-source=<(yes)) >"$work/shuffled-$f.csv"
done
expect 0 "$DNSCLAIM" ingest -o "$work/shuffled.case" "$work"/shuffled-?.csv
[ "$(sha "$work/shuffled.case")" = "$whole" ] || fail "shuffled rows give other content"
cmp -s "$work/t1.case" "$work/shuffled.case" && fail "other sources, yet the same file: cmp is blind"

# In parts: by --append, and by adding cases up. These parts overlap in time, so --dedup 0.
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$work/whole0.case" "${in[@]}"
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$work/parts.case" "${in[1]}"
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$work/parts.case" --append "${in[0]}" "${in[2]}"
cmp "$work/whole0.case" "$work/parts.case" || fail "--append gives another case than one run"
for f in a b c; do expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$work/$f.case" "$work/$f.csv"; done
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$work/sum.case" "$work"/[cab].case
cmp "$work/whole0.case" "$work/sum.case" || fail "cases do not add up to the case of the whole"
