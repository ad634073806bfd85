#!/usr/bin/env bash
# --progress json, and --json where nothing else is JSON, tell progress as JSON lines and --quiet tells none; the completion knows every command
# and option; an installed program has its page, completion and studies.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
fail() { echo "$1"; exit 1; }

/usr/bin/python3 tests/data/hostile.py >"$d/simulated.csv"
json_lines() { # of $d/err
    grep '^{' "$d/err" | /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert lines and all({"what", "stage", "unit", "done", "total", "rate", "left_s"} == set(v) for v in lines), lines'
}
for form in --json '--progress json'; do
    rm -f "$d/case.db"
    "$DNSCLAIM" ingest $form -o "$d/case.db" "$d/simulated.csv" 2>"$d/err" >/dev/null
    json_lines
    "$DNSCLAIM" scan $form --max-replicates 99 "$d/case.db" 2>"$d/err" >/dev/null
    json_lines
done
"$DNSCLAIM" scan --progress none --max-replicates 99 "$d/case.db" 2>"$d/err" >/dev/null
! grep '^{' "$d/err" || fail "--progress none tells"
! "$DNSCLAIM" scan --progress jso "$d/case.db" 2>"$d/err" || fail "a form that is none was taken"
grep -q "expected terminal|json|none, found 'jso'" "$d/err" || fail "$(cat "$d/err")"
"$DNSCLAIM" test "$d/case.db" tests/data/hostile-study.yaml -o "$d/r" --quiet >"$d/out" 2>"$d/err"
[ ! -s "$d/out" ] && [ ! -s "$d/err" ] || fail "--quiet: $(cat "$d/out" "$d/err")"
for word in dnsclaim when 'study sha256' 'case sha256' seed threads; do
    grep -q "^$word " "$d/r/run.log" || fail "run.log: no $word"
done
for stage in 'screens of the log' gate explanations 'other settings' 'specification curve' report; do
    grep -q "^cpu_s [0-9.]* $stage$" "$d/r/run.log" || fail "run.log: no processor seconds of $stage"
done
# power and explain tell which explanation and which part, each with a share that does not fall, and print the same bytes whether they tell or not.
told() { # WHAT COMMAND... : its JSON lines into $d/err, its stages one a line into $d/stages
    what=$1
    shift
    "$DNSCLAIM" "$@" --quiet >"$d/silent" 2>"$d/err" || fail "$*: $(cat "$d/err")"
    [ ! -s "$d/err" ] || fail "$* --quiet: $(cat "$d/err")"
    "$DNSCLAIM" "$@" >"$d/out" 2>"$d/err"
    [ ! -s "$d/err" ] || fail "$*, where stderr is no terminal: $(cat "$d/err")"
    cmp "$d/silent" "$d/out" || fail "$*: --quiet prints otherwise"
    "$DNSCLAIM" "$@" --progress json >"$d/out" 2>"$d/err"
    cmp "$d/silent" "$d/out" || fail "$*: --progress json prints otherwise"
    json_lines
    /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
shares = [v["done"] for v in lines]
assert shares == sorted(shares) and shares[0] == 0 and .5 < shares[-1] < 1, shares
assert all(v["what"] == sys.argv[2] and v["total"] == 1 for v in lines), lines
print("\n".join(v["stage"] for v in lines))' "$d/err" "$what" >"$d/stages" || fail "$*: $(cat "$d/err")"
}
told power power "$d/case.db" tests/data/hostile-study.yaml --json
/usr/bin/python3 -c '
import json, sys
claims, stages = json.load(open(sys.argv[1])), open(sys.argv[2]).read().splitlines()
nulls = ["%.30s, explanations: %s" % (c["id"], n["id"]) for c in claims for n in c["nulls"]]
assert nulls and nulls == [s for s in stages if ": " in s], stages' "$d/out" "$d/stages" ||
    fail "power: its stages are not its claims and explanations: $(cat "$d/stages")"
printf 'time,client,name
' >"$d/pair.csv"
for day in 01 02 03 04 05 06 07 08; do
    for hour in 03 09 10 17; do
        echo "2024-07-${day}T$hour:0${day:1}:00Z,192.0.2.1,a.example"
        echo "2024-07-${day}T$hour:4${day:1}:00Z,192.0.2.2,a.example"
        echo "2024-07-${day}T$hour:5${day:1}:00Z,192.0.2.1,b.example"
    done
done >>"$d/pair.csv"
"$DNSCLAIM" ingest --quiet -o "$d/pair.db" "$d/pair.csv" >/dev/null
told explain explain "$d/pair.db" --client 192.0.2.1 --name a.example --max-replicates 99
[ "$(paste -sd ' ' "$d/stages")" =   'counts models fit group rolling gaps timing caches hours scan events joint first synchrony contingency' ] ||
    fail "explain: its stages are not its parts: $(cat "$d/stages")"
told explain explain "$d/pair.db" --client 192.0.2.1 --name a.example --json --parts gaps,counts,scan
[ "$(paste -sd ' ' "$d/stages")" = 'counts gaps scan' ] || fail "explain --parts: $(cat "$d/stages")"
# On a terminal one line tells the claim, the stage and the share of the whole; no share falls.
/usr/bin/python3 - "$DNSCLAIM" "$d" <<'EOF' || fail "test: progress on a terminal"
import os, pty, re, subprocess, sys
me, other = pty.openpty()
p = subprocess.Popen([sys.argv[1], "test", sys.argv[2] + "/case.db", "tests/data/hostile-study.yaml", "-o",
                      sys.argv[2] + "/t"], stdout=subprocess.DEVNULL, stderr=other)
os.close(other)
told = b""
try:
    while piece := os.read(me, 65536):
        told += piece
except OSError:  # the terminal is gone
    pass
assert p.wait() == 0 and b"\n" not in told, told
lines = [line for line in told.decode().split("\r\033[K") if line]
stages = [re.match(r"testing: (?:.*, )?([a-z ]+)(?:: [a-z_]+)?, (\d+) %", line).groups() for line in lines]
assert any(": " in line.removeprefix("testing: ") for line in lines), "no explanation by its name"
assert {"screens of the log", "gate", "explanations", "other settings", "report"} <= {s for s, _ in stages}, lines
shares = [int(share) for _, share in stages]
assert shares == sorted(shares) and shares[0] == 0 and 50 < shares[-1] < 100, lines
EOF
grep -q "^source sha256 $(sha256sum <"$d/simulated.csv" | cut -d ' ' -f 1) simulated.csv$" "$d/r/run.log" ||
    fail "run.log: no digest of the source"

"$DNSCLAIM" completion >"$d/completion"
complete() { # WORD... : what bash offers for the last
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dnsclaim
             printf "%s\n" "${COMPREPLY[@]}"' - "$d/completion" dnsclaim "$@"
}
for c in $("$DNSCLAIM" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
    complete "$c" | grep -qx "$c" || fail "completion knows no $c"
    for o in $("$DNSCLAIM" "$c" --help | sed -n 's/^  \(--[a-z][a-z-]*\).*/\1/p'); do
        complete "$c" "$o" | grep -qxe "$o" || fail "completion of $c knows no $o"
    done
done
"$DNSCLAIM" list --help | sed -n '1s/.* //p' | tr '|' '\n' >"$d/lists"
grep -qx screens "$d/lists" || fail "list names no screens"
while read -r word; do
    complete list "${word:0:2}" | grep -qx "$word" || fail "completion of list knows no $word"
done <"$d/lists"

make -s -o all install B="$(dirname "$DNSCLAIM")" DESTDIR="$d/root" PREFIX=/usr >/dev/null
for f in bin/dnsclaim share/man/man1/dnsclaim.1 share/bash-completion/completions/dnsclaim \
         share/dnsclaim/studies/quickstart/study.yaml share/dnsclaim/results.schema.json; do
    [ -s "$d/root/usr/$f" ] || fail "make install: no $f"
done
