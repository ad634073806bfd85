#!/usr/bin/env bash
# The part joint of explain: dates that clients of a name have in common; rate, coverage or server.
. tests/lib.sh

# Four clients ask for a.example, three of them twice as often from 20 July on; two other names
# stay as they were in x.csv and rise as much in y.csv. In z the later days are another input,
# of another server. In few.csv another name is all that there is beside, twenty look-ups.
/usr/bin/env python3 - "$work" <<'PY'
import datetime, random, sys
random.seed(7)
start = datetime.datetime(2016, 5, 20)
head = "time,client,name,qtype\n"
with open(sys.argv[1] + "/x.csv", "w") as x, open(sys.argv[1] + "/y.csv", "w") as y, \
        open(sys.argv[1] + "/z1.csv", "w") as z1, open(sys.argv[1] + "/z2.csv", "w") as z2:
    for f in (x, y, z1, z2):
        f.write(head)
    for day in range(100):
        late = day >= 61
        for client in range(4):
            for name in "abc":
                rise = late and name == "a" and client < 3
                n = random.choice((2, 3, 4)) * (2 if rise else 1)
                more = n if late and not rise and name != "a" else 0
                times = random.sample(range(0, 86400, 120), n + more)
                for i, t in enumerate(sorted(times[:n]) + sorted(times[n:])):
                    at = (start + datetime.timedelta(days=day, seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")
                    row = "%s,192.0.2.%d,%s.example,A\n" % (at, client, name)
                    y.write(row)
                    if i < n:
                        x.write(row)
                        (z2 if late else z1).write(row)
with open(sys.argv[1] + "/x.csv") as x, open(sys.argv[1] + "/few.csv", "w") as few:
    few.writelines(row for row in x if "b.example" not in row and "c.example" not in row)
    for day in range(2, 100, 5):
        at = start + datetime.timedelta(days=day, seconds=43200)
        few.write(at.strftime("%Y-%m-%dT%H:%M:%SZ") + ",192.0.2.9,b.example,A\n")
# 700 days, one client that asks twice as often from the 400th on: cells of three days.
with open(sys.argv[1] + "/long.csv", "w") as f:
    f.write(head)
    for day in range(700):
        for t in sorted(random.sample(range(0, 86400, 300), 3 * (2 if day >= 399 else 1))):
            at = start + datetime.timedelta(days=day, seconds=t)
            f.write(at.strftime("%Y-%m-%dT%H:%M:%SZ") + ",192.0.2.0,a.example,A\n")
PY
cat >"$work/s.yaml" <<'EOT'
study: joint
plan: {seed: 1, alpha: 0.05, max_replicates: 99, bucket: 1h, session: 30s, ttl: {value: 1s, source: none}}
groups:
  three: {clients: [192.0.2.0, 192.0.2.1]}
  a: {names: [a.example]}
  rest: {names: [b.example, c.example]}
claims:
  - {id: fell, kind: reaction, direction: less, effect: 0.5, client: three, name: a, date: 2016-07-20, controls: rest}
EOT
for log in x y few long; do
    expect 0 "$DNSCLAIM" ingest -o "$work/$log.case" --dedup 0 "$work/$log.csv"
    expect 0 "$DNSCLAIM" explain "$work/$log.case" --client 192.0.2.0 --name a.example --json \
        --parts joint --max-replicates 199
    cp "$work/out" "$work/$log.json"
done
expect 0 "$DNSCLAIM" ingest -o "$work/z.case" --dedup 0 "$work/z1.csv@server=ns1.example" \
    "$work/z2.csv@server=ns2.example"
expect 0 "$DNSCLAIM" explain "$work/z.case" --client 192.0.2.0 --name a.example --json \
    --parts joint --max-replicates 199
cp "$work/out" "$work/z.json"
expect 0 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.0 --name a.example --json \
    --parts joint --max-replicates 99 --study "$work/s.yaml" --claim fell
cp "$work/out" "$work/claim.json"
expect 0 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.0 --name a.example --parts joint \
    --max-replicates 99
grep -q "reading rate, beyond all other pairs" "$work/out" || fail "text of joint"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.0 --name a.example --study "$work/s.yaml"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.0 --name a.example \
    --study "$work/s.yaml" --claim rose
/usr/bin/env python3 - "$work" <<'PY' || fail "explain --parts joint"
import json, sys
x, y, z, claim, few, long = (json.load(open("%s/%s.json" % (sys.argv[1], f)))["joint"] 
                        for f in ("x", "y", "z", "claim", "few", "long"))
(d,) = x["dates"]
assert abs(x["p_any_date"] - 1 / 200) < 1e-12 and d["date"].startswith("2016-07-20"), d
assert d["date_lo"][:10] <= "2016-07-20" <= d["date_hi"][:10] and d["p_one_date_for_all"] > .05
assert [p["takes_part"] for p in sorted(d["pairs"], key=lambda p: p["client"])] == [True] * 3 + [False], d
assert d["pairs_that_take_part"] == 3
for p in d["pairs"]:
    assert (1.8 if p["takes_part"] else .8) < p["rate_after_over_before"] < (2.2 if p["takes_part"] else 1.2)
    assert p["p"] <= p["p_joint"] + 1e-12
why = d["rate_coverage_or_server"]
assert why["reading"] == "rate, beyond all other pairs; of some of these pairs only", why
assert .9 < why["all_others_after_over_before"] < 1.1 and why["p_beyond_all_others"] <= .05
assert why["inputs_that_begin_or_end_near_it"] == 0 and why["clients_heard_before"] == 4
(d,) = y["dates"]
why = d["rate_coverage_or_server"]
assert why["reading"].startswith("not beyond the change of all other pairs"), why
assert 1.8 < why["all_others_after_over_before"] < 2.2 and why["p_beyond_all_others"] > .05
(d,) = few["dates"] # of twenty look-ups twice as many after would be no wonder
why = d["rate_coverage_or_server"]
assert .8 < why["all_others_after_over_before"] < 1.2 and why["p_beyond_all_others"] > .05, why
(d,) = z["dates"]
assert d["rate_coverage_or_server"]["reading"].startswith("an input begins or ends there"), d
assert d["rate_coverage_or_server"]["inputs_that_begin_or_end_near_it"] == 2
late = sum("a.example" in row for row in open(sys.argv[1] + "/z2.csv"))
assert d["rate_coverage_or_server"]["of_them_on_servers_of_inputs_that_begin_near_it"] == late > 300, d
assert d["rate_coverage_or_server"]["inputs_listening_before"] > .9, d
(d,) = long["dates"]
assert long["cell_hours"] == 72 and d["date"].startswith("2017-06-23"), d
assert d["p_one_date_for_all"] is None and d["rate_coverage_or_server"]["reading"].startswith("no other pairs"), d
assert claim["pairs_of_claim"] == "fell" and sorted(p["client"] for p in claim["pairs"]) == ["192.0.2.0", "192.0.2.1"]
PY
