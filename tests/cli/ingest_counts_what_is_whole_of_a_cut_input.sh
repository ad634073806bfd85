#!/usr/bin/env bash
# A cut input warns and exits 0, however small a part of it is whole; --strict makes it an error.
. tests/lib.sh
case=$work/x.case

# of two packets, the file ends inside the second; of two, one was captured without its question:
# both are far over --max-skips, which is about malformed records
for cut in "file-cut.pcap:cut 1:ends inside a record" \
    "packet-cut-in-question.pcap:packet_cut 1:cut short by the snapshot length"; do
    IFS=: read -r file skip warning <<<"$cut"
    expect 0 "$DNSCLAIM" ingest -o "$case" --max-skips 0 "tests/data/$file"
    says "warning"
    says "$warning"
    shows "2 records = 1 look-ups + 1 skips ($skip)"
    expect 0 "$DNSCLAIM" info "$case"
    shows "incomplete"
    rm "$case"
    expect 1 "$DNSCLAIM" ingest -o "$case" --strict "tests/data/$file"
    says "$warning"
    [ ! -e "$case" ] || fail "a case of $file under --strict"
done

# half a row at the end of a log, and a gz that ends early
(rows 3 1; printf '1467331200,192.0.2.1,a.exam') >"$work/a.csv"
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/a.csv"
says "ends inside a record"
shows "3 look-ups + 2 skips (header 1, cut 1)"
rows 2000 1 | gzip >"$work/whole.gz"
head -c 9000 "$work/whole.gz" >"$work/a.gz"
expect 0 "$DNSCLAIM" ingest -o "$case" "$work/a.gz"
says "ends inside a record"
expect 1 "$DNSCLAIM" ingest -o "$case" --strict "$work/a.gz"

# a malformed record still counts against --max-skips, also in a cut input
(rows 3 1; printf 'never,192.0.2.1,a.example,A,NOERROR\n1467331200,192.0.2.1,a.exam') >"$work/b.csv"
expect 1 "$DNSCLAIM" ingest -o "$case" "$work/b.csv"
says "max-skips"
expect 0 "$DNSCLAIM" ingest -o "$case" --max-skips 25 "$work/b.csv"
