#!/usr/bin/env bash
# Presence-days of every pair by a count of the rows, shrinkage that shrinks, the same bytes on any
# number of threads; explain prints the row of the pair; odds agrees with itself and refuses nonsense.
. tests/lib.sh

rows 20000 5 >"$work/a.csv"
for d in $(seq 0 19); do # a pair that asks every day
    echo "$((1467504000 + 86400 * d)).000,192.0.2.3,n70.example,A,NOERROR"
done >>"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" --dedup 0 "$work/a.csv"
for n in 1 3; do
    expect 0 "$DNSCLAIM" scan --unit days "$work/x.case" --format jsonl -o "$work/$n.jsonl" --threads $n --quiet
done
cmp "$work/1.jsonl" "$work/3.jsonl" || fail "threads show"
expect 0 "$DNSCLAIM" scan --unit days "$work/x.case" -o "$work/x.tsv"
says "days: "
expect 0 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.3 --name n70.example --parts contingency --json
/usr/bin/env python3 - "$work" <<'PY' || fail "rows"
import csv, json, sys
work = sys.argv[1]
lines = [json.loads(x) for x in open(work + "/1.jsonl")]
days = {}
for row in csv.DictReader(open(work + "/a.csv")):
    days.setdefault((row["client"], row["name"]), set()).add(int(float(row["time"]) // 86400))
assert len(lines) == len(days)
per_name = {}
for (client, name), d in days.items():
    per_name[name] = per_name.get(name, 0) + len(d)
for x in lines:
    assert x["days"] == len(days[x["client"], x["name"]]), x
    assert x["name_days"] == per_name[x["name"]]
    assert abs(x["share"] - x["days"] / x["name_days"]) < 1e-12
    if x["state"] != "ok": continue
    assert 0 < x["p"] <= x["p_listed"] * (1 + 1e-9) <= 1 + 1e-8, x
    assert x["p_listed"] <= x["q"] * (1 + 1e-9), x
    ratio = x["days"] / x["expected"]
    assert x["eb05"] <= x["eb95"] and x["ic025"] < x["ic"] + 1e-9, x
first = lines[0]
assert (first["client"], first["name"]) == ("192.0.2.3", "n70.example") and first["rank"] == 1
assert 1 < first["ebgm"] < first["days"] / first["expected"]
row = json.load(open(work + "/out"))["presence_days"]
assert row["days"] == first["days"] and abs(row["ebgm"] / first["ebgm"] - 1) < 1e-12
head = open(work + "/x.tsv").readline().rstrip("\n").split("\t")
assert head == list(first)
PY
expect 2 "$DNSCLAIM" scan --unit weeks "$work/x.case"
says "--unit: expected sessions or days"

expect 0 "$DNSCLAIM" odds --units 1000000 --chance 1e-6 --searched 5000 --json
/usr/bin/env python3 - "$work/out" <<'PY' || fail "odds"
import json, sys
x = json.load(open(sys.argv[1]))
assert abs(x["innocent_matches"] - 1) < 1e-9 and abs(x["island"] - .5) < 1e-9
assert abs(x["suspect_lr"] * x["suspect_prior_odds"] - x["posterior_odds"]) < 1e-9
assert abs(x["search_lr"] * x["search_prior_odds"] - x["posterior_odds"]) < 1e-9
PY
expect 2 "$DNSCLAIM" odds --units 10
says "--chance: expected a chance above 0 and at most 1, found none"
expect 2 "$DNSCLAIM" odds --units 10 --chance .1 --searched 50
says "--searched: expected 1 to M + 1"
