#!/usr/bin/env bash
# Look-ups a second and processor seconds of ingest, beside programs that count the same:
# mawk and DuckDB on CSV, tshark with mawk on a capture. Ratios taken in one run are the thing
# to keep; seconds belong to the machine.
#
# And all of `test` on the log of studies/alfa-2016, its stages apart, against parsing and
# counting those rows.
#
#   ROWS=20000000 make bench        the full run (1.5 GB in build/bench); default 1000000 rows
#   PACKETS=2000000  GEN=path/to/gen.c
#   PART=ingest, test or fits: that part alone
set -u
cd "$(dirname "$0")/../.." || exit 1
prog=$PWD/${1:-build/release}/dnsclaim
rows=${ROWS:-1000000}
packets=${PACKETS:-2000000}
gen=${GEN:-../shared/bench/gen.c}
dir=build/bench
mkdir -p $dir
trap 'rm -rf $dir/fits $dir/alfa $dir/alfa.csv $dir/alfa.case $dir/series.csv $dir/x.case $dir/y.case $dir/x.parquet $dir/out $dir/err $dir/time' EXIT

part() { [ -z "${PART:-}" ] || [ "$PART" = "$1" ]; }

# Without the generator, look-ups of a scenario of our own, and no capture.
if ! part ingest; then
    :
elif [ -e "$gen" ]; then
    [ $dir/gen -nt "$gen" ] || gcc -O2 -o $dir/gen "$gen" -lm || exit 1
    [ -e $dir/$rows.csv ] || $dir/gen "$rows" 1 --csv $dir/$rows.csv || exit 1
    [ -e $dir/$packets.pcap ] || $dir/gen $((packets / 2)) 1 --pcap $dir/$packets.pcap || exit 1
else
    "$prog" simulate tests/bench/scenario.yaml -o $dir/load.csv || exit 1
    rows=$(($(wc -l <$dir/load.csv) - 1))
    sed -e '1s/.*/timestamp,client_ip,qname,qtype,rcode/' -e '2,$s/$/,NOERROR/' $dir/load.csv >$dir/$rows.csv
    rm $dir/load.csv
    echo "bench: no generator at $gen (GEN=FILE names one): $rows simulated look-ups, no capture"
fi

# measure LABEL N COMMAND...: least processor time of three runs (RUNS), and the wall time of that run
declare -A cpu
measure() {
    local label=$1 n=$2 best="" seconds wall kib run
    shift 2
    for ((run = 0; run < ${RUNS:-3}; run++)); do
        /usr/bin/time -o $dir/time -f '%U %S %e %M' "$@" >$dir/out 2>$dir/err ||
            { echo "$label: failed: $(tail -1 $dir/err)"; return; }
        best=$({ [ -n "$best" ] && echo "$best"; awk '{ print $1 + $2, $3, $4 }' $dir/time; } | sort -n | head -1)
        [ "$n" -gt 5000000 ] && break
    done
    read -r seconds wall kib <<<"$best"
    cpu[$label]=$seconds
    awk -v l="$label" -v n="$n" -v c="$seconds" -v w="$wall" -v k="$kib" \
        'BEGIN { printf "%-34s %8.2f cpu s %8.2f wall s %12.0f/s %8.0f MiB\n", l, c, w, n / w, k / 1024 }'
}
# ratio A B: processor seconds of A over those of B
ratio() {
    [ -n "${cpu[$1]:-}" ] && [ -n "${cpu[$2]:-}" ] &&
        awk -v a="${cpu[$1]}" -v b="${cpu[$2]}" -v x="$1" -v y="$2" \
            'BEGIN { printf "  cpu of %s / %s: %.3f\n", x, y, a / b }'
}

if part ingest; then
    echo "CSV, $rows look-ups, hourly counts a client and name"
    measure "parse and count (--dry-run)" "$rows" "$prog" ingest --dry-run --tick 1h $dir/$rows.csv
    measure "ingest, case written" "$rows" "$prog" ingest -o $dir/x.case --tick 1h $dir/$rows.csv
    measure "mawk" "$rows" mawk -F, 'NR > 1 { n[$2 "," $3 "," substr($1, 1, 13)]++ }
        END { for (k in n) print k "," n[k] > "/dev/null" }' $dir/$rows.csv
    if [ ! -d $dir/node_modules/@duckdb/node-api ]; then
        npm install --silent --no-audit --no-fund --prefix $dir @duckdb/node-api >$dir/npm.log 2>&1
    fi
    if [ -d $dir/node_modules/@duckdb/node-api ]; then
        export DUCKDB_API=$PWD/$dir/node_modules/@duckdb/node-api
        measure "DuckDB to Parquet" "$rows" node tests/bench/duck.js $dir/$rows.csv $dir/x.parquet "$(nproc)"
        groups=$(cat $dir/out)
        ours=$("$prog" export --bucket 1h $dir/x.case | tail -n +2 | wc -l)
        [ "$groups" = "$ours" ] || echo "  groups differ: DuckDB $groups, dnsclaim $ours"
    else
        echo "DuckDB: @duckdb/node-api could not be installed; see $dir/npm.log"
    fi
    ratio "parse and count (--dry-run)" "DuckDB to Parquet"
    ratio "ingest, case written" "DuckDB to Parquet"
    ratio "ingest, case written" "mawk"

    if [ -e $dir/$packets.pcap ]; then
        echo "capture, $packets packets"
        measure "ingest, capture" "$packets" "$prog" ingest -o $dir/y.case --tick 1h $dir/$packets.pcap
        if [ "$packets" -le 5000000 ]; then
            measure "tshark | mawk" "$packets" sh -c "tshark -r $dir/$packets.pcap -Y 'dns.flags.response == 0' \
                -T fields -e frame.time_epoch -e ip.src -e dns.qry.name 2>/dev/null | mawk -F'\t' \
                '{ n[\$2 \",\" \$3 \",\" int(\$1 / 3600)]++ } END { for (k in n) c++; print c }'"
        fi
        ratio "ingest, capture" "tshark | mawk"
    fi
fi

if part test; then
    # On one thread, so that processor seconds are those of the work.
    echo "test, studies/alfa-2016, 8 claims with gate, power, other settings and rivals"
    "$prog" simulate studies/alfa-2016/scenario.yaml -o $dir/alfa.csv &&
        "$prog" ingest --quiet -o $dir/alfa.case $dir/alfa.csv || exit 1
    RUNS=1 measure "test" 8 "$prog" test --quiet --force --threads 1 -o $dir/alfa $dir/alfa.case studies/alfa-2016/study.yaml
    sed -n 's/^cpu_s \([0-9.]*\) \(.*\)/\1 \2/p' $dir/alfa/run.log |
        while read -r seconds stage; do printf '  %-32s %8.2f cpu s\n' "$stage" "$seconds"; done
    ratio "test" "parse and count (--dry-run)"
fi

part fits || exit 0
echo "negative binomial fits, 1000 series of 720 hours, 31 parameters"
gcc -std=c11 -D_GNU_SOURCE -O2 -I. -o $dir/fits tests/bench/fits.c "$(dirname "$prog")/libdnsclaim.a" \
    -lgsl -lgslcblas -lm || exit 1
ours=$($dir/fits)
echo "dnsclaim: $ours"
if Rscript -e 'q(status = !requireNamespace("MASS", quietly = TRUE))' >/dev/null 2>&1; then
    $dir/fits --series >$dir/series.csv
    theirs=$(Rscript tests/bench/fits.R $dir/series.csv 50)
    echo "MASS::glm.nb: $theirs"
    awk -v a="${ours%% *}" -v b="${theirs%% *}" \
        'BEGIN { printf "  fits a CPU second of dnsclaim / MASS::glm.nb: %.0f\n", a / b }'
else
    echo "MASS::glm.nb: R with MASS is not installed"
fi
