#!/usr/bin/env bash
# verify runs stored results again; a changed number, another case and a foreign input are each
# found. report --compare marks what an assumption changed; info --diff what a log lost.
. tests/lib.sh
rows 400 5 >"$work/a.csv"
sed '7d' "$work/a.csv" >"$work/b.csv"
cat >"$work/study.yaml" <<'Y'
study: a small study (simulated)
simulated: made for a test
plan: {seed: 1, max_replicates: 999, alpha: 0.01, bucket: 1h, session: 30s, timezone: UTC, ttl: 1h, correction: none}
searched: 1
groups: {who: {clients: [192.0.2.0]}, what: {names: [n0.example]}}
claims:
  - {id: hours, kind: timing, feature: hours, direction: more, effect: 2, client: who, name: what,
     hours: {timezone: UTC, from: "08:00", to: "18:00"}}
Y
for x in a b; do
    expect 0 "$DNSCLAIM" ingest --quiet -o "$work/$x.db" "$work/$x.csv"
    expect 0 "$DNSCLAIM" test --quiet "$work/$x.db" "$work/study.yaml" -o "$work/$x" --set alpha=0.02
done
expect 0 "$DNSCLAIM" verify "$work/a" "$work/a.db" "$work/a.csv"
shows "same numbers"
expect 1 "$DNSCLAIM" verify "$work/a" "$work/b.db"
says "/case/sha256"
expect 1 "$DNSCLAIM" verify "$work/a" "$work/a.db" "$work/b.csv"
says "expected a source of the case"
# From the logs on: counted again by the rules of the case; listening time that is not given again, or times
# read otherwise, are named.
expect 0 "$DNSCLAIM" verify --inputs "$work/a" "$work/a.db" "$work/a.csv"
shows "inputs: the same counts"
mkdir "$work/tmp"
TMPDIR="$work/tmp" expect 0 "$DNSCLAIM" verify --inputs "$work/a" "$work/a.db" "$work/a.csv"
[ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls "$work/tmp")"
TMPDIR="$work/none" expect 1 "$DNSCLAIM" verify --inputs "$work/a" "$work/a.db" "$work/a.csv"
says "$work/none"
expect 2 "$DNSCLAIM" verify --inputs "$work/a" "$work/a.db"
cat >"$work/live.csv" <<'L'
from,to
2016-07-01T00:00:00Z,2016-07-11T00:00:00Z
L
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/l.db" --live "$work/live.csv" --client prefix/24 --tick 60s "$work/a.csv"
expect 0 "$DNSCLAIM" test --quiet "$work/l.db" <(sed 's/192.0.2.0/192.0.2.0\/24/' "$work/study.yaml") -o "$work/l"
expect 0 "$DNSCLAIM" verify --inputs --with=--live="$work/live.csv" "$work/l" "$work/l.db" "$work/a.csv"
expect 1 "$DNSCLAIM" verify --inputs "$work/l" "$work/l.db" "$work/a.csv"
says "inputs: listening time"
# A case of before steps were kept has the content that its log has now, and its screens say what it lacks.
awk -F, 'NR == 1 {print $0 ",server"} NR > 1 {print $0 ",192.0.2." 50 + NR * NR % 3}' "$work/a.csv" >"$work/s.csv"
expect 0 "$DNSCLAIM" ingest --quiet -o "$work/s.db" "$work/s.csv"
! "$DNSCLAIM" check --quiet "$work/s.db" | grep -q '^name_memory .* ingest again' || fail "no steps"
/usr/bin/python3 - "$work/s.db" <<'P'
import sqlite3, sys
db, cut = sqlite3.connect(sys.argv[1]), 0
for row, marks in db.execute("SELECT rowid, marks FROM pair").fetchall():
    ends = [i + 1 for i, byte in enumerate(marks) if byte < 128][2::3]  # of triples
    of_content = [end for begin, end in zip([0] + ends, ends) if marks[begin] < 5]
    cut += len(marks) - max(of_content)
    db.execute("UPDATE pair SET marks = ? WHERE rowid = ?", (marks[:max(of_content)], row))
assert cut > 30, cut
db.commit()
P
expect 0 "$DNSCLAIM" test --quiet "$work/s.db" "$work/study.yaml" -o "$work/s"
expect 0 "$DNSCLAIM" verify --inputs "$work/s" "$work/s.db" "$work/s.csv"
shows "inputs: the same counts"
expect 0 "$DNSCLAIM" check --quiet "$work/s.db"
shows "ingest again"
# A case that says it was made of a log which has a row less: its own digest does not cover that word.
cp "$work/a.db" "$work/forged.db"
/usr/bin/python3 - "$work" "$(sha256sum <"$work/b.csv" | cut -d ' ' -f 1)" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1] + "/forged.db")
db.execute("UPDATE source SET sha256 = ?", (sys.argv[2],))
db.commit()
P
expect 1 "$DNSCLAIM" verify --inputs "$work/a" "$work/forged.db" "$work/b.csv"
says "inputs: a.csv: expected 400 look-ups of the case, found 399"
# A log read otherwise than for the case: the digest is right, the times are not.
expect 1 "$DNSCLAIM" verify --inputs --with=--clock-offset=1h "$work/a" "$work/a.db" "$work/a.csv"
says "they part at"
sed -i 's/"sessions": [0-9]*/"sessions": 9/' "$work/a/results.json"
expect 1 "$DNSCLAIM" verify "$work/a" "$work/a.db"
says "/claims/0/subjects/0/sessions: 9, now"
expect 2 "$DNSCLAIM" verify "$work/a"
expect 0 "$DNSCLAIM" test --quiet "$work/b.db" "$work/study.yaml" -o "$work/c"
expect 0 "$DNSCLAIM" report "$work/b" --compare "$work/c"
grep -q '^\* alpha  *0.02  *0.01' "$work/out" || fail "alpha is not marked: $(grep alpha "$work/out")"
grep -q '^  case' "$work/out" || fail "equal cases are marked"
expect 0 "$DNSCLAIM" info "$work/a.db" --diff "$work/b.db"
shows "         399          399  in both, at the same tick"
shows "           1            0  in one version only"
expect 0 "$DNSCLAIM" info "$work/a.db" --json --diff "$work/b.db"
shows '"both": 399'

# A study that names a file beside itself: what the results hold of it is not enough, and the message
# says what is; the study's own place is read.
mkdir "$work/beside"
printf 'time\n2016-07-03\n2016-07-05\n' >"$work/beside/events.csv"
cat >"$work/beside/dates.yaml" <<'Y'
study: dates (simulated)
simulated: made for a test
plan: {seed: 1, max_replicates: 99, alpha: 0.05, ttl: 1h, calibration: off, power: false}
searched: 1
groups: {who: {clients: [192.0.2.0]}, what: {names: [n0.example]}}
claims:
  - {id: dates, kind: alignment, direction: more, effect: .5, client: who, name: what, events: events.csv,
     within: 6h, registered: true, features: peaks}
Y
expect 0 "$DNSCLAIM" test --quiet "$work/b.db" "$work/beside/dates.yaml" -o "$work/d"
expect 2 "$DNSCLAIM" verify "$work/d" "$work/b.db"
says "the study's text in $work/d (--study says where its file is): $work/d/dates.yaml:7:"
says "events.csv: No such file or directory"
expect 0 "$DNSCLAIM" verify --study "$work/beside/dates.yaml" "$work/d" "$work/b.db"
shows "same numbers"
