#!/usr/bin/env bash
# R's surveillance (Debian r-cran-surveillance) beside our rolling baselines on the same series:
#     bash tests/bench/rolling.sh N [build/release]
# N replicates of 42 scenarios (2) take R some 45 processor seconds each. What is there in
# build/bench is not made again, so a run that was broken off goes on.
set -eu
cd "$(dirname "$0")/../.."
n=${1:-2} build=${2:-build/release} at=build/bench
mkdir -p "$at"
touch "$at/rolling.csv"
# shellcheck disable=SC2046
cc -std=c11 -D_GNU_SOURCE -O2 -I. -o "$at/rolling" tests/bench/rolling.c "$build/libdnsclaim.a" \
    $(pkg-config --libs gsl libcrypto) -lpthread -lm
"$at/rolling" "$n" "$(wc -l <"$at/rolling.csv")" >>"$at/rolling.csv"
head -n $((n * 42)) "$at/rolling.csv" >"$at/rolling.$n.csv"
Rscript tests/bench/rolling.R "$at/rolling.$n.csv" "$at/rolling.theirs.csv"
