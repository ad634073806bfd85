#!/usr/bin/env bash
# The command study: its file is read unchanged, by --dry-run and by a whole test, for a busy pair and
# for one of a single look-up; every kind is there, as a claim or as a comment with the reason; what
# cannot be meant is refused, and a file that is there stays.
. tests/lib.sh
d=$DNSCLAIM pair="--client 192.0.2.1 --name mail.shop.example"
"$d" simulate studies/quickstart/scenario.yaml -o "$work/simulated.csv"
"$d" ingest --quiet -o "$work/case.db" "$work/simulated.csv"
kinds=$("$d" list claims | grep -v '^ ' | cut -f1 | tr / -)

expect 0 "$d" study "$work/case.db" $pair -o "$work/study.yaml"
shows "4 claims to state, 6 kinds left as comments"
expect 0 "$d" study "$work/case.db" $pair
cmp "$work/out" "$work/study.yaml" || fail "-o FILE and stdout differ"
for k in $kinds; do
    [ "$(grep -cE "^  (#   )?- id: $k\$" "$work/study.yaml")" = 1 ] || fail "not once: $k"
done
sha=$("$d" info "$work/case.db" | grep -oE 'content sha256 +[0-9a-f]{64}' | grep -oE '[0-9a-f]{64}')
for text in "content sha256 $sha" "dnsclaim study $("$d" --version | cut -d ' ' -f 2)." "337 look-ups" \
    "337 sessions (30 s), on 77 of 91 days heard" "This is a template, not a finding" "before its author has looked" \
    "pairs: 121" "source: all pairs of the case" "ttl: unknown  # TO STATE" "date (when what is said to be the cause"; do
    grep -qF -- "$text" "$work/study.yaml" || fail "the study lacks '$text'"
done
# The counts of its head, by other means.
[ "$(grep -c ',192.0.2.1,mail.shop.example' "$work/simulated.csv")" = 337 ] || fail "look-ups"
[ "$(grep ',192.0.2.1,mail.shop.example' "$work/simulated.csv" | cut -c1-10 | sort -u | wc -l)" = 77 ] || fail "days"
# Every number of the claims that only their author can state is marked.
! grep -E '^ +effect: ' "$work/study.yaml" | grep -v 'TO STATE' || fail "an effect without a mark"

expect 0 "$d" test --dry-run "$work/case.db" "$work/study.yaml"
grep -q '^# .* h live, time to live unknown, ' "$work/out" || fail "an unknown time to live is no 0 s"
expect 0 "$d" test --dry-run "$work/case.db" "$work/study.yaml" --set ttl=log
grep -q '^# .* h live, time to live unknown: no answer in the log carries one above 0, ' "$work/out" || fail "what no answer carries is no 0 s"
[ "$(grep -c '^# .* 121 looks$' "$work/out")" = 4 ] || fail "looks: $(cat "$work/out")"
grep -qP '^timing-hours\tcache\trequired\tno_ttl\t' "$work/out" || fail "a TTL that is unknown tests a cache"
grep -qP '^timing-hours\tdays\trequired\tyes\t' "$work/out" || fail "14 days of listening are there"
expect 0 "$d" test --quiet "$work/case.db" "$work/study.yaml" -o "$work/r" --set ttl=1h --set calibration=off \
    --set power=false --set max_replicates=20000
grep -q 'TO STATE: the exact words' "$work/r/report.txt" || fail "the report does not show that nobody claims this"
says "study.yaml:$(grep -n 'TO STATE' "$work/study.yaml" | grep -v ': *#' | head -1 | cut -d: -f1): "
says "$(grep 'TO STATE' "$work/study.yaml" | grep -vcE '^ *#') lines of the template are still marked TO STATE"
[ "$(grep -c "Nobody's claim: the study is a template" "$work/r/verdict.txt")" = 4 ] || fail "a template passes as a claim"
[ "$(grep -c "nothing: this is a template, and nobody's claim" "$work/r/verdict.txt")" = 4 ] || fail "a template may be printed"
# Filled in, the mark taken away: a claim like any other.
sed -e '/^ *#/!s/  # TO STATE.*//' -e 's/"TO STATE: the exact words"/they ask at work/' \
    -e 's/"TO STATE: who said them"/an analyst/' "$work/study.yaml" >"$work/filled.yaml"
expect 0 "$d" test --quiet "$work/case.db" "$work/filled.yaml" -o "$work/filled" --set ttl=1h --set calibration=off \
    --set power=false --set max_replicates=999
[ ! -s "$work/err" ] || fail "a study that is filled in is warned of: $(cat "$work/err")"
! grep -q "Nobody's claim\|this is a template" "$work/filled/verdict.txt" || fail "a claim passes as a template"
grep -q 'The answer to the claim as tested is' "$work/filled/verdict.txt" || fail "what may be printed"
# A time to live that is known and too short is not called unknown; one that is unknown is asked for, once.
for ttl in 2s unknown; do
    expect 0 "$d" test --quiet "$work/case.db" "$work/study.yaml" -o "$work/$ttl" --set ttl=$ttl --set calibration=off \
        --set power=false --set max_replicates=99
done
/usr/bin/python3 - "$work" <<'PY' || fail "a time to live that is too short, or unknown"
import json, sys
def claim(ttl):
    return next(c for c in json.load(open(f"{sys.argv[1]}/{ttl}/results.json"))["claims"] if c["id"] == "authenticity")
short, unknown = claim("2s"), claim("unknown")
says = "rows put in are told by a time to live"
assert [(n["why"], n["note"]) for n in short["nulls"][:2]] == [("min_data", says + " above 4 s, found 2 s")] * 2, short["nulls"]
assert [n["why"] for n in unknown["nulls"][:2]] == ["no_ttl"] * 2, unknown["nulls"]
asked = {"need": "a time to live, and who says so (ttl:): " + says, "settles": ["cache", "rhythm"]}
assert [m for m in unknown["missing"] if "time to live" in m["need"]] == [asked], unknown["missing"]
PY
# What a dry run calls untestable is what the whole run does not test, and nothing else.
expect 0 "$d" test --dry-run "$work/case.db" "$work/study.yaml" --set ttl=1h --set max_replicates=20000
/usr/bin/python3 - "$work" <<'PY' || fail "the dry run and the test do not agree"
import json, sys
ran = {(c["id"], n["id"]): n.get("why") or "yes" for c in json.load(open(sys.argv[1] + "/r/results.json"))["claims"]
       for n in c["nulls"]}
dry = {tuple(row[:2]): row[3] for row in (line.split("\t") for line in open(sys.argv[1] + "/out")) if len(row) > 3}
dry.pop(("claim", "null"))
assert dry == {k: v if v != "inconclusive" else "yes" for k, v in ran.items()} and len(set(dry.values())) > 1, (dry, ran)
PY

# Uncommented as it says, with what it asks for: a kind that the case could not know.
sed -e '/^  #   - id: reaction$/,/^  #     who:/{s/^  #   - /  - /;s/^  #     /    /;s/date:.*/date: 2024-02-15/}' \
    "$work/study.yaml" >"$work/stated.yaml"
expect 0 "$d" test --dry-run "$work/case.db" "$work/stated.yaml"
grep -qP '^reaction\tscatter\trequired\tyes\t' "$work/out" || fail "an uncommented claim: $(cat "$work/out")"

# A pair of one look-up, of names with every sign that YAML and patterns read, and answers with a TTL.
{
    echo 'time,client,name,qtype,rcode,ttl'
    for i in $(seq 20); do echo "2024-01-$((i % 20 + 10))T00:00:00Z,192.0.2.$i,n$((i % 6)).example,A,NOERROR,300"; done
    echo '2024-01-12T00:00:00Z,192.0.2.7,*.n1.example,A,NOERROR,600'
    echo '2024-01-12T00:00:00Z,192.0.2.7,a.n1.example,A,NOERROR,600'
    echo '2024-01-12T00:00:00Z,192.0.2.7,ab.n1.example,A,NOERROR,600'
    echo '2024-01-12T00:00:00Z,192.0.2.8,"""x'\''#: {y}.example",A,NOERROR,600'
} >"$work/few.csv"
expect 0 "$d" ingest --quiet -o "$work/few.db" "$work/few.csv"
expect 0 "$d" study "$work/few.db" --quiet --client 192.0.2.7 --name '*.n1.example' -o "$work/few.yaml"
[ ! -s "$work/out" ] || fail "--quiet: $(cat "$work/out")"
grep -qF '"?.n1.example"' "$work/few.yaml" || fail "a star that is a pattern"
grep -qF 'this pattern matches 1 other texts' "$work/few.yaml" || fail "a pattern that matches more says so"
grep -qF 'ttl: log  # the largest of the log'\''s answers about the name: 600 s' "$work/few.yaml" || fail "TTL"
grep -qF 'cannot bear it: cache, rhythm, life (0 gaps between' "$work/few.yaml" || fail "one look-up has no gap"
name=$("$d" export "$work/few.db" --format tsv --bucket all | cut -f2 | grep '{y}')
expect 0 "$d" study "$work/few.db" --client 192.0.2.8 --name "$name" -o "$work/odd.yaml"
for s in few odd; do
    expect 0 "$d" test --dry-run "$work/few.db" "$work/$s.yaml"
    expect 0 "$d" test --quiet "$work/few.db" "$work/$s.yaml" -o "$work/$s"
done

# Refused, and what is there stays.
echo mine >"$work/mine.yaml"
expect 1 "$d" study "$work/case.db" $pair -o "$work/mine.yaml"
says "expected a new file, found one that exists (--force"
[ "$(cat "$work/mine.yaml")" = mine ] || fail "a study that was there is gone"
expect 0 "$d" study "$work/case.db" $pair -o "$work/mine.yaml" --force --quiet
cmp "$work/mine.yaml" "$work/study.yaml" || fail "--force"
expect 1 "$d" study "$work/case.db" $pair -o "$work/none/study.yaml"
says "none/study.yaml: cannot be written"
expect 2 "$d" study "$work/case.db" --client 192.0.2.1
says "expected one case, --client and --name"
expect 2 "$d" study "$work/case.db" --client 192.0.2.1 --name mail.shop.exmaple
says "--name: expected one of the case's, found 'mail.shop.exmaple' (begins most like: 'mail.shop.example')"
expect 2 "$d" study "$work/case.db" --client 192.0.2.1 --name mail.other1.example
says "expected a pair of the case, found that '192.0.2.1' asks for 1 of its names, and 'mail.other1.example' is none of them"
expect 1 "$d" study "$work/none.db" $pair
says "none.db"
