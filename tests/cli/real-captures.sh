#!/usr/bin/env bash
# Every capture of the folder of real captures counts as its reference says, or
# differs for the reason that tests/data/real-exceptions.tsv states.
set -eu
real=${DNSCLAIM_REAL:-../shared/real}
if [ ! -d "$real/pcap" ]; then
    echo "note: no real captures at $real: nothing compared"
    exit 0
fi
exec python3 tests/cli/real_captures.py "$DNSCLAIM" "$real" tests/data/real-exceptions.tsv
