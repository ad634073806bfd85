#!/usr/bin/env bash
# The shipped sample keeps docs/results.schema.json, and the check can fail: each
# breach below is noticed.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
/usr/bin/python3 tests/check-schema.py tests/data/results-sample.json

breach() { # NAME SED-EXPRESSION
    sed "$2" tests/data/results-sample.json >"$d/broken.json"
    cmp -s "$d/broken.json" tests/data/results-sample.json && { echo "$1: sed changed nothing"; exit 1; }
    /usr/bin/python3 tests/check-schema.py "$d/broken.json" >"$d/out" 2>&1 && { echo "$1: not noticed"; exit 1; }
    return 0
}
breach "p of 0" 's/"p": 0.0813,/"p": 0,/'
breach "p that contradicts its logarithm" 's/"p": 0.0813,/"p": 0.08,/'
breach "NaN" 's/"u": 0.046/"u": NaN/'
breach "unknown verdict" 's/"verdict": "contradicted"/"verdict": "proved"/'
breach "unknown member" 's/"dnsclaim":/"host": "x", "dnsclaim":/'
breach "untestable without a reason" 's/"why": "needs_data"/"why": null/'
breach "missing digest" 's/"sha256":/"sha":/'
breach "two plots of one id" 's/"id": "null-d1"/"id": "lags"/'
