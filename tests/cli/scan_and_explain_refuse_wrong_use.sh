#!/usr/bin/env bash
# Exit code 2 and a word on what was expected, for what cannot be meant.
. tests/lib.sh

rows 2000 5 >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$work/x.case" "$work/a.csv"
expect 2 "$DNSCLAIM" scan
says "expected one case"
expect 2 "$DNSCLAIM" scan "$work/x.case" --tail sideways
says "--tail: expected upper, lower or both, found 'sideways'"
expect 2 "$DNSCLAIM" scan "$work/x.case" --format xml
says "--format: expected tsv or jsonl"
expect 2 "$DNSCLAIM" scan "$work/x.case" --alpha 2
says "--alpha: expected a number between 0 and 1"
expect 2 "$DNSCLAIM" scan "$work/x.case" --bucket 1500ms
says "--bucket: expected a multiple of the case's tick 1s"
expect 2 "$DNSCLAIM" scan "$work/x.case" --max-replicates 0
says "--max-replicates: expected 1 to"
expect 2 "$DNSCLAIM" scan "$work/x.case" --max-buckets 1
says "--max-buckets: expected 2 or more, found 1"
expect 1 "$DNSCLAIM" scan "$work/none.case"
says "none.case"
expect 1 "$DNSCLAIM" scan "$work/x.case" -o "$work/no/where" --quiet --max-replicates 19
says "no/where"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1
says "--client and --name"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 203.0.113.9 --name n1.example
says "--client: expected one of the case's, found '203.0.113.9'"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1 --name other.example
says "--name: expected one of the case's, found 'other.example'"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1 --name n1.example --season spring
says "--season: expected none, auto or a season, found 'spring'"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1 --name n1.example --model probit
says "--model: expected poisson, negbin or auto"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1 --name n1.example --from yesterday
says "--from: expected a time"
expect 2 "$DNSCLAIM" explain "$work/x.case" --client 192.0.2.1 --name n1.example --timezone Mars/Olympus
says "Mars/Olympus"

# more buckets than bursts may have: at once, with how many, the limit, and a width that is taken
printf 'time,client,name\n2016-05-04T00:00:00Z,192.0.2.1,a.example\n2016-05-23T23:59:59Z,192.0.2.1,a.example\n' >"$work/long.csv"
printf 'from,to\n2016-05-04T00:00:00Z,2016-05-24T00:00:00Z\n' >"$work/live"
expect 0 "$DNSCLAIM" ingest -o "$work/long.case" --live "$work/live" "$work/long.csv"
expect 1 timeout 20 "$DNSCLAIM" scan "$work/long.case" --bucket 1s
says "--bucket, --max-buckets: scan: expected at most 1000000 buckets, found 1728000 of 1s"
says "3600 times the work of buckets of 1h; those of 2s are few enough"
expect 0 "$DNSCLAIM" scan "$work/long.case" --bucket 2s --quiet
expect 1 "$DNSCLAIM" scan "$work/long.case" --bucket 1m --max-buckets 100
says "found 28800 of 1m"
wide=$(sed -n 's/.*those of \(.*\) are few enough.*/\1/p' "$work/err")
expect 0 "$DNSCLAIM" scan "$work/long.case" --bucket "$wide" --max-buckets 100 --quiet
expect 0 "$DNSCLAIM" scan "$work/long.case" --bucket 1m --max-buckets 28800 --quiet
expect 1 "$DNSCLAIM" scan "$work/long.case" --bucket 1m --max-buckets 28799 --quiet
expect 0 "$DNSCLAIM" explain "$work/long.case" --client 192.0.2.1 --name a.example --bucket 1s --parts counts,scan
shows "not_over_all_live_time"
shows "expected at most 1000000 buckets, found 1728000 of 1s"
