#!/usr/bin/env bash
# Each study of tests/data/bad-studies is a good one with one fault. It ends with exit code 2 before
# anything is tested or written, and its message begins as in expected.tsv: line, column, what was
# expected and found. A study without a row and a row without a study fail.
. tests/lib.sh
d=$DNSCLAIM bad=tests/data/bad-studies

"$d" simulate studies/quickstart/scenario.yaml -o "$work/simulated.csv"
"$d" ingest --quiet -o "$work/case.db" "$work/simulated.csv"

n=0
while IFS=$'\t' read -r file message; do
    expect 2 "$d" test "$work/case.db" "$bad/$file" -o "$work/results"
    got=$(cat "$work/err")
    case $got in
    "dnsclaim: $bad/$file:$message"*) n=$((n + 1)) ;;
    *) fail "$file: expected '$message', got '$got'" ;;
    esac
    printf '%s\n' "$message" | grep -qE '^[0-9]+:[0-9]+: .*expected ' || fail "$file: the row has no place"
    [ ! -e "$work/results" ] || fail "$file: something was written"
done <"$bad/expected.tsv"

[ "$n" -ge 30 ] || fail "expected 30 studies or more, found $n"
[ "$n" = "$(find $bad -name '*.yaml' | wc -l)" ] || fail "a study has no row in expected.tsv"

# The good study that they were made of is taken: with no fault there is no message.
sed -e 's/effect: 1$/effect: 3/' $bad/effect-that-means-none.yaml >"$work/good.yaml"
expect 0 "$d" test --dry-run "$work/case.db" "$work/good.yaml" -o "$work/results"
# An exact test has no smallest p; one that is drawn has that of its replicates, here 199.
awk -F'\t' '{ floor[$2] = $7 } END { exit !(floor["cache"] == "-" && floor["peers"] == "0.005" && floor["mail"] == "-") }' \
    "$work/out" || fail "p_floor of --dry-run: $(cut -f 2,7 "$work/out")"
sed -i 's/^searched: 1$/searched: 1000/' "$work/good.yaml"
expect 0 "$d" test --dry-run "$work/case.db" "$work/good.yaml" -o "$work/results"
grep -q 'and 199 replicates can give p = 0.005; 15 blocks and 19496 replicates would be needed for 1000 looks$' "$work/out" ||
    fail "what would suffice: $(cut -f 8 "$work/out")"
echo "note: $n malformed studies refused, each at its place"
