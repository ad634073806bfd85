#!/usr/bin/env bash
# Exit 1 and no case for sources that cannot be counted; 2 for wrong use.
. tests/lib.sh

rows 1000 1 >"$work/a.csv"
cp "$work/a.csv" "$work/twin.csv"
case=$work/x.case
none() { [ ! -e "$case" ] || fail "a case was written after: $*"; }

expect 2 "$DNSCLAIM" ingest "$work/a.csv"
says "-o CASE"
expect 2 "$DNSCLAIM" ingest -o "$case"
says "at least one input"
expect 2 "$DNSCLAIM" ingest -o "$case" --tick 0 "$work/a.csv"
expect 2 "$DNSCLAIM" ingest -o "$case" --client nobody "$work/a.csv"
says "--client"
expect 2 "$DNSCLAIM" ingest -o "$case" --port 70000 "$work/a.csv"
expect 2 "$DNSCLAIM" ingest -o "$case" --format nonsense "$work/a.csv"
says "nonsense"
expect 2 "$DNSCLAIM" ingest -o "$case" --timezone Mars/Olympus "$work/a.csv"
none "wrong use"

expect 1 "$DNSCLAIM" ingest -o "$case" "$work/a.csv" "$work/absent.csv"
says "absent.csv"
: >"$work/empty.csv"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/a.csv" "$work/empty.csv"
says "empty.csv"
head -c 3000 /dev/urandom >"$work/noise"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/a.csv" "$work/noise"
says "noise"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/a.csv" "$work/twin.csv"
says "a.csv"
says "twin.csv"
says "same log given twice"
none "a failed source"

# --keep-going leaves the failed ones out, says so, and still exits 1
expect 1 "$DNSCLAIM" ingest -o "$case" --keep-going "$work/absent.csv" "$work/a.csv" "$work/empty.csv"
says "absent.csv"
says "empty.csv"
expect 0 "$DNSCLAIM" info "$case"
shows "1000 look-ups"
shows "format  failed"
head -c 9000 "$case" >"$work/cut.case"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/cut.case" "$work/a.csv"
says "cut.case"
expect 1 "$DNSCLAIM" ingest -o "$case" --keep-going "$work/cut.case" "$work/a.csv"
says "cut.case"
expect 0 "$DNSCLAIM" info "$case"
shows "1000 look-ups"
rm "$case"

# --max-skips: 30 of 1030 rows are broken, 2.9 %
(cat "$work/a.csv"; for i in $(seq 30); do echo "no time,192.0.2.1,n$i.example,A,NOERROR"; done) >"$work/bad.csv"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/bad.csv"
says "max-skips"
none "too many malformed records"
expect 0 "$DNSCLAIM" ingest -o "$case" --max-skips 3 "$work/bad.csv"
shows "1031 records = 1000 look-ups + 31 skips (header 1, bad_time 30)"

# --append: stored time, the same log again, another tick
expect 1 "$DNSCLAIM" ingest -o "$case" --append "$work/bad.csv" --max-skips 3
says "same log given twice"
rows 500 2 >"$work/b.csv"
expect 1 "$DNSCLAIM" ingest -o "$case" --append "$work/b.csv"
says "do not overlap"
expect 0 "$DNSCLAIM" ingest -o "$case" --append --dedup 0 "$work/b.csv"
shows "1500 look-ups"
expect 1 "$DNSCLAIM" ingest -o "$case" --append --tick 1m "$work/b.csv"
says "tick"
expect 1 "$DNSCLAIM" ingest -o "$work/none.case" --append "$work/b.csv"
says "none.case"

# -o never overwrites another kind of file
cp "$work/a.csv" "$work/log.csv"
expect 1 "$DNSCLAIM" ingest -o "$work/log.csv" "$work/b.csv"
says "another kind of file"
cmp "$work/a.csv" "$work/log.csv" || fail "the log was overwritten"

# What was left out, where nothing or too little is left; and a number of threads that no machine has.
printf 'time,client,name\n1704067200,,b.example\n1704067200,192.0.2.1,\n' >"$work/nobody.csv"
expect 1 "$DNSCLAIM" ingest --quiet -o "$work/none.case" "$work/nobody.csv"
says 'expected at least one look-up, found none; left out: header 1, no_name 2'
printf 'time,client,name\nNaN,192.0.2.1,b.example\n1704067200,192.0.2.1,b.example\n' >"$work/nan.csv"
expect 1 "$DNSCLAIM" ingest --quiet --columns time,client,name -o "$work/none.case" "$work/nan.csv"
says 'found 50 %: 1 beside 1 look-ups; left out: header 1, bad_time 1'
expect 2 "$DNSCLAIM" ingest --quiet --threads 99999999999 -o "$work/none.case" "$work/nan.csv"
says "--threads: expected at most 1024 threads, found '99999999999'"
[ ! -e "$work/none.case" ] || fail "a case of nothing was written"

# What is no case is told for what it is.
: >"$work/empty.case"
expect 1 "$DNSCLAIM" info "$work/empty.case"
says 'empty.case: expected a case file, found an empty file'
expect 1 "$DNSCLAIM" scan "$work"
says 'expected a case file, found a folder'
expect 1 "$DNSCLAIM" check "$work/a.csv"
says 'a.csv: expected a case file, found a file of another kind (dnsclaim ingest makes a case of a log)'
