#!/usr/bin/env bash
# The first page says what each answer that was given means, and of no other; an interval reads
# from its lower to its upper end, also where less is claimed and the worse end is the higher.
. tests/lib.sh
mkdir "$work/r"
# claims VERDICT LO HI: the sample, every claim with that verdict and a test that could have seen .477
claims() {
    /usr/bin/python3 - "$1" "$2" "$3" <<'PY' >"$work/r/results.json"
import json, sys
r = json.load(open("tests/data/results-sample.json"))
r["case"].update(clients=1, names=2)
for c in r["claims"]:
    c["verdict"] = sys.argv[1]
    for n in c["nulls"]:
        if n["power"]:
            n["power"].update(mde=.477, mde_lo=float(sys.argv[2]), mde_hi=float(sys.argv[3]))
json.dump(r, sys.stdout)
PY
    expect 0 "$DNSCLAIM" report "$work/r" --format verdict
    tr -s ' \n' '  ' <"$work/r/verdict.txt" >"$work/flat"
}
flat() { grep -qF -- "$1" "$work/flat" || fail "verdict.txt lacks '$1'"; }

for v in stands explained contradicted undetermined; do
    claims $v .441 .499
    flat 'nor that anything was sent afterwards. "'
    [ "$(grep -oE '"(Stands|Explained|Contradicted|Undetermined)"( is an answer)?:' "$work/flat" | tr -d '":' |
        cut -d ' ' -f 1 | tr A-Z a-z)" = $v ] || fail "$v is not the one answer that is told"
done
claims stands .441 .499
flat '; 1 client, 2 names.'
flat '"Stands": the claim as tested came through every test that it has to pass. That does not prove the words'
expect 0 "$DNSCLAIM" report "$work/r" --format markdown
grep -qF '| 0.477 (0.441 to 0.499) |' "$work/r/report.md" || fail "interval"
cp "$work/r/report.md" "$work/up"
claims stands .499 .441
expect 0 "$DNSCLAIM" report "$work/r" --format markdown
cmp "$work/up" "$work/r/report.md" || fail "an interval is printed from its upper to its lower end"
