#!/usr/bin/env bash
# COF and passivedns records: every one accounted for, kept apart, in no number about events.
. tests/lib.sh
cof=tests/data/passive/cof.jsonl log=tests/data/passive/passivedns.log

# What the records say, in one order, by hand from tests/data/passive.
cat >"$work/expected" <<'CSV'
client,name,qtype,from,to,count
192.0.2.10,none.example.com,A,2014-05-13T16:53:22.500000000Z,2014-05-13T16:53:22.500000000Z,1
192.0.2.10,syslog.example.com,MX,2014-05-13T16:53:24.500000000Z,2014-05-13T16:53:24.500000000Z,1
192.0.2.10,www.example.com,A,2014-05-13T16:53:20.408856000Z,2014-05-13T16:53:20.408856000Z,1
2001:db8::7,old.example.com,AAAA,2014-05-13T16:53:21Z,2014-05-13T16:53:21Z,1
,*._tcp.example.com,HTTPS,2014-05-13T16:53:20Z,2014-05-13T16:53:20Z,7
,.,NS,2014-05-13T16:53:20Z,2017-07-14T02:40:00Z,5000000000
,iso.example.com,A,2014-05-13T16:53:20Z,2014-05-13T16:53:21.500000000Z,
,ms.example.com,AAAA,2014-05-13T16:53:20.123000000Z,2014-05-13T16:53:21.999000000Z,3
,of.zone-and-sensor.example.com,A,2014-05-13T16:53:20Z,2014-05-13T16:53:29Z,2
,text.example.com,A,2014-05-13T16:53:20Z,2014-05-13T16:53:20Z,1
,text.example.com,TXT,,2014-05-13T16:53:23.500000000Z,2
,www.example.com,A,,2014-05-14T16:53:20.000001000Z,8
,www.example.com,A,2013-09-25T15:37:03Z,2015-04-01T06:17:25Z,6350
,www.example.com,CNAME,2011-02-22T18:06:42Z,2012-12-03T10:23:34Z,112
CSV
expect 0 "$DNSCLAIM" ingest -o "$work/a.db" "$cof" "$log"
shows "cof, 12 records = 0 look-ups + 8 intervals + 4 skips (other 2, zero 1, zone 1)"
shows "passivedns, 8 records = 0 look-ups + 6 intervals + 2 skips (header 1, other 1)"
shows "14 intervals of passive DNS, which are in no series"
expect 0 "$DNSCLAIM" export --intervals "$work/a.db"
diff "$work/expected" "$work/out" || fail "other intervals"
expect 0 "$DNSCLAIM" export --intervals --format jsonl "$work/a.db"
shows '{"client":null,"name":"www.example.com","qtype":"A","from":null,"to":"2014-05-14T16:53:20.000001000Z","count":8}'
shows '"to":"2014-05-13T16:53:21.500000000Z","count":null}'
expect 0 "$DNSCLAIM" export "$work/a.db"
[ "$(cat "$work/out")" = client,name,start,count ] || fail "intervals are in the counts"
expect 0 "$DNSCLAIM" info "$work/a.db"
shows "intervals of passive DNS: 14; in no series, no live time and no test"
shows "live time: 0 h"

# The same bytes in any order, in parts too.
expect 0 "$DNSCLAIM" ingest -o "$work/b.db" "$log" "$cof"
cmp "$work/a.db" "$work/b.db" || fail "the order of files shows in the case"
expect 0 "$DNSCLAIM" ingest -o "$work/c.db" "$log"
expect 0 "$DNSCLAIM" ingest -o "$work/c.db" --append "$cof"
cmp "$work/a.db" "$work/c.db" || fail "--append gives another case than one run"

# The table is there for any SQLite client, unknowns as NULL; the digest covers it.
python3 - "$work/c.db" <<'PY' || fail "table interval"
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
assert db.execute("SELECT count(*), count(client), count(from_ns), count(count) FROM interval"
                  ).fetchone() == (14, 4, 12, 13)
assert db.execute("SELECT sum(intervals), sum(lookups) FROM source").fetchone() == (14, 0)
db.execute("UPDATE interval SET count = count + 1 WHERE name = 'ms.example.com'")
db.commit()
PY
expect 1 "$DNSCLAIM" info "$work/c.db"
says "the file was changed"

# Pseudonyms are put on intervals as well.
head -c 32 /dev/zero | tr '\0' k >"$work/key"
expect 0 "$DNSCLAIM" ingest --quiet --pseudonyms "$work/key" -o "$work/p.db" "$cof" "$log"
expect 0 "$DNSCLAIM" export --intervals --format tsv "$work/p.db"
[ "$(wc -l <"$work/out")" = 15 ] || fail "with pseudonyms $(wc -l <"$work/out") lines"
grep -aqE '192\.0\.2\.10|www\.example' "$work/p.db" && fail "a client or a name is left under its pseudonym"

# Without an event there is nothing to test, and test says so of every kind.
expect 1 "$DNSCLAIM" test "$work/a.db" studies/quickstart/study.yaml -o "$work/results"
says "found 14 intervals of passive DNS: every claim is undetermined (no_lookups)"
says "kinds that can be tested: none of volume, exclusivity, rarity, timing, synchrony"
[ ! -e "$work/results" ] || fail "results of nothing"
expect 1 "$DNSCLAIM" scan "$work/a.db"
says "intervals of passive DNS are not events"
expect 2 "$DNSCLAIM" export --intervals --zeros "$work/a.db"
says "--intervals: expected no --bucket, --by, --zeros, --coverage or --duplicates"

# Beside events they change no number about events, though a client and names are the same.
expect 0 "$DNSCLAIM" simulate studies/quickstart/scenario.yaml -o "$work/events.csv"
for i in $(seq 0 9); do
    echo "{\"rrname\":\"n$i.example\",\"rrtype\":\"A\",\"time_first\":1,\"time_last\":2000000000,\"count\":99999}"
done >"$work/more.jsonl"
sed -n '2,400p' "$work/events.csv" | cut -d, -f3 | sort -u | head -3 |
    sed 's/.*/{"rrname":"&","rrtype":"A","time_first":1400000000,"time_last":1900000000,"count":777}/' >>"$work/more.jsonl"
expect 0 "$DNSCLAIM" ingest -o "$work/events.db" "$work/events.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/both.db" "$work/events.csv" "$work/more.jsonl" "$cof"
shows "21 intervals of passive DNS"
for c in events both; do
    expect 0 "$DNSCLAIM" export -o "$work/$c.csv.out" "$work/$c.db"
    expect 0 "$DNSCLAIM" scan -o "$work/$c.scan" "$work/$c.db"
    expect 0 "$DNSCLAIM" test --quiet --set max_replicates=999 -o "$work/$c.results" "$work/$c.db" studies/quickstart/study.yaml
    "$DNSCLAIM" info "$work/$c.db" | sed -n '/^live time/,/^intervals/p' | sed '/^intervals/d; /^$/d' >"$work/$c.live"
done
cmp "$work/events.csv.out" "$work/both.csv.out" || fail "intervals show in the counts"
grep -v '^# ' "$work/events.scan" >"$work/1"; grep -v '^# ' "$work/both.scan" >"$work/2"
cmp "$work/1" "$work/2" || fail "intervals show in a scan"
cmp "$work/events.live" "$work/both.live" || fail "intervals show in the live time"
python3 - "$work" <<'PY' || fail "intervals show in the results of a study"
import json, sys
a, b = (json.load(open("%s/%s.results/results.json" % (sys.argv[1], c)))["claims"] for c in ("events", "both"))
assert a and a == b, "claims differ"
sources = json.load(open(sys.argv[1] + "/both.results/results.json"))["case"]["sources"]
assert sum(r["count"] for s in sources for r in s["skips"] if r["reason"] == "interval") == 21
assert all(s["read"] == s["lookups"] + sum(r["count"] for r in s["skips"]) for s in sources)
PY

# Real answers of servers, as far as they are here: 16 lines of pdns-qof, 2 records of a manual.
real=${DNSCLAIM_REAL:-../shared/real}/cof
if [ ! -d "$real" ]; then
    echo "note: no real records at $real: nothing compared"
    exit 0
fi
python3 - "$real" "$work" <<'PY' || fail "reading the real records"
import json, re, sys, datetime
real, work = sys.argv[1:]
iso = lambda t: datetime.datetime.fromtimestamp(int(t), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
rows = [json.loads(line) for line in open(real + "/pdns-qof-server-answers.jsonl")]
assert len(rows) == 16
with open(work + "/qof.expected", "w") as out:
    out.writelines(sorted(",%s,%s,%s,%s,%s\n" % (r["rrname"], r["rrtype"], iso(r["time_first"]),
                   iso(r["time_last"]), r["count"]) for r in rows))
manual = open(real + "/dnsdbq-man-json.txt").read()
objects = [json.loads(o) for o in re.findall(r"^\{\n.*?^\}\n", manual, re.M | re.S)]
assert len(objects) == 2
with open(work + "/dnsdb.jsonl", "w") as out:
    out.writelines(json.dumps(o) + "\n" for o in objects)
PY
expect 0 "$DNSCLAIM" ingest -o "$work/qof.db" "$real/pdns-qof-server-answers.jsonl"
shows "cof, 16 records = 0 look-ups + 16 intervals + 0 skips"
"$DNSCLAIM" export --intervals "$work/qof.db" | tail -n +2 | LC_ALL=C sort | diff "$work/qof.expected" - ||
    fail "pdns-qof: other intervals"
expect 0 "$DNSCLAIM" ingest -o "$work/dnsdb.db" "$work/dnsdb.jsonl"
shows "cof, 2 records = 0 look-ups + 1 intervals + 1 skips (zone 1)"
echo "note: 18 real records: 17 intervals, 1 of a zone file"
