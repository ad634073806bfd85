#!/usr/bin/env bash
# The twenty needs of the case paper (its section 7), in its order: each is run on one simulated log, and its numbers
# are where docs/methods.md says ("Twenty needs").
. tests/lib.sh
d=$DNSCLAIM pair="--client 192.0.2.1 --name mail.shop.example --ttl 1h"

"$d" simulate studies/dates/scenario.yaml -o "$work/log.csv"
sed '1000d' "$work/log.csv" >"$work/other.csv"
for x in log other; do expect 0 "$d" ingest --quiet -o "$work/$x.db" "$work/$x.csv"; done
cp studies/dates/*.csv "$work/"
cat >"$work/model.yaml" <<'Y'
scenario: the claimant's own account (simulated)
span: {from: 2024-01-01, to: 2024-05-20}
seed: 1
clients: {office: [192.0.2.1]}
names: {shop: [mail.shop.example]}
processes:
  - {id: people, kind: human, clients: office, names: shop, per_day: 8, hours: "09:00-17:00", outside: 0.2}
caches:
  - {clients: office, names: shop, ttl: 1h}
Y
# The study of the dates, with a claim about hours, one about a share, and a claimant's own model.
sed -e 's/max_replicates: 9999/max_replicates: 199, calibration: off, power: false/' -e '/^  - {id: picked/,$d' studies/dates/study.yaml >"$work/study.yaml"
cat >>"$work/study.yaml" <<'Y'
  - {id: hours, kind: timing, feature: hours, direction: more, effect: 2, client: office, name: shop, model: model.yaml,
     hours: [{timezone: America/New_York, from: "09:00", to: "17:00"}, {timezone: Europe/Moscow, from: "09:00", to: "18:00"}]}
  - {id: share, kind: exclusivity, direction: at_least, effect: 0.9, client: office, name: shop, coverage: unknown,
     base_rate: {units: 100, innocent: case, source: a test}}
  - {id: level, kind: volume, direction: more, effect: 3, client: office, name: shop, compare: rest}
Y
expect 0 "$d" test --quiet "$work/log.db" "$work/study.yaml" -o "$work/r"
expect 0 "$d" explain "$work/log.db" $pair --with-client 192.0.2.1 --with-name mail.other1.example --max-replicates 99 --json
cp "$work/out" "$work/explain.json"
expect 0 "$d" scan "$work/log.db" --max-replicates 99
cp "$work/out" "$work/scan.tsv"
expect 0 "$d" figures --json studies/alfa-2016/figures.yaml
cp "$work/out" "$work/figures.json"

expect 0 "$d" info "$work/log.db" # 1, 2
for text in "content sha256" "sha256  " "span " "30 s         60 s"; do shows "$text"; done
expect 0 "$d" info "$work/log.db" --diff "$work/other.db"
shows "in one version only"

/usr/bin/python3 - "$work" <<'PY' || fail "a need is not met"
import html, json, sys
d = sys.argv[1] + "/"
r, e = json.load(open(d + "r/results.json")), json.load(open(d + "explain.json"))
screens = {s["id"] for s in r["integrity"]}
claim = {c["id"]: c for c in r["claims"]}
fact = {i: {f["id"]: f["value"] for f in c["subjects"][0]["facts"]} for i, c in claim.items()}
nulls = {i: {n["id"] for n in c["nulls"]} for i, c in claim.items()}
gaps, timing, caches = (e[k][0] for k in ("gaps_and_cache_by_type", "timing_by_type", "caches_by_type"))
figures = {c["id"]: c["what_the_figures_bound"] for c in json.load(open(d + "figures.json"))["claims"]}

assert {"gaps_shorter_than_ttl", "excess_gap_tests", "params", "dead_time_lo_s"} <= set(gaps), gaps.keys()                             # 3
assert {"ceiling", "saturation", "demand"} <= set(fact["level"]), fact["level"]                                      # 4
assert {"share_lo", "coverage_of_others_for_share_under_half"} <= set(figures["exclusive"])                          # 5
rows = [line.split(",") for line in open(d + "log.csv").read().split()[1:]]
asked = [row[1] for row in rows if row[2] == "mail.shop.example"]
assert abs(fact["share"]["lookups_share"] - asked.count("192.0.2.1") / len(asked)) < 1e-12 and "lookups_share" not in fact["hours"]
assert abs(fact["share"]["lookups_unseen"] - max(0, asked.count("192.0.2.1") / claim["share"]["effect_claimed"] - len(asked))) < 1e-6
assert "unseen_of_others_for_share_under_the_effect" in figures["exclusive"]
assert " ".join(open(d + "r/verdict.txt").read().split()).count("of all look-ups of these names that the sensors saw a share of 0.") == 1
assert claim["share"]["base_rate"]["posterior_odds"] and any("coverage" in m["need"] for m in claim["share"]["missing"])
assert {"expected_by_chance", "holds_up_to", "ratio_searched"} <= set(claim["level"]["search"])                      # 6
assert all(c["correction"]["name"] == "holm" for c in r["claims"]) and "\tq\t" in open(d + "scan.tsv").readline()
assert "peers" in nulls["level"] and "group" in e and "level_over_all_live_time" in e, e.keys()                      # 7
assert "silences" in screens and "silences" in r["case"]                                                             # 8
assert {"shift_test", "days_permuted_within_weekday", "residual_correlogram"} <= set(e["synchrony"])                 # 9
assert {"period", "cache_or_timer", "bayes_factor"} <= set(timing), timing.keys()                                     # 10
assert 0 < fact["hours"]["hours_cover"] < 1 and 0 < fact["hours"]["hours_share"] <= 1, fact["hours"]                 # 11
assert {"saturday_and_sunday", "night_0_to_6"} <= set(e["hours"]), e["hours"].keys()
assert {"coverage", "rotation", "choice"} <= nulls["follows"], nulls["follows"]                                      # 12
assert {"date", "date_lo", "p", "change_beyond_all_others"} <= set(e["events"]["change"]) and e["events"]["blocks"]  # 13
assert {"placebo", "controls", "dates"} <= nulls["vanished"] and claim["vanished"]["causes"]["list"][0]["order"] in ("before", "after", "unknown")  # 14
assert e["first_look_over_all_live_time"], e.keys()                                                                  # 15
assert {"one_cache_with_the_second_pair", "one_population_with_the_second_pair"} <= set(caches), caches.keys()       # 16
assert {"subsecond", "seconds", "repeats", "offsets", "short_gaps", "server_shares", "floor", "order"} <= screens    # 17
rivals = {v["id"]: v for v in claim["hours"]["rivals"]["rows"]}                                                      # 18
assert {"claimant", "cache", "mail", "monitor", "retry", "loss", "forged", "lognormal", "hawkes"} <= set(rivals), rivals.keys()
assert rivals["cache"]["words"] and rivals["cache"]["cllr"] is not None and [m["share"] for m in rivals["cache"]["mimic"]] == [0, .5, .9]
ratios, cap = [v for v in rivals.values() if v["log10_lr"] is not None], claim["hours"]["rivals"]["log10_cap"]
assert abs(cap - 2) < 1e-9 and ratios and all(abs(v["log10_lr"]) <= cap and v["log10_lr_se"] >= 0 for v in ratios), ratios
assert all(abs(v["log10_lr"]) == cap for v in ratios if v["capped"]) and all(v["words"].startswith("void") for v in ratios if v["vetoed"] and v["distinguishable"])
text, evidence = (" ".join(html.unescape(open(d + "r/" + n).read()).split()) for n in ("report.html", "report.md"))
for v in ratios: # what they are worth: numbers, a table, Tippett's curves with their data and script
    assert 0 <= v["cllr_min"] <= v["cllr"] and abs(v["cllr"] - v["cllr_min"] - v["cllr_loss"]) < 1e-12 and v["mean_lr"] > 0, v
    name, logs = d + f"r/figures/{list(claim).index('hours') + 1}-hours-tippett-" + v["id"], claim["hours"]["rivals"]["logs"]
    plot, = [p for p in claim["hours"]["plots"] if p["id"] == "tippett-" + v["id"]]
    own, its = (list(zip(s["x"], s["y"])) for s in plot["series"][:2])
    blocks = [[tuple(map(float, l.split("\t"))) for l in b.splitlines() if l and l[0] != "#"] for b in open(name + ".tsv").read().split("\n\n\n")]
    assert blocks[:2] == [own, its] and "index 1" in open(name + ".gp").read() and plot["title"] in text, name
    for curve, wrong in (own, 1 - v["misleading_against"]), (its, v["misleading_for"]):
        assert 3 <= len(curve) <= 202 and curve[0][1] == 1 and curve[-1][1] == 0, curve
        assert all(a[0] < b[0] and a[1] >= b[1] for a, b in zip(curve, curve[1:])), curve
        assert abs([y for x, y in curve if x <= 0][-1] - wrong) <= 1 / 100, (v["id"], wrong, logs) # the share above 1, to a step of the curve
assert "What such ratios are worth" in text and "What such ratios are worth" in evidence
assert claim["level"]["sensitivity"] and all("power" in n for n in claim["level"]["nulls"])                          # 19; `power` has its own test
sheet = " ".join(open(d + "r/verdict.txt").read().split())                                                           # 20
for words in ("Are the data enough?", "Measured:", "Explanations not excluded:", "What would settle it", "Looks before this one", "Do not print"):
    assert words in sheet, words
PY
