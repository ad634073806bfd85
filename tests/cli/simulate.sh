#!/usr/bin/env bash
# dnsclaim simulate: same bytes from the same scenario and seed, four forms, refusals.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }
refuses() { # CODE TEXT ARGUMENTS...
    local code=$1 text=$2 got=0
    shift 2
    "$DNSCLAIM" simulate "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ $got = "$code" ] || fail "simulate $*: exit $got, expected $code: $(cat "$dir/err")"
    grep -qF -- "$text" "$dir/err" || fail "simulate $*: no '$text' in: $(cat "$dir/err")"
}

# the manual's example is a scenario
sed -n '/^```yaml$/,/^```$/p' docs/scenario.md | grep -v '^```' >"$dir/s.yaml"
s=$dir/s.yaml
"$DNSCLAIM" simulate "$s" -o "$dir/a.csv"
"$DNSCLAIM" simulate "$s" -o - >"$dir/b.csv"
cmp "$dir/a.csv" "$dir/b.csv" || fail "two runs differ"
"$DNSCLAIM" simulate "$s" -o "$dir/c.csv" --seed 1
cmp "$dir/a.csv" "$dir/c.csv" || fail "--seed with the scenario's own seed differs"
"$DNSCLAIM" simulate "$s" -o "$dir/d.csv" --seed 2
! cmp -s "$dir/a.csv" "$dir/d.csv" || fail "another seed gives the same rows"

"$DNSCLAIM" simulate "$s" -o - --threads 3 | cmp - "$dir/a.csv" || fail "--threads changes the bytes"
refuses 2 "--threads: expected at most 1024 threads" "$s" -o "$dir/x" --threads 1025

# the form of the rows
[ "$(head -1 "$dir/a.csv")" = time,client,name,qtype ] || fail "header: $(head -1 "$dir/a.csv")"
sed 1d "$dir/a.csv" | grep -vE '^2024-01-[0-3][0-9]T[0-9:]{8}Z,[0-9.]+,[a-z0-9.]+,A$' &&
    fail "a row of another form"
sed 1d "$dir/a.csv" | LC_ALL=C sort -s -c -t, -k1,1 || fail "rows are not in order of time"

# --truth adds a column and changes nothing else
"$DNSCLAIM" simulate "$s" -o "$dir/t.csv" --truth
cut -d, -f1-4 "$dir/t.csv" | cmp - "$dir/a.csv" || fail "--truth changes the rows"
[ "$(cut -d, -f5 "$dir/t.csv" | sort -u | tr '\n' ' ')" = "staff truth " ] || fail "labels"

# pipe: time|name|client, milliseconds, no header, the same look-ups
"$DNSCLAIM" simulate "$s" -o "$dir/p" --format pipe
sed 1d "$dir/a.csv" | awk -F, '{ sub(/Z$/, ".000Z", $1); print $1 "|" $3 "|" $2 }' |
    cmp - "$dir/p" || fail "pipe: other look-ups than csv"

# ingest reads both as the same case
"$DNSCLAIM" ingest --quiet -o "$dir/csv.db" "$dir/a.csv"
"$DNSCLAIM" ingest --quiet -o "$dir/pipe.db" --columns time,name,client --delimiter '|' "$dir/p"
for c in csv pipe; do
    "$DNSCLAIM" export "$dir/$c.db" --bucket 1h >"$dir/$c.counts"
done
cmp "$dir/csv.counts" "$dir/pipe.counts" || fail "csv and pipe are counted differently"
n=$(($(wc -l <"$dir/a.csv") - 1))
sum=$(awk -F, 'NR > 1 { n += $NF } END { print n }' "$dir/csv.counts")
[ "$sum" = $n ] || fail "ingest counts $sum of $n simulated look-ups"

refuses 2 "expected -o FILE" "$s"
refuses 2 "expected one SCENARIO" -o "$dir/x"
# zeek and pcap: the same look-ups, counted the same, of scenarios with and without servers and types
cat >"$dir/odd.yaml" <<'YAML'
scenario: two families and odd names (simulated)
span: {from: 2024-01-01, to: 2024-01-03}
seed: 3
tick: 1ns
clients: {old: [192.0.2.1, 203.0.113.77], new: ["2001:db8::1", "2001:DB8:0:1::a"]}
names: {odd: [MiXed.Example., _sip._udp.example, a*b@c.example, xn--caf-dma.example, "."],
        long: ["abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.example"]}
servers: [ns1.example, "2001:db8:ffff::53", 192.0.2.53]
processes:
  - {id: a, kind: human, clients: [old, new], names: [odd, long], per_day: 40}
  - {id: b, kind: scanner, clients: [new], names: [odd], per_day: 200, qtype: TYPE65280}
  - {id: c, kind: scanner, clients: [old], names: [odd], per_day: 300, qtype: HTTPS}
YAML
for world in "$s" "$dir/odd.yaml" studies/alfa-2016/scenario.yaml studies/quickstart/scenario.yaml; do
    for form in csv zeek pcap; do
        "$DNSCLAIM" simulate "$world" -o "$dir/w.$form" --format $form 2>"$dir/err"
        "$DNSCLAIM" ingest --quiet --tick 1us -o "$dir/w.db" "$dir/w.$form"
        "$DNSCLAIM" export "$dir/w.db" --by qtype >"$dir/w.$form.counts"
        sqlite3 "$dir/w.db" "SELECT sum(duplicates) FROM pair" >>"$dir/w.$form.counts"
        sqlite3 "$dir/w.db" "SELECT from_ns, to_ns FROM live" >>"$dir/w.$form.counts"
        [ $form = csv ] || cmp "$dir/w.csv.counts" "$dir/w.$form.counts" || fail "$form of $world"
    done
    "$DNSCLAIM" simulate "$world" -o - --format pcap | cmp - "$dir/w.pcap" || fail "two captures differ"
    if [ "$world" = "$dir/odd.yaml" ]; then
        cp "$dir/w.zeek" "$dir/odd.zeek"
        grep -qF "times are cut to microseconds" "$dir/err" && fail "pcap has nanoseconds"
    fi
    # of the packets themselves: checksums, ports, lengths, all ids and ports apart; RFC 791, 768, 1071, 1035
    python3 - "$dir/w.pcap" "$dir/w.csv" <<'PY' || fail "a packet of $world is not what it should be"
import struct, sys
data, rows = open(sys.argv[1], "rb").read(), sum(1 for _ in open(sys.argv[2])) - 1
magic, _, _, _, _, snap, link = struct.unpack("<IHHiIII", data[:24])
assert magic in (0xa1b2c3d4, 0xa1b23c4d) and link == 101
def total(b):
    b += b"\0" * (len(b) % 2)
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return s
at, seen, n = 24, set(), 0
while at < len(data):
    _, fraction, caplen, length = struct.unpack("<IIII", data[at:at + 16])
    p = data[at + 16:at + 16 + caplen]
    at, n = at + 16 + caplen, n + 1
    assert caplen == length and fraction < (10**9 if magic == 0xa1b23c4d else 10**6)
    if p[0] >> 4 == 4:
        assert p[0] == 0x45 and p[9] == 17 and total(p[:20]) == 0xffff
        assert struct.unpack(">H", p[2:4])[0] == len(p)
        pair, udp = p[12:20], p[20:]
    else:
        assert p[0] == 0x60 and p[6] == 17 and struct.unpack(">H", p[4:6])[0] == len(p) - 40
        pair, udp = p[8:40], p[40:]
    port, to, size, check = struct.unpack(">HHHH", udp[:8])
    assert to == 53 and size == len(udp) and check
    assert total(pair + struct.pack(">HH", 17, size) + udp) == 0xffff
    ident, flags, qd, an, ns, ar = struct.unpack(">6H", udp[8:20])
    assert (flags, qd, an, ns, ar) == (0x100, 1, 0, 0, 0)
    assert (ident, port) not in seen
    seen.add((ident, port))
    k = 20
    while udp[k]:
        assert udp[k] < 64
        k += 1 + udp[k]
    assert k + 5 == len(udp) and udp[-2:] == b"\0\1"
assert n == rows, (n, rows)
PY
done
# a log of Zeek says what it is; rows have as many fields as its heading, and no id twice
grep -q '^#comment.simulated by dnsclaim, nobody made these look-ups: two families and odd names (simulated); seed 3$' \
    "$dir/odd.zeek" || fail "the log does not say that it is simulated"
awk -F'\t' '/^#fields/ { n = NF - 1 } /^#types/ && NF - 1 != n { exit 1 } /^[^#]/ && (NF != n || seen[$2]++) { exit 1 }
    END { exit !n }' "$dir/odd.zeek" || fail "fields of the log"
grep -q '^#server.198.18.0.1.ns1.example$' "$dir/odd.zeek" || fail "the log does not say which server is which"
grep -q '	query-65280	' "$dir/odd.zeek" && grep -q '	(empty)	' "$dir/odd.zeek" || fail "types or the root"
grep -q '	mixed.example	' "$dir/odd.zeek" || fail "Zeek has names in lower case"
"$DNSCLAIM" simulate "$dir/odd.yaml" -o - --format zeek 2>"$dir/err" | cmp - "$dir/odd.zeek"
grep -qF "warning: --format zeek: times are cut to microseconds" "$dir/err" || fail "times are cut in silence"

sed 's/^clients: .*/clients: {old: [192.0.2.1, printer], new: ["2001:db8::1"]}/' "$dir/odd.yaml" >"$dir/words.yaml"
echo before >"$dir/x"
for form in zeek pcap; do
    refuses 2 "words.yaml: --format $form: clients: expected addresses, which packets have, found 'printer'" \
        "$dir/words.yaml" -o "$dir/x" --format $form
done
sed 's/^span: .*/span: {from: 2106-02-07, to: 2106-02-08}/' "$dir/odd.yaml" >"$dir/late.yaml"
refuses 2 "expected times that a capture has room for" "$dir/late.yaml" -o "$dir/x" --format pcap
[ "$(cat "$dir/x")" = before ] && [ ! -e "$dir/x.part" ] || fail "a refused run left something"
rm "$dir/x"

refuses 2 "expected csv, pipe, zeek or pcap, found 'json'" "$s" -o "$dir/x" --format json
for form in pipe zeek pcap; do
    refuses 2 "--truth" "$s" -o "$dir/x" --format $form --truth
done
refuses 2 "--seed" "$s" -o "$dir/x" --seed -1
echo 'colour: red' >>"$s"
refuses 2 "s.yaml:$(wc -l <"$s"):" "$s" -o "$dir/x"
[ ! -e "$dir/x" ] || fail "a refused run left a file"
refuses 1 "no-such-dir" studies/quickstart/scenario.yaml -o "$dir/no-such-dir/x"
echo "note: $n simulated look-ups, the same through csv, pipe, zeek and pcap"
