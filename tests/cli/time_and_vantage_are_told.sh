#!/usr/bin/env bash
# Partial buckets, hours that come twice, late records, where the sensor stood, which server.
. tests/lib.sh
case=$work/x.case

# live from 00:30 to 02:15: the first hour is half covered, the last a quarter, the day 1.75/24
printf 'time,client,name\n%s,192.0.2.1,a.example\n%s,192.0.2.1,a.example\n%s,192.0.2.1,a.example\n' \
    2016-07-01T00:40:00Z 2016-07-01T02:10:00Z 2016-07-01T01:10:00Z >"$work/a.csv"
printf '2016-07-01T00:30:00Z,2016-07-01T02:15:00Z\n' >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv"
expect 0 "$DNSCLAIM" export --bucket 1h --coverage "$case"
printf '%s\n' client,name,start,count,covered 192.0.2.1,a.example,2016-07-01T00:00:00Z,1,0.5 \
    192.0.2.1,a.example,2016-07-01T01:00:00Z,1,1 192.0.2.1,a.example,2016-07-01T02:00:00Z,1,0.25 |
    cmp - "$work/out" || fail "coverage: $(cat "$work/out")"
expect 0 "$DNSCLAIM" export --bucket 1d --coverage --format jsonl "$case"
shows '"count":3,"covered":0.0729167}'
expect 2 "$DNSCLAIM" export --bucket all --coverage "$case"
expect 0 "$DNSCLAIM" info "$case"
shows "the first hour, from 2016-07-01T00:00:00Z, is partial: 0.5 of it is live"
shows "the last hour, from 2016-07-01T02:00:00Z, is partial: 0.25 of it is live"
shows "the first day, from 2016-07-01T00:00:00Z, is partial: 0.0729 of it is live"
shows "1 look-ups earlier than one before them, by at most 3600 s"
shows "sensor: unknown"
printf '2016-07-01T00:00:00Z,2016-07-02T00:00:00Z\n' >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$case" --live "$work/live" "$work/a.csv"
expect 0 "$DNSCLAIM" info "$case"
grep -q partial "$work/out" && fail "a whole day is called partial"

# 30 October 2016: Berlin's clock went from 03:00 back to 02:00
printf 'time,client,name\n2016-10-30 %s,192.0.2.1,a.example\n2016-10-30 %s,192.0.2.1,a.example\n' \
    02:30:00 03:30:00 >"$work/local.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" --timezone Europe/Berlin "$work/local.csv"
says "local.csv: 1 records: local time that a change of clocks makes come twice"
expect 0 "$DNSCLAIM" info "$case"
shows "noted   1 records: local time that a change of clocks"
expect 0 "$DNSCLAIM" export "$case"
shows "2016-10-30T00:30:00Z,1"
expect 0 "$DNSCLAIM" ingest -o "$case" --timezone Europe/Moscow "$work/local.csv"
grep -q twice "$work/err" && fail "Moscow's clock did not change"

# the vantage is kept, and two are never added up
expect 0 "$DNSCLAIM" ingest -o "$case" --vantage authority "$work/a.csv@server=ns1"
expect 0 "$DNSCLAIM" info "$case"
shows "sensor: authority"
shows "server  ns1, where a record names none"
[ "$(sqlite3 "$case" 'SELECT name, server FROM source')" = "a.csv|ns1" ] || fail "source"
[ "$(sqlite3 "$case" 'SELECT text FROM server')" = ns1 ] || fail "server"
expect 1 "$DNSCLAIM" ingest -o "$case" --append --vantage below --timezone UTC "$work/local.csv"
says "expected vantage 'below_resolver', found a case of 'authority'"
expect 0 "$DNSCLAIM" ingest -o "$case" --append --vantage authority --timezone UTC "$work/local.csv@server=ns2"
[ "$(sqlite3 "$case" 'SELECT group_concat(server) FROM source')" = "ns1,ns2" ] || fail "servers of two parts"
expect 2 "$DNSCLAIM" ingest -o "$work/y.case" --vantage above "$case@server=ns1"
says "expected a log, found a case"
expect 2 "$DNSCLAIM" ingest -o "$work/y.case" --vantage beside "$work/a.csv"
expect 2 "$DNSCLAIM" ingest -o "$work/y.case" "$work/a.csv@server="

# and stands in results, which keep their schema
expect 0 "$DNSCLAIM" simulate studies/quickstart/scenario.yaml -o "$work/office.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/office.db" --vantage below "$work/office.csv@server=192.0.2.53"
expect 0 "$DNSCLAIM" test "$work/office.db" studies/quickstart/study.yaml -o "$work/report"
grep -q '"vantage": "below_resolver"' "$work/report/results.json" || fail "no vantage in results"
grep -q '"server": "192.0.2.53"' "$work/report/results.json" || fail "no server in results"
/usr/bin/env python3 tests/check-schema.py "$work/report/results.json" || fail "schema"
