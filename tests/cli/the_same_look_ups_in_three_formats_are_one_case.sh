#!/usr/bin/env bash
# The same messages as packets, as dnstap and as C-DNS have one content, which is the
# case's name in results.
. tests/lib.sh

content() { sqlite3 "$1" "SELECT value FROM meta WHERE key = 'content_sha256'"; }

for format in pcap dnstap cdns; do
    expect 0 "$DNSCLAIM" ingest -o "$work/$format.db" "tests/data/same.$format"
    shows "same.$format: $format"
    shows ", 6 records = 3 look-ups + 3 skips (response 3)"
    [ -n "$(content "$work/$format.db")" ] || fail "$format: no content"
    [ "$(content "$work/$format.db")" = "$(content "$work/pcap.db")" ] ||
        fail "$format and pcap differ: $(diff <("$DNSCLAIM" export "$work/$format.db") \
            <("$DNSCLAIM" export "$work/pcap.db"))"
done
sqlite3 "$work/dnstap.db" "SELECT format FROM source" | grep -qx 'dnstap (client_query is counted)' ||
    fail "the case does not say which messages were counted"
