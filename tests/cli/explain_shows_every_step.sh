#!/usr/bin/env bash
# One pair's numbers against the log by awk and python, and against the rows of scan.
. tests/lib.sh

rows 9000 11 >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" --dedup 0 "$work/a.csv"
pair="--client 192.0.2.1 --name n2.example"
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --json --ttl 5m --max-replicates 199
cp "$work/out" "$work/x.json"
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --json --season none --model poisson
cp "$work/out" "$work/one.json"
expect 0 "$DNSCLAIM" scan "$work/x.case" --format jsonl --min-count 20 --ttl 5m -o "$work/x.jsonl" \
    --quiet --max-replicates 199
/usr/bin/env python3 - "$work" <<'PY' || fail "explain"
import csv, json, math, sys, time
work = sys.argv[1]
def constant(name): raise ValueError(name)
x = json.load(open(work + "/x.json"), parse_constant=constant)
t = {}
for row in csv.DictReader(open(work + "/a.csv")):
    if (row["client"], row["name"]) == ("192.0.2.1", "n2.example"):
        t.setdefault(row["qtype"], []).append(int(row["time"].split(".")[0]))
assert x["lookups"] == sum(map(len, t.values()))
for gap in (1, 5, 30, 60):
    n = sum(1 + sum(b - a > gap for a, b in zip(s, s[1:])) for s in map(sorted, t.values()))
    assert x["sessions_at_gap"]["%ds" % gap] == n, gap
assert x["sessions"] == x["sessions_at_gap"]["30s"] == sum(y["sessions"] for y in x["types"])
assert x["time"]["caches"] == len(t) == 2
ids = [m["id"] for m in x["models"]]
assert "poisson const" in ids and "negbin const" in ids and x["chosen"] in ids
best = min((m for m in x["models"] if m["loglik"] is not None), key=lambda m: m["bic"])
assert best["id"] == x["chosen"]
for m in x["models"]:
    if m["loglik"] is not None:
        assert abs(m["aic"] - (2 * len(m["params"]) - 2 * m["loglik"])) < 1e-9 * abs(m["aic"])
        assert m["params"][0]["name"] == "ln rate per hour" and m["params"][0]["se"] > 0
# one rate without a TTL is sessions over live hours of both types, its error 1 / sqrt(n)
one = json.load(open(work + "/one.json"))
(m,) = one["models"]
rate = one["sessions"] / one["time"]["at_risk_cache_hours"]
assert abs(m["params"][0]["value"] - math.log(rate)) < 1e-9
assert abs(m["params"][0]["se"] - one["sessions"] ** -.5) < 1e-9
assert abs(one["time"]["at_risk_cache_hours"] - 2 * one["time"]["live_hours"]) < 1e-9
for cache in x["gaps_and_cache_by_type"]:
    low = cache["params"][0]
    assert cache["id"] == "cache" and low["lo"] < low["value"] < low["hi"]
    assert abs(cache["cv_expected"] - 1 / (1 + low["value"] * 300 / 3600)) < 1e-9
    assert {s["statistic"] for s in cache["excess_gap_tests"]} >= {"ks", "ad", "cv"}
# the factor of the cache at a period is that of its own rate, and p is never 0
import cmath
for cache, timing in zip(x["gaps_and_cache_by_type"], x["timing_by_type"]):
    assert cache["qtype"] == timing["qtype"]
    found = timing["period"].get("search")
    if found:
        rate, w = cache["params"][0]["value"] / 3600, 2 * math.pi / found["strongest_at_s"]
        phi = cmath.exp(1j * w * 300) * rate / (rate - 1j * w)
        s = (1 - abs(phi) ** 2) / abs(1 - phi) ** 2
        assert abs(found["cache_factor"] - s) < 1e-6 * s
        assert 0 < found["p"] <= 1 and found["longest_s"] <= 21600
# ratios are of the scores, and random look-ups are called no timer
for timing in x["timing_by_type"]:
    m = timing["cache_or_timer"]
    if "makers" in m:
        score = {one["id"]: one["score"] for one in m["makers"]}
        lr = (score[m["best_timer"]] - score[m["best_demand"]]) / math.log(10)
        assert abs(m["log10_lr_timer_over_demand"] - lr) < 1e-9 and m["answer"] != "timer"
# working hours by hand; random look-ups tell no zone, and the note is always there
t9 = [s for s in sum((sorted(v) for v in t.values()), []) if time.gmtime(s).tm_wday < 5
      and 9 <= time.gmtime(s).tm_hour < 18]
inside = x["hours"]["weekdays_9_to_18"]
assert 0 <= len(t9) - inside["sessions_in"] < 5  # repeats within 30 s
assert inside["sessions_in"] + inside["sessions_out"] == x["sessions"]
assert "set_of_95_percent" not in x["hours"]["time_zones"]
assert "need not be a human at the client" in x["hours"]["note"]
# the rows of scan
for line in open(work + "/x.jsonl"):
    r = json.loads(line)
    if (r["client"], r["name"]) == ("192.0.2.1", "n2.example"):
        mine = x[r["kind"] + "_over_all_live_time"]
        for key in ("state", "model", "observed", "expected", "lo", "hi", "p", "score"):
            assert mine[key] == r[key], (key, mine[key], r[key])
PY
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --from 2016-07-03 --to 2016-07-05T00:00:00Z
shows "from 2016-07-03T00:00:00Z"
shows "live_hours 48"
shows "chosen "

# A second pair: its counts by hand, and what each method must say of a pair that follows.
/usr/bin/env python3 - "$work" <<'PY' || fail "made pair"
import random, sys
random.seed(5)
out = open(sys.argv[1] + "/pair.csv", "w")
out.write("time,client,name,qtype\n")
t, rows = 1467590400, []
while t < 1467590400 + 30 * 86400:
    t += 3600 + int(random.expovariate(1 / 5400))
    rows.append((t, "192.0.2.1", "a.example"))
    if random.random() < .4:
        rows.append((t + 20, "192.0.2.2", "b.example"))
    elif random.random() < .5:
        rows.append((t + 1800 + int(random.random() * 1500), "192.0.2.2", "b.example"))
for t, client, name in sorted(rows):
    out.write("%d,%s,%s,A\n" % (t, client, name))
PY
expect 0 "$DNSCLAIM" ingest -o "$work/pair.case" "$work/pair.csv"
expect 0 "$DNSCLAIM" explain "$work/pair.case" --client 192.0.2.1 --name a.example --json \
    --with-client 192.0.2.2 --with-name b.example --parts synchrony --max-replicates 199
cp "$work/out" "$work/pair.json"
/usr/bin/env python3 - "$work" <<'PY' || fail "explain of two pairs"
import csv, json, sys
work = sys.argv[1]
x = json.load(open(work + "/pair.json"))["synchrony"]
t = {"a.example": [], "b.example": []}
for row in csv.DictReader(open(work + "/pair.csv")):
    t[row["name"]].append(int(row["time"]))
a, b = t["a.example"], t["b.example"]
one = x["a_given_b_drawn"]
near = one["coincidences"]
assert near["sessions_given"] == len(a) and near["sessions_drawn"] == len(b)
for lag in near["lags"]:
    n = sum(any(s + lag["lag_s"] - 180 <= u < s + lag["lag_s"] + 180 for u in b) for s in a)
    assert lag["observed"] == n, lag
    assert 1 / 200 <= lag["p_over_all_lags"] <= 1
assert near["best_lag_s"] == 0 and near["p"] == 1 / 200
e = one["event_coincidence"]
assert e["precursor_drawn_after_given"]["sessions"] == sum(any(0 <= u - s <= 360 for s in a) for u in b)
assert e["trigger_given_before_drawn"]["sessions"] == sum(any(0 <= u - s <= 360 for u in b) for s in a)
assert e["trigger_given_before_drawn"]["p"] == 1 / 200
k = one["trigger"]["kernels"]
assert [i["mean_s"] for i in k] == [1, 10, 120, 1800]
assert one["trigger"]["p"] == 1 / 200 and one["trigger"]["best_mean_s"] == 10
assert one["trigger"]["extra_lo"] < .4 < one["trigger"]["extra_hi"]
assert x["residual_correlogram"]["p"] == 1 / 200 and x["shift_test"]["days_each_way"] in (9, 10)
PY
expect 2 "$DNSCLAIM" explain "$work/pair.case" --client 192.0.2.1 --name a.example \
    --with-client 192.0.2.1
says "expected a second pair"
expect 2 "$DNSCLAIM" explain "$work/pair.case" --client 192.0.2.1 --name a.example \
    --with-name nobody.example
says "--with-name: expected one of the case's"
# Gaps of at least 30 s are no evidence against demand behind answers that live 5 s.
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --parts timing --ttl 5s
shows "--session at most --ttl"
