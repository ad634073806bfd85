#!/usr/bin/env bash
# specifications: every combination, the published one among them, the same bytes on any number of
# threads; a reason is required; without the block there is no curve.
. tests/lib.sh
quick=studies/quickstart
expect 0 "$DNSCLAIM" simulate $quick/scenario.yaml -o "$work/simulated.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/case.db" "$work/simulated.csv"
with() { sed "s|^groups:|specifications:\n  $1\ngroups:|" $quick/study.yaml; }
with 'zone: {values: [UTC, Asia/Tokyo], because: offices in three places}\n  session: {values: [5m], because: retries}' \
    >"$work/spec.yaml"
for threads in 1 4; do
    expect 0 "$DNSCLAIM" test "$work/case.db" "$work/spec.yaml" -o "$work/t$threads" --threads $threads
done
cmp "$work/t1/results.json" "$work/t4/results.json" || fail "results differ between 1 and 4 threads"
/usr/bin/python3 tests/check-schema.py "$work/t1/results.json" || fail "schema"
/usr/bin/python3 - "$work/t1/results.json" <<'PY' || fail "the curve"
import json, sys
claim = json.load(open(sys.argv[1]))["claims"][0]
c = claim["curve"]
assert c["of"] == 6 and c["left_out"] == 0 and len(c["specifications"]) == 6, c
effects = [s["effect"] for s in c["specifications"]]
assert effects == sorted(effects, reverse=True)
published = c["specifications"][c["published"] - 1]
assert set(published["set"].values()) == {"published"}
assert abs(published["effect"] - claim["effect"]["value"]) < 1e-12, (published, claim["effect"])
tokyo = [s for s in c["specifications"] if s["set"]["zone"] == "Asia/Tokyo"]
assert all(s["effect"] < 1 and s["p"] > .2 for s in tokyo), tokyo
assert abs({j["id"]: j["p"] for j in c["joint"]}["median"] - .005) < 1e-12
s = claim["search"]
assert abs(s["prior_named"] * s["ratio_named"] - s["prior_searched"] * s["ratio_searched"]) \
    <= 1e-9 * s["ratio_named"], s
PY
tr -s ' \n' ' ' <"$work/t1/report.txt" | grep -q "The published specification has place" || fail "report.txt"
tr -s ' \n' ' ' <"$work/t1/verdict.txt" | grep -q "Are the data enough? 2 of 2 required tests" || fail "verdict.txt"

# A value that the plan or the claim says is there once.
with 'zone: {values: [Europe/Berlin, Asia/Tokyo], because: offices}\n  session: {values: [30s], because: as planned}' >"$work/again.yaml"
expect 0 "$DNSCLAIM" test "$work/case.db" "$work/again.yaml" -o "$work/again"
/usr/bin/python3 -c '
import json, sys
c = json.load(open(sys.argv[1]))["claims"][0]["curve"]
assert c["of"] == 2, [s["set"] for s in c["specifications"]]' "$work/again/results.json" || fail "what the plan says counts twice"

expect 0 "$DNSCLAIM" test "$work/case.db" $quick/study.yaml -o "$work/without"
grep -q '"curve": null' "$work/without/results.json" || fail "a curve without specifications"
with 'zone: {values: [UTC]}' >"$work/bad.yaml"
expect 2 "$DNSCLAIM" test "$work/case.db" "$work/bad.yaml" -o "$work/x"
says "expected the key 'because', found none"
with 'alpha: {values: [1], because: no}' >"$work/bad.yaml"
expect 2 "$DNSCLAIM" test "$work/case.db" "$work/bad.yaml" -o "$work/x"
says "unknown key 'alpha'"

# --- every kind has axes of its own; one that no claim knows, or a value, is an error at its place
cat >"$work/kinds.yaml" <<'Y'
study: axes of other kinds (simulated)
plan: {ttl: {value: 1h, source: scenario.yaml}, alpha: 0.05, max_replicates: 199, calibration: off, power: false}
searched: 1
specifications:
  block: {values: [24], because: nobody said how large a block is}
  statistic: {values: [lv, cv2], because: a rate that wanders raises the cv}
  coverage: {values: [0.5], because: the sensor's operator names half}
groups:
  office: {clients: [192.0.2.1]}
  shop: {names: [mail.shop.example]}
claims:
  - {id: alone, kind: exclusivity, direction: at_least, effect: 0.9, client: office, name: shop, coverage: 1}
  - {id: rare, kind: rarity, direction: more, effect: 3, client: office, name: shop, coverage: 1}
  - {id: regular, kind: timing, feature: regular, direction: less, effect: 0.5, client: office, name: shop}
Y
expect 0 "$DNSCLAIM" test "$work/case.db" "$work/kinds.yaml" -o "$work/kinds"
/usr/bin/python3 tests/check-schema.py "$work/kinds/results.json" || fail "schema of kinds"
/usr/bin/python3 - "$work/kinds/results.json" <<'PY' || fail "curves of other kinds"
import json, sys
for claim in json.load(open(sys.argv[1]))["claims"]:
    c = claim["curve"]
    want = {"alone": 2, "rare": 4, "regular": 3}[claim["id"]]
    assert c["of"] + c["left_out"] == want and c["of"] > 1 and c["published"], (claim["id"], c["of"], c["left_out"])
    published = c["specifications"][c["published"] - 1]
    assert abs(published["effect"] - claim["effect"]["value"]) < 1e-9, claim["id"]
    assert all(0 < j["p"] <= 1 for j in c["joint"]) and all(a["because"] for a in c["axes"])
PY
bad() { # AXIS MESSAGE
    with "$1" >"$work/bad.yaml"
    expect 2 "$DNSCLAIM" test "$work/case.db" "$work/bad.yaml" -o "$work/x"
    says "$2"
}
bad 'lag: {values: [1h], because: no}' ":7:8: expected 'lag' only with synchrony, found no claim of such a kind"
bad 'statistic: {values: [lv], because: no}' "expected 'statistic' only with timing/regular alignment"
bad 'block: {values: [24], because: no}' "expected 'block' only with rarity"
bad 'dedup: {values: [on], because: no}' "expected off, found 'on'"
bad 'session: {values: [0s], because: no}' "expected a duration above 0"
bad 'zone: {values: [UTC], because: ""}' "expected why these are equivalent, found nothing"
bad 'window: {values: [[2024-02-01]], because: no}' "expected a window as [from, to]"

# --- price test: a search that no replicate count can pay
sed 's/looks: 1,/looks: 1000000,/' $quick/study.yaml >"$work/dear.yaml"
expect 0 "$DNSCLAIM" test "$work/case.db" "$work/dear.yaml" -o "$work/dear"
shows "at-work: undetermined"
/usr/bin/python3 - "$work/dear/results.json" <<'PY' || fail "the price"
import json, sys
days = [n for n in json.load(open(sys.argv[1]))["claims"][0]["nulls"] if n["id"] == "days"][0]
assert days["verdict"] == "untestable" and days["why"] == "resolution" and "needed" in days["note"], days
PY
