#!/usr/bin/env bash
# --keep: the pairs that match, with the counts they have among all; the others are skips and no
# more, but the sensor was alive when they came, so that silence of what was kept is no silence.
. tests/lib.sh
all=$work/all.case part=$work/part.case
# A busy day, and in it one pair that asks each minute, but not from 10:00 to 16:00.
echo time,client,name,qtype >"$work/log.csv"
awk 'BEGIN {
    for (i = 0; i < 86400; i += 5) printf "%d,192.0.2.%d,n%d.example,A\n", 1599955200 + i, i % 7, i % 11
    for (i = 3600; i < 80000; i += 60) if (i < 36000 || i >= 57600)
        printf "%d,203.0.113.9,Mail.Kept.Test,A\n", 1599955202 + i }' | sort -n >>"$work/log.csv"
rows=$(($(wc -l <"$work/log.csv") - 1)) kept=$(grep -c Kept "$work/log.csv")
live() { sqlite3 "$1" "SELECT from_ns, to_ns, why FROM live; SELECT * FROM source_live"; }

expect 0 "$DNSCLAIM" ingest -o "$all" "$work/log.csv"
expect 0 "$DNSCLAIM" ingest -o "$part" --keep 'name=*.KEPT.test.' "$work/log.csv"
shows "$((rows + 1)) records = $kept look-ups + $((rows + 1 - kept)) skips (header 1, not_kept $((rows - kept)))"
shows "$kept look-ups and 0 tap duplicates of 1 clients and 1 names in 1 series"
[ "$(live "$all")" = "$(live "$part")" ] || fail "live time shrank: $(live "$part")"
[ "$(sqlite3 "$part" 'SELECT first_ns, last_ns FROM source')" = \
    "$(sqlite3 "$all" 'SELECT first_ns, last_ns FROM source')" ] || fail "the span shrank"
# (of these rows alone the six hours are taken as time without listening)
grep -e time -e Kept "$work/log.csv" >"$work/alone.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/alone.case" "$work/alone.csv"
[ "$(sqlite3 "$work/alone.case" 'SELECT count(*) FROM live')" = 2 ] || fail "the test cannot fail"

# a case of a part has the pairs of the whole that match
"$DNSCLAIM" export "$all" | grep -e ^client -e ',mail.kept.test,' -e '^192.0.2.[0-3],n[12].example,' >"$work/want"
expect 0 "$DNSCLAIM" ingest --quiet -o "$part" --keep name=mail.kept.test \
    --keep 'client=192.0.2.0/30,name=n1.example,name=n2.example' "$work/log.csv"
"$DNSCLAIM" export "$part" | cmp - "$work/want" || fail "pairs"
[ "$(live "$all")" = "$(live "$part")" ] || fail "live time of two selectors"

# it says so, whatever the order in which it was said and on any number of threads
rule='client=192.0.2.0/30,name=n1.example,name=n2.example | name=mail.kept.test'
expect 0 "$DNSCLAIM" info "$part"
shows "kept: only look-ups of $rule"
expect 0 "$DNSCLAIM" info --json "$part"
shows "\"keep_rule\": \"$rule\""
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/other.case" --threads 3 --keep \
    'name=n2.example,client=192.0.2.0/30,name=n1.example | name=Mail.Kept.Test' "$work/log.csv"
cmp "$part" "$work/other.case" || fail "the order of selectors shows"
expect 0 "$DNSCLAIM" check "$part"
shows "look-ups were left out at ingest"
expect 0 "$DNSCLAIM" check "$all"
! grep -q "left out at ingest" "$work/out" || fail "nothing was left out"
sqlite3 "$part" "UPDATE meta SET value = 'name=*' WHERE key = 'keep_rule'"
expect 1 "$DNSCLAIM" info "$part"
sqlite3 "$all" "DELETE FROM meta WHERE key = 'keep_rule'" # a case of before there was one
expect 0 "$DNSCLAIM" info --json "$all"
shows '"keep_rule": "all"'

# cases of different selectors are not added up; the same in parts is the same in one run
head -9000 "$work/log.csv" >"$work/early.csv"
(head -1 "$work/log.csv" && tail -n +9001 "$work/log.csv") >"$work/late.csv"
one() { "$DNSCLAIM" ingest --quiet --same-log --keep client=203.0.113.9 "$@"; }
expect 0 one -o "$part" "$work/early.csv"
expect 1 "$DNSCLAIM" ingest -o "$part" --append --dedup 0 "$work/late.csv"
says "expected keep_rule 'all', found a case of 'client=203.0.113.9'"
expect 1 "$DNSCLAIM" ingest -o "$part" --append --keep client=203.0.113.8 "$work/late.csv"
says "expected keep_rule 'client=203.0.113.8', found a case of 'client=203.0.113.9'"
expect 0 one -o "$part" --append --dedup 0 "$work/late.csv"
expect 0 one -o "$work/other.case" --dedup 0 "$work/late.csv" "$work/early.csv"
pairs="SELECT total, first, last, hex(series) FROM pair"
[ "$(sqlite3 "$part" "$pairs")" = "$(sqlite3 "$work/other.case" "$pairs")" ] || fail "parts"
[ "$(live "$part")" = "$(live "$work/other.case")" ] || fail "live time in parts"

# grouped clients are matched as they are counted, pseudonyms hide what was kept
expect 0 "$DNSCLAIM" ingest --quiet -o "$part" --client prefix/24 --keep client=203.0.0.0/16 "$work/log.csv"
[ "$(sqlite3 "$part" 'SELECT group_concat(text) FROM client')" = 203.0.113.0/24 ] || fail "prefix"
head -c 32 "$work/log.csv" >"$work/key"
expect 0 "$DNSCLAIM" ingest --quiet -o "$part" --pseudonyms "$work/key" --keep name=mail.kept.test "$work/log.csv"
[ "$(sqlite3 "$part" 'SELECT sum(total) FROM pair')" = "$kept" ] || fail "pseudonyms"
! strings -n 4 "$part" | grep -qi kept.test || fail "the case tells what was kept"

# what is not a name stays malformed, in the same share as without --keep
sed '50~150s/,A$/,A/; 50~150s/n[0-9]*.example/a..b/' "$work/log.csv" >"$work/bad.csv"
expect 0 "$DNSCLAIM" ingest -o "$part" --keep client=203.0.113.9 "$work/bad.csv"
shows "bad_name $(grep -c 'a\.\.b' "$work/bad.csv")"

expect 1 "$DNSCLAIM" ingest -o "$part" --keep name=none.test "$work/log.csv"
says "expected at least one look-up, found none; left out: header 1, not_kept $rows"
expect 2 "$DNSCLAIM" ingest -o "$part" --keep mail.kept.test "$work/log.csv"
says "--keep: expected client=PATTERN or name=PATTERN, or several with commas between, found 'mail.kept.test'"

# passive DNS is kept by name, and never by client
printf '%s\n' '{"rrname":"a.example.","rrtype":"A","rdata":"192.0.2.7","time_first":1467331200,"time_last":1467331300,"count":3}' \
    '{"rrname":"b.example.","rrtype":"A","rdata":"192.0.2.7","time_first":1467331200,"time_last":1467331300,"count":5}' >"$work/pdns.json"
expect 0 "$DNSCLAIM" ingest -o "$part" --format cof --keep name=b.example "$work/pdns.json"
shows "2 records = 0 look-ups + 1 intervals + 1 skips (not_kept 1)"
expect 1 "$DNSCLAIM" ingest -o "$part" --format cof --keep 'client=*' "$work/pdns.json"
says "left out: not_kept 2"

# a study's search over pairs of the case would not count those that were left out
expect 0 "$DNSCLAIM" ingest --quiet -o "$part" --keep 'name=*.kept.test' "$work/log.csv"
study() {
    printf '%s\n' "study: what was kept" "plan: {seed: 1, alpha: 0.01, ttl: unknown}" "groups:" \
        "  who: {clients: ['*']}" "  what: {names: ['mail*']}" "  every: {names: ['*']}" "claims:" \
        "  - {id: volume, kind: volume, direction: more, effect: 2, client: who, name: what, compare: every, searched: {$1}}"
}
study "pairs: [who, every]" >"$work/study.yaml"
expect 2 "$DNSCLAIM" test --dry-run "$part" "$work/study.yaml"
says "expected a case of all look-ups, found that only those of name=*.kept.test were kept"

# whom nobody kept did not stay away: shares and ratios of a part are told only where the case has
# all who asked, and are those of the whole case then
awk 'BEGIN { srand(5); print "time,client,name,qtype"
    for (d = 0; d < 42; d++) for (c = 1; c <= 30; c++) for (n = 0; n <= 25; n++)
        if (rand() < (c == 1 && n == 0 ? 1 : .35))
            printf "%d,192.0.2.%d,%s,A\n", 1467331200 + d * 86400 + rand() * 86400, c, n ? "p" n ".example" : "x.example" }' \
    >"$work/shares.csv"
cat >"$work/shares.yaml" <<'Y'
study: what was kept
plan: {seed: 7, alpha: 0.05, max_replicates: 999, ttl: unknown, correction: none, calibration: off, power: false}
searched: 1
groups:
  me: {clients: [192.0.2.1]}
  it: {names: [x.example]}
  rest: {names: [p1.example, p2.example, p3.example, p4.example, p5.example, p6.example, p7.example, p8.example, p9.example,
                 p10.example, p11.example, p12.example, p13.example, p14.example, p15.example, p16.example, p17.example,
                 p18.example, p19.example, p20.example]}
claims:
  - {id: alone, kind: exclusivity, direction: at_least, effect: 0.9, client: me, name: it, compare: rest, coverage: 1}
  - {id: not-alone, kind: exclusivity, direction: below, effect: 0.9, client: me, name: it, coverage: 1}
  - {id: rare, kind: rarity, direction: more, effect: 2, client: me, name: it, coverage: 1,
     base_rate: {units: 1000, innocent: case, source: the case}}
Y
shares() { # CASE OPTION...: answers of the claims, effects, explanations that were tested
    expect 0 "$DNSCLAIM" ingest --quiet -o "$work/shares.case" "${@:2}" "$work/shares.csv"
    rm -rf "$work/of-$1"
    expect 0 "$DNSCLAIM" test --quiet -o "$work/of-$1" "$work/shares.case" "$work/shares.yaml"
    /usr/bin/python3 - "$work/of-$1/results.json" <<'PY'
import json, sys
for c in json.load(open(sys.argv[1]))["claims"]:
    e, tested = c["effect"], [n["id"] for n in c["nulls"] if n["verdict"] != "untestable"]
    print(c["id"], c["verdict"], e["value"] and round(e["value"], 4), *tested,
          "innocents" if (c.get("base_rate") or {}).get("innocent_of") else "")
PY
}
shares whole >"$work/whole"
grep -q '^rare stands [23][.][0-9]* blocks sensors days activity innocents' "$work/whole" || fail "rare: $(cat "$work/whole")"
grep -q '^alone explained 0.0[0-9]* concentration sensors days activity' "$work/whole" || fail "alone: $(cat "$work/whole")"
for keep in 'client=192.0.2.1 | name=p*.example' 'client=192.0.2.?,name=x.example | name=p*.example'; do
    shares some --keep "$keep" >"$work/some"
    printf '%s\n' 'alone undetermined None ' 'not-alone undetermined None ' 'rare undetermined None ' |
        cmp - "$work/some" || fail "of $keep: $(cat "$work/some")"
    grep -q 'others that ask for the name were left out at ingest' "$work/of-some/report.txt" || fail "no reason"
done
shares names --keep 'name=x.example,name=p*.example' >"$work/names"
for claim in alone not-alone; do # the share of the whole case, by the same tests but those of other names
    cmp <(grep "^$claim" "$work/names") <(grep "^$claim" "$work/whole" |
        if [ $claim = alone ]; then sed 's/ activity//'; else sed 's/ activity//; s/ concentration//'; fi) ||
        fail "$claim: $(cat "$work/names")"
done
grep -q '^rare undetermined None $' "$work/names" || fail "rare where blocks are not known: $(cat "$work/names")"
expect 0 "$DNSCLAIM" scan "$work/shares.case"
says "the case holds only look-ups of name=p*.example,name=x.example"

# verify reads the inputs again by the same selectors
study "looks: 12" >"$work/study.yaml"
expect 0 "$DNSCLAIM" test --quiet -o "$work/results" "$part" "$work/study.yaml"
grep -q 'Only look-ups of' "$work/results/verdict.txt" || fail "the sheet is silent about what was left out"
expect 0 "$DNSCLAIM" verify "$work/results" "$part" "$work/log.csv"

# A log cut by the hour, whose look-ups come in bursts: the part has the live time of the whole.
for h in 0 1 2 3; do
    awk -v h=$h 'BEGIN { srand(7 + h); print "time,client,name"
        for (t = 1599955200 + h * 3600; t < 1599955200 + h * 3600 + 3590; t += 60 + int(rand() * 400))
            for (k = 0; k < 15; k++) printf "%d,192.0.2.%d,n%d.example\n", t + k % 2, k % 3, k }' >"$work/h$h.csv"
done
hours_of() {
    rm -f "$work/h.case"
    expect 0 "$DNSCLAIM" ingest --quiet -o "$work/h.case" "$@" "$work"/h[0-3].csv
    sqlite3 "$work/h.case" "SELECT sum(to_ns - from_ns) / 60000000000 FROM live"
}
whole=$(hours_of)
part=$(hours_of --keep client=192.0.2.1)
[ "$whole" = "$part" ] && [ "$part" -gt 200 ] || fail "live minutes of the whole $whole, of a part $part"
