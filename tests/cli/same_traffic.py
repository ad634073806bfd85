#!/usr/bin/python3
"""Turn captures into every format that dnsclaim reads: all must give the same counts.

usage: same_traffic.py DNSCLAIM CAPTURE...

Compared byte for byte is the export a client, name, type and second. Formats that hold
whole messages must give the same content digest as well, and so those that hold the
same columns among themselves. Of a format that cannot spell every name the look-ups for
the others are compared.
"""
import csv
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import make_formats  # noqa: E402

# Formats of one row hold the same of each look-up, so their cases are the same.
ALIKE = [["pcap", "dnstap", "cdns"], ["zeek", "zeek-json", "delimited"]]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("%s: %s" % (" ".join(command), done.stderr))
    return done.stdout


def counted(program, path, case, *options):
    """(lines of the export, digest of the content)"""
    run(program, "ingest", "--quiet", "--dedup", "0", "--max-skips", "10", *options, "-o", case,
        path)
    digest = re.search(r"content +sha256 ([0-9a-f]{64})", run(program, "info", case))
    return run(program, "export", "--by", "qtype", case).splitlines(), digest[1]


def spellable(lines, name):
    bad = make_formats.UNSPELLABLE.get(name)
    return [line for line in lines if not bad or not bad.search(next(csv.reader([line]))[1])]


def compare(program, capture, formats, folder):
    """(look-ups, faults)"""
    case = os.path.join(folder, "case.db")
    make_formats.main(capture, folder, *formats)
    expected, digest = counted(program, capture, case)
    year = min(next(csv.reader([line]))[3] for line in expected[1:])[:4]
    wrong, digests = [], {}
    for name in formats:
        wanted = spellable(expected, name)
        if len(wanted) == 1:  # the heading: it has no spelling for any
            continue
        lines, digests[name] = counted(program, os.path.join(folder, name), case, "--format",
                                       name, "--timezone", "UTC", "--year", year)
        if lines != wanted:
            other = sorted(set(lines) ^ set(wanted))
            wrong.append("%s as %s: %d rows, expected %d; in one only: %s" % (
                capture, name, len(lines), len(wanted), other[:6]))
    for group in ALIKE:
        same = {digests[name] for name in group} | ({digest} if group[0] == "pcap" else set())
        if len(same) > 1:
            wrong.append("%s: other content: %s" % (capture, [(n, digests[n]) for n in group]))
    return sum(int(line.rsplit(",", 1)[1]) for line in expected[1:]), wrong


def main(program, *captures):
    formats = [line.split("\t")[0] for line in run(program, "list", "formats").splitlines()]
    for name in formats:
        if name in make_formats.NO_LOOKUPS:
            print("note: %s is left out: %s" % (name, make_formats.NO_LOOKUPS[name]))
    formats = [name for name in formats if name not in make_formats.NO_LOOKUPS]
    total, wrong = 0, []
    for capture in captures:
        with tempfile.TemporaryDirectory() as folder:
            n, faults = compare(program, capture, formats, folder)
            total, wrong = total + n, wrong + faults
    print("note: %d look-ups of %d captures, %d formats each" % (
        total, len(captures), len(formats)))
    for line in wrong:
        print(line)
    return 1 if wrong or not total else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
