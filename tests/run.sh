#!/usr/bin/env bash
# Run every test against build directory $1; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
export B=${1:-build/release}
export DNSCLAIM=$PWD/$B/dnsclaim
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# one NAME COMMAND...: run it, show its output only when it fails
one() {
    local name=$1 start=$SECONDS
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok   $name ($((SECONDS - start)) s)"
        grep -E '^note: ' "$log"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 60 "$log"
    fi
}

for t in "$B"/tests/test_*; do
    [ -x "$t" ] && [ "${t%.o}" = "$t" ] && [ "${t%.d}" = "$t" ] && one "$(basename "$t")" "$t"
done
for f in "$B"/tests/fuzz/fuzz_*; do
    [ -x "$f" ] && [ "${f%.o}" = "$f" ] && [ "${f%.d}" = "$f" ] &&
        one "corpus $(basename "$f")" "$f" tests/fuzz/corpus/"$(basename "$f")"
done
for s in tests/cli/*.sh; do
    [ -e "$s" ] && one "$(basename "$s" .sh)" bash "$s"
done
[ -x "$B"/validate ] && one "validate, fast subset" "$B"/validate --fast

echo "$passed passed, $failed failed"
[ $failed = 0 ]
