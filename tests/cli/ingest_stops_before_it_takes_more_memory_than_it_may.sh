#!/usr/bin/env bash
# --memory: a run that would need more stops with the place, and leaves what was there; one that
# does not gives the same case, and takes no more.
. tests/lib.sh
case=$work/x.case
awk 'BEGIN { print "time,client,name"; for (i = 0; i < 400000; i++)
    printf "%d,192.0.%d.%d,n%d.example\n", 1467331200 + i, i % 3, i % 200, i * 7919 % 100003 }' >"$work/log.csv"

# peak COMMAND...: megabytes; its exit code is in $code
peak() {
    local out
    out=$(python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, -(-resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))' "$@" 2>"$work/err")
    code=${out% *} megabytes=${out#* }
}

expect 0 "$DNSCLAIM" ingest --quiet -o "$case" --threads 1 "$work/log.csv"
cp "$case" "$work/first.case"
expect 1 "$DNSCLAIM" ingest -o "$case" --memory 40M "$work/log.csv"
says "log.csv: record "
says "expected counts that 40 MB of memory hold (--memory), found that these need "
says " clients and "
says "--keep counts a part"
cmp "$case" "$work/first.case" || fail "a stopped run changed the case"
rm "$case"
expect 1 "$DNSCLAIM" ingest -o "$case" --memory 40M --keep-going "$work/log.csv"
[ -z "$(find "$work" -name 'x.case*')" ] || fail "a stopped run left $(ls "$work")"
expect 0 "$DNSCLAIM" ingest -o "$case" --memory 40M --keep client=192.0.2.5 "$work/log.csv"
expect 1 "$DNSCLAIM" ingest -o "$work/y.case" --memory 40M "$work/first.case"
says "first.case"

# the smallest bound that it keeps: not far from what it takes, and not less
limit=40
while peak "$DNSCLAIM" ingest --quiet -o "$case" --threads 1 --memory ${limit}M "$work/log.csv"; [ "$code" != 0 ]; do
    [ $limit -lt 400 ] || fail "no bound was enough: $(cat "$work/err")"
    limit=$((limit + 4))
done
cmp "$case" "$work/first.case" || fail "a bound changed the case"
case $DNSCLAIM in
*/release/*) # the tools of other builds take memory of their own
    [ "$megabytes" -le $limit ] || fail "took ${megabytes}M of ${limit}M"
    [ $((megabytes * 2)) -ge $limit ] || fail "a bound of ${limit}M was needed for ${megabytes}M"
    echo "note: a log of 400,000 rows takes $megabytes MB; the smallest bound that holds is $limit MB"
    ;;
esac

expect 0 "$DNSCLAIM" ingest --quiet -o "$case" --memory 1t "$work/log.csv"
for size in 0 -1 K 12X 1.5G 1GB 9999999999T; do
    expect 2 "$DNSCLAIM" ingest -o "$case" --memory "$size" "$work/log.csv"
    says "--memory: expected a number of bytes such as 500M or 4G, found '$size'"
done
