#!/usr/bin/env bash
# run.sh REPORTS OUTDIR: every report below REPORTS (tests/reports.sh) through reports.mjs; npm
# fetches playwright-core the first time.
set -eu
reports=$(realpath "${1:?usage: run.sh REPORTS OUTDIR}")
mkdir -p "${2:?usage: run.sh REPORTS OUTDIR}"
out=$(realpath "$2")
cd "$(dirname "$0")"
[ -d node_modules/playwright-core ] || npm install --no-audit --no-fund --no-package-lock --silent
node reports.mjs "$(command -v chromium)" "$out" "$reports"/*/report.html
