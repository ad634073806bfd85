#!/usr/bin/python3
"""Compare dnsclaim's counts of real captures with tshark's, capture by capture.

usage: real_captures.py DNSCLAIM REAL EXCEPTIONS

REAL/pcap/**/FILE.tsv holds what tshark 4.0.17 counts in FILE per (proto, client,
name, type). Compared are the queries of opcode QUERY that are DNS proper (not mDNS,
LLMNR, NBNS). EXCEPTIONS has a row for each capture that needs a word: options to
read it with, both counts, and why they differ. A difference without a row fails,
and so does a row that no longer says what is found.

Names are compared after both are brought to the coarser spelling, because tshark's
cannot be undone: it writes a dot inside a label like one between labels, and
U+FFFD or a C escape for other bytes, and an ASCII letter for its overlong form in
UTF-8 (0xC1 0x8D for M). Each run of such bytes is one '?'. Two names that fall
together still have to agree in the sum of their counts.
"""
import collections
import csv
import os
import re
import subprocess
import sys
import tempfile

# What tshark prints for a name that is none; there we skip the message.
NO_NAME = {"<name too long>", "<unknown extended label>"}

# IANA's names of the types that the captures hold; others are TYPE and the number.
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 15: "MX",
         16: "TXT", 19: "X25", 28: "AAAA", 29: "LOC", 32: "NIMLOC", 33: "SRV", 35: "NAPTR",
         38: "A6", 41: "OPT", 43: "DS", 44: "SSHFP", 47: "NSEC", 48: "DNSKEY", 64: "SVCB",
         65: "HTTPS", 99: "SPF", 249: "TKEY", 251: "IXFR", 252: "AXFR", 255: "ANY",
         256: "URI", 257: "CAA"}

# Captures without a reference of that kind: look-ups, and who says so.
ASSERTED = {
    "compressed/SIDN+entrada2__sidnlabs-test-xz-compression-multiple-parts-2-packets.pcap.xz":
        ([], 2, "ENTRADA2's UdpTest.java; an xz file of two streams"),
    "compressed/SIDN+entrada2__sidnlabs-test-tcp-stream-many-dns-msg-per-tcp-packet.gz":
        ([], 530, "tshark, FILE.fields.tsv; up to 75 messages in a segment"),
    "compressed/DNS-OARC+dnscap__dns.pcap.lz4": ([], 41, "tshark, of the same file in gzip"),
    "compressed/DNS-OARC+dnsjit__dns.pcap.lz4": ([], 41, "tshark, of the same file in gzip"),
    "netboxlabs+pktvisor/dns_ipv4_tcp.pcap":
        (["--port", "53000"], 210, "pktvisor's test_dns_layer.cpp"),
}


def coarse(name):
    name = re.sub(r"[^\x20-\x5b\x5d-\x7e]", "?", name)
    return re.sub(r"\?+", "?", name)


def overlong(match):
    return chr((ord(match[1]) & 1) << 6 | (ord(match[2]) & 0x3f)).lower()


def our_name(name):
    """Ours: RFC 1035 with \\DDD for all that is not plain."""
    if name == ".":
        return "<root>"
    name = re.sub(r"\\(\d{3})", lambda m: chr(int(m[1])), name)
    return coarse(re.sub("([\xc0\xc1])([\x80-\xbf])", overlong, name))


def reference_name(name):
    """The reference's: JSON's escapes, their backslash doubled once more."""
    return coarse(re.sub(r"\\\\(u[0-9a-f]{4}|[0-9]{3}|.)", "?", name))


def reference(path):
    """Counter of (client, name, type), and queries for names that are none."""
    counts, unreadable = collections.Counter(), 0
    with open(path, encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if row[0] != "dns" or row[4] == "0":
                continue
            if row[2] in NO_NAME:
                unreadable += int(row[4])
            else:
                kind = TYPES.get(int(row[3]), "TYPE" + row[3])
                counts[row[1], reference_name(row[2]), kind] += int(row[4])
    return counts, unreadable


def summary(text):
    """(read, look-ups, skips, skipped for a bad name) of ingest's summary line."""
    found = re.search(r"(\d+) records = (\d+) look-ups \+ (\d+) skips", text)
    bad = re.search(r"[(, ]bad_name (\d+)", text)
    return (*map(int, found.groups()), int(bad[1]) if bad else 0) if found else None


def export(program, case):
    run = subprocess.run([program, "export", "--bucket", "all", "--by", "qtype", case],
                         capture_output=True, text=True, check=True)
    counts = collections.Counter()
    for row in csv.DictReader(run.stdout.splitlines()):
        counts[row["client"], our_name(row["name"]), row["qtype"]] += int(row["count"])
    return counts


def ours(program, options, path, case):
    """(Counter, bad names) or a text that says what failed."""
    limits = ["--dedup", "0", "--max-skips", "100"]
    run = subprocess.run([program, "ingest", *limits, *options, "-o", case, path],
                         capture_output=True, text=True, check=False)
    numbers = summary(run.stderr + run.stdout)
    if numbers is None:
        return run.stderr.strip() or "exit %d" % run.returncode
    read, lookups, skips, bad = numbers
    if read != lookups + skips:
        return "read %d, but %d look-ups + %d skips" % (read, lookups, skips)
    if lookups == 0:  # no case is written
        return collections.Counter(), bad
    counts = export(program, case)
    if sum(counts.values()) != lookups:
        return "%d look-ups, but %d exported" % (lookups, sum(counts.values()))
    return counts, bad


def exceptions(path):
    with open(path, encoding="utf-8", newline="") as rows:
        plain = (row for row in rows if not row.startswith("#"))
        return {row["file"]: row for row in csv.DictReader(plain, delimiter="\t")}


def captures(root):
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            if not re.search(r"\.tsv(\.gz)?$", name) and name + ".tsv" in names:
                yield os.path.relpath(os.path.join(folder, name), root)


def judge(name, row, found, expected, unreadable):
    """What is wrong, or None. A row with options says that with them we agree."""
    total = sum(expected.values()) + unreadable
    if isinstance(found, str):
        number, equal = "refused", False
    else:
        number, equal = str(sum(found[0].values())), found == (expected, found[1])
        equal = equal and found[1] >= unreadable
    if row is None or row["right"] == "both":
        if equal:
            return None
        if isinstance(found, str):
            return "%s: %s" % (name, found)
        more, less = found[0] - expected, expected - found[0]
        return "%s: we count %s, the reference %d; only ours %s; only the reference's %s" % (
            name, number, total, dict(list(more.items())[:4]), dict(list(less.items())[:4]))
    if equal:
        return "%s: stale exception: the counts are equal" % name
    if (number, str(total)) != (row["ours"], row["reference"]):
        return "%s: stale exception: %s and %s, not %s and %d" % (
            name, row["ours"], row["reference"], number, total)
    return None


def compare_all(program, root, rows, case):
    """(equal as they are, equal with options, differing as stated, faults)."""
    plain, options, differing, wrong = 0, 0, 0, []
    for name in captures(root):
        row = rows.pop(name, None)
        chosen = row["options"].split() if row else []
        expected, unreadable = reference(os.path.join(root, name + ".tsv"))
        found = ours(program, chosen, os.path.join(root, name), case)
        fault = judge(name, row, found, expected, unreadable)
        if fault:
            wrong.append(fault)
        elif row is None:
            plain += 1
        elif row["right"] == "both":
            options += 1
        else:
            differing += 1
    wrong += ["%s: exception for a capture that is not there" % name for name in rows]
    return plain, options, differing, wrong


def compare_asserted(program, root, case):
    wrong = []
    for name, (chosen, expected, who) in ASSERTED.items():
        found = ours(program, chosen, os.path.join(root, name), case)
        total = found if isinstance(found, str) else sum(found[0].values())
        if total != expected:
            wrong.append("%s: we count %s, %s says %d" % (name, total, who, expected))
    return wrong


def main(program, real, path):
    root = os.path.join(real, "pcap")
    with tempfile.TemporaryDirectory() as folder:
        case = os.path.join(folder, "case.db")
        plain, options, differing, wrong = compare_all(program, root, exceptions(path), case)
        unequal = compare_asserted(program, root, case)
    print("note: %d captures, %d equal (%d of them with --port), %d exceptions" % (
        plain + options + differing + len(wrong), plain + options, options, differing))
    print("note: %d of %d upstream figures equal" % (
        len(ASSERTED) - len(unequal), len(ASSERTED)))
    for line in wrong + unequal:
        print(line)
    return 1 if wrong or unequal or plain == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
