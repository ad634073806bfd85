#!/usr/bin/env bash
# The calibration gate: where every pair of the case keeps the hours of the claim, nothing is called,
# the numbers stay, and the off switch is seen in every output.
. tests/lib.sh
quick=studies/quickstart
sed 's/kind: human, clients: others.*/kind: human, clients: others, names: [shop, rest], per_day: 8,\n     zone: Europe\/Berlin, hours: "09:00-17:00", outside: 0.1, weekend: 0.1}/' \
    $quick/scenario.yaml >"$work/all.yaml"
expect 0 "$DNSCLAIM" simulate "$work/all.yaml" -o "$work/simulated.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/case.db" "$work/simulated.csv"

expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/on"
shows "at-work: undetermined (controls)"
expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/off" --set calibration=off
shows "at-work: stands (all_rejected)"
/usr/bin/python3 tests/check-schema.py "$work/on/results.json" "$work/off/results.json" || fail "schema"
/usr/bin/python3 - "$work" <<'PY' || fail "the gate's numbers"
import json, sys
on, off = (json.load(open(f"{sys.argv[1]}/{d}/results.json")) for d in ("on", "off"))
a, b = on["claims"][0], off["claims"][0]
assert [n["p"] for n in a["nulls"]] == [n["p"] for n in b["nulls"]] and a["effect"] == b["effect"]
c = a["calibration"]
assert c["method"] == "controls" and c["failed"] and c["called"] >= c["critical"] > 0, c
assert c["reach"] > 0 and c["drawn"] >= 20 and c["drawn_called"] < c["called"], c
assert on["calibration"] == {"asked": 40, "gate": .01, "share": .2, "failed": ["at-work"]}
assert b["calibration"]["method"] == "off" and off["calibration"]["asked"] == 0
PY
tr -s ' \n' ' ' <"$work/on/verdict.txt" | grep -q "control pairs are called too, and" || fail "verdict.txt"
tr -s ' \n' ' ' <"$work/off/report.txt" | grep -q "Switched off in the plan (calibration: off)" || fail "report.txt"
grep -q "Switched off in the plan" "$work/off/report.html" || fail "report.html"
expect 2 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/x" --set calibration=5
says "expected 20 to 10000 control pairs, or off"
