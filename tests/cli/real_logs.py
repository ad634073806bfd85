#!/usr/bin/python3
"""Compare dnsclaim's counts of real logs with those of a regular expression.

usage: real_logs.py DNSCLAIM REAL EXCEPTIONS

REAL/{zeek,logs}/**/FILE.tsv holds how often each (client, name, type) stands in FILE,
counted by a regular expression or a JSON parser of another language; of Zeek's logs
the rows of proto dns are compared. For every file, records read = look-ups + skips.
EXCEPTIONS has a row for each file that needs a word: options to read it with, both
sums, and why they differ; a difference without a row fails, and so does a row that no
longer says what is found.

Two kinds of files cannot be read as they are, and it is tested that they are refused
before they are made readable: those whose times were taken out (XXXXXXXXXX.XXXXXX in
Zeek's baselines) and logs that never had a time, which get one before each line.
"""
import collections
import gzip
import os
import re
import subprocess
import sys
import tempfile

import real_captures as captures

# Times for logs without any.
STAMP = {"logs/bind/sekoia-bind-messages.txt": "01-Mar-2024 00:00:00.000 ",
         "logs/other/sekoia-infoblox-ddi-messages.txt": "01-Mar-2024 00:00:00.000 ",
         "logs/dnsmasq/RonA4-dnsmasq-no-timestamp.log": "Mar  1 00:00:00 ",
         "logs/unbound/sekoia-unbound-messages.txt": "Mar  1 00:00:00 "}

TYPES = {**captures.TYPES, 11: "WKS", 51: "NSEC3PARAM"}

# What a log without zone or year needs; given to all, for those with both ignore it.
CLOCK = ["--timezone", "UTC", "--year", "2024"]

# Logs without a reference of that kind: options, look-ups, and how they were counted.
UMBRELLA = "time,-,-,client,-,-,qtype,rcode,name,-,-,-,-"
ASSERTED = {
    "logs/other/sekoia-suricata-eve.jsonl": ([], 1, "grep -c '\"type\":\"query\"'"),
    "logs/other/sekoia-cloudflare-gateway-dns.jsonl": ([], 2, "wc -l"),
    "logs/other/sekoia-infoblox-ddi-messages.txt":
        (["--format", "bind"], 8, "grep 'query: ' | grep -vc response:"),
    "logs/csv/sekoia-umbrella-dns-csv-messages.txt":
        (["--columns", UMBRELLA], 5,
         "8 rows; 2 have more columns than the first, 1 the type Other"),
}


def reference(path):
    """Counter of (client, name, type) of a .tsv."""
    counts = collections.Counter()
    with open(path, encoding="utf-8", errors="replace", newline="\n") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line[0] != "#"]
    head = rows.pop(0)
    for row in (dict(zip(head, cells)) for cells in rows):
        kind = row["qtype"]
        if row.get("proto", "dns") != "dns" or kind.endswith("/reply"):
            continue
        if kind.isdigit():
            kind = TYPES.get(int(kind), "TYPE" + kind)
        name = re.sub(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}", "?", row["qname"])
        name = captures.coarse(name) if name not in ("", ".") else "<root>"
        counts[row["client"], name, "" if kind == "-" else kind] += int(row.get("records") or
                                                                         row["queries"])
    return counts


def readable(path, name, folder):
    """(path of a copy that has times, or of the file itself; whether it is a copy)."""
    opener = gzip.open if name.endswith(".gz") else open
    with opener(path, "rb") as file:
        text = file.read()
    made = text.replace(b"XXXXXXXXXX.XXXXXX", b"1000000000.000000")
    if name in STAMP:
        made = b"".join(STAMP[name].encode() + line for line in text.splitlines(True))
    if made == text:
        return path, False
    copy = os.path.join(folder, os.path.basename(name))
    with open(copy, "wb") as file:
        file.write(made)
    return copy, True


def is_refused(program, path):
    run = subprocess.run([program, "ingest", "--dry-run", *CLOCK, path], capture_output=True,
                         check=False)
    return run.returncode == 1 and run.stderr.startswith(b"dnsclaim: ")


def logs(root):
    for top in ("zeek", "logs"):
        for folder, _, names in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(names):
                if not name.endswith(".tsv"):
                    yield os.path.relpath(os.path.join(folder, name), root)


def compare(program, root, name, row, folder):
    """(what is wrong or None, sum of look-ups)."""
    chosen = CLOCK + (row["options"].split() if row else [])
    expected, asserted = None, ASSERTED.get(name)
    path, made = readable(os.path.join(root, name), name, folder)
    if made and not is_refused(program, os.path.join(root, name)):
        return "%s: it has no times, but is not refused" % name, 0
    if asserted:
        chosen += asserted[0]
    else:
        expected = reference(os.path.join(root, name + ".tsv"))
    found = captures.ours(program, chosen, path, os.path.join(folder, "case.db"))
    if isinstance(found, str) and not is_refused(program, path):
        return "%s: %s" % (name, found), 0
    total = 0 if isinstance(found, str) else sum(found[0].values())
    if asserted:
        fault = total != asserted[1] and "%s: we count %d, %s gives %d" % (
            name, total, asserted[2], asserted[1])
        return fault or None, total
    return captures.judge(name, row, found, expected, 0), total


def main(program, root, path):
    rows, faults, equal, total = captures.exceptions(path), [], 0, 0
    differing = len(rows)
    with tempfile.TemporaryDirectory() as folder:
        for name in logs(root):
            row = rows.pop(name, None)
            fault, lookups = compare(program, root, name, row, folder)
            total += lookups
            equal += fault is None
            if fault:
                faults.append(fault)
    faults += ["%s: exception for a log that is not there" % name for name in rows]
    print("note: %d logs, %d look-ups; %d as the reference says or with a stated reason (%d)" % (
        equal + len(faults), total, equal, differing))
    for line in faults:
        print(line)
    return 1 if faults or equal == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
