#!/usr/bin/env bash
# reports.sh DNSCLAIM OUTDIR: reports of every shipped study, and of one whose every text is
# hostile, in OUTDIR/NAME. One that is newer than the program, its study and its log is kept.
set -eu
bin=$(realpath "${1:?usage: reports.sh DNSCLAIM OUTDIR}")
mkdir -p "${2:?usage: reports.sh DNSCLAIM OUTDIR}"
out=$(realpath "$2")
cd "$(dirname "$0")/.."

run() { # NAME STUDY LOG [INGEST-OPTION...]
    local name=$1 study=$2 log=$3
    shift 3
    rm -f "$out/$name.db"
    "$bin" ingest --quiet "$@" -o "$out/$name.db" "$log"
    rm -rf "${out:?}/$name"
    "$bin" test --quiet "$out/$name.db" "$study" -o "$out/$name" --set max_replicates=999
    /usr/bin/python3 tests/check-schema.py "$out/$name/results.json"
    echo "report: $name, $((SECONDS - since)) s"
}
kept() { # NAME SOURCE...: is its page newer than all of them?
    local page=$out/$1/report.html f
    for f in "$bin" "${@:2}"; do
        [ "$page" -nt "$f" ] || return 1
    done
}
for study in studies/*/study.yaml; do
    since=$SECONDS dir=$(dirname "$study")
    name=$(basename "$dir")
    kept "$name" "$dir"/* && continue
    "$bin" simulate "$dir/scenario.yaml" -o "$out/simulated-$name.csv" >/dev/null
    options=()
    [ ! -e "$dir/ingest.options" ] || read -ra options <"$dir/ingest.options"
    run "$name" "$study" "$out/simulated-$name.csv" "${options[@]}"
done
since=$SECONDS
kept hostile tests/data/hostile.py tests/data/hostile-study.yaml && exit
/usr/bin/python3 tests/data/hostile.py >"$out/simulated-hostile.csv"
run hostile tests/data/hostile-study.yaml "$out/simulated-hostile.csv"
