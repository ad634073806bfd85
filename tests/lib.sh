# shellcheck shell=bash
# Shared by the shell tests: a scratch folder, and words for what is expected.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect CODE COMMAND...: runs it, output in $work/out and $work/err
expect() {
    local code=$1 got
    shift
    "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got = "$code" ] || fail "'$*' gave exit code $got, expected $code: $(cat "$work/err")"
}

# says TEXT: the last command's standard error holds TEXT
says() { grep -qF -- "$1" "$work/err" || fail "stderr lacks '$1': $(cat "$work/err")"; }

# shows TEXT: its standard output does
shows() { grep -qF -- "$1" "$work/out" || fail "stdout lacks '$1': $(cat "$work/out")"; }

# rows N SEED: CSV of N drawn look-ups over 10 days, with heading
rows() {
    awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); print "time,client,name,qtype,rcode"
        for (i = 0; i < n; i++) printf "%d.%03d,192.0.2.%d,n%d.example,%s,%s\n",
            1467331200 + rand() * 864000, rand() * 1000, rand() * rand() * 60,
            rand() * rand() * 90, rand() < .7 ? "A" : "AAAA", rand() < .9 ? "NOERROR" : "NXDOMAIN" }'
}
