#!/usr/bin/env bash
# Two sensors, of which one is silent for hours while the other goes on: the case is live all the
# time, the sources are not, and info tells how many listened at once.
. tests/lib.sh
case=$work/x.case
# sensor NAME CLIENT EVERY-S SILENT-FROM SILENT-TO, for a day from 2020-09-13T00:00:00Z
sensor() {
    awk -v name="$1" -v every="$3" -v from="$4" -v to="$5" -v client="$2" 'BEGIN {
        print "time,client,name"
        for (i = 0; i < 86400; i += every) if (i < from || i >= to)
            printf "%d,%s,%s.example\n", 1599955200 + i, client, name }' >"$work/$1.csv"
}
sensor a 192.0.2.1 20 0 0
sensor b 192.0.2.2 30 36000 64800

# pieces SOURCE: its live time as from-to in seconds of the day
pieces() {
    sqlite3 "$case" "SELECT (from_ns / 1000000000 - 1599955200) || '-' ||
        (to_ns / 1000000000 - 1599955200) || ' ' || why FROM source_live JOIN source ON id = source
        WHERE name = '$1.csv' ORDER BY from_ns" | tr '\n' ';'
}
is() { [ "$1" = "$2" ] || fail "expected $2, found $1"; }

expect 0 "$DNSCLAIM" ingest -o "$case" "$work/a.csv" "$work/b.csv"
is "$(pieces a)" "0-86381 inferred;"
is "$(pieces b)" "0-35971 inferred;64800-86371 inferred;"
expect 0 "$DNSCLAIM" info "$case"
shows "live    15.9839 h in 2 spans, inferred"
shows "live    23.9947 h in 1 span, inferred"
shows "listening at once: 8.01083 h 1 source, 15.9839 h 2 sources"
expect 0 "$DNSCLAIM" info --json "$case"
python3 - "$work/out" <<'PY' || fail "info --json: live time of sources"
import json, sys
info = json.load(open(sys.argv[1]))
b = next(s for s in info["sources"] if s["name"] == "b.csv")
assert [p["to"][:19] for p in b["live"]] == ["2020-09-13T09:59:31", "2020-09-13T23:59:31"], b["live"]
assert sum(x["seconds"] for x in info["listening"]) == info["live_s"]
assert [x["sources"] for x in info["listening"]] == [1, 2]
PY
cp "$case" "$work/both.case"

# the order of the inputs does not matter, and parts keep what they said of their sources
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/b.csv" "$work/a.csv"
cmp "$case" "$work/both.case" || fail "another order gives another case"
expect 0 "$DNSCLAIM" ingest -o "$case" --vantage unknown --dedup 0 "$work/b.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" --append --dedup 0 "$work/a.csv"
is "$(pieces b)" "0-35971 inferred;64800-86371 inferred;"

# a line that names an input is of that input, others are of all between their first and last look-up
printf 'from,to,source\n%s,%s,b.csv\n%s,%s\n' 2020-09-13T00:00:00Z 2020-09-13T10:00:00Z \
    2020-09-12T12:00:00Z 2020-09-13T12:00:00Z >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv" "$work/b.csv"
is "$(pieces a)" "0-43200 given;"
is "$(pieces b)" "0-36000 given;"
says "b.csv: 720 look-ups or more lie outside the live time that was given for it"
is "$(sqlite3 "$case" "SELECT ((to_ns - from_ns) / 3600000000000) || why FROM live")" "24given"
expect 0 "$DNSCLAIM" info "$case"
shows "listening at once: 12 h 0 sources, 2 h 1 source, 10 h 2 sources"

# of what no line speaks, live time is inferred
sed -i '$d' "$work/live"
expect 0 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv" "$work/b.csv"
is "$(pieces a)" "0-86381 inferred;"
is "$(pieces b)" "0-36000 given;"

# a source that the list does not reach has none; a name that no input has is an error
printf '2020-09-12T00:00:00Z,2020-09-12T01:00:00Z\n' >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv"
expect 0 "$DNSCLAIM" info "$case"
shows "live    none of the live time that was given"
printf '2020-09-12T00:00:00Z,2020-09-12T01:00:00Z,c.csv\n' >"$work/live"
expect 2 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv"
says "live:1: expected the name of an input behind the second comma, found 'c.csv'"
