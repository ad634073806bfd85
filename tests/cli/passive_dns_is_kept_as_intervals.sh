#!/usr/bin/env bash
# Passive DNS says how often in a span, not when: its records are intervals beside the
# look-ups, change no count, survive cases and their union, and make no case alone.
set -u
. tests/lib.sh
cof=tests/data/logs/cof.json
intervals() { sqlite3 "$1" 'SELECT * FROM interval'; }

expect 1 "$DNSCLAIM" ingest --dry-run "$cof"
shows "cof, 4 records = 0 look-ups + 4 skips (other 1, interval 3)"
says "expected at least one look-up, found only 3 counts over intervals"

expect 0 "$DNSCLAIM" ingest --quiet -o "$work/plain.db" tests/data/logs/counts.csv
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/both.db" tests/data/logs/counts.csv "$cof"
[ "$(intervals "$work/both.db")" = "|.|65534|1709294400000000000|1709294460000000000|3
|example.com|2|1709294400000000000|1709294460000000000|2411
|www.example.com|1|1298398002000000000|1354530214000000000|112" ] ||
    fail "other intervals: $(intervals "$work/both.db")"
for db in plain both; do
    expect 0 "$DNSCLAIM" export -o "$work/$db.csv" "$work/$db.db"
done
cmp "$work/plain.csv" "$work/both.csv" || fail "intervals changed the counts"
expect 0 "$DNSCLAIM" info "$work/both.db"
shows "intervals of passive DNS: 3"

# The order of inputs does not matter, and a case of both, added to, keeps both.
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/other.db" "$cof" tests/data/logs/counts.csv
cmp "$work/both.db" "$work/other.db" || fail "the order of inputs changed the case"
sed 's/192.0.2/198.51.100/; s/2024/2025/' tests/data/logs/counts.csv >"$work/more.csv"
expect 0 "$DNSCLAIM" ingest --quiet --append -o "$work/both.db" "$work/more.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/other.db" "$work/more.csv" tests/data/logs/counts.csv "$cof"
[ "$(intervals "$work/both.db")" = "$(intervals "$work/other.db")" ] || fail "append lost intervals"

# A changed interval is seen.
sqlite3 "$work/both.db" 'UPDATE interval SET count = 4 WHERE count = 3'
expect 1 "$DNSCLAIM" info "$work/both.db"
says "the file was changed"
sqlite3 "$work/both.db" 'UPDATE interval SET to_ns = 0'
expect 1 "$DNSCLAIM" info "$work/both.db"
says "table interval"

# A source that fails brings no intervals.
{ cat "$cof"; echo '{"count": 1, "rrname": "x", "rrtype": "A"}'; } >"$work/bad.json"
expect 1 "$DNSCLAIM" ingest --quiet --keep-going --max-skips 10 -o "$work/left.db" "$work/bad.json" \
    tests/data/logs/counts.csv
[ -z "$(intervals "$work/left.db")" ] || fail "a failed source left $(intervals "$work/left.db")"
