#!/usr/bin/env bash
# Captures cut inside a TCP message and a datagram count as the whole, given in any order.
. tests/lib.sh
case=$work/x.case
data=tests/data

counts() { "$DNSCLAIM" export --bucket all --by qtype "$1" >"$2" || fail "export of $1"; }

expect 0 "$DNSCLAIM" ingest -o "$case" $data/rotated.pcap
shows "8 records = 6 look-ups + 2 skips"
counts "$case" "$work/whole"
[ "$(wc -l <"$work/whole")" = 7 ] || fail "expected a heading and six pairs: $(cat "$work/whole")"

gzip -n <$data/rotated-2.pcap >"$work/rotated-2.pcap.gz"
for second in $data/rotated-2.pcap $data/rotated-2.pcapng "$work/rotated-2.pcap.gz"; do
    rm -f "$work"/*.case
    expect 0 "$DNSCLAIM" ingest -o "$case" --threads 1 $data/rotated-1.pcap "$second"
    shows "5 records = 2 look-ups + 3 skips"
    shows "4 records = 4 look-ups + 0 skips"
    expect 0 "$DNSCLAIM" ingest -o "$work/y.case" --threads 2 "$second" $data/rotated-1.pcap
    cmp "$case" "$work/y.case" || fail "the order of captures shows in the case ($second)"
    counts "$case" "$work/parts"
    cmp "$work/whole" "$work/parts" || fail "$second: parts give other counts than the whole"
done

# A log or an empty capture between them does not part them; one that fails leaves nothing behind.
rows 5 1 >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" "$second" "$work/a.csv" $data/rotated-1.pcap
shows "4 records = 4 look-ups + 0 skips"
head -c 24 $data/rotated-1.pcap >"$work/none.pcap"
expect 0 "$DNSCLAIM" ingest -o "$case" $data/rotated-1.pcap "$work/none.pcap" "$second"
shows "4 records = 4 look-ups + 0 skips"
(cat $data/rotated-1.pcap; head -c 16 /dev/zero | tr '\0' '\177') >"$work/bad.pcap"
expect 1 "$DNSCLAIM" ingest -o "$case" --keep-going "$work/bad.pcap" "$second"
says "bad.pcap: packet 6"
shows "4 records = 1 look-ups + 3 skips"

# A pipe cannot be looked into before it is read: it is a capture by itself.
expect 0 "$DNSCLAIM" ingest -o "$case" $data/rotated-1.pcap - <$data/rotated-2.pcap
shows "4 records = 1 look-ups + 3 skips"

# A real stream, each packet in a file of its own, given backwards: ENTRADA2's TcpTest.java
# says 19 messages.
real=${DNSCLAIM_REAL:-../shared/real}/pcap/SIDN+entrada2/sidnlabs-test-tcp-stream-continued.pcap.gz
if [ ! -e "$real" ]; then
    echo "note: no real stream at $real: not cut"
    exit 0
fi
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$case" "$real"
shows "19 look-ups"
counts "$case" "$work/whole"
mkdir "$work/cut"
gzip -dc "$real" | python3 -c '
import struct, sys
data, at, n = sys.stdin.buffer.read(), 24, 0
while at < len(data):
    end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
    open("%s/%02d.pcap" % (sys.argv[1], 99 - n), "wb").write(data[:24] + data[at:end])
    at, n = end, n + 1' "$work/cut"
expect 0 "$DNSCLAIM" ingest --dedup 0 -o "$case" "$work"/cut/*.pcap
counts "$case" "$work/parts"
cmp "$work/whole" "$work/parts" || fail "a real stream cut at each packet gives other counts"
