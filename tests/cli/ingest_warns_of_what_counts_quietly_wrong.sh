#!/usr/bin/env bash
# Rows that are there twice, client and name in each other's column, a log cut into files whose
# gaps are taken for silence: each is counted as it stands, with a warning; a log without them has none.
. tests/lib.sh
c=$work/x.case
rows 400 7 >"$work/a.csv"
# ingested OPTIONS...: with exit code 0, into $c
ingested() { rm -f "$c" && expect 0 "$DNSCLAIM" ingest --quiet -o "$c" "$@"; }
silent() { [ ! -s "$work/err" ] || fail "warned of: $(cat "$work/err")"; }

ingested "$work/a.csv"
silent

{ cat "$work/a.csv"; sed 1d "$work/a.csv"; } >"$work/twice.csv"
ingested "$work/twice.csv"
says "800 of 800 look-ups have an equal one (client, name, type) in the same tick"
expect 0 "$DNSCLAIM" info "$c"
grep -qE '^ +rows +no copies ' "$work/out" || fail "rows that are there twice pass as 'no repeats'"
shows " in 1 span"
{ cat "$work/a.csv"; sed 1d "$work/a.csv" | head -390; } >"$work/most.csv" # 10 stand alone: 98.7 %
ingested "$work/most.csv"
silent
# Two sensors on one stretch, in forms whose rows cannot be compared.
awk -F, -v OFS=, 'NR == 1 { print $0, "port" } NR > 1 { print $0, 5000 + NR }' "$work/a.csv" >"$work/ports.csv"
ingested "$work/a.csv" "$work/ports.csv"
says "800 of 800 look-ups have an equal one"
head -40 "$work/a.csv" >"$work/few.csv"
{ cat "$work/few.csv"; sed 1d "$work/few.csv"; } >"$work/few2.csv" # 78 rows say nothing
ingested "$work/few2.csv"
silent

ingested --columns time,name,client,qtype,rcode "$work/a.csv"
says "names are addresses and no client is one: is each in the other's column (--columns)?"
ingested --columns time,client,name,qtype,rcode "$work/a.csv"
silent

# Two hours of a day, with an hour between them; and cut where it is busy, inside a minute.
hour() { awk -v from="$1" -v to="$2" 'BEGIN { for (t = from; t < to; t += 20) printf "%d,192.0.2.1,a%d.example\n", t, t % 7 }'; }
{ echo time,client,name && hour 1599955200 1599958800; } >"$work/h1.csv"
{ echo time,client,name && hour 1599962400 1599966000; } >"$work/h3.csv"
ingested "$work/h1.csv" "$work/h3.csv"
says "of 2.99 h from the first look-up to the last 1.01 h lie between inputs"
cp "$c" "$work/parts.case"
rm -f "$c"
expect 0 "$DNSCLAIM" ingest --quiet -o "$c" "$work/h1.csv"
silent
expect 0 "$DNSCLAIM" ingest --quiet -o "$c" --append "$work/h3.csv"
says "1.01 h lie between inputs"
echo 2020-09-13T00:00:00Z,2020-09-13T03:00:00Z >"$work/live"
ingested --live "$work/live" "$work/h1.csv" "$work/h3.csv"
silent
{ echo time,client,name && hour 1599958800 1599962400; } >"$work/h2.csv"
ingested "$work/h1.csv" "$work/h2.csv" "$work/h3.csv"
silent
