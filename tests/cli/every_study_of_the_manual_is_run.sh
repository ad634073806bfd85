#!/usr/bin/env bash
# docs/study.md: every key that the reader takes is in a table of it, every kind of claim has an example,
# and every study that it prints is read, tested and gives one answer a claim.
. tests/lib.sh
d=$DNSCLAIM page=docs/study.md

"$d" simulate studies/dates/scenario.yaml -o "$work/simulated.csv"
"$d" ingest --quiet -o "$work/case.db" "$work/simulated.csv"
cp studies/dates/events.csv "$work"

# Blocks of the page: block-N.yaml.
awk -v dir="$work" '/^```yaml/ {n++; on = 1; next} /^```/ {on = 0} on {print > (dir "/block-" n ".yaml")}' $page
cp "$work/block-1.yaml" "$work/shortest.yaml"
lines=$(wc -l <"$work/shortest.yaml")
[ "$lines" -le 10 ] || fail "the shortest study has $lines lines"
{ cat "$work/block-2.yaml"; for b in "$work"/block-[3-9].yaml "$work"/block-[1-9][0-9].yaml; do cat "$b"; done; } \
    >"$work/kinds.yaml"

for s in shortest kinds; do
    expect 0 "$d" test --quiet "$work/case.db" "$work/$s.yaml" -o "$work/$s"
    answers=$(/usr/bin/python3 -c '
import json, sys
for c in json.load(open(sys.argv[1]))["claims"]:
    print(c["id"], c["kind"] + ("/" + c["feature"] if c.get("feature") else ""), c["verdict"])' "$work/$s/results.json") ||
        fail "$s: results.json"
    [ "$(printf '%s\n' "$answers" | wc -l)" = "$(grep -c 'kind: ' "$work/$s.yaml")" ] || fail "$s: $answers"
    printf '%s\n' "$answers" | grep -qvE ' (stands|explained|undetermined|contradicted)$' && fail "$s: $answers"
done
grep -q '^at-work .* stands$' <<<"$answers" || fail "an example that is true does not stand: $answers"
for kind in $("$d" list claims | grep -v '^ ' | cut -f1); do
    printf '%s\n' "$answers" | grep -q " $kind " || fail "no example of $kind"
done

# Keys, as the reader lists them when it meets one that it does not know.
keys() { # TEXT-OF-A-STUDY
    printf '%s\n' "$1" >"$work/keys.yaml"
    expect 2 "$d" test "$work/case.db" "$work/keys.yaml" -o "$work/none"
    sed -n 's/.*expected one of: //p' "$work/err" | tr -d ,
}
n=0
for key in $(keys 'nokey: 1') $(keys $'study: x\nplan: {nokey: 1}') \
    $(keys $'study: x\nplan: {ttl: 1h}\nsearched: {nokey: 1}') \
    $(keys $'study: x\nplan: {ttl: 1h}\ngroups: {g: {nokey: 1}}') \
    $(keys "$(sed 's/id: at-work/nokey: 1/' "$work/shortest.yaml")"); do
    grep -qE "^\|.*\`$key\`|\`ID: \{.*$key:|[{ ]$key: .*source" $page || fail "$page does not explain the key '$key'"
    n=$((n + 1))
done
[ $n -ge 50 ] || fail "expected 50 keys or more, found $n"
echo "note: $n keys; $(printf '%s' "$answers" | awk '{printf "%s %s, ", $2, $3}')"
