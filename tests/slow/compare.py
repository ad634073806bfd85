#!/usr/bin/python3
"""Compare the counts of a server's log with those of a capture of the same minute.

usage: compare.py SOURCE CAPTURE.csv LOG.csv DIFFERENCES.tsv

Equal are the counts a client, name, type and second. Where they are not, DIFFERENCES
has a row for (source, name, type) with both counts, over clients and seconds, and the
reason; a difference without such a row fails, and so does a row that says what is not
found. Where a server cannot spell a name, the capture's names are brought to its
spelling first. Prints a line of the table.
"""
import collections
import csv
import fnmatch
import re
import sys


def as_unbound(name):
    """A question mark for each byte but letters, digits, hyphen, underscore, asterisk."""
    return re.sub(r"\\\d{3}|[^-a-z0-9_*.]", "?", name)


SPELLINGS = {"unbound*/log": as_unbound}


def spelling_of(source):
    return next((spell for pattern, spell in SPELLINGS.items()
                 if fnmatch.fnmatchcase(source, pattern)), lambda name: name)


def counts(path, spell):
    total = collections.Counter()
    with open(path, encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            key = row["client"], spell(row["name"]), row["qtype"], row["start"]
            total[key] += int(row["count"])
    return total


def expected(path, source):
    with open(path, encoding="utf-8", newline="") as rows:
        plain = (row for row in rows if not row.startswith("#"))
        return {(row["name"], row["type"]): (row["capture"], row["source_count"], row["why"])
                for row in csv.DictReader(plain, delimiter="\t", quoting=csv.QUOTE_NONE)
                if fnmatch.fnmatchcase(source, row["source"])}


def unequal(capture, log):
    """{(name, type): [of the capture, of the log]}, of what is not in both."""
    found = collections.defaultdict(lambda: [0, 0])
    for side, counter in enumerate((capture - log, log - capture)):
        for (_, name, qtype, _), count in counter.items():
            found[name, qtype][side] += count
    return found


def main(source, capture_csv, log_csv, differences):
    capture = counts(capture_csv, spelling_of(source))
    log = counts(log_csv, str)
    stated, found = expected(differences, source), unequal(capture, log)
    wrong, why = [], collections.Counter()
    for key in sorted(set(stated) | set(found)):
        got = tuple(map(str, found.get(key, (0, 0))))
        if key not in stated or stated[key][:2] != got:
            wrong.append("%s %s: %s only in the capture, %s only in %s; stated: %s" % (
                *key, *got, source, stated.get(key, "equal")))
        else:
            why[stated[key][2]] += sum(map(int, got))
    result = "DIFFERS" if wrong else "equal" if not found else "equal but"
    print("%-22s %8d %8d  %s" % (source, capture.total(), log.total(), result))
    for reason, count in sorted(why.items()):
        print("%-40s  %d: %s" % ("", count, reason))
    for line in wrong:
        print("    " + line)
    return 1 if wrong or not capture else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
