#!/usr/bin/env bash
# --pseudonyms: nothing of clients, servers, names and sources is left, counts are the same, and
# the same key gives the same case.
. tests/lib.sh
case=$work/x.case
{ echo time,client,name,qtype,server
    for i in $(seq 1 60); do echo "$((1467331200 + i * 60)),198.51.100.$((i % 7)),secret$((i % 5)).victim.example.com,A,203.0.113.53"; done
    echo 1467338000,2001:db8:5ec::7,printer.victimlan,A,203.0.113.53; } >"$work/victim-log.csv"
head -c 32 /dev/zero | tr '\0' k >"$work/key"
expect 0 "$DNSCLAIM" ingest -o "$work/plain.case" "$work/victim-log.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" --pseudonyms "$work/key" "$work/victim-log.csv"
for word in victim secret printer 198.51.100 203.0.113 2001:db8:5ec; do
    grep -qaF -- "$word" "$work/plain.case" || fail "the test looks for '$word', which is not there to hide"
    grep -qaF -- "$word" "$case" && fail "'$word' is in the case"
done

# times and counts stay, and so do networks and domains
series() { sqlite3 "$1" 'SELECT qtype, total, first, last, hex(series) FROM pair ORDER BY 1, 2, 3, 4, 5'; }
[ "$(series "$case")" = "$(series "$work/plain.case")" ] || fail "counts changed"
net() { sqlite3 "$case" "SELECT text FROM client WHERE text NOT LIKE '%:%'" | cut -d. -f1-3 | sort -u | wc -l; }
[ "$(net)" = 1 ] || fail "one /24 became $(net)"
domains=$(sqlite3 "$case" "SELECT text FROM name WHERE text LIKE '%.com'" | cut -d. -f2- | sort -u | wc -l)
[ "$domains" = 1 ] || fail "one domain became $domains"

# the same key, the same bytes; another key, another case
cp "$case" "$work/first"
expect 0 "$DNSCLAIM" ingest -o "$case" --pseudonyms "$work/key" "$work/victim-log.csv"
cmp "$case" "$work/first" || fail "the same key gave another case"
echo "quite another key" >"$work/other"
expect 0 "$DNSCLAIM" ingest -o "$work/other.case" --pseudonyms "$work/other" "$work/victim-log.csv"
cmp -s "$work/other.case" "$work/first" && fail "two keys gave one case"

expect 0 "$DNSCLAIM" info "$case"
shows "are pseudonyms: Crypto-PAn, HMAC-SHA-256, key "
expect 1 "$DNSCLAIM" ingest -o "$work/y.case" "$case"
says "expected pseudonyms 'none', found a case of 'Crypto-PAn"
expect 1 "$DNSCLAIM" ingest -o "$work/y.case" --pseudonyms "$work/other" "$case"
says "expected pseudonyms"
expect 0 "$DNSCLAIM" ingest -o "$work/y.case" --pseudonyms "$work/key" "$case"
[ "$(series "$work/y.case")" = "$(series "$case")" ] || fail "a case of the same key changed"
[ "$(sqlite3 "$work/y.case" 'SELECT name FROM source')" = "$(sqlite3 "$case" 'SELECT name FROM source')" ] ||
    fail "the name of a source became a pseudonym of a pseudonym"
echo short >"$work/short"
expect 2 "$DNSCLAIM" ingest -o "$work/z.case" --pseudonyms "$work/short" "$work/victim-log.csv"
says "expected a key of 16 to 4096 bytes, found 6"
expect 1 "$DNSCLAIM" ingest -o "$work/z.case" --pseudonyms "$work/absent" "$work/victim-log.csv"
[ ! -e "$work/z.case" ] || fail "a case without a key"
