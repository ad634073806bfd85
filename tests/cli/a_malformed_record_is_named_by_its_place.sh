#!/usr/bin/env bash
# Of malformed records the first of each reason is named: file and line (packet, frame, record), what was
# expected and what was found, in the error above --max-skips and in a warning below it; on any number of
# threads, in the order of the input also where a name is refused only after its whole batch was read.
. tests/lib.sh
d=$DNSCLAIM
good='192.0.2.1,n1.example,A,NOERROR,300'

{
    echo time,client,name,qtype,rcode,ttl
    for i in $(seq 10 59); do echo "2024-01-10T00:00:$i,$good" | sed 's/,/Z,/'; done
    echo '2024-01-10T00:01:00Z,192.0.2.1,a..b,A,NOERROR,300'
    echo 'noon,192.0.2.1,n1.example,A,NOERROR,300'
    printf '2024-01-10T00:01:01Z,192.0.2.1,n1.example,A,NOERROR,"30\n\177"\n'
    echo '2024-01-10T00:01:02Z,192.0.2.1'
    echo 'midnight,192.0.2.1,..,A,NOERROR,300'
    echo "2024-01-10T00:02:00Z,$good"
} >"$work/simulated.csv"
at() { grep -n -m1 -- "$1" "$work/simulated.csv" | cut -d: -f1; } # by other means
for threads in 1 4; do
    expect 1 "$d" ingest -o "$work/x.db" "$work/simulated.csv" --threads $threads
    says "expected at most 1 % malformed records (--max-skips), found 8.93 %: 5 beside 51 look-ups"
    says "; first: $work/simulated.csv:$(at 'a\.\.b'): expected a domain name, found 'a..b' (bad_name); line $(at noon): \
expected a time that can be read and that the clocks of its zone show, found 'noon' (bad_time); line $(at '"30'): expected a field as the format has it, found '30\\x0a\\x7f' \
(bad_field); line $(at '2024-01-10T00:01:02Z'): expected as many fields as the heading or first row has, found \
'2024-01-10T00:01:02Z,192.0.2.1' (bad_columns)"
    [ "$(grep -c midnight "$work/err")" = 0 ] || fail "the second of a reason is told"
    cp "$work/err" "$work/err$threads"
done
cmp "$work/err1" "$work/err4" || fail "another place on other threads"
[ ! -e "$work/x.db" ] || fail "a case of a refused source"
expect 0 "$d" ingest -o "$work/x.db" "$work/simulated.csv" --max-skips 10 --quiet
says "dnsclaim: warning: $work/simulated.csv: 5 malformed records were left out; first: $work/simulated.csv:52: expected"
cp "$work/x.db" "$work/other.db"
expect 0 "$d" ingest -o "$work/clean.db" --quiet tests/data/logs/zeek.log
[ ! -s "$work/err" ] || fail "a warning about nothing: $(cat "$work/err")"

# A row far down, behind many batches.
{ echo time,client,name; for i in $(seq 10000); do echo "$((1700000000 + i)),192.0.2.1,n$i.example"; done; echo '1700020000,192.0.2.1,b..d'
    echo 1700020001,192.0.2.1,n.example; } >"$work/long.csv"
expect 0 "$d" ingest -o "$work/y.db" "$work/long.csv" --quiet
says "$work/long.csv:10002: expected a domain name, found 'b..d'"

# JSON lines and a Zeek log: the field, or the line that is none; a compressed input has the lines of its text.
cp tests/data/logs/zeek.json "$work/zeek.json"
n=$(wc -l <"$work/zeek.json")
{ echo '{"ts":1709294500.0,"uid":'; head -1 "$work/zeek.json" | sed 's/"ts":[0-9.]*/"ts":"never"/'; head -1 "$work/zeek.json"; } >>"$work/zeek.json"
gzip -k "$work/zeek.json"
for f in zeek.json zeek.json.gz; do
    expect 1 "$d" ingest -o "$work/z.db" "$work/$f"
    says "$work/$f:$((n + 1)): expected a field as the format has it, found '{\"ts\":1709294500.0,\"uid\":' (bad_field); line $((n + 2)): expected a time that can be read and that the clocks of its zone show, found 'never' (bad_time)"
done
grep -v '^#close' tests/data/logs/zeek.log >"$work/zeek.log"
n=$(wc -l <"$work/zeek.log")
row=$(tail -1 "$work/zeek.log")
printf '1709294500.000000\tC9\t192.0.2.2\nsoon%s\n%s\n' "${row#*.000000}" "$row" >>"$work/zeek.log"
expect 1 "$d" ingest -o "$work/z.db" "$work/zeek.log"
says "$work/zeek.log:$((n + 1)): expected as many fields as the heading or first row has, found '1709294500.000000\\x09C9\\x09192.0.2.2' (bad_columns); line $((n + 2)): expected a time that can be read and that the clocks of its zone show, found 'soon' (bad_time)"

# A capture: packets by number, as Wireshark counts them.
/usr/bin/python3 - "$work/tap.pcap" <<'PY'
import struct, sys
def packet(data, total=None):
    udp = struct.pack(">HHHH", 40000, 53, 8 + len(data), 0) + data
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, total or 20 + len(udp), 1, 0, 64, 17, 0, b"\xc0\0\2\1", b"\xc0\0\2\65") + udp
def query(i, name=b"\1n\7example\0"):
    return struct.pack(">HHHHHH", i, 0x100, 1, 0, 0, 0) + name + b"\0\1\0\1"
packets = [packet(query(1)), packet(query(2)), packet(b"\0\1\2"), packet(query(3)),
           packet(query(4, b"\xbfxy")), packet(query(5), 10), packet(query(6))]
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
    for i, p in enumerate(packets):
        f.write(struct.pack("<IIII", 1700000000 + i, 0, len(p), len(p)) + p)
PY
expect 1 "$d" ingest -o "$work/p.db" "$work/tap.pcap"
says "$work/tap.pcap: packet 3: expected a DNS message, found '\\x00\\x01\\x02' (bad_dns); packet 5: expected"
says "packet 6: expected a packet whose headers agree, found 'E\\x00\\x00\\x0a"
expect 0 "$d" ingest -o "$work/p.db" "$work/tap.pcap" --max-skips 50 --quiet
says "3 malformed records were left out; first: $work/tap.pcap: packet 3"
expect 1 "$d" ingest --dry-run tests/data/dnstap-bad-messages.dnstap
says "dnstap-bad-messages.dnstap: frame 2: expected a client as text or address, found '12345' (bad_client); frame 4:"
expect 1 "$d" ingest --dry-run tests/data/cdns-bad-references.cdns
says "cdns-bad-references.cdns: record 1: expected a field as the format has it, found none (bad_field)"
