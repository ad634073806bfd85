#!/usr/bin/python3
"""Compare dnsclaim's counts of real dnstap and C-DNS files with independent decodings.

usage: real_frames.py DNSCLAIM REAL EXCEPTIONS

REAL/dnstap/**/FILE.tsv holds what golang-dnstap 0.4.0 finds in FILE: frames per type,
client, name and record type. Each type of query in it is counted with --dnstap-type,
and the first of our list without. REAL/cdns/FILE.cbor.tsv holds what python3-cbor2 5.4.6
finds: queries per client, name and record type; FILE.cbor05 and FILE.cbor02 are the same
traffic in two drafts of the format. A difference without a row in
EXCEPTIONS fails, and so does a row that no longer says what is found.
"""
import collections
import csv
import os
import sys
import tempfile

import real_captures

# docs/formats.md: the first that is in the file is counted.
ORDER = ["CLIENT_QUERY", "RESOLVER_QUERY", "AUTH_QUERY", "FORWARDER_QUERY", "TOOL_QUERY",
         "STUB_QUERY", "UPDATE_QUERY"]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as lines:
        plain = (line for line in lines if not line.startswith("#"))
        yield from csv.DictReader(plain, delimiter="\t")


def name_of(text):
    return text.lower().rstrip(".") or "<root>"


def dnstap_reference(path):
    """{type: Counter of (client, name, record type)}, queries only."""
    types = collections.defaultdict(collections.Counter)
    for row in rows_of(path):
        if row["type"] in ORDER:
            key = row["query_address"], name_of(row["qname"]), row["qtype"]
            types[row["type"]][key] += int(row["frames"])
    return types


def cdns_reference(path):
    counts = collections.Counter()
    for row in rows_of(path):
        kind = real_captures.TYPES.get(int(row["qtype"]), "TYPE" + row["qtype"])
        counts[row["client"], name_of(row["qname"]), kind] += int(row["queries"])
    return counts


def ours(program, options, path, case):
    found = real_captures.ours(program, options, path, case)
    return found if isinstance(found, str) else found[0]


def comparisons(root):
    """(label, file, options, Counter expected or None where there is no reference)"""
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            label = os.path.relpath(path, root)
            reference = path + ".tsv"
            if label.startswith("dnstap") and os.path.exists(reference):
                types = dnstap_reference(reference)
                first = next((t for t in ORDER if t in types), None)
                yield label, path, [], types[first] if first else collections.Counter()
                for kind in types:
                    yield label + " " + kind, path, ["--dnstap-type", kind], types[kind]
            elif label.startswith("cdns") and ".cbor" in name and not name.endswith(".tsv"):
                reference = path[:path.index(".cbor")] + ".cbor.tsv"
                yield label, path, [], (
                    cdns_reference(reference) if os.path.exists(reference) else None)


def judge(label, row, found, expected):
    """What is wrong, or None."""
    number = "refused" if isinstance(found, str) else str(sum(found.values()))
    total = "none" if expected is None else str(sum(expected.values()))
    if row:
        if found == expected:
            return "%s: stale exception: the counts are equal" % label
        if (number, total) != (row["ours"], row["reference"]):
            return "%s: stale exception: found %s and %s (%s)" % (
                label, number, total, found if isinstance(found, str) else "")
        return None
    if found == expected:
        return None
    if isinstance(found, str) or expected is None:
        return "%s: %s, the reference %s: %s" % (label, number, total, found)
    return "%s: %s, the reference %s; only ours %s; only the reference's %s" % (
        label, number, total, dict(found - expected), dict(expected - found))


def main(program, real, exceptions):
    rows = {row["file"]: row for row in rows_of(exceptions)}
    wrong, equal, stated, lookups = [], 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for label, path, options, expected in comparisons(real):
            row = rows.pop(label, None)
            found = ours(program, options, path, os.path.join(folder, "case.db"))
            fault = judge(label, row, found, expected)
            if fault:
                wrong.append(fault)
            elif row:
                stated += 1
            else:
                equal += 1
                lookups += sum(expected.values())
    wrong += ["%s: exception for a file that is not there" % label for label in rows]
    print("note: %d counts equal (%d look-ups), %d exceptions" % (equal, lookups, stated))
    for line in wrong:
        print(line)
    return 1 if wrong or equal == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
