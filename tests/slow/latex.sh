#!/usr/bin/env bash
# latex.sh REPORTS: the LaTeX of every report below REPORTS (tests/reports.sh) compiles with
# pdflatex and bibtex; no run complains of a reference, a box that is too wide, or a character.
# The PDF stays in its folder, to be looked at.
set -eu
cd "${1:?usage: latex.sh REPORTS}"
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
export TEXMFVAR=$d

quiet() { "$@" >paper.out 2>&1 || { tail -n 20 paper.out; exit 1; }; }
for report in */paper.tex; do
    cd "$(dirname "$report")"
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    quiet bibtex paper
    ! grep -i warning paper.out || exit 1
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    quiet pdflatex -interaction=nonstopmode -halt-on-error paper
    ! grep -E 'Overfull|LaTeX Warning|undefined|Missing character|^!' paper.log || exit 1
    echo "latex: $(dirname "$report"): $(grep -c includegraphics report.tex) figures, $(grep -o '[0-9]* pages' paper.log)"
    cd ..
done
