#!/usr/bin/env bash
# Two decoders, ours and one of libpcap and ldns, read the shipped captures as they are
# and changed in 200 ways, and agree or differ by a rule of tests/diff/rules.c. The
# same seed gives the same run.
. tests/lib.sh
if [ ! -x "$B/fuzz-diff" ]; then
    echo "note: no $B/fuzz-diff (needs libldns-dev): nothing compared"
    exit 0
fi
run() { "$B/fuzz-diff" --rounds "$1" --out "$work" tests/data/*.pcap tests/data/*.pcapng; }
expect 0 run 200
shows "0  differ without a rule"
[ "$(grep -c 'agree: ' "$work/out")" -ge 10 ] || fail "few kinds of packets: $(cat "$work/out")"
grep -E 'by rule|differ|look-up' "$work/out"
expect 0 run 20
cp "$work/out" "$work/first"
expect 0 run 20
cmp "$work/out" "$work/first" || fail "two runs of one seed differ"
