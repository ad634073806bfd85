#!/usr/bin/env bash
# Every dnstap and C-DNS file of the folder of real files counts as its reference says,
# or differs for the reason that tests/data/real-frames-exceptions.tsv states.
set -eu
real=${DNSCLAIM_REAL:-../shared/real}
if [ ! -d "$real/dnstap" ]; then
    echo "note: no real dnstap files at $real: nothing compared"
    exit 0
fi
exec python3 -B tests/cli/real_frames.py "$DNSCLAIM" "$real" tests/data/real-frames-exceptions.tsv
