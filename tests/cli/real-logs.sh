#!/usr/bin/env bash
# Every log of the folder of real logs counts as its reference says, or differs for the
# reason that tests/data/real-log-exceptions.tsv states.
set -eu
real=${DNSCLAIM_REAL:-../shared/real}
if [ ! -d "$real/zeek" ] || [ ! -d "$real/logs" ]; then
    echo "note: no real logs at $real: nothing compared"
    exit 0
fi
exec python3 tests/cli/real_logs.py "$DNSCLAIM" "$real" tests/data/real-log-exceptions.tsv
