#!/usr/bin/env bash
# DNS messages that others' fuzzers found worth keeping: our parser reads each within bounds.
. tests/lib.sh
messages=${DNSCLAIM_REAL:-../shared/real}/dnsmsg/bind9-fuzz
if [ ! -d "$messages" ]; then
    echo "note: no real messages at $messages; not run"
    exit 0
fi
expect 0 "$B/tests/fuzz/fuzz_dns" "$messages"
echo "note: $(find "$messages" -type f | wc -l) messages"
