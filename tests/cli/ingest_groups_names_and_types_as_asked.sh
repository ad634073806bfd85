#!/usr/bin/env bash
# --name registered and --qtype merge: what is one name and one type, stated and never mixed.
. tests/lib.sh
case=$work/x.case
cat >"$work/log.csv" <<'CSV'
time,client,name,qtype
1467331200,192.0.2.1,www.example.co.uk,A
1467331200,192.0.2.1,www.example.co.uk,AAAA
1467331260,192.0.2.1,mail.Example.CO.UK,MX
1467331260,192.0.2.1,example.com,A
CSV
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/log.csv"
expect 0 "$DNSCLAIM" info "$case"
shows "names full, types each"
expect 0 "$DNSCLAIM" ingest -o "$case" --name registered --qtype merge "$work/log.csv"
expect 0 "$DNSCLAIM" info "$case"
shows "names registered/"
shows "types merged"
expect 0 "$DNSCLAIM" export --bucket all "$case"
printf '%s\n' "client,name,start,count" "192.0.2.1,example.co.uk,2016-07-01T00:00:00Z,3" \
    "192.0.2.1,example.com,2016-07-01T00:01:00Z,1" | cmp - "$work/out" || fail "counts: $(cat "$work/out")"
[ "$(sqlite3 "$case" 'SELECT count(*), max(qtype) FROM pair')" = "2|0" ] || fail "types are left"

sed 's/^14673/14674/' "$work/log.csv" >"$work/later.csv"
expect 1 "$DNSCLAIM" ingest -o "$case" --append --qtype merge "$work/later.csv"
says "expected name_rule 'full', found a case of 'registered/"
expect 1 "$DNSCLAIM" ingest -o "$case" --append --name registered "$work/later.csv"
says "expected type_rule 'each', found a case of 'merged'"
expect 0 "$DNSCLAIM" ingest -o "$case" --append --name registered --qtype merge "$work/later.csv"
expect 2 "$DNSCLAIM" ingest -o "$case" --name short "$work/log.csv"
says "--name: expected full or registered"
expect 2 "$DNSCLAIM" ingest -o "$case" --qtype none "$work/log.csv"
says "--qtype: expected each or merge"

# --client ecs: the subnet that a message names; where it names none, who sent it, and how often
expect 0 "$DNSCLAIM" ingest -o "$case" --client ecs tests/data/client-subnet.pcap
says "warning: tests/data/client-subnet.pcap: 2 records: no client subnet"
expect 0 "$DNSCLAIM" info "$case"
shows "clients by ecs"
shows "noted   2 records: no client subnet"
shows "198.51.100.0/24"
[ "$(sqlite3 "$case" 'SELECT group_concat(text, " ") FROM client')" = "192.0.2.1 198.51.100.0/24 2001:db8::7" ] ||
    fail "clients"
[ "$(sqlite3 "$case" 'SELECT text FROM server')" = "192.0.2.53" ] || fail "two spellings of one server"
expect 1 "$DNSCLAIM" ingest -o "$work/y.case" --client address "$case"
says "expected client_rule 'address', found a case of 'ecs'"
expect 2 "$DNSCLAIM" ingest -o "$work/y.case" --client ecs "$work/log.csv"
says "expected a capture"
