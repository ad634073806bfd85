#!/usr/bin/env bash
# The parts fit, group and rolling of explain, a trend and holidays, against the log by python.
. tests/lib.sh

/usr/bin/env python3 - >"$work/a.csv" <<'PY'
import datetime, random
random.seed(5)
print("time,client,name,qtype")
start = datetime.datetime(2016, 5, 2)
for day in range(100):
    for client in range(8):
        for name in range(3):
            n = random.choice((0, 1, 2)) + (25 if (day, client, name) == (90, 1, 1) else 0)
            for t in sorted(random.sample(range(0, 86400, 120), n)):
                at = start + datetime.timedelta(days=day, seconds=t)
                print(at.strftime("%Y-%m-%dT%H:%M:%SZ") + ",192.0.2.%d,n%d.example,A" % (client, name))
PY
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" --dedup 0 "$work/a.csv"
pair="--client 192.0.2.1 --name n1.example"
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --json --parts fit,group,rolling
cp "$work/out" "$work/x.json"
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --json --parts models --season none \
    --model poisson --trend --holidays US
cp "$work/out" "$work/m.json"
expect 0 "$DNSCLAIM" explain "$work/x.case" $pair --json --parts hours --holidays RU
cp "$work/out" "$work/h.json"
expect 1 "$DNSCLAIM" explain "$work/x.case" $pair --holidays "$work/a.csv"
/usr/bin/env python3 - "$work" <<'PY' || fail "explain"
import json, sys
x = json.load(open(sys.argv[1] + "/x.json"))
r = x["rolling"]
assert r["most_surprising_day"].startswith("2016-07-31"), r
assert r["observed"] >= 25 and r["expected"] < 3 and r["p_after_all_days"] < 1e-6
assert r["observed"] > r["largest_count_that_is_no_alarm_at_.005"] >= 2
g = x["group"]
assert g["pairs_in_group"] >= 5 and g["pair_left_out"]
assert g["ratio_shrunk_lo"] < g["ratio_shrunk"] < g["ratio_shrunk_hi"]
assert min(1, g["ratio_to_peers"]) - .2 < g["ratio_shrunk"] < max(1, g["ratio_to_peers"]) + .2
f = x["fit"]
assert abs(sum(f["adequacy"]["pit_tenths"].values()) - 1) < 1e-9
assert 0 < f["adequacy"]["pit_p"] <= 1
laws = {l["law"]: l for l in f["days"]["laws"]}
assert laws["hurdle_nb"]["loglik"] >= laws["hurdle_poisson"]["loglik"] - 1e-6
d = json.load(open(sys.argv[1] + "/h.json"))["hours"]["days_off"]
assert d["list"] == "RU" and d["grade"] == "unverified [B]" and "Decree" in d["source"], d
# 2 and 3 May with 2 moves, 9 May with what they leave, 12 and 13 June with 4: 3 2 5 ways
assert d["occasions"] == 3 and d["same_weekdays_within_three_weeks"] == 7, d
assert abs(d["least_p_possible"] - 1 / 30) < 1e-12, d
assert 0 < d["by_moves"]["p_more"] <= 1 and 0 < d["by_moves"]["p_less"] <= 1
(m,) = json.load(open(sys.argv[1] + "/m.json"))["models"]
assert [p["name"] for p in m["params"]] == ["ln rate per hour", "trend over the window", "holiday"]
PY
