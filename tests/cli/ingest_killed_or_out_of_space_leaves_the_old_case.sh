#!/usr/bin/env bash
# Whatever stops a write, the case that was there is the case that is there.
. tests/lib.sh

rows 2000 1 >"$work/a.csv"
rows 200000 2 >"$work/big.csv"
case=$work/x.case
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/a.csv"
cp "$case" "$work/old.case"

# Killed at ten moments spread over the run, the writing of the file among them.
start=$(date +%s%N)
expect 0 "$DNSCLAIM" ingest -o "$work/timed.case" "$work/big.csv"
took_ms=$((($(date +%s%N) - start) / 1000000))
killed=0
for i in 1 2 3 4 5 6 7 8 9 10; do
    "$DNSCLAIM" ingest --quiet -o "$case" "$work/big.csv" &
    pid=$!
    sleep "$(awk "BEGIN{print $i * $took_ms / 11000}")"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? = 137 ] && killed=$((killed + 1))
    cmp -s "$case" "$work/old.case" || cmp -s "$case" "$work/timed.case" ||
        fail "after kill number $i the case is neither the old nor the new one"
    cp "$work/old.case" "$case"
    rm -f "$case".part-*
done
[ $killed -gt 0 ] || fail "no run was killed in time"
echo "note: $killed of 10 runs were killed before their end"

mkdir "$work/locked" && cp "$work/old.case" "$work/locked/x.case" && chmod 555 "$work/locked"
if [ "$(id -u)" = 0 ]; then
    expect 1 "$DNSCLAIM" ingest -o /proc/x.case "$work/a.csv"
    says "/proc/x.case"
    if mkdir "$work/small" && mount -t tmpfs -o size=1m tmpfs "$work/small" 2>/dev/null; then
        trap 'umount "$work/small"; rm -rf "$work"' EXIT
        cp "$work/old.case" "$work/small/x.case"
        expect 1 "$DNSCLAIM" ingest -o "$work/small/x.case" "$work/big.csv"
        says "cannot be written"
        cmp "$work/old.case" "$work/small/x.case" || fail "a full disk harmed the old case"
        [ "$(ls "$work/small")" = x.case ] || fail "a full disk left a temporary file"
    else
        echo "note: no tmpfs to fill here; full disk not tested"
    fi
else
    expect 1 "$DNSCLAIM" ingest -o "$work/locked/x.case" "$work/a.csv"
    says "cannot be written"
    echo "note: not root; full disk not tested"
fi
cmp "$work/old.case" "$work/locked/x.case" || fail "the case in the locked folder changed"
chmod 755 "$work/locked"
