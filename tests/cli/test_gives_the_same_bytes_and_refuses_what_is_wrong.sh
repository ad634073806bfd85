#!/usr/bin/env bash
# The command test: same study and case give the same bytes on any number of threads and
# whatever else is in the case; the results keep the schema; the opposite of a claim is the
# same analysis; what is wrong is refused by name and leaves nothing behind.
. tests/lib.sh
quick=studies/quickstart
expect 0 "$DNSCLAIM" simulate $quick/scenario.yaml -o "$work/simulated.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/case.db" "$work/simulated.csv"

# --- the same bytes
for threads in 1 2 8; do
    expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/t$threads" \
        --threads $threads
    shows "at-work: stands"
done
for file in results.json report.txt report.html verdict.txt; do
    cmp "$work/t1/$file" "$work/t2/$file" && cmp "$work/t1/$file" "$work/t8/$file" ||
        fail "$file differs between 1, 2 and 8 threads"
done
/usr/bin/python3 tests/check-schema.py "$work/t1/results.json" ||
    fail "results.json breaks its schema"

# --- a look-up of an unrelated pair changes no number of the claim
{ cat "$work/simulated.csv"; tail -1 "$work/simulated.csv" |
    awk -F, -v OFS=, '{ $2 = "203.0.113.250"; $3 = "elsewhere.example"; print }'; } >"$work/more.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/more.db" "$work/more.csv"
expect 0 "$DNSCLAIM" test "$work/more.db" $quick/study.yaml -o "$work/more"
nulls() { /usr/bin/python3 -c 'import json, sys
for c in json.load(open(sys.argv[1]))["claims"]:
    print(c["effect"], [(n["id"], n["observed"], n["p"], n["u"]) for n in c["nulls"]])' "$1"; }
[ "$(nulls "$work/t1/results.json")" = "$(nulls "$work/more/results.json")" ] ||
    fail "another pair in the case moved the claim's numbers"

# --- the opposite claim: the same numbers, the other answer
sed 's/direction: more/direction: less/' $quick/study.yaml >"$work/opposite.yaml"
expect 0 "$DNSCLAIM" test "$work/case.db" "$work/opposite.yaml" -o "$work/opposite"
shows "at-work: explained"
[ "$(nulls "$work/t1/results.json")" = "$(nulls "$work/opposite/results.json")" ] ||
    fail "the opposite claim has other numbers"

# --- the price of a search that no number of replicates can pay
expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/cheap" \
    --set max_replicates=99 --set alpha=0.001
shows "at-work: undetermined"
grep -q '"why": "resolution"' "$work/cheap/results.json" || fail "no null lacks resolution"

# --- a dry run tests nothing and writes nothing
expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml --dry-run
shows "at-work"
shows "required"

# --- refused
expect 1 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/t1"
says "found one that exists (--force"
expect 2 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml
says "expected -o DIR"
expect 2 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/x" --set alpha=2
says "--set:1:8: expected an alpha above 0 and at most .5"
sed 's/client: office/client: nobody/' $quick/study.yaml >"$work/bad.yaml"
expect 2 "$DNSCLAIM" test "$work/case.db" "$work/bad.yaml" -o "$work/x"
says "expected the id of a group, found 'nobody'"
sed 's/192.0.2.1\]/198.18.0.1]/' $quick/study.yaml >"$work/empty.yaml"
expect 2 "$DNSCLAIM" test "$work/case.db" "$work/empty.yaml" -o "$work/x"
says "found that group 'office' matches none"
expect 1 "$DNSCLAIM" test "$work/simulated.csv" $quick/study.yaml -o "$work/x"
[ ! -e "$work/x" ] || fail "a refused run left a folder behind"
expect 1 "$DNSCLAIM" test "$work/case.db" "$work/none.yaml" -o "$work/x"
expect 1 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o /proc/nowhere/x
