#!/usr/bin/env bash
# check passes a clean log and stops one with rows put in; test then leaves its numbers and takes its
# verdicts; a claim of alteration stands, its opposite is explained, with the same numbers.
. tests/lib.sh
cd "$work" || exit 1
cat >clean.yaml <<'Y'
scenario: one office (simulated)
span: {from: 2024-01-08, to: 2024-04-01}
seed: 5
clients: {target: [192.0.2.1], others: ["198.51.100.{1..8}"]}
names: {one: [a.example], rest: ["n{1..3}.example"]}
processes: [{id: h, kind: human, clients: [target, others], names: [one, rest], per_day: 12,
             hours: "08:00-18:00", outside: 0.2, weekend: 0.4}]
caches: [{clients: [target, others], names: [one, rest], ttl: 1h}]
Y
{ cat clean.yaml; echo 'tampering: [{kind: insert, clients: [target], names: [one],
             span: {from: 2024-01-08, to: 2024-04-01}, lookups: 20}]'; } >tampered.yaml
cat >study.yaml <<'Y'
study: an altered log (simulated)
simulated: made for a test
plan: {seed: 1, max_replicates: 9999, alpha: 0.01, bucket: 1h, session: 30s, timezone: UTC, ttl: 1h, correction: none, calibration: off}
searched: 1
groups:
  target: {clients: [192.0.2.1]}
  one: {names: [a.example]}
claims:
  - {id: altered, kind: authenticity, direction: altered, effect: 0.02, client: target, name: one}
  - {id: below, kind: authenticity, direction: below, effect: 0.02, client: target, name: one}
  - {id: hours, kind: timing, feature: hours, direction: more, effect: 1.5, client: target, name: one,
     hours: {timezone: UTC, from: "08:00", to: "18:00"}}
Y
cd - >/dev/null || exit 1
for w in clean tampered; do
    expect 0 "$DNSCLAIM" simulate "$work/$w.yaml" -o "$work/simulated-$w.csv"
    expect 0 "$DNSCLAIM" ingest --quiet -o "$work/$w.db" "$work/simulated-$w.csv"
    expect 0 "$DNSCLAIM" test "$work/$w.db" "$work/study.yaml" -o "$work/out-$w" --quiet
    /usr/bin/python3 tests/check-schema.py "$work/out-$w/results.json" >/dev/null || fail "schema of $w"
done
expect 0 "$DNSCLAIM" check --ttl 1h "$work/clean.db"
shows "0 fail"
expect 0 "$DNSCLAIM" check --ttl 1h --json --threads 1 "$work/tampered.db"
cp "$work/out" "$work/one"
expect 0 "$DNSCLAIM" check --ttl 1h --json --threads 2 "$work/tampered.db"
cmp "$work/out" "$work/one" || fail "two threads give other bytes"
expect 2 "$DNSCLAIM" check --alpha 2 "$work/clean.db"
/usr/bin/python3 - "$work" <<'P' || fail "answers"
import json, sys
work = sys.argv[1]
screens = {s["id"]: s for s in json.load(open(work + "/one"))["integrity"]}
assert screens["short_gaps"]["result"] == "fail" and screens["short_gaps"]["p_adjusted"] <= .01
assert screens["subsecond"]["result"] == "not_applicable"
clean, bad = ({c["id"]: c for c in json.load(open(work + "/out-" + w + "/results.json"))["claims"]}
              for w in ("clean", "tampered"))
assert clean["hours"]["verdict"] == "stands" and clean["hours"]["conditional_on"] is None
assert bad["hours"]["verdict"] == "undetermined" and bad["hours"]["why"] == "integrity_failed"
assert bad["hours"]["conditional_on"] == "short_gaps" and bad["hours"]["nulls"][0]["p"] < .01
assert bad["altered"]["verdict"] == "stands" and bad["below"]["verdict"] == "explained"
assert clean["altered"]["verdict"] != "stands" and clean["below"]["verdict"] != "explained"
for w in (clean, bad):
    a, b = w["altered"], w["below"]
    assert a["effect"] == b["effect"] and a["nulls"] == b["nulls"]
P
