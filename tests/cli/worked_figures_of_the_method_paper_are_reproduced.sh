#!/usr/bin/env bash
# Every worked figure of the method paper (its section 7) that published counts give is what the program
# makes of the shipped figures, to the digits that the paper prints; and nothing stands on figures alone.
# The figures about rows (a log of whole seconds has no sub-second digits) are in studies.sh.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }

sed "s/days: 142/days: 143/" studies/alfa-2016/figures.yaml >"$dir/inclusive.yaml"
"$DNSCLAIM" figures --json "$dir/inclusive.yaml" >"$dir/inclusive.json" || fail "143 days"
for f in studies/alfa-2016 studies/yota-2017; do
    "$DNSCLAIM" figures --json "$f/figures.yaml" >"$dir/$(basename "$f").json" || fail "$f"
done
# in words, each with its unit: no key of the JSON, and no number that ends its line
for f in studies/alfa-2016 studies/yota-2017; do
    "$DNSCLAIM" figures "$f/figures.yaml" >"$dir/text"
    grep -q "^  .*  as a share$" "$dir/text" || fail "$f: no unit"
    ! grep -nE '^  [a-z0-9]+_[a-z0-9_]+ |^  [a-z].* [-.0-9e]+ *$' "$dir/text" || fail "$f: a key, or no unit"
done
/usr/bin/python3 - "$dir" <<'PY' || fail "figures"
import json, sys
alfa, yota, inclusive = (json.load(open(sys.argv[1] + "/" + n + ".json"))["claims"]
                         for n in ("alfa-2016", "yota-2017", "inclusive"))
for c in alfa + yota:
    assert c["verdict"] == "undetermined" and c["why"] == "not_identifiable" and c["what_would_settle_it"]
f = next(c for c in alfa if c["id"] == "exclusive")["what_the_figures_bound"]
assert round(100 * f["share"], 2) == 99.80 and round(100 * f["share_lo"], 2) == 99.59 and round(100 * f["share_hi"], 2) == 99.92
assert f["sources_not_seen_at_least_chao1"] == 5 and round(100 * f["next_is_of_a_new_source"], 2) == .14
assert round(100 * f["coverage_of_others_for_share_under_half"], 2) == .20
assert round(100 * f["coverage_of_others_for_share_under_nine_tenths"], 1) == 1.8
# 3,546 / .99 - 3,553 and 3,546 - 7: so few look-ups of others that were not seen break "99 %", so many a majority
assert round(f["unseen_of_others_for_share_under_the_effect"], 1) == 28.8 and round(f["unseen_of_others_for_share_under_half"]) == 3539
assert round(f["split_z_against_a_fair_coin"], 2) == .51 and .5 < f["split_p_of_a_fair_coin"] < .7
# with the "99 %" in place of the table
assert round(100 * f["coverage_of_others_for_half_were_the_share_as_claimed"], 1) == 1.0
assert round(100 * f["coverage_of_others_for_nine_tenths_were_the_share_as_claimed"], 1) == 9.1
assert (f["total_for_the_percentages_stated_at_least"], f["total_for_the_percentages_stated_at_most"]) == (3534, 3547)
y = yota[0]["what_the_figures_bound"]
assert round(100 * y["share_at_most"], 3) == .033 and y["devices_that_make_as_many"] < 1

b = yota[0]["base_rate"]  # no denominator, no odds
assert b["why"] and b["posterior_odds"]["value"] is None and b["ratio"]["value"] is None, b

# The worked figures of the method paper (section 7), to the digits that it prints.
by = {c["id"]: c["what_the_figures_bound"] for c in alfa}
KEYS = ("lookups_per_cache_and_day", "share_of_the_most_that_the_cache_lets_through", "demand_per_hour_and_cache",
        "demand_times_time_to_live", "hidden_share_of_demand", "implied_demand", "variation_of_gaps_expected")
for claim, digits, worked in (
        ("volume-two-caches", (2, 2, 2, 2, 2, 0, 2), (9.93, .41, .71, .71, .41, 4810, .59)),
        ("volume-one-cache", (2, 2, 2, 2, 2, 0, 2), (19.86, .83, 4.80, 4.80, .83, 16344, .17)),
        ("volume-spectrum", (2, 2, 2, 2, 2, 0, 2), (5.03, .21, .27, .27, .21, 903, .79))):
    got = tuple(round(by[claim][k], d) for k, d in zip(KEYS, digits))
    assert got == worked, (claim, got, worked)
assert all(by[c]["most_that_each_cache_lets_through"] == 3408 for c in ("volume-two-caches", "volume-one-cache", "volume-spectrum"))
later = {c["id"]: c["what_the_figures_bound"] for c in inclusive}  # 143 days, both ends counted: -0.7 %
change = later["volume-one-cache"]["lookups_per_cache_and_day"] / by["volume-one-cache"]["lookups_per_cache_and_day"] - 1
assert round(100 * change, 1) == -.7, change
ratio = by["volume-one-cache"]["implied_demand"] / by["volume-two-caches"]["implied_demand"]
assert round(ratio, 1) == 3.4, ratio
assert round(by["vanished"]["log10_p_if_days_are_poisson"]) == -17, by["vanished"]
assert round(by["vanished"]["p_if_days_scatter_as_stated"], 3) == .025, by["vanished"]
assert round(by["election-moments"]["chance_that_one_date_is_near_one_of_them"], 2) == .25, by["election-moments"]
PY
