#!/usr/bin/env bash
# The same five look-ups, as each server and sensor logs them (tests/data/logs), give the
# same counts, and every line is accounted for.
set -u
. tests/lib.sh
cat >"$work/expected" <<'CSV'
client,name,qtype,start,count
192.0.2.1,www.example.com,A,2024-03-01T12:00:00Z,1
192.0.2.1,www.example.com,AAAA,2024-03-01T12:00:00Z,1
192.0.2.2,.,NS,2024-03-01T12:00:05Z,1
192.0.2.2,1.2.0.192.in-addr.arpa,PTR,2024-03-01T12:01:00Z,1
2001:db8::7,mixed.example.org,A,2024-03-01T12:00:07Z,1
CSV

# same FILE FORMAT RECORDS SKIPS
same() {
    expect 0 "$DNSCLAIM" ingest --timezone Europe/Moscow --year 2024 -o "$work/case.db" \
        "tests/data/logs/$1"
    shows "$2, $3 records = 5 look-ups + $4"
    expect 0 "$DNSCLAIM" export --by qtype -o "$work/got" "$work/case.db"
    cmp "$work/expected" "$work/got" || fail "$1: other counts: $(diff "$work/expected" "$work/got")"
    rm "$work/case.db"
}

same zeek.log zeek 16 "11 skips (header 9, mdns 1, no_name 1)"
same zeek.json zeek-json 7 "2 skips (mdns 1, no_name 1)"
same suricata.json suricata-eve 8 "3 skips (other 2, response 1)"
same cloudflare.json cloudflare 5 "0 skips"
same adguard.json adguard 5 "0 skips"
same bind.log bind 10 "5 skips (blank 1, other 1, response 1, denied 2)"
same unbound.log unbound 11 "6 skips (other 4, response 2)"
same dnsmasq.log dnsmasq 15 "10 skips (other 2, response 5, forwarded 3)"
same powerdns.log powerdns 11 "6 skips (other 3, response 2, no_name 1)"
same dnsdist.log dnsdist 8 "3 skips (other 2, response 1)"
same counts.csv counts 7 "2 skips (header 1, zero 1)"

# Nothing is guessed: neither zone nor year, nor a time that is not there.
expect 1 "$DNSCLAIM" ingest --dry-run tests/data/logs/bind.log
says "bind.log:1: expected a time with its zone, found '01-Mar-2024 15:00:00.000'"
says "--timezone"
expect 1 "$DNSCLAIM" ingest --dry-run --timezone UTC tests/data/logs/dnsmasq.log
says "dnsmasq.log:2: expected a time with its year, found 'Mar  1 15:00:00'"
says "--year"
sed 's/^.*dnsmasq/dnsmasq/' tests/data/logs/dnsmasq.log >"$work/bare.log"
expect 1 "$DNSCLAIM" ingest --dry-run --timezone UTC --year 2024 "$work/bare.log"
says "bare.log:2: expected a time before the look-up, found none"
expect 2 "$DNSCLAIM" ingest --dry-run --year 24 tests/data/logs/dnsmasq.log
says "--year: expected 1970 to 2261, found 24"
echo "note: 11 formats, 5 look-ups each, equal counts"
