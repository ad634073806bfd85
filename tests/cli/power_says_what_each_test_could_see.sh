#!/usr/bin/env bash
# The command power: the same bytes on any number of threads; what test stores; a dearer search sees
# less; with power: false nothing is computed and the report says so.
. tests/lib.sh
quick=studies/quickstart
expect 0 "$DNSCLAIM" simulate $quick/scenario.yaml -o "$work/simulated.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/case.db" "$work/simulated.csv"
mde() { /usr/bin/python3 -c 'import json, sys
for n in json.load(open(sys.argv[1]))[0]["nulls"]:
    if n["power"]:
        print(n["id"], n["power"]["mde"], n["power"]["sims"])' "$1"; }

for threads in 1 4; do
    expect 0 "$DNSCLAIM" power "$work/case.db" $quick/study.yaml --json --threads $threads
    cp "$work/out" "$work/power$threads.json"
done
cmp "$work/power1.json" "$work/power4.json" || fail "power differs between 1 and 4 threads"
[ "$(mde "$work/power1.json" | awk '{print $1, $3}' | tr '\n' ',')" = "cache 0,days 400," ] ||
    fail "cache is exact and days simulated: $(mde "$work/power1.json")"
expect 0 "$DNSCLAIM" power "$work/case.db" $quick/study.yaml
shows "power_at_claim"
shows "400 sims"

expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/t"
/usr/bin/python3 - "$work" <<'PY' || fail "test and power do not agree"
import json, sys
power = json.load(open(sys.argv[1] + "/power1.json"))[0]["nulls"]
test = json.load(open(sys.argv[1] + "/t/results.json"))["claims"][0]["nulls"]
assert [n["power"] for n in power] == [n["power"] for n in test]
for n in power:
    if not n["power"]:
        continue
    values = [p["value"] for p in n["power"]["curve"]]
    assert values == sorted(values), values
    assert values[0] < .1 and n["power"]["curve"][0]["effect"] == 1, values
    assert 1 < n["power"]["mde"] < 2, n
PY
# --- severity stands in the results and the report, never in what is said beforehand
/usr/bin/python3 - "$work" <<'PY' || fail "severity of the quickstart"
import json, sys
text = open(sys.argv[1] + "/power1.json").read()
assert "severity" not in text
claim = json.load(open(sys.argv[1] + "/t/results.json"))["claims"][0]
for n in claim["nulls"]:
    s = n["severity"]
    assert (s is None) == (n["verdict"] == "untestable"), n
    if not s:
        continue
    assert s["effect"] == claim["effect_claimed"] and 0 <= s["value"] <= 1
    if n["power"]["sims"]:
        assert s["value"] == round(s["value"] * 400) / 400 and s["lo"] <= s["value"] <= s["hi"]
    else:
        assert s["lo"] is None and s["hi"] is None
        assert abs(s["curve"][0]["value"] - (1 - n["p"])) < 1e-12 # without an effect: 1 - p
PY
tr -s ' \n' ' ' <"$work/t/verdict.txt" | grep -q "Had the effect been only what is claimed, 2, a share of at most" ||
    fail "the sheet lacks severity"
grep -q "Explanations: severity" "$work/t/report.txt" || fail "the report lacks severity"
tr -s ' \n' ' ' <"$work/t/report.txt" | grep -q "Could have seen: the smallest effect" || fail "the report lacks the MDE"

# --- a search of 100 looks raises what can be seen
sed 's/looks: 1,/looks: 100,/' $quick/study.yaml >"$work/dear.yaml"
expect 0 "$DNSCLAIM" power "$work/case.db" "$work/dear.yaml" --json
paste <(mde "$work/power1.json") <(mde "$work/out") | awk '!($5 > $2) { exit 1 }' ||
    fail "a dearer search sees as much: $(mde "$work/out")"

# --- off, and visibly so
expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/off" --set power=false
/usr/bin/python3 tests/check-schema.py "$work/off/results.json" "$work/t/results.json" || fail "schema"
grep -q '"power": false' "$work/off/results.json" || fail "results.json does not say that power is off"
tr -s ' \n' ' ' <"$work/off/verdict.txt" >"$work/off/line"
grep -q "2 of 2 required tests could be made; which effect they could see is not known" "$work/off/line" ||
    fail "the sheet calls data enough whose power is off"
expect 2 "$DNSCLAIM" power "$work/case.db"
says "expected CASE and STUDY, found 1 operands"
expect 2 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/x" --set power=maybe

# --- shares, blocks and copies: a curve that rises from alpha or less, of the test's own effect where
# the kind's says nothing; where there is none, a sentence
cat >"$work/shares.yaml" <<'Y'
study: power of shares (simulated)
plan: {ttl: {value: 1h, source: scenario.yaml}, alpha: 0.05, max_replicates: 999, calibration: off}
searched: 1
groups:
  office: {clients: [192.0.2.1]}
  shop: {names: [mail.shop.example]}
claims:
  - {id: alone, kind: exclusivity, direction: at_least, effect: 0.9, client: office, name: shop,
     coverage: {value: .9, source: an example}}
  - {id: rare, kind: rarity, direction: more, effect: 3, client: office, name: shop,
     coverage: {value: 1, source: an example}}
  - {id: forged, kind: authenticity, direction: altered, effect: 0.1, client: office, name: shop}
Y
expect 0 "$DNSCLAIM" power "$work/case.db" "$work/shares.yaml" --json
/usr/bin/python3 - "$work/out" <<'PY' || fail "power of shares"
import json, sys
own = {("alone", "truncation"): "client_ratio"}
drawn = {"alone": {"sensors", "days", "truncation"}, "rare": {"blocks", "sensors", "days"}, "forged": {"cache", "rhythm"}}
for claim in json.load(open(sys.argv[1])):
    have = {n["id"] for n in claim["nulls"] if n["power"]}
    assert have == drawn[claim["id"]], (claim["id"], have)
    for n in claim["nulls"]:
        if not n["power"]:
            assert n["no_power"].count(" ") > 2, n
            continue
        values = [p["value"] for p in n["power"]["curve"]]
        assert "no_power" not in n or n["no_power"] is None
        of = n["power"]["of"]
        assert (of["id"] if of else None) == own.get((claim["id"], n["id"])), n
        assert (n["power"]["value"] is None) == (of is not None), n  # nobody claimed a value of it
        assert values[0] <= .1, (claim["id"], n["id"], values)
        # each client of the list asks on nearly all days: on none that were listened to could it be more
        assert max(values) > .9 or of and n["power"]["mde"] is None, (claim["id"], n["id"], values)
        if claim["id"] == "forged": # above one short gap in ten it looks like another time to live
            values = [p["value"] for p in n["power"]["curve"] if p["effect"] < .25]
        assert all(b >= a - .05 for a, b in zip(values, values[1:])), values
PY
expect 0 "$DNSCLAIM" power "$work/case.db" "$work/shares.yaml"
grep -q "^alone	truncation	client_ratio	beyond 1e+04	0.05	-	400 sims	1:0" "$work/out" || fail "the curve of truncation: $(cat "$work/out")"
grep -q "^# alone, truncation: mean days of asking .*; no effect 1. The test asks for" "$work/out" || fail "what its effect is"
expect 0 "$DNSCLAIM" test "$work/case.db" "$work/shares.yaml" -o "$work/own"
/usr/bin/python3 tests/check-schema.py "$work/own/results.json" || fail "schema of an effect of the test's own"
grep -q "power on a scale of their own" "$work/own/report.txt" || fail "the report lacks the curves"
grep -q "(client_ratio)" "$work/own/verdict.txt" || fail "the sheet does not say of which effect"
grep -q '"id": "power-truncation"' "$work/own/results.json" || fail "no picture of the curve"
grep -q "client_ratio" <("$DNSCLAIM" list claims) || fail "list claims does not name what power is of"
