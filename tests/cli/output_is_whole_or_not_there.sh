#!/usr/bin/env bash
# What could not be written whole is not there, and is no success: stdout that is full, a disk
# that is full (here: a limit on the size of files), an interrupt, a folder that cannot be.
. tests/lib.sh
d=$DNSCLAIM
"$d" simulate studies/quickstart/scenario.yaml -o "$work/simulated.csv"
"$d" ingest --quiet -o "$work/case.db" "$work/simulated.csv"
"$d" test --quiet "$work/case.db" studies/quickstart/study.yaml -o "$work/whole" --set max_replicates=99 --set power=false

# Every command that writes to stdout.
full() {
    "$d" "$@" >/dev/full 2>"$work/err"
    [ $? = 1 ] || fail "'$*' into a full stdout did not give exit code 1: $(cat "$work/err")"
    grep -qF 'cannot be written: No space left on device' "$work/err" || fail "'$*': $(cat "$work/err")"
}
full --help
full --version
full test --help
full list nulls
full info "$work/case.db"
full export "$work/case.db"
full check "$work/case.db"
full scan "$work/case.db"
full explain "$work/case.db" --client 192.0.2.1 --name mail.shop.example --parts counts
full study "$work/case.db" --client 192.0.2.1 --name mail.shop.example
full odds --units 5 --chance .1
full combine .01 .2
full figures studies/yota-2017/figures.yaml
full report "$work/whole" --format text
full simulate studies/quickstart/scenario.yaml -o -
full completion
# It ends at the first byte that cannot be written, not after a row for each second of each pair.
timeout 20 "$d" export "$work/case.db" --zeros -o /dev/full 2>/dev/null
[ $? = 1 ] || fail "an export into a full device goes on"

# Files of at most 20 blocks: each of these would be larger.
small() { (
    trap '' XFSZ
    ulimit -f 20
    "$d" "$@" >"$work/out" 2>"$work/err"
); }
for file in new old; do
    [ $file = new ] || echo before >"$work/old"
    for command in "simulate studies/quickstart/scenario.yaml -o" "scan $work/case.db -o" "export $work/case.db -o"; do
        # shellcheck disable=SC2086 # a command and its operands
        small $command "$work/$file"
        [ $? = 1 ] || fail "$command: a file that is cut is no failure"
        says 'File too large'
        [ ! -e "$work/$file.part" ] || fail "$command left its part behind"
    done
    [ $file = old ] || [ ! -e "$work/new" ] || fail "a part of the output passes for the whole"
    [ $file = new ] || [ "$(cat "$work/old")" = before ] || fail "the file that was there is gone"
done
small test --quiet "$work/case.db" studies/quickstart/study.yaml -o "$work/cut" --set max_replicates=99 --set power=false
[ $? = 1 ] || fail "test: a report that is cut is no failure"
says 'File too large'
for f in "$work"/cut/*; do
    [ ! -f "$f" ] || cmp -s "$f" "$work/whole/${f##*/}" || [ "${f##*/}" = run.log ] || fail "$f is half-written"
done

# An interrupt while claims are tested: no folder yet. The study is the longest (tens of seconds), and
# the interrupt follows its first line of progress, so that no machine is too fast for it. SIGINT is
# ignored by what bash runs in the background.
"$d" simulate studies/alfa-2016/scenario.yaml -o "$work/alfa.csv"
"$d" ingest --quiet -o "$work/alfa.db" "$work/alfa.csv"
/usr/bin/python3 - "$d" "$work" <<'PY' || fail "interrupted"
import os, pty, signal, subprocess, sys
d, work = sys.argv[1:]
me, other = pty.openpty()
p = subprocess.Popen([d, "test", work + "/alfa.db", "studies/alfa-2016/study.yaml", "-o", work + "/never"],
                     stdout=subprocess.DEVNULL, stderr=other,
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
os.close(other)
told = b""
while b"testing:" not in told:
    told += os.read(me, 4096)
p.send_signal(signal.SIGINT)
assert p.wait(30) == -signal.SIGINT, p.returncode
assert not os.path.exists(work + "/never")
PY

# Folders that cannot be made, and what is no folder.
expect 1 "$d" test --quiet "$work/case.db" studies/quickstart/study.yaml -o "$work/none/below"
says "$work/none/below: No such file or directory"
expect 1 "$d" simulate studies/quickstart/scenario.yaml -o "$work"
says 'Is a directory'
