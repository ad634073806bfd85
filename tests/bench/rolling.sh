#!/usr/bin/env bash
# R's surveillance (Debian r-cran-surveillance) beside our rolling baselines on the same series:
#     REPLICATES=2 bash tests/bench/rolling.sh [build/release]
# 2 replicates of 42 scenarios take R some 90 processor seconds.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/release}
mkdir -p build/bench
# shellcheck disable=SC2046
cc -std=c11 -D_GNU_SOURCE -O2 -I. -o build/bench/rolling tests/bench/rolling.c "$build/libdnsclaim.a" \
    $(pkg-config --libs gsl) -lpthread -lm
build/bench/rolling "${REPLICATES:-2}" >build/bench/rolling.csv
Rscript tests/bench/rolling.R build/bench/rolling.csv
