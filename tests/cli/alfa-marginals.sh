#!/usr/bin/env bash
# The simulated log of studies/alfa-2016 has the published marginals, for more seeds than its own:
# 2,820 / 714 (CNN, March 2017), 2+1+1+1+1+1 (count table), the halves of a fair coin, no
# look-up while the hour lasts, bursts of 20 s and more, silence on 23 and 24 July.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "seed $seed: $*"; exit 1; }
target=mail1.trump-email.com

for seed in 20160504 1 2; do
    log=$dir/$seed.csv
    "$DNSCLAIM" simulate studies/alfa-2016/scenario.yaml -o "$log" --seed "$seed"
    awk -F, -v n=$target '$3 == n { c[$2]++ } END { for (i in c) print i, c[i] }' "$log" |
        sort >"$dir/counts"
    count() { awk -v c="$1" '$1 == c { print $2 }' "$dir/counts"; }

    grep -vE '^217\.12\.9[67]\.15 ' "$dir/counts" >"$dir/others"
    diff "$dir/others" - <<-END || fail "published totals"
	167.73.110.8 714
	205.134.252.154 1
	54.206.26.93 1
	64.98.42.242 1
	71.5.34.5 1
	74.118.76.182 2
	98.130.1.253 1
	END
    a=$(count 217.12.96.15) b=$(count 217.12.97.15)
    [ $((a + b)) = 2820 ] || fail "Alfa: $a + $b, expected 2820"
    d=$((a > b ? a - b : b - a)) # three standard deviations of a fair coin: 3 sqrt(2820) = 159
    [ $d -le 159 ] || fail "halves $a and $b differ by $d"

    # caches: pooled over both Alfa addresses, which share one; Spectrum's own
    for clients in '^217[.]12[.]9[67][.]15$' '^167[.]73[.]110[.]8$'; do
        awk -F, -v n=$target -v c="$clients" '$3 == n && $2 ~ c { print $1 }' "$log" |
            date -u -f - +%s | awk '
            NR == 1 || $1 - last >= 30 { if (NR > 1 && $1 - start < 3600) bad = $1 - start; start = $1 }
            $1 - start > span && $1 - start < 3600 { span = $1 - start }
            { last = $1 }
            END { print bad + 0, span }' >"$dir/gaps"
        read -r bad span <"$dir/gaps"
        [ "$bad" = 0 ] || fail "$clients: a look-up $bad s after a session began"
        [ "$span" -ge 20 ] || fail "$clients: the longest burst is $span s, expected 20 s or more"
    done

    [ "$(grep -c '^2016-07-2[34]T' "$log")" = 0 ] || fail "look-ups on 23-24 July"
    [ "$(sed -n '2s/T.*//p' "$log")" = 2016-05-04 ] || fail "first day"
    [ "$(sed -n '$s/T.*//p' "$log")" = 2016-09-23 ] || fail "last day"
done

# the same totals through the case
seed=20160504
"$DNSCLAIM" ingest --quiet -o "$dir/case.db" "$dir/$seed.csv"
"$DNSCLAIM" export "$dir/case.db" --bucket all | awk -F, -v n=$target '
    $2 == n && $1 ~ /^217[.]12[.]9[67][.]15$/ { alfa += $NF }
    $2 == n && $1 == "167.73.110.8" { spectrum += $NF }
    END { print alfa, spectrum }' >"$dir/case"
[ "$(cat "$dir/case")" = "2820 714" ] || fail "the case holds $(cat "$dir/case")"
echo "note: 2,820 = $a + $b (seed 2), 714, and seven others, through CSV and case"
