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

if command -v man >/dev/null; then
    warnings=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || complain "$page: $warnings"
fi

[ $bad = 0 ] && echo "documented: $(echo $commands)"
exit $bad
