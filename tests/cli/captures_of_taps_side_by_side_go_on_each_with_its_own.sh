#!/usr/bin/env bash
# Two taps, each with captures cut by rotation inside a TCP message and a datagram, whose files
# interleave in time: the parts count as the two whole captures do, whatever the order.
. tests/lib.sh
case=$work/x.case

# tap CLIENT-BYTE SHIFT-MS CUT FIRST SECOND: rotated.pcap with another client, later by SHIFT, cut
# behind CUT packets, as two files
tap() {
    python3 - "$@" <<'PY' || fail "tap"
import struct, sys
client, shift, cut, names = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
data, at, packets = open("tests/data/rotated.pcap", "rb").read(), 24, []
while at < len(data):
    s, us, n, wire = struct.unpack_from("<IIII", data, at)
    ip = bytearray(data[at + 16:at + 16 + n])
    assert ip[12:16] == bytes([192, 0, 2, 1])
    ip[15] = client
    us += s * 10**6 + shift * 1000
    packets.append(struct.pack("<IIII", us // 10**6, us % 10**6, n, wire) + ip)
    at += 16 + n
for name, part in zip(names, (packets[:cut], packets[cut:])):
    open(name, "wb").write(data[:24] + b"".join(part))
PY
}
counts() {
    expect 0 "$DNSCLAIM" ingest --quiet -o "$case" "$@"
    "$DNSCLAIM" export --bucket all --by qtype "$case"
}

mkdir "$work/a" "$work/b" "$work/whole"
tap 1 0 99 "$work/whole/1.pcap" "$work/whole/none"
tap 2 400 99 "$work/whole/2.pcap" "$work/whole/none"
counts "$work"/whole/?.pcap >"$work/expected"
[ "$(wc -l <"$work/expected")" = 13 ] || fail "expected six pairs of each of two clients"

# same FIRST SECOND FIRST SECOND [OPTION...]: of tap 1 and of tap 2, in two orders
same() {
    rm -f "$work"/*.pcap "$work"/?/*.pcap
    tap 1 0 5 "$1" "$2"
    tap 2 400 5 "$3" "$4"
    counts "$@" >"$work/got"
    cmp "$work/expected" "$work/got" || fail "$*: the parts give other counts"
    cp "$case" "$work/first.case"
    counts "$4" "$2" "$1" "$3" >/dev/null
    cmp "$case" "$work/first.case" || fail "$*: the order of captures shows in the case"
}
same "$work/ns1-0300.pcap" "$work/ns1-0400.pcap" "$work/ns2-0300.pcap" "$work/ns2-0400.pcap"
same "$work/ns2-0300.pcap" "$work/ns2-0400.pcap" "$work/ns1-0300.pcap" "$work/ns1-0400.pcap"
same "$work/eth0.pcap" "$work/eth0.pcap1" "$work/eth1.pcap" "$work/eth1.pcap1"
same "$work/a/9.pcap" "$work/a/10.pcap" "$work/b/9.pcap" "$work/b/10.pcap"
same "$work/lan_00001_20260301.pcap" "$work/lan_00002_20260301.pcap" \
    "$work/wan_00007_20260301.pcap" "$work/wan_00008_20260301.pcap"

# A tap that stops is not continued by the other one, whose next file begins when it ended.
rm -f "$work"/*.pcap
tap 1 400 5 "$work/ns1-0300.pcap" "$work/ns1-0400.pcap"
tap 2 0 5 "$work/ns2-0300.pcap" "$work/none"
counts "$work"/ns*.pcap >"$work/got"
grep -E '^client|^192.0.2.1,' "$work/expected" | sort >"$work/tap1"
grep -E '^client|^192.0.2.1,' "$work/got" | sort | sed 's/:[0-9.]*Z/:Z/' >"$work/tap1.got"
sed -i 's/:[0-9.]*Z/:Z/' "$work/tap1"
cmp "$work/tap1" "$work/tap1.got" || fail "the tap that goes on lost its state"
grep -q '^192.0.2.2,one.example' "$work/got" || fail "the tap that stopped: what was whole"
grep -q '^192.0.2.2,two.example' "$work/got" && fail "the tap that stopped got data of the other"
exit 0
