#!/usr/bin/env bash
# Swap test (issue: every kind of claim). Each claim of tests/data/swap/study.yaml is tested as it stands and
# turned to its kind's other direction, over the same cases: all numbers are the same, and one
# stands exactly when the other is explained. Over the worlds each kind is answered both ways round
# where a world makes it true, else one way; a failed screen of the log leaves neither side an answer.
. tests/lib.sh
d=$DNSCLAIM data=tests/data/swap
cp $data/events.csv "$work"

# world: ids of the claims that are tested there
worlds='innocent volume exclusivity rarity hours regular synchrony alignment reaction rise authenticity
as-claimed volume exclusivity rarity hours synchrony alignment reaction rise
timer regular
tampered regular authenticity'

while read -r world ids; do
    "$d" simulate $data/$world.yaml -o "$work/simulated-$world.csv"
    "$d" ingest --quiet -o "$work/$world.db" "$work/simulated-$world.csv"
    /usr/bin/python3 - $data/study.yaml "$work" "$world" $ids <<'PY' || fail "$world: study"
import re, sys
study, work, world, *ids = sys.argv[1:]
other = {"more": {"synchrony": "below", "alignment": "below"}, "at_least": "below", "altered": "below", "less": "more"}
head, *claims = re.split(r"(?m)^  - ", open(study).read())
claims = [c for c in claims if re.match(r"\{id: ([a-z]+)", c)[1] in ids]
assert len(claims) == len(ids), ids
def turned(c):
    kind, direction = re.search(r"kind: ([a-z]+)", c)[1], re.search(r"direction: ([a-z_]+)", c)[1]
    o = other[direction]
    return c.replace("direction: " + direction, "direction: " + (o if isinstance(o, str) else o.get(kind, "less"))) \
        .replace("{id: ", "{id: not-")
open(f"{work}/{world}.yaml", "w").write(head + "".join("  - " + c for c in claims + [turned(c) for c in claims]))
PY
    expect 0 "$d" test --quiet "$work/$world.db" "$work/$world.yaml" -o "$work/$world"
done <<<"$worlds"

mapfile -t names < <(cut -d' ' -f1 <<<"$worlds")
/usr/bin/python3 - "$work" "${names[@]}" <<'PY' || fail "swap"
import collections, json, sys
work, *worlds = sys.argv[1:]
NUMBERS = ("id", "role", "statistic", "observed", "replicates", "exceed", "p", "log10_p", "p_lo", "p_hi", "p_floor", "u", "power")
seen, wrong = collections.Counter(), []
for world in worlds:
    claims = json.load(open(f"{work}/{world}/results.json"))["claims"]
    half = len(claims) // 2
    for c, o in zip(claims[:half], claims[half:], strict=True):
        where = f"{world} {c['id']}: {c['verdict']} ({c['why']}), opposite {o['verdict']} ({o['why']})"
        if c["direction"] == o["direction"]:
            wrong.append(where + ": not turned")
        if c["effect"] != o["effect"]:
            wrong.append(f"{where}: effect {c['effect']} {o['effect']}")
        for n, m in zip(c["nulls"], o["nulls"], strict=True):
            for k in NUMBERS:
                if n[k] != m[k]:
                    wrong.append(f"{where}: {n['id']}.{k} is {n[k]} and {m[k]}")
        if (c["verdict"] == "stands") != (o["verdict"] == "explained") or \
                (o["verdict"] == "stands") != (c["verdict"] == "explained"):
            wrong.append(where)
        kind = c["kind"] + "/" + c["feature"] if c["feature"] else c["kind"]
        seen[kind, c["verdict"]] += 1
print("\n".join(wrong))
kinds = {k for k, _ in seen}
both = [k for k in kinds if seen[k, "stands"] and seen[k, "explained"]]
answered = [k for k in kinds if seen[k, "stands"] or seen[k, "explained"]]
print("note: swap: both ways", ", ".join(sorted(both)), "; one way", ", ".join(sorted(set(answered) - set(both))))
open(work + "/kinds", "w").write("\n".join(sorted(kinds)) + "\n")
sys.exit(bool(wrong) or len(answered) < len(kinds) or len(both) < 6)
PY
[ "$(cat "$work/kinds")" = "$("$d" list claims | grep -v '^ ' | cut -f1 | LC_ALL=C sort)" ] ||
    fail "kinds without a swap test: $(cat "$work/kinds")"
