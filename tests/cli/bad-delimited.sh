#!/usr/bin/env bash
# What delimited text can be wrong in: the exit code, the message, and that no
# case is left behind.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

# expect CODE TEXT OPTIONS...: ingest "$dir/in" with options
expect() {
    local code=$1 text=$2 got
    shift 2
    rm -f "$dir/case"
    "$DNSCLAIM" ingest -o "$dir/case" "$@" >"$dir/out" 2>&1
    got=$?
    if [ $got != "$code" ] || ! grep -qF -- "$text" "$dir/out"; then
        echo "ingest $*: exit $got, expected $code with '$text':"
        cat "$dir/out"
        bad=1
    fi
    if [ "$code" != 0 ] && [ -e "$dir/case" ]; then
        echo "ingest $*: failed and left a case"
        bad=1
    fi
}

in=$dir/in.csv
good=1469012133,192.0.2.1,a.example

printf 'time,name\n1469012133,a.example\n' >"$in"
expect 1 "$in: 1: expected columns time, client and name, found no client among 'time', 'name'" "$in"
printf 'x,y\nnot,these\n' >"$in"
expect 1 "found no heading, no time, no client, no name" "$in"

printf 'time,client,name\n2016-03-13 02:30:00,192.0.2.1,a.example\n' >"$in"
expect 1 "--timezone" "$in"
expect 2 "Europe/Atlantis" --timezone Europe/Atlantis "$in"
expect 0 "" --timezone UTC "$in"
expect 1 "bad_time" --timezone America/New_York "$in" # no such time there

{ echo time,client,name; seq -f "%.0f,192.0.2.1,a.example" 1469012133 1469012332; printf 1469012134,192.0; } >"$in"
expect 0 "cut 1" "$in"
expect 1 "cut" --strict "$in"

printf 'time,client,name\n%s\n\0\0\0\0\n' "$good" >"$in"
expect 1 "expected one of the formats" "$in"
expect 1 "bad_columns" --format delimited "$in" # 1 of 2 rows is more than 1 %
expect 0 "bad_columns" --format delimited --max-skips 60 "$in"

: >"$in"
expect 1 "$in: expected data, found an empty file" "$in"
expect 1 "$dir: expected a file, found a directory" "$dir"
expect 1 "$dir/none: No such file" "$dir/none"

# A heading of words that nobody knows: what the rows below it hold is told, and it is one where the user says so.
printf 'when,note,who,what\n%s,x,192.0.2.1,a.example\n%s,y,192.0.2.2,b.example\n' 1469012133 1469012134 >"$in"
expect 1 "found 'when', 'note', 'who', 'what' (what stands below it would be --columns time,-,client,name)" "$in"
expect 0 "2 look-ups + 1 skips (header 1)" --columns time,-,client,name "$in"
sed 1d "$in" >"$in.rows" # without it the first row is a row
expect 0 "2 look-ups + 0 skips" --columns time,-,client,name "$in.rows"

# What a log is wrapped in is named, with the way out.
{ printf 'time,client,name\n%s\n' "$good" | iconv -f UTF-8 -t UTF-16; } >"$in"
expect 1 "found UTF-16 text (iconv -f UTF-16" "$in"
tar -C "$dir" -czf "$in.tgz" "$(basename "$in.rows")"
expect 1 "found a tar archive (unpack it" "$in.tgz"
printf 'PK\003\004\024\000\006\000' >"$in"
expect 1 "found a zip archive, or a workbook (unpack it" "$in"
printf 'SQLite format 3\000%0200d' 0 >"$in"
expect 1 "found an SQLite database that is no case" "$in"
echo 'one two three' >"$in"
expect 1 "found bytes that begin 'one two thre'" "$in"

printf '%s\n' "$good" >"$in"
expect 2 "--columns" --columns time,name "$in"
expect 2 "--time-format" --columns time,client,name --time-format unix "$in"
expect 0 "1 look-ups" --columns time,client,name - <"$in"

real=../shared/real/csv/netrack-learn-dns_test.csv # names and a flag: no look-ups
if [ -e "$real" ]; then
    expect 1 "no time, no client" "$real"
else
    echo "note: $real is not here"
fi

exit $bad
