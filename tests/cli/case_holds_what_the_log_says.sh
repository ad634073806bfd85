#!/usr/bin/env bash
# Counts of a case against the same counts by awk; the documented decoder against both.
. tests/lib.sh

rows 30000 7 >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" "$work/a.csv"
shows "30001 records = 30000 look-ups + 1 skips (header 1)"

# The decoder of docs/formats.md, as printed, on every pair, in the layout of export --by qtype.
sed -n '/^```python$/,/^```$/p' docs/formats.md | sed '1d;$d' >"$work/decoder.py"
[ "$(wc -l <"$work/decoder.py")" -le 11 ] || fail "the decoder grew past ten lines and its heading"
cat >"$work/dump.py" <<'PY'
import sqlite3, sys, datetime
sys.path.insert(0, sys.argv[1])
from decoder import series
db = sqlite3.connect(sys.argv[1] + "/x.case")
assert db.execute("PRAGMA application_id").fetchone() == (0x444e5343,)
assert db.execute("PRAGMA user_version").fetchone() == (4,)
tick_ns, = db.execute("SELECT value FROM meta WHERE key = 'tick_ns'").fetchone()
types, rows = {1: "A", 28: "AAAA"}, []
for client, name, qtype, total, first, blob in db.execute(
        "SELECT c.text, n.text, qtype, total, first, series FROM pair"
        " JOIN client c ON c.id = client JOIN name n ON n.id = name"):
    seen = list(series(blob, first))
    assert sum(count for _, count in seen) == total
    for tick, count in seen:
        start = datetime.datetime.fromtimestamp(tick * tick_ns // 10**9, datetime.timezone.utc)
        rows.append((client, name, types[qtype], start.strftime("%Y-%m-%dT%H:%M:%SZ"), count))
read, lookups, skips = db.execute("SELECT read, lookups, (SELECT sum(count) FROM skip) FROM source").fetchone()
assert read == lookups + skips, (read, lookups, skips)
for row in sorted(rows):
    print(*row, sep=",")
PY
/usr/bin/env python3 "$work/dump.py" "$work" >"$work/decoded" || fail "the decoder of docs/formats.md"
expect 0 "$DNSCLAIM" export --by qtype "$work/x.case"
[ "$(head -1 "$work/out")" = "client,name,qtype,start,count" ] || fail "heading: $(head -1 "$work/out")"
tail -n +2 "$work/out" >"$work/exported"
cmp "$work/exported" "$work/decoded" || fail "export and the documented decoder disagree"
LC_ALL=C sort -c -t, -k1,1 -k2,2 -k3,3 -k4,4 "$work/exported" || fail "export is not sorted"

# Hourly and total counts by awk straight from the log.
expect 0 "$DNSCLAIM" export --bucket 1h "$work/x.case"
tail -n +2 "$work/out" >"$work/hourly"
TZ=UTC awk -F, 'NR > 1 { h = int($1 / 3600) * 3600; n[$2 "," $3 "," strftime("%Y-%m-%dT%H:%M:%SZ", h, 1)]++ }
    END { for (k in n) print k "," n[k] }' "$work/a.csv" 2>/dev/null | LC_ALL=C sort >"$work/awk"
if [ -s "$work/awk" ]; then
    LC_ALL=C sort "$work/hourly" | cmp - "$work/awk" || fail "hourly counts differ from awk's"
else
    fail "awk made no counts"
fi
expect 0 "$DNSCLAIM" export --bucket all --format tsv "$work/x.case"
awk -F'\t' 'NR > 1 { print $1 "," $2 "," $4 }' "$work/out" >"$work/totals"
awk -F, 'NR > 1 { n[$2 "," $3]++ } END { for (k in n) print k "," n[k] }' "$work/a.csv" |
    LC_ALL=C sort >"$work/awk"
LC_ALL=C sort "$work/totals" | cmp - "$work/awk" || fail "totals differ from awk's"

# --zeros: every live bucket of every pair, and nothing outside live time.
printf 'from,to\n2016-07-01T00:00:00Z,2016-07-02T00:00:00Z\n2016-07-05T00:00:00Z,2016-07-11T00:00:00Z\n' >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" --live "$work/live" "$work/a.csv"
says "outside the live time"
expect 0 "$DNSCLAIM" export --bucket 1d --zeros "$work/x.case"
pairs=$(awk -F, 'NR > 1 { print $1 "," $2 }' "$work/out" | sort -u | wc -l)
zeros=$(grep -c ',0$' "$work/out")
[ "$zeros" -gt 0 ] || fail "no zero among $pairs pairs"
grep -E ',2016-07-0[234]T.*,0$' "$work/out" && fail "a zero where nobody listened"
for day in 01 05 06 07 08 09 10; do
    n=$(grep -c ",2016-07-${day}T00:00:00Z," "$work/out")
    [ "$n" = "$pairs" ] || fail "day $day has $n rows, expected $pairs"
done

expect 0 "$DNSCLAIM" export --format jsonl --bucket 1d "$work/x.case"
python3 -c 'import json,sys
print(sum(json.loads(line)["count"] for line in open(sys.argv[1])))' "$work/out" | grep -qx 30000 ||
    fail "JSON lines do not add up to 30000"
expect 2 "$DNSCLAIM" export --bucket 1500ms "$work/x.case"
expect 2 "$DNSCLAIM" export --format xml "$work/x.case"
expect 1 "$DNSCLAIM" export "$work/a.csv"
says 'a file of another kind'
[ -e /dev/full ] && { expect 1 "$DNSCLAIM" export -o /dev/full "$work/x.case"; [ -c /dev/full ] || fail "/dev/full is gone"; }
exit 0

# A case of another schema: which file, what was found, what is read, what to do. One of before is read.
cp "$work/x.case" "$work/other.case"
sqlite3 "$work/other.case" "PRAGMA user_version = 5"
refused() {
    expect 1 "$DNSCLAIM" "$@"
    says "$work/other.case: expected a case of schema 3 to 4, found schema 5 of a newer program: read it with that one, or"
}
for command in info export check scan; do
    refused $command "$work/other.case"
done
refused explain "$work/other.case" --client 192.0.2.1 --name n1.example
refused power "$work/other.case" studies/quickstart/study.yaml
refused test "$work/other.case" studies/quickstart/study.yaml -o "$work/r"
[ ! -e "$work/r" ] || fail "results of a case that was refused"
sqlite3 "$work/other.case" "PRAGMA user_version = 2; DROP TABLE source_live"
expect 1 "$DNSCLAIM" info "$work/other.case"
says "found schema 2 of an older program, which has no live time of each source: make it again from its logs"
sqlite3 "$work/other.case" "PRAGMA user_version = 4"
expect 1 "$DNSCLAIM" info "$work/other.case"
says "expected the tables of a case of schema 4, found: no such table: source_live"
cp "$work/x.case" "$work/other.case"
expect 0 "$DNSCLAIM" info "$work/x.case"
cp "$work/out" "$work/now"
sqlite3 "$work/other.case" "PRAGMA user_version = 3"
expect 0 "$DNSCLAIM" info "$work/other.case"
shows "made by an older program (schema 3): whether the log has them or not, it may lack steps"
grep -v '^made by' "$work/out" | cmp - "$work/now" || fail "a case of schema 3 has other counts"
