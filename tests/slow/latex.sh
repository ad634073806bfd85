#!/usr/bin/env bash
# latex.sh DNSCLAIM: the LaTeX of every shipped study, and of one whose every text is hostile,
# compiles with pdflatex and bibtex; no run complains of a reference, a box that is too wide, or
# a character.
set -eu
bin=$(realpath "${1:?usage: latex.sh DNSCLAIM}")
cd "$(dirname "$0")/../.."
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
export TEXMFVAR=$d/texmf

quiet() { "$@" >paper.out 2>&1 || { tail -n 20 paper.out; exit 1; }; }
compile() ( # DIR
    cd "$1"
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    quiet bibtex paper
    ! grep -i warning paper.out || exit 1
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    ! grep -E 'Overfull|LaTeX Warning|undefined|Missing character|^!' paper.log || exit 1
    echo "latex: $2: $(grep -c includegraphics report.tex) figures, $(grep -o '[0-9]* pages' paper.log)"
)
run() { # NAME STUDY LOG
    "$bin" ingest --quiet -o "$d/$1.db" "$3"
    "$bin" test --quiet "$d/$1.db" "$2" -o "$d/$1" --set max_replicates=999
    compile "$d/$1" "$1"
}

for study in studies/*/study.yaml; do
    name=$(basename "$(dirname "$study")")
    "$bin" simulate "$(dirname "$study")/scenario.yaml" -o "$d/simulated-$name.csv" >/dev/null
    run "$name" "$study" "$d/simulated-$name.csv"
done
/usr/bin/python3 tests/data/hostile.py >"$d/simulated-hostile.csv"
run hostile tests/data/hostile-study.yaml "$d/simulated-hostile.csv"
