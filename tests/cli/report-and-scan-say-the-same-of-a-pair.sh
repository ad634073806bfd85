#!/usr/bin/env bash
# What a report says of the claims' pairs among all pairs is what `scan` says of them; a pair that
# no claim is about is a point of the overview, without its name.
set -eu
d=/tmp/figs.x; rm -rf $d; mkdir $d
trap 'rm -rf "$d"' EXIT

/usr/bin/python3 tests/data/hostile.py >"$d/simulated.csv"
for i in $(seq 60); do # a pair that is unusual
    echo "$((1462060800 + i * 7200)),192.0.2.2,\"a|b|c.example\"" >>"$d/simulated.csv"
done
"$DNSCLAIM" ingest --quiet -o "$d/case.db" "$d/simulated.csv"
"$DNSCLAIM" test --quiet "$d/case.db" tests/data/hostile-study.yaml -o "$d/r" \
    --set max_replicates=99 --set calibration=off --set power=false
"$DNSCLAIM" scan --quiet --format jsonl --max-replicates 9 -o "$d/scan" "$d/case.db"
/usr/bin/python3 - "$d" <<'END'
import json, math, sys
d = sys.argv[1]
r = json.load(open(d + "/r/results.json"))["scan"]
levels = {(v["client"], v["name"]): v for v in map(json.loads, open(d + "/scan")) if v["kind"] == "level"}
tested = [v for v in levels.values() if v["state"] == "ok"]
assert r["pairs"] == len(levels) and r["tested"] == len(tested) == 32, (r["pairs"], r["tested"])
assert r["unusual"] == sum(v["q"] <= r["alpha"] for v in tested) >= 1, r["unusual"]
assert len(r["rows"]) == r["of_claims"] == 16
for row in r["rows"]:
    v = levels[row["client"], row["name"]]
    assert row["client"] == "192.0.2.1" and row["claims"] == ["hours"], row
    for key in ("lookups", "observed", "expected", "lo", "hi", "q"):
        assert row[key] == v[key], (key, row, v)
    assert math.isclose(row["p"] * r["tested"], v["by_chance"], rel_tol=1e-12), (row, v)
points = {s["name"]: len(s["x"]) for s in r["plots"][0]["series"]}
assert points["pairs of the claims"] == 16 and 2 <= len(points), points
assert "192.0.2.2" not in json.dumps(r), "a pair of no claim is named"
END
