#!/usr/bin/env bash
# run.sh DNSCLAIM: run every notebook into build/notebooks. Fails on an error in a cell, and on
# a notebook that was stored with outputs (git holds the lesson, not its results).
set -eu
cd "$(dirname "$0")"
DNSCLAIM=$(realpath "$OLDPWD/${1:?usage: run.sh DNSCLAIM}" 2>/dev/null || realpath "$1")
export DNSCLAIM PYDEVD_DISABLE_FILE_VALIDATION=1
out=$PWD/../build/notebooks
mkdir -p "$out"

/usr/bin/python3 - ./*.ipynb <<'END'
import json, sys
bad = [f"{path}: cell {i} holds outputs: expected none in the tree"
       for path in sys.argv[1:]
       for i, cell in enumerate(json.load(open(path))["cells"])
       if cell.get("outputs") or cell.get("execution_count")]
print("\n".join(bad))
sys.exit(bool(bad))
END

for notebook in *.ipynb; do
    echo "running $notebook"
    /usr/bin/python3 -m nbconvert --to html --execute --ExecutePreprocessor.timeout=600 \
        --ExecutePreprocessor.kernel_name=python3 --log-level=WARN \
        --output-dir "$out" "$notebook"
    echo "  $out/${notebook%.ipynb}.html"
done
