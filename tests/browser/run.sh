#!/usr/bin/env bash
# run.sh DNSCLAIM OUTDIR: reports of every shipped study, and of one whose every text is hostile,
# through reports.mjs. npm fetches playwright-core the first time.
set -eu
bin=$(realpath "${1:?usage: run.sh DNSCLAIM OUTDIR}")
mkdir -p "${2:?usage: run.sh DNSCLAIM OUTDIR}"
out=$(realpath "$2")
cd "$(dirname "$0")"
[ -d node_modules/playwright-core ] || npm install --no-audit --no-fund --no-package-lock --silent
cd ../..

run() { # NAME STUDY LOG
    rm -f "$out/$1.db"
    "$bin" ingest --quiet -o "$out/$1.db" "$3"
    "$bin" test --quiet --force "$out/$1.db" "$2" -o "$out/$1" --set max_replicates=999
}
for study in studies/*/study.yaml; do
    name=$(basename "$(dirname "$study")")
    "$bin" simulate "$(dirname "$study")/scenario.yaml" -o "$out/simulated-$name.csv" >/dev/null
    run "$name" "$study" "$out/simulated-$name.csv"
done
/usr/bin/python3 tests/data/hostile.py >"$out/simulated-hostile.csv"
run hostile tests/data/hostile-study.yaml "$out/simulated-hostile.csv"
node tests/browser/reports.mjs "$(command -v chromium)" "$out" "$out"/*/report.html
