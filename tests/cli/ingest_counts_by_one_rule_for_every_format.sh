#!/usr/bin/env bash
# --count: queries, responses or transactions; the rule is stated and never mixed.
. tests/lib.sh
case=$work/x.case capture=tests/data/udp-and-tcp.pcap
count() { expect 0 "$DNSCLAIM" ingest -o "$case" "$@"; }

# 13 queries and 13 responses of one recorded session (14 with one of another opcode)
count "$capture"
shows "52 records = 13 look-ups + 39 skips (tcp_empty 24, response 14, opcode 1)"
count --count responses "$capture"
shows "52 records = 13 look-ups + 39 skips (tcp_empty 24, response 1, query 13, opcode 1)"
count --count transactions "$capture"
shows "52 records = 13 look-ups + 39 skips (tcp_empty 24, response 14, opcode 1)"

# the same session as rows: a row with an rcode is a query together with its response
printf 'time,client,name,rcode\n%s\n%s\n' 1467331200,192.0.2.1,a.example,NOERROR \
    1467331201,192.0.2.1,a.example,- >"$work/log.csv"
count "$work/log.csv"
shows "2 look-ups + 1 skips (header 1)"
count --count transactions "$work/log.csv"
shows "2 look-ups + 1 skips (header 1)"
count --count responses "$work/log.csv"
shows "1 look-ups + 2 skips (header 1, query 1)"

# any order and any number of threads, and in the case, in info and in its JSON
count --count transactions "$capture" "$work/log.csv" --threads 1
cp "$case" "$work/first"
count --count transactions "$work/log.csv" "$capture" --threads 3
cmp "$case" "$work/first" || fail "the order of inputs shows in the case"
expect 0 "$DNSCLAIM" info "$case"
shows "counted: transactions"
expect 0 "$DNSCLAIM" info --json "$case"
shows '"count_rule": "transactions"'
shows '"responses_joined": 13'

expect 1 "$DNSCLAIM" ingest -o "$work/y.case" "$case"
says "expected count_rule 'queries', found a case of 'transactions'"
expect 2 "$DNSCLAIM" ingest -o "$work/y.case" --count answers "$capture"
says "--count: expected queries, responses or transactions, found 'answers'"
