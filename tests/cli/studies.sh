#!/usr/bin/env bash
# Every shipped study runs from end to end. In the quick start the claim is true, and stands; in the
# world of alfa-2016 nobody keeps office hours, follows another or asks more, and no such claim
# stands.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }
verdicts() { # DIR
    /usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1] + "/results.json"))
assert r["simulated"], "results.json does not say that the look-ups are simulated"
for c in r["claims"]:
    print(c["id"], c["verdict"])' "$1"
}

for study in studies/*/study.yaml; do
    [ -s "$(dirname "$study")/scenario.yaml" ] || fail "$study: no scenario.yaml beside it"
    grep -q '^study: .*(simulated' "$study" || fail "$study: the title does not say simulated"
    grep -q '^simulated: ' "$study" || fail "$study: no key 'simulated'"
done

bash studies/demo.sh "$DNSCLAIM" "$dir/quickstart" studies/quickstart >"$dir/log" 2>&1 ||
    fail "demo.sh: $(tail -5 "$dir/log")"
[ "$(verdicts "$dir/quickstart/report")" = "at-work stands" ] ||
    fail "quick start: $(verdicts "$dir/quickstart/report")"
! bash studies/demo.sh "$DNSCLAIM" "$dir/none" "$dir/none" >/dev/null 2>&1 ||
    fail "demo.sh ends well without a study"

"$DNSCLAIM" simulate studies/alfa-2016/scenario.yaml -o "$dir/simulated-alfa-2016.csv"
"$DNSCLAIM" ingest --quiet -o "$dir/alfa.db" "$dir/simulated-alfa-2016.csv"
"$DNSCLAIM" test "$dir/alfa.db" studies/alfa-2016/study.yaml -o "$dir/alfa" \
    --set max_replicates=999 >/dev/null
verdicts "$dir/alfa" >"$dir/verdicts"
[ "$(wc -l <"$dir/verdicts")" = 4 ] || fail "four claims expected: $(cat "$dir/verdicts")"
! grep -E '^(human-hours|together|volume) stands$' "$dir/verdicts" ||
    fail "a false alarm in an innocent world"
echo "note: alfa-2016: $(tr '\n' ',' <"$dir/verdicts")"
