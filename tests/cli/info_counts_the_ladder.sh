#!/usr/bin/env bash
# The rows ladder and totals of a log that is small enough to count by eye.
. tests/lib.sh

# One client, one name: 0, 1, 3 (2 s later), 8 (5 s), 38 (30 s), 98 (60 s), 159 (61 s).
{
    echo "time,client,name,qtype"
    for t in 0 1 3 8 38 98 159; do echo "$((1467331200 + t)),192.0.2.1,a.example,A"; done
    echo "1467331200,192.0.2.1,a.example,AAAA" # another type is another session
    echo "1467331200,192.0.2.2,a.example,A"
} >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" "$work/a.csv"
expect 0 "$DNSCLAIM" info --json "$work/x.case"
python3 - "$work/out" <<'PY' || fail "info --json"
import json, sys
info = json.load(open(sys.argv[1]))
assert info["lookups"] == 9 and info["duplicates"] == 0
assert info["pairs"][0]["lookups"] == 8 and len(info["pairs"]) == 2
assert info["series"] == 3, info["series"]
source, = info["sources"]
assert source["name"] == "a.csv" and source["read"] == 10 and source["skips"] == {"header": 1}
rung = {row["client"]: row for row in info["ladder"]}
one = rung["192.0.2.1"]
assert one["rows"] == one["without_repeats"] == 8
# gaps 1 2 5 30 60 61; sessions = 1 + gaps above the limit, and one for AAAA
assert one["sessions"] == {"1s": 7, "5s": 5, "30s": 4, "60s": 3}, one
assert rung[None]["sessions"]["60s"] == 4
PY
grep -q "$work" "$work/out" && fail "a path of this machine stands in the case"
expect 0 "$DNSCLAIM" info "$work/x.case"
shows "records 10 = 9 look-ups + 1 skips"
# A tick of a minute cannot tell gaps of 30 s.
expect 0 "$DNSCLAIM" ingest --tick 1m -o "$work/x.case" "$work/a.csv"
expect 0 "$DNSCLAIM" info --json "$work/x.case"
python3 -c 'import json,sys
s = json.load(open(sys.argv[1]))["ladder"][0]["sessions"]
assert s["30s"] is None and s["60s"] is not None, s' "$work/out" || fail "sessions below the tick"

# A real minute of a root server: ingest.md counts 32 duplicates within a millisecond and 55
# messages that were sent again, found with tshark.
real=${DNSCLAIM_REAL:-../shared/real}/pcap/dns-stats+compactor/nsd-live.raw.pcap
if [ -e "$real" ]; then
    expect 0 "$DNSCLAIM" ingest --dedup 1ms -o "$work/x.case" "$real"
    shows "32 tap duplicates"
    expect 0 "$DNSCLAIM" info "$work/x.case"
    shows "noted   55 records: sent again"
else
    echo "note: no capture at $real: messages sent again were not compared"
fi
