#!/usr/bin/env bash
# dnsclaim simulate: same bytes from the same scenario and seed, two forms, refusals.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }
refuses() { # CODE TEXT ARGUMENTS...
    local code=$1 text=$2 got=0
    shift 2
    "$DNSCLAIM" simulate "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ $got = "$code" ] || fail "simulate $*: exit $got, expected $code: $(cat "$dir/err")"
    grep -qF -- "$text" "$dir/err" || fail "simulate $*: no '$text' in: $(cat "$dir/err")"
}

# the manual's example is a scenario
sed -n '/^```yaml$/,/^```$/p' docs/scenario.md | grep -v '^```' >"$dir/s.yaml"
s=$dir/s.yaml
"$DNSCLAIM" simulate "$s" -o "$dir/a.csv"
"$DNSCLAIM" simulate "$s" -o - >"$dir/b.csv"
cmp "$dir/a.csv" "$dir/b.csv" || fail "two runs differ"
"$DNSCLAIM" simulate "$s" -o "$dir/c.csv" --seed 1
cmp "$dir/a.csv" "$dir/c.csv" || fail "--seed with the scenario's own seed differs"
"$DNSCLAIM" simulate "$s" -o "$dir/d.csv" --seed 2
! cmp -s "$dir/a.csv" "$dir/d.csv" || fail "another seed gives the same rows"

# the form of the rows
[ "$(head -1 "$dir/a.csv")" = time,client,name,qtype ] || fail "header: $(head -1 "$dir/a.csv")"
sed 1d "$dir/a.csv" | grep -vE '^2024-01-[0-3][0-9]T[0-9:]{8}Z,[0-9.]+,[a-z0-9.]+,A$' &&
    fail "a row of another form"
sed 1d "$dir/a.csv" | LC_ALL=C sort -s -c -t, -k1,1 || fail "rows are not in order of time"

# --truth adds a column and changes nothing else
"$DNSCLAIM" simulate "$s" -o "$dir/t.csv" --truth
cut -d, -f1-4 "$dir/t.csv" | cmp - "$dir/a.csv" || fail "--truth changes the rows"
[ "$(cut -d, -f5 "$dir/t.csv" | sort -u | tr '\n' ' ')" = "staff truth " ] || fail "labels"

# pipe: time|name|client, milliseconds, no header, the same look-ups
"$DNSCLAIM" simulate "$s" -o "$dir/p" --format pipe
sed 1d "$dir/a.csv" | awk -F, '{ sub(/Z$/, ".000Z", $1); print $1 "|" $3 "|" $2 }' |
    cmp - "$dir/p" || fail "pipe: other look-ups than csv"

# ingest reads both as the same case
"$DNSCLAIM" ingest --quiet -o "$dir/csv.db" "$dir/a.csv"
"$DNSCLAIM" ingest --quiet -o "$dir/pipe.db" --columns time,name,client --delimiter '|' "$dir/p"
for c in csv pipe; do
    "$DNSCLAIM" export "$dir/$c.db" --bucket 1h >"$dir/$c.counts"
done
cmp "$dir/csv.counts" "$dir/pipe.counts" || fail "csv and pipe are counted differently"
n=$(($(wc -l <"$dir/a.csv") - 1))
sum=$(awk -F, 'NR > 1 { n += $NF } END { print n }' "$dir/csv.counts")
[ "$sum" = $n ] || fail "ingest counts $sum of $n simulated look-ups"

refuses 2 "expected -o FILE" "$s"
refuses 2 "expected one SCENARIO" -o "$dir/x"
refuses 2 "expected csv or pipe, found 'pcap'" "$s" -o "$dir/x" --format pcap
refuses 2 "--truth" "$s" -o "$dir/x" --format pipe --truth
refuses 2 "--seed" "$s" -o "$dir/x" --seed -1
echo 'colour: red' >>"$s"
refuses 2 "s.yaml:$(wc -l <"$s"):" "$s" -o "$dir/x"
[ ! -e "$dir/x" ] || fail "a refused run left a file"
refuses 1 "no-such-dir" studies/quickstart/scenario.yaml -o "$dir/no-such-dir/x"
echo "note: $n simulated look-ups, the same through csv and pipe"
