#!/usr/bin/env bash
# Equal rows of two logs: one log twice, or two servers? Only the user knows.
. tests/lib.sh
case=$work/x.case
rows 20000 4 | LC_ALL=C sort -t, -k1,1n >"$work/sorted" # its heading comes first
head -n 12001 "$work/sorted" >"$work/first.csv"
{ head -n 1 "$work/sorted"; tail -n +10002 "$work/sorted"; } >"$work/second.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/whole.case" "$work/sorted"

# two exports of one log that overlap by 2,000 rows
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/first.csv" "$work/second.csv"
says "first.csv and"
says "second.csv: expected different rows, found 2000 or more that are equal in both"
says "--same-log"
says "--different-servers"
[ ! -e "$case" ] || fail "a case of rows that were not explained"
expect 0 "$DNSCLAIM" ingest -o "$case" --same-log "$work/first.csv" "$work/second.csv"
says "2000 records: the same row is in another source"
shows "20000 look-ups and 2000 tap duplicates"
expect 0 "$DNSCLAIM" export "$work/whole.case"
cp "$work/out" "$work/whole"
expect 0 "$DNSCLAIM" export "$case"
cmp "$work/out" "$work/whole" || fail "two parts of one log do not make the log"
expect 0 "$DNSCLAIM" info "$case"
shows "noted   2000 records: the same row"
cp "$case" "$work/same"
expect 0 "$DNSCLAIM" ingest -o "$case" --same-log "$work/second.csv" "$work/first.csv"
sqlite3 "$case" "SELECT value FROM meta WHERE key = 'content_sha256'" >"$work/digest"
sqlite3 "$work/same" "SELECT value FROM meta WHERE key = 'content_sha256'" | cmp - "$work/digest" ||
    fail "the order of inputs shows in the content"
expect 0 "$DNSCLAIM" ingest -o "$case" --different-servers "$work/first.csv" "$work/second.csv"
shows "22000 look-ups and 0 tap duplicates"

# parts that were cut cleanly, and logs that say their servers, need no word
tail -n +12002 "$work/sorted" >"$work/rest.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" --columns time,client,name,qtype,rcode "$work/first.csv" "$work/rest.csv"
shows "20000 look-ups and 0 tap duplicates"
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/first.csv@server=ns1" "$work/second.csv@server=ns2"
shows "22000 look-ups"
expect 2 "$DNSCLAIM" ingest -o "$case" --same-log --different-servers "$work/first.csv" "$work/second.csv"
says "found both"
