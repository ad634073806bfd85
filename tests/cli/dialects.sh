#!/usr/bin/env bash
# The same look-ups in six dialects of delimited text give the same export, and
# the counts that Python's own bookkeeping gives. Made-up rows first,
# then the queries of real captures (../shared/real), as tshark listed them.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/dialects.py" <<'PYTHON'
import collections, csv, glob, gzip, os, random, subprocess, sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

dnsclaim, work = os.environ["DNSCLAIM"], sys.argv[1]
random.seed(20160720)

east = timezone(timedelta(hours=3))
moscow = ZoneInfo("Europe/Moscow")

def iso(t, zone, mark):
    seconds, ns = divmod(t, 10**9)
    local = datetime.fromtimestamp(seconds, zone)
    return local.strftime("%Y-%m-%dT%H:%M:%S") + f".{ns:09d}" + mark

def epoch(t, unit):
    return f"{t // unit}.{t % unit:0{len(str(unit)) - 1}d}" if unit > 1 else str(t)

def write(name, rows, delimiter, time, order="tcnq", quoting=csv.QUOTE_MINIMAL, end="\n"):
    heads = dict(t="timestamp", c="client_ip", n="qname", q="qtype")
    path = f"{work}/{name}"
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, delimiter=delimiter, quoting=quoting, lineterminator=end)
        w.writerow([heads[k] for k in order])
        for t, c, n, q in rows:
            cells = dict(t=time(t), c=c, n=n, q=q)
            w.writerow([cells[k] for k in order])
    return path

def dialects(rows):
    shuffled = random.sample(rows, len(rows))
    z = lambda t: iso(t, timezone.utc, "Z")
    yield [], write("comma", rows, ",", z)
    yield [], write("pipe", rows, "|", lambda t: epoch(t, 10**9))
    yield [], write("tab", rows, "\t", lambda t: epoch(t, 1), order="nqtc")
    yield [], write("shuffled", shuffled, ";", lambda t: iso(t, east, "+03:00"))
    yield [], write("quoted", rows, ",", z, "qnct", csv.QUOTE_ALL, "\r\n")
    yield (["--timezone", "Europe/Moscow"],
           write("local", rows, ",", lambda t: iso(t, moscow, "").replace("T", " ")))

def export(options, path):
    case = f"{work}/case"
    if os.path.exists(case):
        os.remove(case)
    subprocess.run([dnsclaim, "ingest", "--quiet", "--dedup", "0", *options, "-o", case, path],
                   check=True)
    done = subprocess.run([dnsclaim, "export", "--by", "qtype", case], check=True,
                          stdout=subprocess.PIPE)
    return done.stdout.decode()

def counts(text):
    total = collections.Counter()
    for row in csv.DictReader(text.splitlines()):
        total[row["client"], row["name"]] += int(row["count"])
    return total

def one_answer(rows, what):
    first = None
    for options, path in dialects(rows):
        got = export(options, path)
        if first is None:
            first = got
        assert got == first, f"{what}: {os.path.basename(path)} differs from comma"
    return first

def fold(name):
    return "." if name == "<Root>" else name.lower().rstrip(".")

# Made-up rows: mixed case, final dots, delimiters inside names, many a second.
start = 1469012133 * 10**9
rows = []
for i in range(3000):
    t = start + random.randrange(3 * 86400 * 10**9)
    name = random.choice(["Mail1.Trump-Email.com.", "a.example", "x|y.example", "q,r;s.example"])
    rows.append((t, f"217.12.{random.randrange(96, 98)}.15", name, random.choice(["A", "28"])))
text = one_answer(rows, "made-up rows")
expected = collections.Counter((c, fold(n)) for _, c, n, _ in rows)
assert counts(text) == expected, "made-up rows: counts differ from Python's"
seconds = collections.Counter(t // 10**9 for t, *_ in rows)
per_second = collections.Counter()
for row in csv.DictReader(text.splitlines()):
    at = datetime.strptime(row["start"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    per_second[int(at.timestamp())] += int(row["count"])
assert per_second == seconds, "made-up rows: seconds differ from Python's"

# Real ones. Only names that tshark could print plainly: it does not escape others.
real = "../shared/real"
if not os.path.exists(f"{real}/CORE.txt"):
    print("note: ../shared/real is not here: no real look-ups were read as text")
    sys.exit(0)

def plain(name):
    return all("!" <= c <= "~" and c != "\\" for c in name) and name not in ("", "-")

def open_text(path):
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(
        path, encoding="utf-8")

def table(path):
    with open_text(path) as f:
        lines = (l.rstrip("\n").split("\t") for l in f if not l.startswith("#"))
        heads = next(lines)
        return [dict(zip(heads, l)) for l in lines]

files = lookups = left_out = 0
for line in open(f"{real}/CORE.txt"):
    base = f"{real}/pcap/" + line.split("\t")[0]
    msgs = glob.glob(glob.escape(base) + ".msgs.tsv*")
    if line.startswith("#") or not msgs:
        continue
    rows = []
    for m in table(msgs[0]):
        if (m["proto"], m["qr"], m["opcode"]) == ("dns", "0", "0") and m["flags"] != "icmp-quoted":
            s, ns = m["time_epoch"].split(".")
            if plain(m["qname"]):
                rows.append((int(s) * 10**9 + int(ns), m["src"], m["qname"], m["qtype"]))
            else:
                left_out += 1
    expected = collections.Counter()
    for k in table(base + ".tsv"):
        name = "." if k["qname"] == "<root>" else fold(k["qname"])
        if k["proto"] == "dns" and int(k["queries"]) and plain(name):
            expected[k["client"], name] += int(k["queries"])
    if not rows:
        continue
    got = counts(one_answer(rows, base))
    assert got == expected, f"{base}: {len(got - expected)} more, {len(expected - got)} fewer"
    files += 1
    lookups += sum(got.values())
assert files > 40, f"only {files} captures with queries"
print(f"note: {lookups} real look-ups of {files} captures, six dialects each; "
      f"{left_out} with unprintable names left out")
PYTHON
python3 "$dir/dialects.py" "$dir"
