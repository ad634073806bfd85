#!/usr/bin/env bash
# The man page has every option of every command and no other; docs/ names every row of every table
# that `dnsclaim list` prints; man reads the page without a complaint.
set -u
cd "$(dirname "$0")/.." || exit 1
DNSCLAIM=${DNSCLAIM:-build/release/dnsclaim}
VALIDATE=${1:-build/release/validate}
page=docs/dnsclaim.1
bad=0
complain() { echo "docs: $1"; bad=1; }

# The source of the page without roff's escapes.
plain=$(sed -e 's/\\f[BIR]//g; s/\\-/-/g; s/^\.\(B\|BI\|BR\|I\|IR\) *//' "$page")
commands=$("$DNSCLAIM" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p')
[ -n "$commands" ] || complain "'$DNSCLAIM --help' names no command"

for c in $commands; do
    section=$(printf '%s\n' "$plain" | awk -v head=".SS dnsclaim $c " '
        index($0 " ", head) == 1 {on = 1; next} /^\.S[SH]/ {on = 0} on')
    [ -n "$section" ] || { complain "$page has no section on $c"; continue; }
    options=$("$DNSCLAIM" "$c" --help | sed -n 's/^  \(--\?[a-z][a-z-]*\).*/\1/p' | grep -v '^--help$')
    described=$(printf '%s\n' "$section" | awk '/^\.TP/ {getline; print $1}' | grep '^-')
    for o in $options; do
        printf '%s\n' "$described" | grep -qxe "$o" || complain "$page: $c has no $o"
    done
    for o in $described; do
        printf '%s\n' "$options" | grep -qxe "$o" || complain "$page: $c $o is no option of it"
    done
done
for c in $(printf '%s\n' "$plain" | sed -n 's/^\.SS dnsclaim \([a-z]*\).*/\1/p'); do
    printf '%s\n' "$commands" | grep -qxe "$c" || complain "$page: there is no command $c"
done

# Every kind of figure that results may hold.
for type in $(grep -o '"type": {"enum": \["daily".*\]}' docs/results.schema.json | grep -o '"[a-z]*"' |
    tr -d '"' | grep -vx -e type -e enum); do
    grep -q "^| \`$type\` |" docs/figures.md || complain "docs/figures.md has no row on '$type'"
done

for table in formats models statistics nulls claims corrections rivals; do
    rows=$("$DNSCLAIM" list $table | grep -v '^ ' | cut -f1)
    [ -n "$rows" ] || complain "list $table is empty"
    for row in $rows; do
        grep -qF -- "\`$row\`" docs/*.md README.md || grep -qxF -- ".B $row" "$page" ||
            complain "$table: nothing in docs/ explains '$row'"
    done
done

# A method names its experiments; each is one that `validate` runs. -: arithmetic.
experiments=$("$VALIDATE" --list) || complain "'$VALIDATE --list' failed"
for e in $(for t in models statistics; do "$DNSCLAIM" list $t; done | awk -F'\t' 'NF == 5 && $5 != "-" {print $5}' | tr , ' '); do
    printf '%s\n' "$experiments" | grep -qxe "$e" || complain "list: validate has no experiment '$e'"
done

# Every p that results may hold has a line in the table of docs/methods.md, and every line names a
# cell that stands in docs/validation.md or in its experiment.
printed() {
    awk '/^    "[a-z_]+": \{/ {split($1, a, "\""); def = a[2]}
         {while (match($0, /"[a-z_]+": \{"\$ref": "#\/\$defs\/p"/)) {
              split(substr($0, RSTART, RLENGTH), b, "\""); print def "." b[2]
              $0 = substr($0, RSTART + RLENGTH)}}' docs/results.schema.json
    "$DNSCLAIM" list claims | awk -F'\t' '/^[a-z]/ {k = $1; print "curve.p", k}
         /^  [a-z]+\t(required|advisory)/ {sub(/^ */, "", $1); print "null.p", k, $1}
         /^  searched / {sub(/^  searched /, "", $1); sub(/:$/, "", $1); print "null.p_adjusted", $1}'
    awk '/^void screen_/ {sub(/^void screen_/, ""); sub(/\(.*/, ""); at = $0}
         /ret->log_p = / && at != "" {print "screen.p", at}' models/screens_*.c
}
table=$(sed -n '/^## Where each printed p/,/^---/p' docs/methods.md | grep '^| `')
wanted=$(printed | sort -u | grep -vxe null.p -e screen.p) # by explanation, by screen
[ "$(printf '%s\n' "$wanted" | wc -l)" -ge 80 ] || complain "the p of results are not found: $wanted"
while read -r p; do
    printf '%s\n' "$table" | grep -qF "| \`$p\` |" || complain "docs/methods.md says of no row where '$p' is calibrated"
done <<<"$wanted"
uncalibrated=
while IFS='|' read -r _ p e cell _; do
    p=$(echo $p | tr -d '`') e=$(echo $e) cell=$(echo $cell)
    case $e in
    -) ;;
    none) uncalibrated="$uncalibrated, ${p#screen.p }" ;;
    *)  printf '%s\n' "$experiments" | grep -qxe "$e" || complain "$p: validate has no experiment '$e'"
        grep -F "| $e | " docs/validation.md | grep -qF -- "$cell" ||
            grep -rqF -- "$cell" tests/validate/*.c || complain "$p: no cell '$cell' of $e" ;;
    esac
done <<<"$table"
[ -z "$uncalibrated" ] || echo "docs: p without a calibration row: ${uncalibrated#, }"

if command -v man >/dev/null; then
    warnings=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || complain "$page: $warnings"
fi

[ $bad = 0 ] && echo "documented: $(echo $commands)"
exit $bad
