#!/usr/bin/env bash
# Two rows a pair, the same bytes on 1, 2 and 8 threads, and the same numbers as TSV and JSON.
. tests/lib.sh

rows 20000 5 >"$work/a.csv"
for i in $(seq 0 24); do # a burst of one pair: 25 look-ups, 130 s apart
    echo "$((1467504000 + 130 * i)).000,192.0.2.3,n70.example,A,NOERROR"
done >>"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" --dedup 0 "$work/a.csv"
for n in 1 2 8; do
    expect 0 "$DNSCLAIM" scan "$work/x.case" -o "$work/$n.tsv" --threads $n --max-replicates 499 --quiet
    [ ! -s "$work/err" ] || fail "--quiet is not: $(cat "$work/err")"
done
cmp "$work/1.tsv" "$work/2.tsv" && cmp "$work/1.tsv" "$work/8.tsv" || fail "threads show"
head -1 "$work/1.tsv" | tr '\t' '\n' >"$work/columns"
[ "$(head -4 "$work/columns" | tr '\n' ' ')" = "client name kind lookups " ] || fail "heading"

expect 0 "$DNSCLAIM" scan "$work/x.case" --format jsonl -o "$work/x.jsonl" --max-replicates 499
says "level: "
says "burst: "
/usr/bin/env python3 - "$work" <<'PY' || fail "rows"
import csv, json, sys
work = sys.argv[1]
def constant(name): raise ValueError(name)
lines = [json.loads(line, parse_constant=constant) for line in open(work + "/x.jsonl")]
table = list(csv.reader(open(work + "/1.tsv"), delimiter="\t"))
head, rows = table[0], table[1:]
assert len(rows) == len(lines) and all(list(x) == head for x in lines)
for text, x in zip(rows, lines):
    for key, value in zip(head, text):
        if x[key] is None: assert value == "", (key, value)
        elif isinstance(x[key], str): assert value == x[key]
        else: assert float(value) == x[key], (key, value, x[key])
# every pair of the log, each kind once, raw counts as the log has them
count = {}
for row in csv.DictReader(open(work + "/a.csv")):
    key = row["client"], row["name"]
    count[key] = count.get(key, 0) + 1
seen = {(x["client"], x["name"], x["kind"]): x for x in lines}
assert len(seen) == len(lines) == 2 * len(count)
for (client, name, kind), x in seen.items():
    assert x["lookups"] == count[client, name]
    ok = x["state"] == "ok"
    for key in ("p", "log10_p", "p_mid", "p_tested", "q", "q_by", "score", "expected", "lo", "hi", "rank", "model"):
        assert (x[key] is not None) == ok, (key, x)
    if ok:
        assert 0 < x["p"] <= min(x["q"], x["q_by"], x["q_random"]) <= 1 and x["lo"] <= x["hi"]
        assert abs(10 ** x["log10_p"] / x["p"] - 1) < 1e-9
    if x["state"] == "too_few": assert seen[client, name, "level"]["observed"] < 10
    assert (x["when"] is not None) == (ok and kind == "burst")
n = {k: sum(x["kind"] == k and x["state"] == "ok" for x in lines) for k in ("level", "burst")}
for x in lines:
    if x["state"] == "ok":  # allows for selection by --min-count: never below N p (of a burst: N p)
        ratio = x["by_chance"] / (n[x["kind"]] * x["p"])
        assert ratio > 1 - 1e-9 if x["kind"] == "level" else abs(ratio - 1) < 1e-9
        assert abs(x["by_chance"] / (n[x["kind"]] * x["p_tested"]) - 1) < 1e-9 and x["p"] <= x["p_tested"] <= x["q"]
# least p first; the planted burst is the first of its kind
p = [x["log10_p"] for x in lines if x["state"] == "ok"]
assert p == sorted(p)
first = [x for x in lines if x["kind"] == "burst"][0]
assert (first["name"], first["when"]) == ("n70.example", "2016-07-03T00:00:00Z"), first
assert first["rank"] == 1 and first["observed"] >= 25 and abs(first["p"] * 500 - 1) < 1e-12
PY

# days off of the country, and of a list that knows another year only
expect 0 "$DNSCLAIM" scan "$work/x.case" --holidays US --max-replicates 9 --quiet
[ "$(wc -l <"$work/out")" = "$(wc -l <"$work/1.tsv")" ] || fail "--holidays US: rows"
printf 'date,name\n2001-07-04,x\n' >"$work/off.csv"
expect 2 "$DNSCLAIM" scan "$work/x.case" --holidays XX --quiet
says "holidays: expected RU, US, or the path of a list, found 'XX'"
expect 1 "$DNSCLAIM" scan "$work/x.case" --holidays "$work/off.csv" --quiet
says "holidays: expected days of every year"

expect 0 "$DNSCLAIM" scan "$work/x.case" --top 3 --max-replicates 99 --quiet
[ "$(wc -l <"$work/out")" = 7 ] || fail "--top 3: $(wc -l <"$work/out") lines"
