#!/usr/bin/env bash
# demo.sh DNSCLAIM OUTDIR [STUDYDIR]: the main job from end to end on a simulated log:
# simulate, read, look, scan, test. Any failure ends it.
set -eu
bin=${1:?usage: demo.sh DNSCLAIM OUTDIR [STUDYDIR]}
out=${2:?usage: demo.sh DNSCLAIM OUTDIR [STUDYDIR]}
study=${3:-$(dirname "$0")/alfa-2016}
log=$out/simulated-$(basename "$study").csv
mkdir -p "$out"
rm -f "$out/case.db"

step() {
    printf '\n$ %s\n' "$*"
    "$@"
}

echo "Every look-up below is simulated ($study/scenario.yaml)."
step "$bin" simulate "$study/scenario.yaml" -o "$log"
# Options that the study wants its log read with.
options=()
[ ! -e "$study/ingest.options" ] || read -ra options <"$study/ingest.options"
step "$bin" ingest "${options[@]}" -o "$out/case.db" "$log"
step "$bin" info "$out/case.db"
step "$bin" scan "$out/case.db" --top 10 -o "$out/scan.tsv"
step "$bin" test "$out/case.db" "$study/study.yaml" -o "$out/report" --force
for file in results.json report.txt report.html; do
    [ -s "$out/report/$file" ] || { echo "demo.sh: expected $out/report/$file, found none" >&2; exit 1; }
done
printf '\nThe report: %s\n' "$out/report/report.html"
