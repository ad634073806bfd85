#!/usr/bin/env bash
# A sender's mail log, a monitor's schedule, recipients and a second copy of a log: with each, its explanation
# is tested, and a claim that the cause accounts for does not stand. All look-ups here are simulated.
. tests/lib.sh
d=$DNSCLAIM

/usr/bin/python3 - "$work" <<'PY'
import random, sys
from datetime import datetime, timedelta, timezone
d, r = sys.argv[1] + "/", random.Random(5)
start, DAYS = datetime(2024, 1, 1, tzinfo=timezone.utc), 56
iso = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")
rows, mails = [], []
def through_cache(times, client, name):
    free = start
    for t in sorted(times):
        if t >= free and t < start + timedelta(days=DAYS):
            rows.append((t, client, name))
            free = t + timedelta(hours=1)
def demand(per_day):
    t, v = start, []
    while (t := t + timedelta(days=r.expovariate(per_day))) < start + timedelta(days=DAYS):
        v.append(t)
    return v
mailed = [start + timedelta(days=k, hours=9 + 8 * r.random()) for k in range(DAYS) for _ in range(4) if k % 7 < 5]
later = lambda v: [t + timedelta(seconds=r.expovariate(1 / 300)) for t in v]
through_cache(demand(6) + later(mailed), "192.0.2.1", "mailed.example")
turns = [start + timedelta(hours=2 * k, seconds=r.random() * 5) for k in range(12 * DAYS)]
through_cache(demand(1) + turns, "192.0.2.1", "watched.example")
through_cache(demand(.1), "192.0.2.2", "mailed.example")
for k in range(24):
    through_cache(demand(6), "192.0.2.1", f"p{k:02d}.example")
    through_cache(demand(.1), f"198.51.100.{k}", "watched.example")
ended = [start + timedelta(days=k, hours=9 + 8 * r.random()) for k in range(40) for _ in range(8) if k % 7 < 5]
through_cache(demand(5) + later(ended), "192.0.2.1", "ended.example")
rows.sort()
for name, keep in (("log", lambda row, i: True), ("copy", lambda row, i: i % 20 and (row[2] != "p00.example" or i % 3))):
    with open(d + name + ".csv", "w") as f:
        print("time,client,name", file=f)
        for i, (t, c, n) in enumerate(rows):
            if keep((t, c, n), i):
                print(iso(t), c, n, sep=",", file=f)
for file, times in (("mails", mailed + [mailed[0]]), ("ended", ended)): # a time may stand twice in a log
    with open(f"{d}{file}.csv", "w") as f:
        print("client,time", file=f)
        for t in sorted(times):
            print("192.0.2.1", iso(t), sep=",", file=f)
PY
for x in log copy; do expect 0 "$d" ingest --quiet -o "$work/$x.db" "$work/$x.csv"; done

tested() { # NAME
    expect 0 "$d" test --quiet "$work/log.db" "$work/$1.yaml" -o "$work/$1"
}

study() { # NAME MAILINGS RECIPIENTS MONITORS COPY ENDED
    cat >"$work/$1.yaml" <<Y
study: what another log shows (simulated)
simulated: by a test
plan: {ttl: 1h, alpha: 0.05, max_replicates: 999, correction: none, calibration: off, power: false}
searched: 1
groups:
  me: {clients: [192.0.2.1]}
  mailed: {names: [mailed.example]}
  watched: {names: [watched.example]}
  first: {names: [p00.example]}
  ended: {names: [ended.example]}
  others: {names: ["p*.example"]}
claims:
  - {id: hours, kind: timing, feature: hours, direction: more, effect: 1.5, client: me, name: mailed$2,
     hours: {timezone: UTC, from: "09:00", to: "17:00"}}
  - {id: volume, kind: volume, direction: more, effect: 1.4, client: me, name: mailed, compare: others$2}
  - {id: share, kind: exclusivity, direction: at_least, effect: 0.6, client: me, name: mailed,
     coverage: {value: 1, source: the test}$3}
  - {id: timer, kind: timing, feature: regular, direction: less, effect: 0.7, client: me, name: watched$4}
  - {id: turns, kind: volume, direction: more, effect: 1.4, client: me, name: watched, compare: others$4}
  - {id: forged, kind: authenticity, direction: altered, effect: 0.05, client: me, name: first$5}
  - {id: fell, kind: reaction, direction: less, effect: 0.6, client: me, name: ended, date: 2024-02-10, controls: others$6}
Y
    tested "$1"
}
study without "" "" "" "" ""
mails=", mailings: {file: mails.csv, after: 1h, source: a mail server of the test}"
study with "$mails" ", mailings: {file: mails.csv, after: 1d}" ', monitors: {every: 2h, from: 2024-01-01, after: 1m}' ', copy: copy.db' ', mailings: {file: ended.csv, after: 1h}'
sed -E 's/direction: more/direction: less/; s/direction: at_least|direction: altered/direction: below/
    /feature: regular|kind: reaction/s/direction: less/direction: more/' "$work/with.yaml" >"$work/turned.yaml"
tested turned

/usr/bin/python3 - "$work" <<'PY' || fail "what another log shows"
import json, sys
d = sys.argv[1] + "/"
read = lambda x: json.load(open(f"{d}{x}/results.json"))
without, given, turned = read("without"), read("with"), read("turned")
null = {"hours": "mail", "volume": "mail", "share": "mail", "timer": "monitor", "turns": "monitor", "forged": "versions", "fell": "mail"}
a, b = ({c["id"]: c for c in x["claims"]} for x in (without, given))
def of(c):
    return next(n for n in c["nulls"] if n["id"] == null[c["id"]])
for i in null:
    assert of(a[i])["verdict"] == "untestable" and of(a[i])["why"] == "needs_data", of(a[i])
    assert any(m["need"] in of(a[i])["note"] for m in a[i]["missing"]), (of(a[i]), a[i]["missing"])
    assert of(b[i])["verdict"] != "untestable" and of(b[i])["note"], (i, of(b[i]))
# Made by mailings: the claim stood while nobody knew of them, and is explained by them.
for i in ("hours", "volume"):
    print("note:", i, a[i]["verdict"], a[i]["why"], "->", b[i]["verdict"], of(b[i])["p"], of(b[i])["u"])
    assert of(b[i])["verdict"] == "not_rejected" and b[i]["verdict"] != "stands", (i, of(b[i]))
assert b["hours"]["verdict"] == "explained" and "a mail server of the test" in of(b["hours"])["note"], b["hours"]["why"]
assert of(b["share"])["verdict"] == "not_rejected", of(b["share"])
for i in ("timer", "turns"): # a monitor's
    assert of(b[i])["verdict"] == "not_rejected" and b[i]["verdict"] != "stands", of(b[i])
# The mails ended at the date: at equal shares of their time nothing fell.
print("note: fell", a["fell"]["verdict"], a["fell"]["why"], "->", b["fell"]["verdict"], of(b["fell"])["p"], of(b["fell"])["note"])
assert of(b["fell"])["verdict"] == "not_rejected" and b["fell"]["verdict"] == "explained", (of(b["fell"]), b["fell"]["why"])
assert "the ratio is " in of(b["fell"])["note"], of(b["fell"])["note"]
# A third of the pair's rows are in no copy, a twentieth of the others'.
assert of(b["forged"])["p"] <= .05 and .3 < of(b["forged"])["observed"] < .45, of(b["forged"])
# Who denies the claim sees the same numbers, and is right exactly when it is explained.
for c, o in zip(given["claims"], turned["claims"], strict=True):
    assert c["direction"] != o["direction"], c["id"]
    for n, m in zip(c["nulls"], o["nulls"], strict=True):
        for k in ("statistic", "observed", "replicates", "exceed", "p", "p_lo", "p_hi", "u", "power"):
            assert n[k] == m[k], (c["id"], n["id"], k, n[k], m[k])
    assert (c["verdict"] == "stands") == (o["verdict"] == "explained"), (c["id"], c["verdict"], o["verdict"])
    assert (o["verdict"] == "stands") == (c["verdict"] == "explained"), (c["id"], c["verdict"], o["verdict"])
roles = {(f["claim"], f["role"]) for f in given["study"]["files"]}
assert {("hours", "mailings"), ("volume", "mailings"), ("share", "mailings"), ("fell", "mailings")} <= roles, roles
PY
expect 0 "$d" verify "$work/with" "$work/log.db" --study "$work/with.yaml"
shows "same numbers"
grep -q "sessions come within 1h after a stated moment" "$work/with/tables/claims.nulls.csv" || fail "the report does not say how much was set aside"
